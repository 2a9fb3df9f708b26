// A list of digests as sha256sum and sha384sum print it: a line for each, «digest  name».

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { MAX_BATCH_DIGESTS } from "../protocol/vendor.ts";
import { readInput } from "./files.ts";
import { UsageError } from "./usage-error.ts";

const STANDARD_INPUT = "-";
/** Of a file's name on common file systems, less «.sig». */
const MAX_NAME_BYTES = 251;
/** Of a line that is none: it may be a whole file that is something else. */
const MAX_SHOWN_CHARACTERS = 120;
const NO_NAMES: readonly string[] = ["", ".", ".."];
/** A star before the name: the file was read in binary mode. A name with a line break or a backslash in it has its line begin with one: refused. */
const LINE = /^([0-9a-fA-F]+) [ *](.+)$/;

export interface NamedDigest {
  readonly name: string;
  readonly digest: Uint8Array;
}

function namedDigest(line: string, digestBytes: number): NamedDigest {
  const [, digest = "", path = ""] = LINE.exec(line) ?? [];
  const name = basename(path);
  const isName = !NO_NAMES.includes(name) && Buffer.byteLength(name) <= MAX_NAME_BYTES && !name.includes("\0");
  if (digest.length !== 2 * digestBytes || !isName) throw new UsageError("bad-digest-list", line.slice(0, MAX_SHOWN_CHARACTERS));
  return { name, digest: new Uint8Array(Buffer.from(digest, "hex")) };
}

/** @returns the text of LIST; «-»: standard input. @throws UsageError no-such-file, not-readable */
export function readDigestList(path: string): string {
  if (path !== STANDARD_INPUT) return Buffer.from(readInput(path)).toString("utf8");
  try {
    return readFileSync(0, "utf8");
  } catch (cause) {
    throw new UsageError("not-readable", path, { cause }); // closed, or a folder
  }
}

/**
 * Names are without their folders, and each is there once: it becomes the name of a signature.
 * @param digestBytes what the key signs
 * @throws UsageError bad-digest-list, digest-list-length, same-name
 */
export function parseDigestList(text: string, digestBytes: number): NamedDigest[] {
  const lines = text.split(/\r?\n/).filter((line) => line !== "");
  if (lines.length === 0 || lines.length > MAX_BATCH_DIGESTS) throw new UsageError("digest-list-length", String(lines.length));
  const list = lines.map((line) => namedDigest(line, digestBytes));
  const names = list.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new UsageError("same-name", twice);
  return list;
}
