// A destruction receipt in a file: the token's signed statement that a key is erased, with the certificate of the key that signed it.

import type { SignedStatement } from "./statement.ts";
import { certificateFields, certificatesIn, formatStatementFile, parseStatementFile, signedFields, signedIn } from "./statement-file.ts";

const FORMAT = "sceau-destruction-receipt/1";

export interface DestructionReceipt {
  readonly signed: SignedStatement;
  /** DER, the attestation key's first. */
  readonly certificates: readonly Uint8Array[];
}

export function formatReceipt({ signed, certificates }: DestructionReceipt): string {
  return formatStatementFile(FORMAT, { ...signedFields(signed), certificates: certificateFields(certificates) });
}

/** @throws StatementFileError */
export function parseReceipt(bytes: Uint8Array): DestructionReceipt {
  const record = parseStatementFile(bytes, FORMAT, ["statement", "signature", "certificates"]);
  return { signed: signedIn(record), certificates: certificatesIn(record) };
}
