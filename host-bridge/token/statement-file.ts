// What the files that keep signed statements have in common: JSON with a format's name, read strictly. The bytes that are signed are in it as
// they are, in base64, so that other tools need no JSON rules to check them (firmware/README.md shows how).

import { X509Certificate } from "node:crypto";
import type { SignedStatement } from "./statement.ts";

/** More than any of these files needs. */
const MAX_FILE_BYTES = 4_000_000;
const MAX_STATEMENT_BYTES = 1024;
/** The attestation key's, and what leads to its root. */
const MAX_CERTIFICATES = 4;
const MAX_CERTIFICATE_CHARACTERS = 8192;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const HEXADECIMAL = /^(?:[0-9a-f]{2})*$/;

/** A file that is no such file: cut short, of a later version, or something else. */
export class StatementFileError extends Error {
  override readonly name = "StatementFileError";
}

export type JsonRecord = Readonly<Record<string, unknown>>;

/** @throws StatementFileError unless it is an object with exactly these fields */
export function recordOf(value: unknown, fields: readonly string[]): JsonRecord {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new StatementFileError("not an object");
  const keys = Object.keys(value);
  if (keys.length !== fields.length || fields.some((field) => !keys.includes(field)))
    throw new StatementFileError("other fields than expected");
  return value as JsonRecord;
}

/**
 * The object in a file of this format.
 * @param fields besides `format`
 * @throws StatementFileError
 */
export function parseStatementFile(bytes: Uint8Array, format: string, fields: readonly string[]): JsonRecord {
  if (bytes.length > MAX_FILE_BYTES) throw new StatementFileError("longer than such a file can be");
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new StatementFileError("not JSON", { cause });
  }
  const record = recordOf(value, ["format", ...fields]);
  if (record["format"] !== format) throw new StatementFileError(`not of the format ${format}`);
  return record;
}

/** @throws StatementFileError */
export function textIn(record: JsonRecord, field: string): string {
  const value = record[field];
  if (typeof value !== "string") throw new StatementFileError(`${field} is no text`);
  return value;
}

/** An unsigned number of 32 bits. @throws StatementFileError */
export function numberIn(record: JsonRecord, field: string): number {
  const value = record[field];
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > 0xffffffff) {
    throw new StatementFileError(`${field} is no number of 32 bits`);
  }
  return value;
}

/** Bytes in lower-case hexadecimal. @throws StatementFileError */
export function hexIn(record: JsonRecord, field: string, lengthBytes: number): Uint8Array {
  const text = textIn(record, field);
  if (text.length !== 2 * lengthBytes || !HEXADECIMAL.test(text))
    throw new StatementFileError(`${field} is not ${lengthBytes} bytes in hexadecimal`);
  return new Uint8Array(Buffer.from(text, "hex"));
}

function base64In(record: JsonRecord, field: string): Uint8Array {
  const text = textIn(record, field);
  if (text.length > 2 * MAX_STATEMENT_BYTES || !BASE64.test(text)) throw new StatementFileError(`${field} is not base64`);
  return new Uint8Array(Buffer.from(text, "base64"));
}

/** The fields `statement` and `signature`. @throws StatementFileError */
export function signedIn(record: JsonRecord): SignedStatement {
  return { statement: base64In(record, "statement"), signature: base64In(record, "signature") };
}

/** The field `certificates`: PEM, the attestation key's first. DER. @throws StatementFileError */
export function certificatesIn(record: JsonRecord): Uint8Array[] {
  const list = record["certificates"];
  if (!Array.isArray(list) || list.length === 0 || list.length > MAX_CERTIFICATES) throw new StatementFileError("certificates are missing");
  return list.map((pem: unknown) => {
    if (typeof pem !== "string" || pem.length > MAX_CERTIFICATE_CHARACTERS) throw new StatementFileError("a certificate is no PEM");
    try {
      return new Uint8Array(new X509Certificate(pem).raw);
    } catch (cause) {
      throw new StatementFileError("a certificate cannot be read", { cause });
    }
  });
}

/** The fields for `signedIn`. */
export function signedFields({ statement, signature }: SignedStatement): { readonly statement: string; readonly signature: string } {
  return { statement: Buffer.from(statement).toString("base64"), signature: Buffer.from(signature).toString("base64") };
}

/** The field for `certificatesIn`. */
export function certificateFields(certificates: readonly Uint8Array[]): string[] {
  return certificates.map((der) => new X509Certificate(der).toString());
}

export function formatStatementFile(format: string, fields: JsonRecord): string {
  return `${JSON.stringify({ format, ...fields }, null, 2)}\n`;
}
