// The judges, in C, compiled when they are needed: what an application does with a module, and what a token takes by itself.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { CHECKOUT } from "../../cli/checkout.ts";
import { mustRun } from "../support/run.ts";
import { PIN, type Subject } from "./subjects.ts";

const SOURCES = join(CHECKOUT, "test", "bench");
/** Has the PKCS#11 headers of OASIS. */
const HEADERS = join(CHECKOUT, "node_modules", "pkcs11js", "includes");

export type Operation = "initialize" | "sign" | "find-sign";

export interface Load {
  readonly operation: Operation;
  /** That do it at once, each with a connection of its own. */
  readonly processes: number;
  /** How often each does it. */
  readonly times: number;
  readonly warmUp: number;
  /** Of the digests: the same seed, the same digests. Not 0. */
  readonly seed: number;
}

/** One signature of a process, in hexadecimal. */
export interface MadeSignature {
  /** CKA_EC_POINT. */
  readonly point: string;
  readonly digest: string;
  /** r ‖ s. */
  readonly signature: string;
}

export interface Measured {
  /** Durations in nanoseconds, by what took them. */
  readonly times: ReadonlyMap<string, readonly number[]>;
  /** From the first begin to the last end; null where that means nothing. */
  readonly wallNs: number | null;
  /** The last one of each process. */
  readonly signatures: readonly MadeSignature[];
}

/** @param more include folders, libraries */
export function compile(name: string, folder: string, more: readonly string[]): void {
  mustRun("cc", ["-std=c11", "-O2", "-Wall", "-Werror", "-o", join(folder, name), join(SOURCES, `${name}.c`), ...more]);
}

/** What one of the programs has printed. */
export function parse(output: string): Measured {
  const times = new Map<string, number[]>();
  const signatures: MadeSignature[] = [];
  let wallNs: number | null = null;
  for (const line of output.trim().split("\n")) {
    const [kind, first = "", second = "", third = ""] = line.split(" ");
    if (kind === "time") times.set(first, [...(times.get(first) ?? []), Number(second)]);
    else if (kind === "wall") wallNs = Number(first);
    else if (kind === "signature") signatures.push({ point: first, digest: second, signature: third });
    else throw new Error(`not a line of the judge: ${line}`);
  }
  return { times, wallNs, signatures };
}

export class Programs {
  /** Where they are. */
  readonly folder: string;

  /** @param folder where they are compiled to */
  constructor(folder: string) {
    this.folder = folder;
    for (const name of ["pkcs11-load", "token-load"]) compile(name, folder, ["-I", HEADERS, "-ldl", "-pthread"]);
    compile("pcsc-load", folder, ["-I", "/usr/include/PCSC", "-lpcsclite"]);
  }

  /** An application, or many of them at once. */
  load(
    { module, environment }: Pick<Subject, "module" | "environment">,
    { operation, processes, times, warmUp, seed }: Load,
  ): Promise<Measured> {
    return this.run("pkcs11-load", [module, operation, ...[processes, times, warmUp, seed].map(String)], environment);
  }

  /** Signatures at the token's own socket. @param restUs between two, in microseconds */
  token(socket: string, { times, warmUp, seed }: Pick<Load, "times" | "warmUp" | "seed">, restUs: number): Promise<Measured> {
    return this.run("token-load", [socket, ...[times, warmUp, seed, restUs].map(String)], process.env);
  }

  /** An APDU through PC/SC. */
  pcsc({ times, warmUp }: Pick<Load, "times" | "warmUp">): Promise<Measured> {
    return this.run("pcsc-load", [String(times), String(warmUp)], process.env);
  }

  private async run(name: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Measured> {
    const child = spawn(join(this.folder, name), [...args], { env, stdio: ["pipe", "pipe", "pipe"] });
    const exit = once(child, "exit");
    child.stdin.end(`${PIN}\n`);
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const [code, signal] = await exit;
    if (code !== 0) throw new Error(`${name} ${args.join(" ")} ended with ${code ?? signal}: ${errors.trim()}`);
    return parse(output);
  }
}
