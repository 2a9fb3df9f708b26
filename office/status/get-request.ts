// A request in the path of a GET (RFC 6960 §A.1): base64 of the DER, URL-encoded. Clients and proxies differ in how far they do the latter.

import { MAX_REQUEST_BYTES } from "./ocsp-request.ts";

const MAX_BASE64_LENGTH = Math.ceil(MAX_REQUEST_BYTES / 3) * 4;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const ESCAPE = /%(2b|2f|3d)/gi;
const ESCAPED: Readonly<Record<string, string>> = { "2b": "+", "2f": "/", "3d": "=" };

/**
 * Understood beside the plain form: «+», «/», «=» escaped or not, escaped twice, or a space that was «+»; no padding; the URL-safe alphabet; a
 * second slash before it, which comes from an address in a certificate that ends in one.
 * @param path what follows the responder's address and a slash, unescaped once
 * @returns null: it is no base64
 */
export function requestOfPath(path: string): Uint8Array | null {
  if (path.length > MAX_BASE64_LENGTH * 3) return null;
  const text = path
    .replace(ESCAPE, (_, code: string) => ESCAPED[code.toLowerCase()] ?? "")
    .replace(/[ -]/g, "+")
    .replaceAll("_", "/")
    .replace(/^\/+/, "");
  const digits = text.replace(/=+$/, "");
  if (!BASE64.test(text) || digits.length % 4 === 1 || digits.length > MAX_BASE64_LENGTH) return null;
  return new Uint8Array(Buffer.from(digits, "base64"));
}
