// A section of the signature journal in a file, with its signed head: what one hands to somebody who has no token to ask.

import { bytesToHex } from "../../protocol/bytes.ts";
import { HASH_BYTES, type JournalEntry, type JournalSection } from "./signature-journal.ts";
import type { SignedStatement } from "./statement.ts";
import {
  certificateFields,
  certificatesIn,
  formatStatementFile,
  hexIn,
  numberIn,
  parseStatementFile,
  recordOf,
  StatementFileError,
  signedFields,
  signedIn,
  textIn,
} from "./statement-file.ts";

const FORMAT = "sceau-signature-journal/1";
/** More than any token keeps. */
const MAX_ENTRIES = 10_000;

export interface JournalFile {
  /** Of the token: decimal digits. */
  readonly serial: string;
  readonly section: JournalSection;
  readonly head: SignedStatement;
  /** DER, the attestation key's first. */
  readonly certificates: readonly Uint8Array[];
}

export function formatJournalFile({ serial, section, head, certificates }: JournalFile): string {
  const entries = section.entries.map(({ counter, slot, kind, digest }) => ({ counter, slot, kind, digest: bytesToHex(digest) }));
  return formatStatementFile(FORMAT, {
    serial,
    first: section.first,
    hashBefore: bytesToHex(section.hashBefore),
    entries,
    head: signedFields(head),
    certificates: certificateFields(certificates),
  });
}

function entryIn(value: unknown): JournalEntry {
  const record = recordOf(value, ["counter", "slot", "kind", "digest"]);
  const [slot, kind] = [numberIn(record, "slot"), numberIn(record, "kind")];
  if (slot > 0xff || kind > 0xff) throw new StatementFileError("slot and kind are bytes");
  return { counter: numberIn(record, "counter"), slot, kind, digest: hexIn(record, "digest", HASH_BYTES) };
}

/** @throws StatementFileError */
export function parseJournalFile(bytes: Uint8Array): JournalFile {
  const record = parseStatementFile(bytes, FORMAT, ["serial", "first", "hashBefore", "entries", "head", "certificates"]);
  const list = record["entries"];
  if (!Array.isArray(list) || list.length > MAX_ENTRIES) throw new StatementFileError("there is no list of entries");
  const section = { first: numberIn(record, "first"), hashBefore: hexIn(record, "hashBefore", HASH_BYTES), entries: list.map(entryIn) };
  const head = signedIn(recordOf(record["head"], ["statement", "signature"]));
  return { serial: textIn(record, "serial"), section, head, certificates: certificatesIn(record) };
}
