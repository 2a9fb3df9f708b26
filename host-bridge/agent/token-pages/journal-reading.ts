// The signature journal of a token, read and checked: its head, signed for this very question, and what leads up to it.

import { randomBytes } from "node:crypto";
import { OBJECT_ATTESTATION_CERTIFICATE } from "../../../protocol/piv.ts";
import { MAX_NONCE_BYTES } from "../../../protocol/vendor.ts";
import type { DeviceInfo } from "../../token/device-info.ts";
import { fromToken } from "../../token/malformed-answer.ts";
import type { JournalEntry, JournalSection } from "../../token/signature-journal.ts";
import { upToHead } from "../../token/signature-journal.ts";
import { parseStatement } from "../../token/statement.ts";
import type { TokenClient } from "../../token/token-client.ts";
import { verifyJournal } from "../../token/verify-journal.ts";

/**
 * `proved`: complete, and signed just now by a key that a known maker vouches for; `unknown-maker`: all but that nobody here knows the maker;
 * `unproved`: the token has no attestation key; `refuted`: it is not as the token signed it.
 */
export type JournalVerdict = "proved" | "unknown-maker" | "unproved" | "refuted";

export interface JournalReading {
  readonly serial: string;
  readonly at: Date;
  readonly verdict: JournalVerdict;
  /** Oldest first. */
  readonly entries: readonly JournalEntry[];
}

/** The head first: what is signed by other programs meanwhile comes after it. */
async function readProved(client: TokenClient, { serial }: DeviceInfo, roots: readonly Uint8Array[], at: Date): Promise<JournalReading> {
  const certificate = await client.readCertificate(OBJECT_ATTESTATION_CERTIFICATE);
  const nonce = randomBytes(MAX_NONCE_BYTES);
  const head = await client.vendor.journalHead(nonce);
  const all = await client.vendor.readJournal();
  const statement = fromToken(() => parseStatement(head.statement));
  const section: JournalSection = statement.kind === "journal-head" ? upToHead(all, statement) : all;
  const journal = { serial, section, head, certificates: certificate === null ? [] : [certificate] };
  const { problems } = verifyJournal(journal, nonce, { roots, at });
  const isProved = problems.length === 0;
  const verdict = isProved ? "proved" : problems.every((problem) => problem === "untrusted") ? "unknown-maker" : "refuted";
  return { serial, at, verdict, entries: section.entries };
}

/** After the PIN or the management key was proved. @param roots that vouch for tokens, DER @throws TokenError, TransportError, MalformedAnswerError */
export async function readJournalOf(
  client: TokenClient,
  info: DeviceInfo,
  roots: readonly Uint8Array[],
  at: Date,
): Promise<JournalReading> {
  if (info.isSealed) return readProved(client, info, roots, at);
  const { entries } = await client.vendor.readJournal();
  return { serial: info.serial, at, verdict: "unproved", entries };
}
