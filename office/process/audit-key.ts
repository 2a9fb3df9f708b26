// The key that signs the audit trail's heads: P-256, in an encrypted file, made at the first start. Servers that share a store share it.

import type { KeyObject } from "node:crypto";
import { randomBytes } from "node:crypto";
import { existsSync, linkSync, readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { syncFolder, writeNewFile } from "../issuance/durable-files.ts";
import { decryptPrivateKey, encryptPrivateKey, RANDOM_PASSPHRASE } from "../issuance/encrypted-key.ts";
import { generatePrivateKey, newPassphrase, readPassphrase } from "../issuance/key-file.ts";
import type { OfficeFolder } from "./office-folder.ts";

/** Writes a file whole under a name that nobody has taken yet; whoever else did so at the same time, did it first. */
function writeOnce(path: string, content: string): void {
  const fresh = `${path}.${randomBytes(4).toString("hex")}`;
  writeNewFile(fresh, content);
  try {
    linkSync(fresh, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(fresh, { force: true });
  }
  syncFolder(dirname(path));
}

/** The private key; made when there is none. @throws CaKeyError unreadable, passphrase */
export function openAuditKey({ auditKey, auditPassphrase }: OfficeFolder): KeyObject {
  // The passphrase first: a key whose passphrase was never written is lost.
  if (!existsSync(auditPassphrase)) writeOnce(auditPassphrase, `${newPassphrase()}\n`);
  const passphrase = readPassphrase(auditPassphrase);
  if (!existsSync(auditKey)) writeOnce(auditKey, encryptPrivateKey(generatePrivateKey("P-256"), passphrase, RANDOM_PASSPHRASE));
  return decryptPrivateKey(readFileSync(auditKey, "utf8"), passphrase, auditKey);
}
