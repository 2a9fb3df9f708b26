// The built-in certification authority by itself, without an office around it: for `sceau office certify` and the tour. An office issues by
// certificate-issuance.ts, where attestations are checked and certificates can be revoked.

import { createPublicKey, randomBytes } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import "reflect-metadata"; // before @peculiar/x509, which needs it
import { AuthorityFolder } from "./authority-folder.ts";
import { CaCeremony, type CeremonyOutcome } from "./ca-ceremony.ts";
import { AuthorityExistsError, type CertificateAuthority, type CertificationOrder } from "./certificate-authority.ts";
import type { Clock } from "./clock.ts";
import { certifyPerson } from "./person-certificate.ts";
import { readRequest } from "./proof-of-possession.ts";
import { withRandomPassphrase } from "./root-key-export.ts";
import { type AuthorityNames, checkAuthorityNames } from "./subject.ts";

/** `publicUrl`: where the office is reached from outside; fixed in every certificate. */
export type BuiltInCaSettings = AuthorityNames;

const NAME_BYTES = 4;

/**
 * The first ceremony, with nobody there: at the first start of an office, and for trials. The root's key is exported all the same, to a file beside
 * the folder (`record.rootKey.file`), its random passphrase beside that.
 * @throws AuthorityExistsError, AuthoritySettingsError, CeremonyError
 */
export async function establishUnattended(folder: string, names: AuthorityNames, clock: Clock): Promise<CeremonyOutcome> {
  checkAuthorityNames(names);
  if (existsSync(folder)) throw new AuthorityExistsError(folder);
  mkdirSync(dirname(folder), { recursive: true, mode: 0o700 });
  const file = `${folder}-root-${randomBytes(NAME_BYTES).toString("hex")}.key`;
  return withRandomPassphrase(file, (rootKey) => new CaCeremony(folder, clock).establish(names, { rootKey, witnesses: [] }));
}

export class BuiltInCa implements CertificateAuthority {
  readonly root: Uint8Array;
  readonly issuer: Uint8Array;
  private readonly authority: AuthorityFolder;
  private readonly issuerName: string;
  private readonly clock: Clock;

  private constructor(authority: AuthorityFolder, clock: Clock) {
    const { name, certificate } = authority.current;
    this.authority = authority;
    this.root = authority.root;
    this.issuer = certificate;
    this.issuerName = name;
    this.clock = clock;
  }

  static exists(folder: string): boolean {
    return AuthorityFolder.exists(folder);
  }

  /**
   * An authority for trials, with nobody to keep the root's key: it is exported all the same, and its passphrase beside it.
   * @throws AuthorityExistsError, AuthoritySettingsError
   */
  static async create(folder: string, settings: BuiltInCaSettings, clock: Clock): Promise<BuiltInCa> {
    const { authority } = await establishUnattended(folder, settings, clock);
    return new BuiltInCa(authority, clock);
  }

  /** @throws NoAuthorityError */
  static async open(folder: string, clock: Clock): Promise<BuiltInCa> {
    return new BuiltInCa(AuthorityFolder.open(folder), clock);
  }

  async issueSigning({ person, request }: CertificationOrder): Promise<Uint8Array> {
    const publicKey = createPublicKey({ key: Buffer.from(await readRequest(request).prove()), format: "der", type: "spki" });
    const issuer = { name: this.issuerName, certificate: this.issuer, key: await this.authority.key(this.issuerName) };
    const { publicUrl } = this.authority.names;
    const { der } = await certifyPerson({ profile: "SIGN-LCP", person, publicKey, issuer, publicUrl, now: this.clock.now() });
    return der;
  }
}
