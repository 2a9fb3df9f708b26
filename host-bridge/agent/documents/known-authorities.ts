// The certificates of authorities that the holder's computer knows: roots by which signatures are judged, and issuing CAs that go into new ones.

import { X509Certificate } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface KnownAuthorities {
  /** DER; signatures are trusted that lead to them. */
  readonly roots: readonly Uint8Array[];
  /** DER. */
  readonly intermediates: readonly Uint8Array[];
}

export const NO_AUTHORITIES: KnownAuthorities = { roots: [], intermediates: [] };

const CERTIFICATE_FILE = /\.(?:pem|crt|cer|der)$/i;
const PEM_BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
const MAX_FILE_CHARACTERS = 1_000_000;

/** A file with something else in it is left out: it is trusted by nobody then. */
function certificatesIn(path: string): X509Certificate[] {
  const bytes = readFileSync(path);
  if (bytes.length > MAX_FILE_CHARACTERS) return [];
  const blocks = bytes.toString("latin1").match(PEM_BLOCK) ?? [bytes];
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return [];
  }
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => CERTIFICATE_FILE.test(name))
      .sort()
      .map((name) => join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** Every certificate in the folder's files, PEM or DER; whoever is their own issuer is a root. No folder: none. */
export function readAuthorities(folder: string): KnownAuthorities {
  const all = filesIn(folder).flatMap(certificatesIn);
  const isRoot = (certificate: X509Certificate): boolean => certificate.checkIssued(certificate);
  const der = (certificate: X509Certificate): Uint8Array => new Uint8Array(certificate.raw);
  return { roots: all.filter(isRoot).map(der), intermediates: all.filter((each) => !isRoot(each)).map(der) };
}
