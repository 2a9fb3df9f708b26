// Who issued the holder's certificate, up to the root: learnt from the office that the holder trusts, by the addresses in the certificates (RFC 5280
// §4.2.2.1, caIssuers), and kept. So signatures carry their chain, and the holder's computer knows the authority. Nobody else is asked, for no other certificate.

import "reflect-metadata"; // before @peculiar/x509, which needs it
import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { AuthorityInfoAccessExtension, X509Certificate as ParsedCertificate } from "@peculiar/x509";
import { writeOwnFile } from "../trust/own-file.ts";
import { readAuthorities } from "./known-authorities.ts";

const MAX_STEPS = 4;
const MAX_BYTES = 16_384;
const LIMIT_MS = 3000;

const isRoot = (certificate: X509Certificate): boolean => certificate.checkIssued(certificate);

const isIssuedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);

/** @param offices addresses of trusted offices; a place elsewhere is none */
function placesOfIssuer(certificate: X509Certificate, offices: readonly string[]): string[] {
  const access = new ParsedCertificate(new Uint8Array(certificate.raw)).getExtension(AuthorityInfoAccessExtension);
  return (access?.caIssuers ?? []).flatMap(({ value }) => {
    const href = URL.canParse(value) ? new URL(value).href : "";
    return offices.some((office) => href.startsWith(`${office}/`)) ? [href] : [];
  });
}

/** null: nothing that is a certificate came in time. */
async function certificateAt(place: string): Promise<X509Certificate | null> {
  try {
    const answer = await fetch(place, { redirect: "error", signal: AbortSignal.timeout(LIMIT_MS) });
    const length = Number(answer.headers.get("content-length") ?? Number.NaN);
    if (!answer.ok || !(length <= MAX_BYTES)) return null;
    return new X509Certificate(new Uint8Array(await answer.arrayBuffer()));
  } catch {
    return null; // the office is not there, or what it gave is no certificate: then the authority stays unknown, and the pages say so
  }
}

async function issuerOf(certificate: X509Certificate, offices: readonly string[]): Promise<X509Certificate | null> {
  for (const place of placesOfIssuer(certificate, offices)) {
    const found = await certificateAt(place);
    if (found !== null && isIssuedBy(certificate, found)) return found;
  }
  return null;
}

/**
 * Asks nobody when the way to a root is known already.
 * @param certificate the holder's, DER
 * @param offices addresses of trusted offices (trust/office-address.ts)
 * @param folder of readAuthorities
 */
export async function learnAuthorities(certificate: Uint8Array, offices: readonly string[], folder: string): Promise<void> {
  const { roots, intermediates } = readAuthorities(folder);
  const known = [...roots, ...intermediates].map((der) => new X509Certificate(der));
  let last = new X509Certificate(certificate);
  for (let step = 0; step < MAX_STEPS && !isRoot(last); step++) {
    const kept = known.find((candidate) => isIssuedBy(last, candidate));
    const issuer = kept ?? (await issuerOf(last, offices));
    if (issuer === null) return;
    if (kept === undefined) writeOwnFile(join(folder, `${issuer.fingerprint256.replaceAll(":", "").toLowerCase()}.pem`), issuer.toString());
    last = issuer;
  }
}
