// Digest algorithms by their object identifiers (RFC 5754 §2), and what node:crypto calls them.

export const ID_SHA256 = "2.16.840.1.101.3.4.2.1";
const ID_SHA384 = "2.16.840.1.101.3.4.2.2";
const ID_SHA512 = "2.16.840.1.101.3.4.2.3";

export type DigestName = "sha256" | "sha384" | "sha512";

const NAMES: ReadonlyMap<string, DigestName> = new Map([
  [ID_SHA256, "sha256"],
  [ID_SHA384, "sha384"],
  [ID_SHA512, "sha512"],
]);

export function digestNameOf(oid: string): DigestName | null {
  return NAMES.get(oid) ?? null;
}

/** The same, by the identifier's content bytes. The three differ in their last byte: 2.16.840.1.101.3.4.2.{1,2,3}. */
export function digestName(oidBytes: Uint8Array | undefined): DigestName | null {
  const prefix = "6086480165030402";
  const hex = Buffer.from(oidBytes ?? []).toString("hex");
  return hex.startsWith(prefix) ? digestNameOf(`2.16.840.1.101.3.4.2.${Number.parseInt(hex.slice(prefix.length), 16)}`) : null;
}
