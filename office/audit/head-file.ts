// The signed heads in a file of the office's folder, which whoever can write the database cannot write: one line each (head-lines.ts), appended, on the
// disk before it counts (fsync(2)), mode 0600. Each server that shares a store keeps its own folder's.

import type { KeyObject } from "node:crypto";
import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, readSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { asc, gt } from "drizzle-orm";
import { auditHeads } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import { isHeadOf, type SignedHead } from "./audit-heads.ts";
import { type HeadLines, headLine, readHeadLines } from "./head-lines.ts";

/** More than a few lines are long. */
const TAIL_BYTES = 8192;
const AT_ONCE = 1000;
const NEWLINE = 0x0a;

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ENOENT";

function syncFolder(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function lastByte(descriptor: number, size: number): number {
  const byte = new Uint8Array(1);
  readSync(descriptor, byte, 0, 1, size - 1);
  return byte[0] ?? 0;
}

/** What the last line that can be read says. */
interface LastLine {
  /** −1: there is none. */
  readonly number: number;
  readonly at: Date;
}

const NO_LINE: LastLine = { number: -1, at: new Date(0) };

export class HeadFile {
  readonly path: string;
  /** null: not looked at yet. */
  #last: LastLine | null = null;

  constructor(path: string) {
    this.path = path;
  }

  /** @throws what the file system has against it */
  append(head: SignedHead, isRestore = false): void {
    this.#write(`${JSON.stringify(headLine(head, isRestore))}\n`);
    this.#last = head;
  }

  /** Up to which event it knows the trail, and since when. */
  last(): LastLine {
    this.#last ??= this.#readLast();
    return this.#last;
  }

  /** All that it says; a file that is not there says nothing. */
  read(): HeadLines {
    return readHeadLines(this.#text());
  }

  /**
   * Appends what the store has and the file has not: heads that another server of the store signed. One that is not the key's is left out: it is for
   * verifyAuditTrail to tell.
   */
  async keepUp(db: Database, publicKey: KeyObject): Promise<void> {
    if ((await this.#missing(db, this.last().number)).length === 0) return;
    // Another server of this folder may have written them meanwhile.
    this.#last = this.#readLast();
    const missing = await this.#missing(db, this.#last.number);
    const own = missing.filter((head) => isHeadOf(publicKey, head));
    if (own.length > 0) this.#write(own.map((head) => `${JSON.stringify(headLine(head))}\n`).join(""));
    // Not that of one that was left out: it could be so high that nothing would be copied any more.
    this.#last = own.at(-1) ?? this.#last;
  }

  #missing(db: Database, after: number): Promise<SignedHead[]> {
    return db.select().from(auditHeads).where(gt(auditHeads.number, after)).orderBy(asc(auditHeads.number)).limit(AT_ONCE);
  }

  #write(text: string): void {
    const descriptor = openSync(this.path, "a+", 0o600);
    let size: number;
    try {
      ({ size } = fstatSync(descriptor));
      // A line that was cut off by a crash stays as it is, on a line of its own.
      const isWhole = size === 0 || lastByte(descriptor, size) === NEWLINE;
      const bytes = Buffer.from(isWhole ? text : `\n${text}`);
      for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    if (size === 0) syncFolder(dirname(this.path));
  }

  #text(): string {
    try {
      return readFileSync(this.path, "utf8");
    } catch (error) {
      if (isMissing(error)) return "";
      throw error;
    }
  }

  #readLast(): LastLine {
    const tail = this.#tail();
    return readHeadLines(tail).records.at(-1) ?? readHeadLines(this.#text()).records.at(-1) ?? NO_LINE;
  }

  #tail(): string {
    let descriptor: number;
    try {
      descriptor = openSync(this.path, "r");
    } catch (error) {
      if (isMissing(error)) return "";
      throw error;
    }
    try {
      const { size } = fstatSync(descriptor);
      const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
      const read = readSync(descriptor, bytes, 0, bytes.length, size - bytes.length);
      return bytes.toString("utf8", 0, read);
    } finally {
      closeSync(descriptor);
    }
  }
}
