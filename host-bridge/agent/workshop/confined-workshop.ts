// Documents are read and signed in processes of their own: one that reads, kept while it is used; one for each consent, so that a document that is being
// opened can't take away one that waits for the token.

import type { SignPdfOptions } from "../../signing/sign-pdf.ts";
import type { DigestSigner } from "../../signing/signer.ts";
import { DocumentProcess, type ProcessLimits } from "./document-process.ts";
import type { DocumentReading, DocumentWorkshop, Judges, SignedReading, SigningBench } from "./document-workshop.ts";

/** Documents of 50 MB and of thousands of pages take less (agent/documents/README.md has the figures). */
export const READING_LIMITS: ProcessLimits = { heapMegabytes: 1000, memoryBytes: 1_500_000_000, stepMs: 30_000 };
/** All documents of a consent are there at the same time. */
export const SIGNING_LIMITS: ProcessLimits = { heapMegabytes: 1500, memoryBytes: 2_500_000_000, stepMs: 60_000 };
const IDLE_MS = 60_000;
/** A bench that was made ready, and that nobody took. */
const SPARE_MS = 5 * 60_000;

/** Beside this file, as the compiler made both. */
const ENTRY = new URL("./work-process.js", import.meta.url);

export interface ConfinedOptions {
  readonly entry?: URL;
  readonly reading?: ProcessLimits;
  readonly signing?: ProcessLimits;
}

export class ConfinedWorkshop implements DocumentWorkshop {
  readonly #entry: URL;
  readonly #reading: ProcessLimits;
  readonly #signing: ProcessLimits;
  readonly #benches = new Set<DocumentProcess>();
  #reader: DocumentProcess | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | null = null;
  #spare: DocumentProcess | null = null;
  #spareEnd: NodeJS.Timeout | null = null;

  constructor({ entry = ENTRY, reading = READING_LIMITS, signing = SIGNING_LIMITS }: ConfinedOptions = {}) {
    this.#entry = entry;
    this.#reading = reading;
    this.#signing = signing;
  }

  read(bytes: Uint8Array, judges: Judges): Promise<DocumentReading> {
    const reading = this.#turn.then(() => this.#readNow(bytes, judges));
    this.#turn = reading.catch(() => {}); // told to whoever asked
    return reading;
  }

  warm(): void {
    if (this.#spareEnd !== null) clearTimeout(this.#spareEnd);
    if (this.#spare === null || this.#spare.isOver) this.#spare = new DocumentProcess(this.#entry, this.#signing);
    const spare = this.#spare;
    this.#spareEnd = setTimeout(() => void spare.close(), SPARE_MS).unref();
  }

  bench(): SigningBench {
    this.warm();
    const process = this.#spare ?? new DocumentProcess(this.#entry, this.#signing);
    if (this.#spareEnd !== null) clearTimeout(this.#spareEnd);
    this.#spare = null;
    this.#benches.add(process);
    return {
      sign: (original: Uint8Array, signer: DigestSigner, options: SignPdfOptions, judges: Judges): Promise<SignedReading> =>
        process.sign(original, signer, options, judges),
      close: async () => {
        await process.close();
        this.#benches.delete(process);
      },
    };
  }

  async close(): Promise<void> {
    for (const timer of [this.#idle, this.#spareEnd]) if (timer !== null) clearTimeout(timer);
    await Promise.all([this.#reader, this.#spare, ...this.#benches].map((process) => process?.close()));
  }

  async #readNow(bytes: Uint8Array, judges: Judges): Promise<DocumentReading> {
    if (this.#idle !== null) clearTimeout(this.#idle);
    if (this.#reader === null || this.#reader.isOver) this.#reader = new DocumentProcess(this.#entry, this.#reading);
    const reader = this.#reader;
    try {
      return await reader.read(bytes, judges);
    } finally {
      this.#idle = setTimeout(() => void reader.close(), IDLE_MS).unref();
    }
  }
}
