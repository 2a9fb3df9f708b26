// Checks a destruction receipt: that a token has signed it, and that it tells of a key.

import type { AttestationTrust } from "./attestation-key.ts";
import type { DestructionReceipt } from "./destruction-receipt.ts";
import type { Destruction } from "./statement.ts";
import { type StatementProblem, verifyStatement } from "./verify-statement.ts";

/** Besides those of the statement: `other-kind`: it tells of something else. */
export type ReceiptProblem = StatementProblem | "other-kind";

export interface ReceiptVerdict {
  /** What the receipt says, believed or not; null when it says nothing of a destruction. */
  readonly destruction: Destruction | null;
  /** None: the token has erased the key. */
  readonly problems: readonly ReceiptProblem[];
}

export function verifyReceipt({ signed, certificates }: DestructionReceipt, trust: AttestationTrust): ReceiptVerdict {
  const { statement, problems } = verifyStatement(signed, certificates[0] ?? new Uint8Array(0), trust);
  if (statement === null || statement.kind === "destruction") return { destruction: statement, problems };
  return { destruction: null, problems: [...problems, "other-kind"] };
}
