// The authorities that the holder's computer knows: those that the holder chose, by which signatures are judged; and those that it learnt from an office
// with which a token was activated. Trusting an office to hand over requests is not trusting its authority to vouch for others: what it vouches for is told
// apart until the holder says otherwise.

import { X509Certificate } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readOwnFile, writeOwnFile } from "../trust/own-file.ts";
import { TrustFileError } from "../trust/trust-file-error.ts";
import type { Judges } from "../workshop/document-workshop.ts";

export interface Authority {
  /** SHA-256 of the certificate, hexadecimal. */
  readonly fingerprint: string;
  /** Distinguished name, RFC 4514. */
  readonly subject: string;
  /** Whoever is their own issuer. */
  readonly isRoot: boolean;
  /** DER. */
  readonly certificate: Uint8Array;
}

export interface LearnedAuthority extends Authority {
  /** Of officeAddress: the office that published it. */
  readonly office: string;
  readonly since: Date;
}

export interface KnownAuthorities {
  readonly chosen: readonly Authority[];
  readonly learned: readonly LearnedAuthority[];
}

export const NO_AUTHORITIES: KnownAuthorities = { chosen: [], learned: [] };

const CERTIFICATE_FILE = /\.(?:pem|crt|cer|der)$/i;
const PEM_BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
const MAX_FILE_CHARACTERS = 1_000_000;
const LEARNED = z.strictObject({
  format: z.literal(1),
  authorities: z.array(z.strictObject({ certificate: z.base64(), office: z.string(), since: z.iso.datetime() })),
});

export function authorityOf(certificate: X509Certificate): Authority {
  return {
    fingerprint: certificate.fingerprint256.replaceAll(":", "").toLowerCase(),
    subject: certificate.subject,
    isRoot: certificate.checkIssued(certificate),
    certificate: new Uint8Array(certificate.raw),
  };
}

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

const pemOf = (fingerprint: string): string => `${fingerprint}.pem`;

export class AuthorityBook {
  /** Certificates in files, PEM or DER, of authorities that the holder chose; put there by hand, too. */
  readonly path: string;
  readonly #learned: string;

  constructor(path: string) {
    this.path = path;
    this.#learned = join(path, "learned.json");
  }

  /** @throws TrustFileError */
  known(): KnownAuthorities {
    const chosen = filesIn(this.path).flatMap(certificatesIn).map(authorityOf);
    const isChosen = ({ fingerprint }: Authority): boolean => chosen.some((each) => each.fingerprint === fingerprint);
    return { chosen, learned: this.#readLearned().filter((each) => !isChosen(each)) };
  }

  learn(certificate: X509Certificate, office: string, since: Date): void {
    const { chosen, learned } = this.known();
    const authority = authorityOf(certificate);
    if (![...chosen, ...learned].some(({ fingerprint }) => fingerprint === authority.fingerprint))
      this.#write([...learned, { ...authority, office, since }]);
  }

  /** The holder relies on a root that was learnt; one that is not there changes nothing. */
  choose(fingerprint: string): void {
    const found = this.known().learned.find((each) => each.isRoot && each.fingerprint === fingerprint);
    if (found !== undefined) writeOwnFile(join(this.path, pemOf(fingerprint)), new X509Certificate(found.certificate).toString());
  }

  /** Chosen here before: it is as if it had only been learnt. */
  unchoose(fingerprint: string): void {
    if (this.isChosenHere(fingerprint)) rmSync(join(this.path, pemOf(fingerprint)), { force: true });
  }

  /** Chosen on the page, not by a file that somebody put there. */
  isChosenHere(fingerprint: string): boolean {
    const isLearned = this.#readLearned().some((each) => each.fingerprint === fingerprint);
    return isLearned && existsSync(join(this.path, pemOf(fingerprint)));
  }

  #readLearned(): LearnedAuthority[] {
    const text = readOwnFile(this.#learned);
    if (text === null) return [];
    try {
      const { authorities } = LEARNED.parse(JSON.parse(text));
      return authorities.map(({ certificate, office, since }) => ({
        ...authorityOf(new X509Certificate(Buffer.from(certificate, "base64"))),
        office,
        since: new Date(since),
      }));
    } catch {
      throw new TrustFileError(this.#learned);
    }
  }

  #write(learned: readonly LearnedAuthority[]): void {
    const chosenHere = this.#readLearned().filter(({ fingerprint }) => !learned.some((each) => each.fingerprint === fingerprint));
    const authorities = [...chosenHere, ...learned].map(({ certificate, office, since }) => ({
      certificate: Buffer.from(certificate).toString("base64"),
      office,
      since,
    }));
    writeOwnFile(this.#learned, `${JSON.stringify({ format: 1, authorities }, null, 2)}\n`);
  }
}

const all = ({ chosen, learned }: KnownAuthorities): readonly Authority[] => [...chosen, ...learned];

/** Certificates that may lead from a signer's to a root, DER. */
export const issuersIn = (known: KnownAuthorities): readonly Uint8Array[] =>
  all(known).flatMap(({ isRoot, certificate }) => (isRoot ? [] : [certificate]));

/** Learnt roots count, too: which of them vouches for a signature is told by `learnedRoot`. */
export const judgesOf = (known: KnownAuthorities, at: Date): Judges => ({
  roots: all(known).flatMap(({ isRoot, certificate }) => (isRoot ? [certificate] : [])),
  intermediates: issuersIn(known),
  at,
});

/** The authority of an office that the holder has not chosen to rely on; null: it is no such root. @param root of a SignatureReport */
export const learnedRoot = ({ learned }: KnownAuthorities, root: string | null): LearnedAuthority | null =>
  learned.find(({ isRoot, fingerprint }) => isRoot && fingerprint === root) ?? null;
