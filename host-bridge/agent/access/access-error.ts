// A request that the agent does not take, because of who or what sends it.

/**
 * `host`: by a name that is not the agent's (a site that points its own name at this computer); `other-site`: another site's page sent it;
 * `stale-form`: without the token of the page's form, or of one from before the agent was started; `other-user`: another user of this computer.
 */
export type AccessRefusal = "host" | "other-site" | "stale-form" | "other-user";

export class AccessError extends Error {
  override readonly name = "AccessError";
  readonly refusal: AccessRefusal;
  constructor(refusal: AccessRefusal) {
    super(`request refused: ${refusal}`);
    this.refusal = refusal;
  }
}
