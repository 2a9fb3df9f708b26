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

/** Strings of a JSON text; behind the name of a field comes a colon. */
const JSON_STRING = /"(?:[^"\\]|\\.)*"(\s*:)?/g;

function fieldsIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce((sum: number, inner) => sum + fieldsIn(inner), own);
}

/** Of two fields of one name JSON.parse takes the last, other programs the first: they would read another journal in the same file. */
function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  let fields = 0;
  for (const [, colon] of text.matchAll(JSON_STRING)) if (colon !== undefined) fields++;
  if (fields !== fieldsIn(value)) throw new SyntaxError("a field twice");
  return value;
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
    value = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new StatementFileError("not JSON", { cause });
  }
  const found = typeof value === "object" && value !== null && "format" in value ? value.format : null;
  if (found !== format) throw new StatementFileError(`not of the format ${format}`);
  return recordOf(value, ["format", ...fields]);
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
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) throw new StatementFileError(`${field} is not base64`); // bits behind the last byte
  return new Uint8Array(bytes);
}

/** The fields `statement` and `signature`. @throws StatementFileError */
export function signedIn(record: JsonRecord): SignedStatement {
  return { statement: base64In(record, "statement"), signature: base64In(record, "signature") };
}

function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new StatementFileError("a certificate cannot be read", { cause });
  }
}

/** The field `certificates`: PEM, the attestation key's first. DER. @throws StatementFileError */
export function certificatesIn(record: JsonRecord): Uint8Array[] {
  const list = record["certificates"];
  if (!Array.isArray(list) || list.length === 0 || list.length > MAX_CERTIFICATES) throw new StatementFileError("certificates are missing");
  return list.map((pem: unknown) => {
    if (typeof pem !== "string" || pem.length > MAX_CERTIFICATE_CHARACTERS) throw new StatementFileError("a certificate is no PEM");
    const certificate = readCertificate(pem);
    if (certificate.toString().trim() !== pem.replaceAll("\r", "").trim())
      throw new StatementFileError("a certificate is not one PEM alone");
    return new Uint8Array(certificate.raw);
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
