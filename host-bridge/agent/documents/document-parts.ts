// What the pages of documents are put together from.

import type { AgentParts } from "../agent-parts.ts";
import type { DocumentStore } from "./document-store.ts";
import type { UploadTurns } from "./upload-turns.ts";

export interface DocumentParts extends AgentParts {
  readonly store: DocumentStore;
  readonly uploads: UploadTurns;
}
