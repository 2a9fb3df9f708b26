// What the pages of documents are put together from.

import type { AgentParts } from "../agent-parts.ts";
import type { DocumentStore } from "./document-store.ts";
import type { KnownAuthorities } from "./known-authorities.ts";

export interface DocumentParts extends AgentParts {
  readonly store: DocumentStore;
  /** Where one puts certificates of authorities that one trusts. */
  readonly authorityFolder: string;
  readonly authorities: () => KnownAuthorities;
}
