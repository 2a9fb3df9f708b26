// Key ceremonies: the moments at which the root's key is there. The first one makes the authority; later ones bring the key back to make a further
// issuing CA, or to sign the root's CRL. Whatever a ceremony makes appears whole, by one rename, or not at all.
//
// The root's key is never written unencrypted, and never into the authority's folder: it is in this process's memory while the ceremony lasts,
// and in the file that the officer named.

import { createPublicKey, X509Certificate as NodeCertificate } from "node:crypto";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import "reflect-metadata"; // before @peculiar/x509, which needs it
import { X509Certificate } from "@peculiar/x509";
import {
  AuthorityFolder,
  CEREMONIES,
  type CeremonyKind,
  type CeremonyNotes,
  OCSP_KEY_FILE,
  PASSPHRASE_FILE,
  ROOT_FILE,
  SETTINGS_FILE,
} from "./authority-folder.ts";
import { CeremonyError } from "./ceremony-error.ts";
import { freshFolder, pem, publish, writeCeremony } from "./ceremony-folder.ts";
import type { CeremonyRecord } from "./ceremony-record.ts";
import { AuthorityExistsError } from "./certificate-authority.ts";
import { type Clock, wholeSeconds } from "./clock.ts";
import { writeNewFile } from "./durable-files.ts";
import { generatePrivateKey, newPassphrase, readPassphrase } from "./key-file.ts";
import { makeIssuer, makeRoot, type NewIssuer, type Root } from "./new-issuer.ts";
import { bringRootKey, checkExport, exportRootKey, type RootKeyFile } from "./root-key-export.ts";
import { type AuthorityNames, checkAuthorityNames, checkWitnesses, MAX_GENERATIONS } from "./subject.ts";

export interface CeremonyOptions {
  readonly rootKey: RootKeyFile;
  /** Who was there, for the record. */
  readonly witnesses: readonly string[];
  /** PKCS#11 URI under which the new issuing CA's key is to be made; without, it is an encrypted file in the folder. */
  readonly issuingKeyUri?: string;
  /** Where the issuing CAs' passphrase is, when it is not to be in the folder; the file must be there. */
  readonly passphraseFile?: string;
}

/** What the root takes back: an issuing CA that must not be believed any more. */
export interface IssuerRevocation {
  /** Its name: issuing, issuing-2, … */
  readonly issuer: string;
  /** 1 keyCompromise, 2 cACompromise, 4 superseded, 5 cessationOfOperation (RFC 5280 §5.3.1). */
  readonly reasonCode: 1 | 2 | 4 | 5;
}

/** What a ceremony leaves behind, for whoever shows it. */
export interface CeremonyOutcome {
  readonly authority: AuthorityFolder;
  readonly record: CeremonyRecord;
}

/** Ceremonies of the authority in one folder. */
export class CaCeremony {
  private readonly folder: string;
  private readonly clock: Clock;

  constructor(folder: string, clock: Clock) {
    this.folder = folder;
    this.clock = clock;
  }

