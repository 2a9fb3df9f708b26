// Reading what one is given and writing what one makes: an output appears whole or not at all, and never over a file that is there.

import { randomBytes } from "node:crypto";
import { linkSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { UsageError } from "./usage-error.ts";

/** What link(2) answers where there are no hard links: on FAT, on many network file systems. */
const NO_HARD_LINKS: ReadonlySet<string | undefined> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);
const DEFAULT_MODE = 0o644;

const errorCode = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** @throws UsageError no-such-file, not-readable */
export function readInput(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (cause) {
    throw new UsageError(errorCode(cause) === "ENOENT" ? "no-such-file" : "not-readable", path, { cause });
  }
}

function isTaken(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** A place for an output: it can be written, and nothing has its name yet. */
export class ReservedOutput {
  private readonly path: string;
  private readonly fresh: string;
  private readonly mode: number;

  /**
   * Makes an empty file beside the output, before the work begins, so that nobody enters a PIN in vain.
   * @throws UsageError output-exists, not-writable
   */
  constructor(path: string, mode = DEFAULT_MODE) {
    this.path = path;
    this.mode = mode;
    this.fresh = join(dirname(path), `.sceau-${randomBytes(6).toString("hex")}`);
    let taken: boolean;
    try {
      if (path === "" || path.endsWith(sep)) throw new Error("the name of a folder");
      taken = isTaken(path);
      if (!taken) {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(this.fresh, "", { mode, flag: "wx" });
      }
    } catch (cause) {
      throw new UsageError("not-writable", path, { cause });
    }
    if (taken) throw new UsageError("output-exists", path);
  }

  /**
   * Writes beside the output and then gives it its name, which fails when somebody else has taken it meanwhile.
   * @throws UsageError output-exists, not-writable
   */
  fill(bytes: Uint8Array | string): void {
    try {
      writeFileSync(this.fresh, bytes);
      this.publish(bytes);
    } catch (cause) {
      throw new UsageError(errorCode(cause) === "EEXIST" ? "output-exists" : "not-writable", this.path, { cause });
    } finally {
      this.release();
    }
  }

  /** Leaves nothing behind, unless it was filled. */
  release(): void {
    rmSync(this.fresh, { force: true });
  }

  private publish(bytes: Uint8Array | string): void {
    try {
      linkSync(this.fresh, this.path);
    } catch (error) {
      if (!NO_HARD_LINKS.has(errorCode(error))) throw error;
      this.createWhole(bytes);
    }
  }

  /** Without hard links: creates the output itself, and takes it away again when it does not become whole. */
  private createWhole(bytes: Uint8Array | string): void {
    writeFileSync(this.path, "", { mode: this.mode, flag: "wx" });
    try {
      writeFileSync(this.path, bytes);
    } catch (error) {
      rmSync(this.path, { force: true });
      throw error;
    }
  }
}

/** Reserves an output, lends it to `work`, and leaves nothing behind when that does not fill it. @throws UsageError output-exists, not-writable */
export async function withOutput<T>(path: string, work: (output: ReservedOutput) => Promise<T>): Promise<T> {
  const output = new ReservedOutput(path);
  try {
    return await work(output);
  } finally {
    output.release();
  }
}

/** Whether an output could be written now. @throws UsageError output-exists, not-writable */
export function checkOutput(path: string): void {
  new ReservedOutput(path).release();
}

/** @throws UsageError output-exists, not-writable */
export function writeOutput(path: string, bytes: Uint8Array | string, mode = DEFAULT_MODE): void {
  new ReservedOutput(path, mode).fill(bytes);
}
