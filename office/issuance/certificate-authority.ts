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
  /** Professional title, as the association has confirmed it (S12). */
  readonly title?: string | null;
  readonly membership?: Membership | null;
}

/** Of an association that authorises its members (S12). */
export interface Membership {
  readonly association: string;
  readonly number: string;
}

export interface CertificationOrder {
  readonly person: Person;
  /** PKCS#10, DER, signed by the key that is to be certified. */
  readonly request: Uint8Array;
}

export type AuthoritySetting = "url" | "organisation" | "country" | "witness";

/** A new certification authority cannot be called that, or be reached there; or nobody is called so who was there when it was made. */
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
   * A certificate of the SIGN-LCP profile, DER.
   * @throws IssuanceError
   */
  issueSigning(order: CertificationOrder): Promise<Uint8Array>;
}
