// Signed heads as lines of JSON, to be kept outside of the database: in the office's folder, or by an auditor.
//
//   {"number":120,"at":"2026-03-01T10:30:00.000Z","hash":"…hex","signature":"…base64url"}
//   {"restored":true,"number":90,"at":…,"hash":…,"signature":…}     what came after event 90 is not in the trail any more

import { z } from "zod";
import type { SignedHead } from "./audit-heads.ts";

export const HEAD_LINE = z.object({
  restored: z.literal(true).optional(),
  number: z.int().min(0),
  at: z.iso.datetime({ precision: 3 }),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  signature: z.string().regex(/^[A-Za-z0-9_-]{1,100}$/),
});

/** As JSON has it. */
export type HeadLine = z.infer<typeof HEAD_LINE>;

export interface HeadRecord extends SignedHead {
  readonly isRestore: boolean;
}

/** What lines say, in their order. */
export interface HeadLines {
  readonly records: readonly HeadRecord[];
  /** Which lines cannot be read, from 1: a server that lost its power in mid-line leaves one. */
  readonly unreadable: readonly number[];
}

export function headLine({ number, at, hash, signature }: SignedHead, isRestore = false): HeadLine {
  return {
    ...(isRestore && { restored: true }),
    number,
    at: at.toISOString(),
    hash: Buffer.from(hash).toString("hex"),
    signature: Buffer.from(signature).toString("base64url"),
  };
}

export const headOf = ({ restored, number, at, hash, signature }: HeadLine): HeadRecord => ({
  isRestore: restored === true,
  number,
  at: new Date(at),
  hash: new Uint8Array(Buffer.from(hash, "hex")),
  signature: new Uint8Array(Buffer.from(signature, "base64url")),
});

function readLine(text: string): HeadRecord | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const { data } = HEAD_LINE.safeParse(value);
  return data === undefined ? null : headOf(data);
}

/** Empty lines say nothing. */
export function readHeadLines(text: string): HeadLines {
  const lines = text.split("\n").map((line, i) => ({ line, number: i + 1 }));
  const read = lines.filter(({ line }) => line.trim() !== "").map(({ line, number }) => ({ number, record: readLine(line) }));
  return {
    records: read.flatMap(({ record }) => record ?? []),
    unreadable: read.filter(({ record }) => record === null).map(({ number }) => number),
  };
}
