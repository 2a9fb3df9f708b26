// The office's folder (mode 0700), and what is where in it.
//
//   db/                 PGlite's files, unless DATABASE_URL names a PostgreSQL
//   mails/              one .eml a mail, unless they are sent
//   trust/              certificates (PEM) of the attestation roots to believe, one or more a file; put there by whoever runs the office
//   audit.key           of the audit trail's heads: encrypted, under the passphrase in audit.passphrase (both mode 0600)
//   audit.heads         the heads that it signed, one a line, appended (mode 0600): who has only the database cannot make them unsaid
//   data.key            what the store keeps encrypted (sealing/): 32 random bytes, hexadecimal, mode 0600; lost with it, evidence and PUKs are lost
//   office.sock         for `sceau office …` of the same user

import { X509Certificate } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FolderPathError, TrustFileError } from "./start-errors.ts";

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
const TRUST_FILE = /^[^.].*\.pem$/;
/** sockaddr_un holds 108 bytes with the zero at its end (unix(7)). */
const MAX_SOCKET_PATH_BYTES = 107;

export class OfficeFolder {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
    if (Buffer.byteLength(this.socket) > MAX_SOCKET_PATH_BYTES) throw new FolderPathError(root);
  }

  make(): void {
    mkdirSync(this.root, { recursive: true, mode: 0o700 });
    chmodSync(this.root, 0o700);
    for (const folder of [this.mails, this.trust]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  get database(): string {
    return join(this.root, "db");
  }

  get mails(): string {
    return join(this.root, "mails");
  }

  get trust(): string {
    return join(this.root, "trust");
  }

  get auditKey(): string {
    return join(this.root, "audit.key");
  }

  get auditPassphrase(): string {
    return join(this.root, "audit.passphrase");
  }

  get auditHeads(): string {
    return join(this.root, "audit.heads");
  }

  get dataKey(): string {
    return join(this.root, "data.key");
  }

  get socket(): string {
    return join(this.root, "office.sock");
  }

  /** Certificates of the attestation roots, DER; read each time, so that a new root counts at once. @throws TrustFileError */
  trustedRoots(): Uint8Array[] {
    if (!existsSync(this.trust)) return [];
    const files = readdirSync(this.trust).filter((name) => TRUST_FILE.test(name));
    return files.sort().flatMap((name) => certificatesIn(join(this.trust, name)));
  }
}

function certificatesIn(path: string): Uint8Array[] {
  try {
    const blocks = readFileSync(path, "latin1").match(PEM) ?? [];
    if (blocks.length === 0) throw new Error("no certificate");
    return blocks.map((block) => new Uint8Array(new X509Certificate(block).raw));
  } catch (cause) {
    throw new TrustFileError(path, { cause });
  }
}
