// What a dossier can be refused for.

/**
 * `unknown`: there is none, or it is another account's; `already-open`: this account has one under way for the same organisation, or on its own;
 * `not-invited`: withdrawn, over, or another mailbox's; `organisation-not-open`: the corporate account is not open, or no more (S9);
 * `names`, `membership`: they don't fit into a
 * certificate; `profile`: this level of certificate is not offered, or not to somebody with these names, mailbox and telephone (S17); `consents-changed`: what was shown is not what holds now; `too-late`: its certificate is issued.
 */
export type DossierRefusal =
  | "unknown"
  | "already-open"
  | "not-invited"
  | "invitation-used"
  | "organisation-not-open"
  | "unknown-association"
  | "names"
  | "membership"
  | "profile"
  | "incomplete"
  | "questions-missing"
  | "consents-changed"
  | "too-late";

export class DossierError extends Error {
  override readonly name = "DossierError";
  readonly refusal: DossierRefusal;
  constructor(refusal: DossierRefusal) {
    super(`dossier refused: ${refusal}`);
    this.refusal = refusal;
  }
}
