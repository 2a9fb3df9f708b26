// What the agent's pages are put together from.

import type { TokenSecretsStore } from "../activation/activate-token.ts";
import type { AgentLog } from "./agent-event.ts";
import type { AuthorityBook } from "./documents/known-authorities.ts";
import type { TokenDesk } from "./tokens/token-desk.ts";
import type { WorkList } from "./tokens/work.ts";
import type { TrustedOffices } from "./trust/trusted-offices.ts";
import type { FaultReader } from "./web/faults.ts";
import type { VisitedAgent } from "./web/visit.ts";
import type { DocumentWorkshop } from "./workshop/document-workshop.ts";

export interface AgentParts extends VisitedAgent {
  /** The agent's own, mode 0700. */
  readonly folder: string;
  readonly desk: TokenDesk;
  readonly works: WorkList;
  readonly offices: TrustedOffices;
  readonly authorities: AuthorityBook;
  /** Where documents are read and signed. */
  readonly workshop: DocumentWorkshop;
  /** Certificates of the roots that vouch for tokens, DER. */
  readonly attestationRoots: () => readonly Uint8Array[];
  /** PUK and management key of tokens that were formatted here. */
  readonly secrets: TokenSecretsStore;
  /** What the areas make of their errors. */
  readonly faultReaders: readonly FaultReader[];
  /** @param id shown on the page */
  tellUnexpected(error: unknown, id: string): void;
  readonly log: AgentLog;
  /** Aborts when the agent closes: pages that wait are answered. */
  readonly closing: AbortSignal;
}
