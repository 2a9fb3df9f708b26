// Checks a signature journal with its head: who signed it, when that can be told, and that nothing in it was changed.

import { equalBytes } from "../../protocol/bytes.ts";
import type { AttestationTrust } from "./attestation-key.ts";
import type { JournalFile } from "./journal-file.ts";
import { type JournalProblem, journalProblem } from "./signature-journal.ts";
import type { Statement } from "./statement.ts";
import { type StatementProblem, verifyStatement } from "./verify-statement.ts";

/**
 * Besides those of the statement and of the entries: `other-kind`: the statement is no journal's head; `other-token`: the file names another token than
 * the statement; `old-head`: the head was not signed for this question.
 */
export type JournalEvidenceProblem = StatementProblem | JournalProblem | "other-kind" | "other-token" | "old-head";

export interface JournalVerdict {
  /** What the token signed, believed or not; null when it cannot be read. */
  readonly statement: Statement | null;
  /** None: the journal is as the token wrote it. */
  readonly problems: readonly JournalEvidenceProblem[];
}

/** @param nonce what the head was asked for with just now; null when nobody can know: then the head may be an old one */
export function verifyJournal(
  { serial, section, head, certificates }: JournalFile,
  nonce: Uint8Array | null,
  trust: AttestationTrust,
): JournalVerdict {
  const { statement, problems } = verifyStatement(head, certificates[0] ?? new Uint8Array(0), trust);
  if (statement === null) return { statement, problems };
  if (statement.kind !== "journal-head") return { statement, problems: [...problems, "other-kind"] };
  const found: JournalEvidenceProblem[] = [...problems];
  if (statement.serial !== serial) found.push("other-token");
  if (nonce !== null && !equalBytes(nonce, statement.nonce)) found.push("old-head");
  const inJournal = journalProblem(section, statement, head);
  if (inJournal !== null) found.push(inJournal);
  return { statement, problems: found };
}
