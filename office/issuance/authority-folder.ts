// The built-in certification authority's folder: what ceremonies have left there. The root's key never is.
//
//   ca.json                names and public address, fixed
//   root.pem               certificate of the root
//   passphrase             of the issuing CAs' keys (mode 0600), unless it is kept elsewhere
//   ocsp.key               of the OCSP responder (mode 0600): all that the status service may read
//   ceremonies/N/          one folder a ceremony, which appears whole: ceremony.json, root.crl (its number is N), the records in both languages, and,
//                          when it made an issuing CA, NAME.pem, NAME.key (encrypted) or NAME.uri (PKCS#11), and ocsp-NAME.pem

import { createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type CaKey, CaKeyError } from "./ca-key.ts";
import { NoAuthorityError } from "./certificate-authority.ts";
import { openKeyFile, readPassphrase } from "./key-file.ts";
import { openPkcs11Key } from "./pkcs11-key.ts";
import type { AuthorityNames } from "./subject.ts";
import type { CrlEntry } from "./x509-signing.ts";

export const SETTINGS_FILE = "ca.json";
export const ROOT_FILE = "root.pem";
export const PASSPHRASE_FILE = "passphrase";
export const OCSP_KEY_FILE = "ocsp.key";
export const CEREMONIES = "ceremonies";
export const CEREMONY_FILE = "ceremony.json";
export const ROOT_CRL_FILE = "root.crl";
const NUMBER = /^[1-9][0-9]{0,5}$/;

export type CeremonyKind = "establish" | "roll-over" | "root-crl";

/** ceremony.json. Dates in ISO 8601. */
export interface CeremonyNotes {
  readonly kind: CeremonyKind;
  readonly at: string;
  readonly nextUpdate: string;
  readonly witnesses: readonly string[];
  /** The issuing CA that it made. */
  readonly issuer: string | null;
  /** All that the root has revoked so far. */
  readonly revoked: readonly (Omit<CrlEntry, "revokedAt"> & { readonly revokedAt: string })[];
}

/** An issuing CA. */
export interface FolderIssuer {
  /** issuing, issuing-2, … */
  readonly name: string;
  /** DER. */
  readonly certificate: Uint8Array;
  /** The responder's certificate of the ceremony, DER. */
  readonly responder: Uint8Array;
  /** In the folder of its ceremony. */
  readonly keyFile: string;
  /** Null: the key is in that file. */
  readonly keyUri: string | null;
}

export interface RootCrl {
  readonly number: number;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  readonly der: Uint8Array;
}

const derOf = (path: string): Uint8Array => new Uint8Array(new X509Certificate(readFileSync(path)).raw);

function ceremonyNumbers(folder: string): number[] {
  return readdirSync(join(folder, CEREMONIES))
    .filter((name) => NUMBER.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

export class AuthorityFolder {
  readonly folder: string;
  readonly passphraseFile: string;
  private readonly opened = new Map<string, Promise<CaKey>>();

  private constructor(folder: string, passphraseFile: string) {
    this.folder = folder;
    this.passphraseFile = passphraseFile;
  }

  static exists(folder: string): boolean {
    return existsSync(join(folder, SETTINGS_FILE));
  }

  /**
   * @param passphraseFile where the issuing CAs' passphrase is when it is not in the folder: a systemd credential, …
   * @throws NoAuthorityError
   */
  static open(folder: string, passphraseFile = join(folder, PASSPHRASE_FILE)): AuthorityFolder {
    if (!AuthorityFolder.exists(folder)) throw new NoAuthorityError(folder);
    return new AuthorityFolder(folder, passphraseFile);
  }

  get names(): AuthorityNames {
    return JSON.parse(readFileSync(join(this.folder, SETTINGS_FILE), "utf8")) as AuthorityNames;
  }

  /** DER. */
  get root(): Uint8Array {
    return derOf(join(this.folder, ROOT_FILE));
  }

  /** Of the responder's key. */
  get ocspPublicKey(): KeyObject {
    return createPublicKey(readFileSync(join(this.folder, OCSP_KEY_FILE)));
  }

  get ceremonies(): readonly CeremonyNotes[] {
    return ceremonyNumbers(this.folder).map((number) => this.notes(number));
  }

  /** All issuing CAs, oldest first. A ceremony while this is open adds to it. */
  get issuers(): readonly FolderIssuer[] {
    return ceremonyNumbers(this.folder).flatMap((number) => {
      const { issuer: name } = this.notes(number);
      return name === null ? [] : [this.issuer(number, name)];
    });
  }

  /** The issuing CA by which new certificates are issued. @throws NoAuthorityError */
  get current(): FolderIssuer {
    const newest = this.issuers.at(-1);
    if (newest === undefined) throw new NoAuthorityError(this.folder);
    return newest;
  }

  /** Of all ceremonies, oldest first. */
  get rootCrls(): readonly RootCrl[] {
    return ceremonyNumbers(this.folder).map((number) => {
      const { at, nextUpdate } = this.notes(number);
      const der = new Uint8Array(readFileSync(join(this.ceremonyFolder(number), ROOT_CRL_FILE)));
      return { number, thisUpdate: new Date(at), nextUpdate: new Date(nextUpdate), der };
    });
  }

  ceremonyFolder(number: number): string {
    return join(this.folder, CEREMONIES, String(number));
  }

  /** The key of an issuing CA, opened once. @throws CaKeyError */
  key(issuerName: string): Promise<CaKey> {
    const known = this.opened.get(issuerName);
    if (known !== undefined) return known;
    const opening = this.openKey(issuerName);
    this.opened.set(issuerName, opening);
    opening.catch((error) => {
      // The next one tries again; not with a PIN that is wrong: a few of those block the token.
      if (!(error instanceof CaKeyError && error.problem === "pin")) this.opened.delete(issuerName);
    });
    return opening;
  }

  private async openKey(issuerName: string): Promise<CaKey> {
    const issuer = this.issuers.find(({ name }) => name === issuerName);
    if (issuer === undefined) throw new CaKeyError("no-key", issuerName);
    const key =
      issuer.keyUri === null ? openKeyFile(issuer.keyFile, readPassphrase(this.passphraseFile)) : await openPkcs11Key(issuer.keyUri);
    const certified = new X509Certificate(issuer.certificate).publicKey;
    if (!key.publicKey.equals(certified)) throw new CaKeyError("no-key", issuerName);
    return key;
  }

  private notes(number: number): CeremonyNotes {
    return JSON.parse(readFileSync(join(this.ceremonyFolder(number), CEREMONY_FILE), "utf8")) as CeremonyNotes;
  }

  private issuer(number: number, name: string): FolderIssuer {
    const file = (fileName: string): string => join(this.ceremonyFolder(number), fileName);
    const uriFile = file(`${name}.uri`);
    return {
      name,
      certificate: derOf(file(`${name}.pem`)),
      responder: derOf(file(`ocsp-${name}.pem`)),
      keyFile: file(`${name}.key`),
      keyUri: existsSync(uriFile) ? readFileSync(uriFile, "utf8").trim() : null,
    };
  }
}
