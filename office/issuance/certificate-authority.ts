// What the office asks of a certification authority, whichever it is: the built-in one, or later a real one over EST.

export interface Person {
  readonly givenName: string;
  readonly surname: string;
  readonly email: string;
  readonly organisation: string;
  /** Two letters, ISO 3166. */
  readonly country: string;
  /** The office's own number for this person: tells two of the same name apart. */
  readonly number: string;
}

export interface CertificationOrder {
  readonly person: Person;
  /** PKCS#10, DER, signed by the key that is to be certified. */
  readonly request: Uint8Array;
}

/**
 * Why a certificate was not issued. `unreadable`: no PKCS#10; `no-possession`: its signature is not by its key; `key-type`: not P-256;
 * `person`: something about the person that no certificate can say; `expired-issuer`: the issuing CA's own certificate is over.
 */
export type IssuanceRefusal = "unreadable" | "no-possession" | "key-type" | "person" | "expired-issuer";

export class IssuanceError extends Error {
  override readonly name = "IssuanceError";
  readonly refusal: IssuanceRefusal;
  constructor(refusal: IssuanceRefusal, options?: ErrorOptions) {
    super(`certificate refused: ${refusal}`, options);
    this.refusal = refusal;
  }
}

export type AuthoritySetting = "url" | "organisation" | "country";

/** A new certification authority cannot be called that, or be reached there. */
export class AuthoritySettingsError extends Error {
  override readonly name = "AuthoritySettingsError";
  readonly setting: AuthoritySetting;
  constructor(setting: AuthoritySetting) {
    super(`not usable: ${setting}`);
    this.setting = setting;
  }
}

/** The folder holds no certification authority. */
export class NoAuthorityError extends Error {
  override readonly name = "NoAuthorityError";
}

/** The folder holds a certification authority already. */
export class AuthorityExistsError extends Error {
  override readonly name = "AuthorityExistsError";
}

export interface CertificateAuthority {
  /** DER. */
  readonly root: Uint8Array;
  /** DER; issued by the root. */
  readonly issuer: Uint8Array;
  /**
   * A certificate of the SIGN profile, DER.
   * @throws IssuanceError
   */
  issueSigning(order: CertificationOrder): Promise<Uint8Array>;
}
