// The folder that a ceremony leaves behind (authority-folder.ts says what is in it): filled where nobody looks, then moved into its place.

import { X509Certificate as NodeCertificate, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import "reflect-metadata"; // before @peculiar/x509, which needs it
import { X509Certificate } from "@peculiar/x509";
import { CEREMONY_FILE, type CeremonyKind, type CeremonyNotes, ROOT_CRL_FILE } from "./authority-folder.ts";
import { type CeremonyCertificate, type CeremonyRecord, ceremonyRecord, RECORD_LANGUAGES, recordFile } from "./ceremony-record.ts";
import { wholeSeconds, yearsLater } from "./clock.ts";
import { syncFolder, writeNewFile } from "./durable-files.ts";
import type { NewIssuer, Root } from "./new-issuer.ts";
import { crlExtensions } from "./profiles.ts";
import { signCrl } from "./x509-signing.ts";

/** The root's CRL is good for a year (ETSI EN 319 411-1 §6.3.9: at least one a year): until then somebody has to bring the root's key again. */
export const ROOT_CRL_YEARS = 1;

/** A certificate, DER, as PEM. */
export const pem = (der: Uint8Array): string => `${new X509Certificate(new Uint8Array(der)).toString("pem")}\n`;

export interface NewCeremony {
  readonly number: number;
  readonly kind: CeremonyKind;
  readonly now: Date;
  readonly witnesses: readonly string[];
  readonly root: Root;
  readonly rootKeyPlace: { readonly file: string; readonly sha256: string | null };
  readonly issuer: NewIssuer | null;
  readonly revoked: CeremonyNotes["revoked"];
}

const described = (der: Uint8Array): CeremonyCertificate => {
  const { subject, serialNumber, notBefore, notAfter } = new X509Certificate(new Uint8Array(der));
  return { subject, serialNumber, notBefore, notAfter, fingerprint: new NodeCertificate(der).fingerprint256 };
};

/** Fills the folder of one ceremony, which nobody sees yet. */
export async function writeCeremony(folder: string, ceremony: NewCeremony): Promise<CeremonyRecord> {
  const { number, kind, root, issuer } = ceremony;
  const at = wholeSeconds(ceremony.now);
  const { subjectName, notBefore: rootStart } = new X509Certificate(new Uint8Array(root.certificate));
  const nextUpdate = yearsLater(at, ROOT_CRL_YEARS);
  const entries = ceremony.revoked.map((entry) => ({ ...entry, revokedAt: new Date(entry.revokedAt) }));
  const extensions = crlExtensions(root.key.publicKey, number, rootStart);
  const crl = await signCrl({ issuer: subjectName, thisUpdate: at, nextUpdate, entries, extensions }, root.key);
  const notes: CeremonyNotes = {
    kind,
    at: at.toISOString(),
    nextUpdate: nextUpdate.toISOString(),
    witnesses: ceremony.witnesses,
    issuer: issuer?.name ?? null,
    revoked: ceremony.revoked,
  };
  const record: CeremonyRecord = {
    kind,
    number,
    at,
    witnesses: ceremony.witnesses,
    root: described(root.certificate),
    rootCrl: { number, nextUpdate, revoked: entries },
    rootKey: ceremony.rootKeyPlace,
    issuer: issuer && { name: issuer.name, keyPlace: issuer.keyPlace, certificate: described(issuer.certificate) },
    responder: issuer && described(issuer.responder),
  };
  const write = (name: string, content: string | Uint8Array): void => writeNewFile(join(folder, name), content);
  write(CEREMONY_FILE, `${JSON.stringify(notes, null, 2)}\n`);
  write(ROOT_CRL_FILE, crl);
  for (const language of RECORD_LANGUAGES) write(recordFile(language), ceremonyRecord(record, language));
  if (issuer !== null) {
    write(`${issuer.name}.pem`, pem(issuer.certificate));
    write(`ocsp-${issuer.name}.pem`, pem(issuer.responder));
    for (const [name, content] of issuer.files) write(name, content);
  }
  return record;
}

/** An empty folder beside a place that is not there yet, of a name that nobody looks for. */
export function freshFolder(beside: string): string {
  const fresh = `${beside}.${randomBytes(4).toString("hex")}`;
  mkdirSync(fresh, { mode: 0o700, recursive: true });
  return fresh;
}

/** Moves a finished folder into its place, which must be free, and makes it last. */
export function publish(fresh: string, place: string, taken: () => Error): void {
  syncFolder(fresh);
  try {
    renameSync(fresh, place);
  } catch (cause) {
    if (existsSync(place)) throw taken();
    throw cause;
  }
  syncFolder(dirname(place));
}
