// Makes the one script that a board is given: firmware/ and protocol/ in one file, checked against the language subset.

import { createHash } from "node:crypto";
import { relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Message } from "esbuild";
import { type Finding, findForbidden } from "./espruino-subset.ts";

/** Beyond this many bytes a Jolt.js cannot hold the script beside its variables; measured again on the interpreter when a board's HAL exists. */
export const BUDGET_BYTES = 64 * 1024;

export interface Bundle {
  readonly code: string;
  readonly lengthBytes: number;
  readonly sha256: string;
}

/** The firmware does not fit the board; the message says where. */
export class BundleError extends Error {
  override readonly name = "BundleError";
}

/** The folder that Sceau was cloned into, seen from the sources as from the build. */
export const CHECKOUT = fileURLToPath(new URL("../", import.meta.url)).replace(/dist\/$/, "");

const describe = (finding: Finding): string => `line ${finding.line}: ${finding.rule}: ${finding.excerpt}`;
/** Paths are relative to the folder that esbuild was started in. */
const isOfBoard = (path: string): boolean => BOARD_FOLDERS.includes(relative(CHECKOUT, resolve(path)).split(sep)[0] ?? "");
const isFailure = (error: unknown): error is { errors: Message[] } => typeof error === "object" && error !== null && "errors" in error;

/** What a board is made of. The simulator's parts (its `compat` profile, for one) are none of it, whoever imports them. */
const BOARD_FOLDERS = ["protocol", "firmware", "hardware"];

/** @param shortNames local names of one or two letters: a third of the bytes, which a board keeps in its flash and its memory */
async function bundle(entry: string, shortNames: boolean): Promise<string> {
  try {
    const result = await build({
      stdin: { contents: entry, resolveDir: CHECKOUT, sourcefile: "entry.ts", loader: "ts" },
      bundle: true,
      write: false,
      format: "iife",
      platform: "neutral",
      // Everything stays as it was written, so that the gate sees it: what esbuild would rewrite is larger and slower than what a person would write.
      target: "esnext",
      charset: "ascii",
      minifyWhitespace: true,
      minifyIdentifiers: shortNames,
      metafile: true,
      tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
      logLevel: "silent",
    });
    const strangers = Object.keys(result.metafile.inputs).filter((path) => path !== "entry.ts" && !isOfBoard(path));
    if (strangers.length > 0) throw new BundleError(`not of a board: ${strangers.join(", ")}`);
    return result.outputFiles[0]?.text ?? "";
  } catch (error) {
    if (!isFailure(error)) throw error;
    throw new BundleError(error.errors.map((each) => `${each.location?.file}:${each.location?.line}: ${each.text}`).join("\n"), {
      cause: error,
    });
  }
}

/**
 * @param entry TypeScript whose imports are relative to the repository
 * @throws BundleError when it uses what Espruino lacks, or is over the budget
 */
export async function bundleFirmware(entry: string): Promise<Bundle> {
  // Once with the names as they were written, so that a finding can be read; and what the board is given is looked at, too.
  for (const shortNames of [false, true]) {
    const findings = findForbidden(await bundle(entry, shortNames));
    if (findings.length > 0) throw new BundleError(findings.map(describe).join("\n"));
  }
  const code = await bundle(entry, true);
  const lengthBytes = Buffer.byteLength(code);
  if (lengthBytes > BUDGET_BYTES) throw new BundleError(`${lengthBytes} bytes, over the budget of ${BUDGET_BYTES}`);
  return { code, lengthBytes, sha256: createHash("sha256").update(code).digest("hex") };
}

/** Puts `createToken` and `PacketPort` where a HAL finds them; a board's own entry point will call them itself. */
export const LIBRARY_ENTRY = `
  import { createToken } from "./firmware/token.ts";
  import { PacketPort } from "./firmware/packet-port.ts";
  globalThis.Sceau = { createToken, PacketPort };
`;
