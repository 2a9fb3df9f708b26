// A simulated token was asked for under another factory profile than it was made with.

export class OtherProfileError extends Error {
  override readonly name = "OtherProfileError";
  /** The token's own. */
  readonly profile: string;
  constructor(profile: string) {
    super(`this token was made with the profile ${profile}`);
    this.profile = profile;
  }
}
