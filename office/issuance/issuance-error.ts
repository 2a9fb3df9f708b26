// Why a certificate was not issued. Nothing was changed.

/**
 * The request: `unreadable`: no PKCS#10; `key-type`: neither P-256 nor P-384; `no-possession`: its signature is not by its key.
 * The challenge in it: `no-challenge`; `unknown-challenge`; `expired-challenge`; `replayed`: it was used, for another key; `other-person`,
 * `other-token`: it is another's than the one who asks; `other-profile`: it is for another certificate than the one asked for.
 * The token: `unassigned`: it is not this person's; `withdrawn-device`: suspended, blocked, lost, damaged or retired;
 * `other-stock`: it is in another office's stock.
 * The attestation: `software-key`: nothing says that this key was made on a token; `bad-attestation`: it cannot be read, or its parts contradict
 * each other; `untrusted-root`: it leads to no root that this office trusts; `expired-attestation`: its certificates are not valid now;
 * `simulated`: a simulated token, and this office is no demonstration; `model`, `firmware`: not accepted here, or not any more; `slot`: the key is
 * not in the slot of the profile; `key-policy`: the token would use it without a PIN, or has the profile for tests; `key-of-another`: certified
 * for somebody else; `destroyed-key`; `compromised-key`: a certificate of it was revoked for that.
 * The certificate: `organisation`: the person's is not open (any more); `person`: something that no certificate can say; `no-issuer`: there is no issuing CA; `expired-issuer`: its own is over.
 */
export const ISSUANCE_REFUSALS = [
  "unreadable",
  "key-type",
  "no-possession",
  "no-challenge",
  "unknown-challenge",
  "expired-challenge",
  "replayed",
  "other-person",
  "other-token",
  "other-profile",
  "unassigned",
  "withdrawn-device",
  "other-stock",
  "software-key",
  "bad-attestation",
  "untrusted-root",
  "expired-attestation",
  "simulated",
  "model",
  "firmware",
  "slot",
  "key-policy",
  "key-of-another",
  "destroyed-key",
  "compromised-key",
  "organisation",
  "person",
  "no-issuer",
  "expired-issuer",
] as const;

export type IssuanceRefusal = (typeof ISSUANCE_REFUSALS)[number];

export class IssuanceError extends Error {
  override readonly name = "IssuanceError";
  readonly refusal: IssuanceRefusal;
  constructor(refusal: IssuanceRefusal, options?: ErrorOptions) {
    super(`certificate refused: ${refusal}`, options);
    this.refusal = refusal;
  }
}
