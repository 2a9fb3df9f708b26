// The key that signs the audit trail's heads: P-256, in an encrypted file, made at the first start. Servers that share a store share it.

import type { KeyObject } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { writeOnce } from "../issuance/durable-files.ts";
import { decryptPrivateKey, encryptPrivateKey, RANDOM_PASSPHRASE } from "../issuance/encrypted-key.ts";
import { generatePrivateKey, newPassphrase, readPassphrase } from "../issuance/key-file.ts";
import type { OfficeFolder } from "./office-folder.ts";

/** The private key; made when there is none. @throws CaKeyError unreadable, passphrase */
export function openAuditKey({ auditKey, auditPassphrase }: OfficeFolder): KeyObject {
  // The passphrase first: a key whose passphrase was never written is lost.
  if (!existsSync(auditPassphrase)) writeOnce(auditPassphrase, `${newPassphrase()}\n`);
  const passphrase = readPassphrase(auditPassphrase);
  if (!existsSync(auditKey)) writeOnce(auditKey, encryptPrivateKey(generatePrivateKey("P-256"), passphrase, RANDOM_PASSPHRASE));
  return decryptPrivateKey(readFileSync(auditKey, "utf8"), passphrase, auditKey);
}