  /**
   * Makes root, first issuing CA and OCSP responder; the root's key goes to `rootKey.file`.
   * @throws AuthorityExistsError, AuthoritySettingsError, CeremonyError root-key-file, CaKeyError
   */
  async establish(names: AuthorityNames, options: CeremonyOptions): Promise<CeremonyOutcome> {
    const { rootKey, witnesses, issuingKeyUri: uri, passphraseFile } = options;
    checkAuthorityNames(names);
    checkWitnesses(witnesses);
    if (existsSync(this.folder)) throw new AuthorityExistsError(this.folder);
    checkExport(rootKey);
    const passphrase = passphraseFile === undefined ? newPassphrase() : readPassphrase(passphraseFile);
    mkdirSync(dirname(this.folder), { recursive: true, mode: 0o700 });
    const now = this.clock.now();
    const [rootPrivateKey, ocspPrivateKey] = [generatePrivateKey("P-384"), generatePrivateKey("P-256")];
    const root = await makeRoot(names, rootPrivateKey, now);
    const ocspKey = createPublicKey(ocspPrivateKey);
    const place = passphraseFile ?? join(this.folder, PASSPHRASE_FILE);
    const fresh = freshFolder(this.folder);
    let issuer: NewIssuer | null = null;
    let isExported = false;
    try {
      issuer = await makeIssuer(root, { names, generation: 1, ocspKey, now, uri, passphraseFile: place, passphrase });
      const sha256 = exportRootKey(rootPrivateKey, rootKey);
      isExported = true;
      const ceremony = join(fresh, CEREMONIES, "1");
      mkdirSync(ceremony, { recursive: true, mode: 0o700 });
      const rootKeyPlace = { file: rootKey.file, sha256 };
      const record = await writeCeremony(ceremony, {
        number: 1,
        kind: "establish",
        now,
        witnesses,
        root,
        rootKeyPlace,
        issuer,
        revoked: [],
      });
      const write = (name: string, content: string | Buffer): void => writeNewFile(join(fresh, name), content);
      if (passphraseFile === undefined) write(PASSPHRASE_FILE, `${passphrase}\n`);
      write(OCSP_KEY_FILE, ocspPrivateKey.export({ type: "pkcs8", format: "pem" }));
      write(ROOT_FILE, pem(root.certificate));
      write(SETTINGS_FILE, `${JSON.stringify(names, null, 2)}\n`);
      publish(fresh, this.folder, () => new AuthorityExistsError(this.folder));
      return { authority: AuthorityFolder.open(this.folder, place), record };
    } catch (error) {
      issuer?.undo();
      if (isExported) rmSync(rootKey.file, { force: true });
      throw error;
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  }

  /**
   * A new issuing CA, by which certificates are issued from now on; the key of the one before stays, for its CRL.
   * @throws NoAuthorityError, CeremonyError, CaKeyError
   */
  rollOver(options: CeremonyOptions): Promise<CeremonyOutcome> {
    return this.hold("roll-over", options, null);
  }

  /**
   * A new CRL of the root, and what it revokes.
   * @throws NoAuthorityError, CeremonyError, CaKeyError
   */
  renewRootCrl(options: CeremonyOptions, revoke: IssuerRevocation | null = null): Promise<CeremonyOutcome> {
    return this.hold("root-crl", options, revoke);
  }

  private async hold(kind: CeremonyKind, options: CeremonyOptions, revoke: IssuerRevocation | null): Promise<CeremonyOutcome> {
    const { rootKey, witnesses, issuingKeyUri: uri, passphraseFile } = options;
    checkWitnesses(witnesses);
    const authority = AuthorityFolder.open(this.folder, passphraseFile);
    const now = this.clock.now();
    const certificate = authority.root;
    const { notAfter } = new X509Certificate(new Uint8Array(certificate));
    if (now >= notAfter) throw new CeremonyError("expired-root", this.folder);
    const revoked = this.revokedWith(authority, revoke, now);
    const root = { certificate, key: bringRootKey(rootKey, new NodeCertificate(certificate).publicKey) };
    const number = authority.ceremonies.length + 1;
    const fresh = freshFolder(join(this.folder, CEREMONIES, `.${number}`));
    let issuer: NewIssuer | null = null;
    try {
      if (kind === "roll-over") issuer = await this.nextIssuer(root, authority, { now, uri });
      const rootKeyPlace = { file: rootKey.file, sha256: null };
      const record = await writeCeremony(fresh, { number, kind, now, witnesses, root, rootKeyPlace, issuer, revoked });
      publish(fresh, authority.ceremonyFolder(number), () => new CeremonyError("in-progress", this.folder));
      return { authority, record };
    } catch (error) {
      issuer?.undo();
      throw error;
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  }

  private nextIssuer(root: Root, authority: AuthorityFolder, { now, uri }: { now: Date; uri: string | undefined }): Promise<NewIssuer> {
    const { names, issuers, passphraseFile } = authority;
    const generation = issuers.length + 1;
    if (generation > MAX_GENERATIONS) throw new CeremonyError("too-many", this.folder);
    const passphrase = uri === undefined ? readPassphrase(passphraseFile) : "";
    const ocspKey = authority.ocspPublicKey;
    return makeIssuer(root, { names, generation, ocspKey, now, uri, passphraseFile, passphrase });
  }

  private revokedWith(authority: AuthorityFolder, revoke: IssuerRevocation | null, now: Date): CeremonyNotes["revoked"] {
    const before = authority.ceremonies.at(-1)?.revoked ?? [];
    if (revoke === null) return before;
    const issuer = authority.issuers.find(({ name }) => name === revoke.issuer);
    if (issuer === undefined) throw new CeremonyError("no-such-issuer", revoke.issuer);
    if (issuer.name === authority.current.name) throw new CeremonyError("current-issuer", revoke.issuer);
    const { serialNumber } = new X509Certificate(new Uint8Array(issuer.certificate));
    if (before.some((entry) => entry.serialNumber === serialNumber)) return before;
    return [...before, { serialNumber, revokedAt: wholeSeconds(now).toISOString(), reasonCode: revoke.reasonCode }];
  }
}
