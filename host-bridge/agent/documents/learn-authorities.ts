// Who issued the holder's certificate, up to the root: learnt from the office that the holder trusts, by the addresses in the certificates (RFC 5280
// §4.2.2.1, caIssuers), and kept with the office's address. So signatures carry their chain, and the holder's computer knows the authority. Nobody else is
// asked, for no other certificate.

import "reflect-metadata"; // before @peculiar/x509, which needs it
import { X509Certificate } from "node:crypto";
import { AuthorityInfoAccessExtension, X509Certificate as ParsedCertificate } from "@peculiar/x509";
import { answerBytes } from "../../office-client/answer-bytes.ts";
import { ask } from "../../office-client/ask.ts";
import type { AuthorityBook } from "./known-authorities.ts";

const MAX_STEPS = 4;
const MAX_BYTES = 16_384;
const LIMIT_MS = 3000;

const isRoot = (certificate: X509Certificate): boolean => certificate.checkIssued(certificate);

const isIssuedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);

interface Place {
  readonly href: string;
  readonly office: string;
}

/** @param offices addresses of trusted offices; a place elsewhere is none */
function placesOfIssuer(certificate: X509Certificate, offices: readonly string[]): Place[] {
  const access = new ParsedCertificate(new Uint8Array(certificate.raw)).getExtension(AuthorityInfoAccessExtension);
  return (access?.caIssuers ?? []).flatMap(({ value }) => {
    const href = URL.canParse(value) ? new URL(value).href : "";
    const office = offices.find((each) => href.startsWith(`${each}/`));
    return office === undefined ? [] : [{ href, office }];
  });
}

/** null: nothing that is a certificate came in time. */
async function certificateAt(href: string): Promise<X509Certificate | null> {
  try {
    const answer = await ask(new URL(href), { method: "GET", headers: {}, body: "", signal: AbortSignal.timeout(LIMIT_MS) });
    const bytes = answer.ok ? await answerBytes(answer, MAX_BYTES) : null;
    return bytes === null ? null : new X509Certificate(bytes);
  } catch {
    return null; // the office is not there, or what it gave is no certificate: then the authority stays unknown, and the pages say so
  }
}

async function issuerOf(certificate: X509Certificate, offices: readonly string[]): Promise<(Place & { issuer: X509Certificate }) | null> {
  for (const place of placesOfIssuer(certificate, offices)) {
    const issuer = await certificateAt(place.href);
    if (issuer !== null && isIssuedBy(certificate, issuer)) return { ...place, issuer };
  }
  return null;
}

/**
 * Asks nobody when the way to a root is known already.
 * @param certificate the holder's, DER
 * @param offices addresses of trusted offices (trust/office-address.ts)
 */
export async function learnAuthorities(
  certificate: Uint8Array,
  offices: readonly string[],
  authorities: AuthorityBook,
  now: Date,
): Promise<void> {
  const { chosen, learned } = authorities.known();
  const known = [...chosen, ...learned].map((each) => new X509Certificate(each.certificate));
  let last = new X509Certificate(certificate);
  for (let step = 0; step < MAX_STEPS && !isRoot(last); step++) {
    const kept = known.find((candidate) => isIssuedBy(last, candidate));
    const found = kept === undefined ? await issuerOf(last, offices) : null;
    const issuer = kept ?? found?.issuer;
    if (issuer === undefined) return;
    if (found !== null) authorities.learn(issuer, found.office, now);
    last = issuer;
  }
}
