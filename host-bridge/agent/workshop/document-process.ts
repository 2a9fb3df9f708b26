// A process that works on documents (work-process.ts), with limits of time and memory. What a document does there, the agent's own process lives on: a
// thread would not be enough, since V8 ends the whole process when one thread's heap is full, and counts no byte outside of its heap.

import { type ChildProcess, fork } from "node:child_process";
import { DocumentRefused } from "../../signing/document-refused.ts";
import type { SignPdfOptions } from "../../signing/sign-pdf.ts";
import type { DigestSigner } from "../../signing/signer.ts";
import { SigningError } from "../../signing/signing-error.ts";
import type { DocumentReading, Judges, SignedReading } from "./document-workshop.ts";
import type { DocumentAnswer, DocumentOrder } from "./work-messages.ts";

export interface ProcessLimits {
  /** V8's heap: objects that were parsed. */
  readonly heapMegabytes: number;
  /** All of it. */
  readonly memoryBytes: number;
  /** For one step: up to the digest, or from the signature on. The time that the holder and the token take does not count. */
  readonly stepMs: number;
}

const MEGABYTE = 1_000_000;

/** Nobody foresaw it; the stack is the other process's. */
export class DocumentWorkError extends Error {
  override readonly name = "DocumentWorkError";
  constructor(type: string, frames: readonly string[]) {
    super(`documents: ${type}`);
    this.stack = [`${this.name}: ${type}`, ...frames.map((frame) => `    ${frame}`)].join("\n");
  }
}

interface Job {
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
  /** null: nothing is to be signed, or it was asked already. */
  signer: DigestSigner | null;
  timer: NodeJS.Timeout | null;
}

export class DocumentProcess {
  readonly #child: ChildProcess;
  readonly #limits: ProcessLimits;
  readonly #jobs = new Map<number, Job>();
  readonly #gone: Promise<void>;
  #lastId = 0;
  #isOver = false;

  /** @param entry work-process, as the compiler made it */
  constructor(entry: URL, limits: ProcessLimits) {
    this.#limits = limits;
    this.#child = fork(entry, [String(limits.memoryBytes)], {
      execArgv: [`--max-old-space-size=${Math.round((limits.heapMegabytes * MEGABYTE) / 2 ** 20)}`],
      serialization: "advanced",
      env: {},
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    this.#child.on("message", (answer) => this.#receive(answer as DocumentAnswer));
    this.#child.on("error", (cause) => this.#end(cause)); // it could not be started, or not be told something
    this.#gone = new Promise((resolve) => {
      this.#child.once("close", (_code, signal) => {
        // By its watchman, by V8 or by the system: all because of the memory.
        this.#end(signal === null ? new DocumentWorkError("it ended by itself", []) : new DocumentRefused("too-costly"));
        resolve();
      });
    });
    this.#child.unref();
    this.#child.channel?.unref();
  }

  /** It does not take anything any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** @throws DocumentRefused */
  read(bytes: Uint8Array, judges: Judges): Promise<DocumentReading> {
    return this.#ask(null, (id) => ({ id, what: "read", bytes, judges }));
  }

  /** @throws DocumentRefused; SigningError; what the signer throws */
  sign(bytes: Uint8Array, signer: DigestSigner, options: SignPdfOptions, judges: Judges): Promise<SignedReading> {
    const { certificate, issuers } = signer;
    return this.#ask(signer, (id) => ({ id, what: "sign", bytes, certificate, issuers, options, judges }));
  }

  /** Resolves when it has gone. */
  async close(): Promise<void> {
    this.#end(new DocumentWorkError("closed", []));
    this.#child.ref();
    await this.#gone;
  }

  #ask<T>(signer: DigestSigner | null, order: (id: number) => DocumentOrder): Promise<T> {
    if (this.#isOver) return Promise.reject(new DocumentWorkError("over", []));
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const job: Job = { resolve, reject, signer, timer: null };
      this.#jobs.set(id, job);
      this.#child.channel?.ref(); // whoever waits for it is not left before
      this.#step(job, order(id));
    });
  }

  /** Its clock runs until the next answer. */
  #step(job: Job, order: DocumentOrder): void {
    job.timer = setTimeout(() => this.#end(new DocumentRefused("too-costly")), this.#limits.stepMs);
    this.#child.send(order);
  }

  #receive(answer: DocumentAnswer): void {
    const job = this.#jobs.get(answer.id);
    if (job === undefined) return; // given up
    if (job.timer !== null) clearTimeout(job.timer);
    if (answer.what === "digest") {
      const { signer } = job;
      job.signer = null; // once: to a second digest nobody has agreed
      if (signer === null) this.#end(new DocumentWorkError("a digest that nobody asked for", []));
      else void this.#sign(answer.id, job, signer, answer.digest);
      return;
    }
    this.#forget(answer.id);
    if (answer.what === "read") job.resolve(answer.reading as never);
    else if (answer.what === "signed") job.resolve(answer.signed as never);
    else if (answer.what === "refused") job.reject(new DocumentRefused(answer.reason));
    else if (answer.what === "not-signed") job.reject(new SigningError(answer.failure, answer.detail));
    else job.reject(new DocumentWorkError(answer.type, answer.frames));
  }

  async #sign(id: number, job: Job, signer: DigestSigner, digest: Uint8Array): Promise<void> {
    try {
      const signature = await signer.signDigest(digest);
      if (this.#jobs.has(id)) this.#step(job, { id, what: "signature", signature });
    } catch (error) {
      this.#forget(id);
      job.reject(error);
      if (!this.#isOver) this.#child.send({ id, what: "signature", signature: null } satisfies DocumentOrder);
    }
  }

  #forget(id: number): void {
    this.#jobs.delete(id);
    if (this.#jobs.size === 0) this.#child.channel?.unref();
  }

  #end(error: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#child.kill("SIGKILL");
    for (const { reject, timer } of this.#jobs.values()) {
      if (timer !== null) clearTimeout(timer);
      reject(error);
    }
    this.#jobs.clear();
  }
}
