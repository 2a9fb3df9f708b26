// Makes the one script that a board is given: firmware/ and protocol/ in one file, checked against the language subset.

import { createHash } from "node:crypto";
import { join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Message } from "esbuild";
import { type Finding, findForbidden } from "./espruino-subset.ts";
import { type ShortNames, shorten, tighten } from "./tighten.ts";
import { reservedProperties } from "./tightening/property-names.ts";

/** More than any script of ours is to have; what a board has room for is board-budget.ts's matter. */
export const BUDGET_BYTES = 64 * 1024;

export interface Bundle {
  readonly code: string;
  readonly lengthBytes: number;
  readonly sha256: string;
  /** What properties are called in `code`, where not as in the sources. */
  readonly properties: ShortNames;
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

/** One script, as its parts were written. */
async function bundle(entry: string): Promise<string> {
  try {
    const result = await build({
      stdin: { contents: entry, resolveDir: CHECKOUT, sourcefile: "entry.ts", loader: "ts" },
      bundle: true,
      write: false,
      format: "esm",
      platform: "neutral",
      // Everything stays as it was written, so that the gate sees it: what esbuild would rewrite is larger and slower than what a person would write.
      target: "esnext",
      charset: "ascii",
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

/** @throws BundleError */
function pass(script: string): string {
  const findings = findForbidden(script);
  if (findings.length > 0) throw new BundleError(findings.map(describe).join("\n"));
  return script;
}

/** Where the declarations of what the interpreter has lie. */
const DECLARATIONS = [join(CHECKOUT, "protocol"), join(CHECKOUT, "firmware", "espruino")];

/**
 * @param entry TypeScript whose imports are relative to the repository
 * @param ownProperties what the properties of the firmware's own objects are called: as in the sources, for an entry that gives them to somebody or takes
 *   them from somebody, or by one or two letters, which takes a quarter less memory
 * @throws BundleError when it uses what Espruino lacks, or is over the budget
 */
export async function bundleFirmware(entry: string, ownProperties: "as written" | "short" = "as written"): Promise<Bundle> {
  // Once as it was written, so that a finding can be read; and what the board is given is looked at, too.
  const script = tighten(pass(await bundle(entry)));
  const { code, properties } = await shorten(script, ownProperties === "short" ? reservedProperties(script, DECLARATIONS) : null);
  const lengthBytes = Buffer.byteLength(pass(code));
  if (lengthBytes > BUDGET_BYTES) throw new BundleError(`${lengthBytes} bytes, over the budget of ${BUDGET_BYTES}`);
  return { code, lengthBytes, sha256: createHash("sha256").update(code).digest("hex"), properties };
}

/** Puts `createToken` and `PacketPort` where a HAL finds them; a board's own entry point will call them itself. */
export const LIBRARY_ENTRY = `
  import { createToken } from "./firmware/token.ts";
  import { PacketPort } from "./firmware/packet-port.ts";
  globalThis.Sceau = { createToken, PacketPort };
`;
