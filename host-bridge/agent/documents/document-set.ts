// The documents that came together: what is to be done with them, and what came of it.

import type { SignatureReport } from "../../signing/verify-pdf.ts";
import { DocumentError } from "./document-error.ts";
import type { ReceivedDocument, RefusedFile } from "./received-document.ts";
import { freeCorner, type SealChoice } from "./seal-place.ts";

export interface SigningOrder {
  /** Empty: none. */
  readonly reason: string;
  readonly seal: SealChoice;
}

/** Until the holder says otherwise: on the last page, where nobody's seal is hidden. */
function firstOrder(documents: readonly ReceivedDocument[]): SigningOrder {
  const lastPages = documents.flatMap(({ pages }) => pages.slice(-1));
  return { reason: "", seal: { page: "last", corner: freeCorner(lastPages) } };
}

export interface SignedDocument {
  /** Common name. */
  readonly signer: string;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly reports: readonly SignatureReport[];
}

export class DocumentSet {
  /** 43 characters of base64url. */
  readonly id: string;
  readonly documents: readonly ReceivedDocument[];
  readonly refused: readonly RefusedFile[];
  order: SigningOrder;
  /** Why the last attempt ended before all were signed; null: it did not. */
  interruption: unknown = null;
  isBeingSigned = false;
  lastUsedAt: Date;
  readonly #signed = new Map<number, SignedDocument>();
  readonly #seen = new Set<number>();

  constructor(id: string, documents: readonly ReceivedDocument[], refused: readonly RefusedFile[], now: Date) {
    this.id = id;
    this.documents = documents;
    this.refused = refused;
    this.order = firstOrder(documents);
    this.lastUsedAt = now;
  }

  /** @throws DocumentError unknown */
  document(index: number): ReceivedDocument {
    const document = this.documents[index];
    if (document === undefined) throw new DocumentError("unknown");
    return document;
  }

  /** Its own page was shown, with what it has beside its pages. */
  markSeen(index: number): void {
    this.#seen.add(index);
  }

  /** Indices of those to be signed that have something beside their pages, and were not looked at by themselves: a list of names tells nothing of it. */
  get notSeen(): readonly number[] {
    return this.unsigned.filter((index) => this.document(index).features.length > 0 && !this.#seen.has(index));
  }

  /** null: it is not signed (yet). */
  signed(index: number): SignedDocument | null {
    return this.#signed.get(index) ?? null;
  }

  get signedCount(): number {
    return this.#signed.size;
  }

  keepSigned(index: number, signed: SignedDocument): void {
    this.#signed.set(index, signed);
  }

  /** Indices of what can be signed and is not. */
  get unsigned(): readonly number[] {
    return this.documents.flatMap(({ refusal }, index) => (refusal === null && !this.#signed.has(index) ? [index] : []));
  }

  get receivedBytes(): number {
    return this.documents.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }
}
