// What `sceau token batch` does: one PIN and one press for a list of digests that the holder has seen.

import { mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { bytesToHex } from "../../protocol/bytes.ts";
import { ALG_P384, P256_DIGEST_BYTES, P384_DIGEST_BYTES } from "../../protocol/piv.ts";
import { BatchInterruptedError } from "../batch-interrupted-error.ts";
import type { CliContext } from "../context.ts";
import { type NamedDigest, parseDigestList, readDigestList } from "../digest-list.ts";
import { writeOutput } from "../files.ts";
import { readPin } from "../secrets.ts";
import { parseSlot, slotName } from "../slots.ts";
import { visible } from "../terminal.ts";
import { type ConnectedToken, withOwnToken } from "../tokens.ts";
import { UsageError } from "../usage-error.ts";
import type { PinOption, TokenOption } from "./token.ts";

export interface BatchOptions extends TokenOption, PinOption {
  readonly out: string;
}

interface Order {
  readonly slot: number;
  readonly algorithm: number;
  readonly digests: readonly NamedDigest[];
  readonly folder: string;
}

/** An empty folder for the signatures. @returns whether it was made here. @throws UsageError folder-not-empty, not-writable */
function prepareFolder(path: string): boolean {
  let isNew: boolean;
  let content: readonly string[];
  try {
    isNew = mkdirSync(path, { recursive: true }) !== undefined;
    content = readdirSync(path);
  } catch (cause) {
    throw new UsageError("not-writable", path, { cause });
  }
  if (content.length > 0) throw new UsageError("folder-not-empty", path);
  return isNew;
}

/** What the PIN is for stands before the prompt, with --json too. */
function show(context: CliContext, serial: string, { slot, digests }: Order): void {
  const lines = [
    context.say.token.batch.list(visible(serial), slotName(slot), digests.length),
    ...digests.map(({ name, digest }) => `    ${bytesToHex(digest)}  ${visible(name)}`),
  ];
  if (context.isJson) process.stderr.write(`${lines.join("\n")}\n`);
  else for (const line of lines) context.print(line);
}

/** @throws BatchInterruptedError with what was signed, when something was */
async function signAll({ client }: ConnectedToken, { slot, algorithm, digests, folder }: Order, context: CliContext): Promise<string[]> {
  const signed: string[] = [];
  try {
    for (const { name, digest } of digests) {
      const signature = await client.sign(slot, digest, { algorithm });
      const path = join(folder, `${name}.sig`);
      writeOutput(path, signature);
      signed.push(path);
      context.print(context.say.token.batch.signed(visible(path)));
    }
  } catch (cause) {
    if (signed.length === 0) throw cause;
    throw new BatchInterruptedError(signed, digests.length, { cause });
  }
  return signed;
}

async function consentAndSign(token: ConnectedToken, order: Order, context: CliContext, options: BatchOptions): Promise<string[]> {
  const { say } = context;
  const { serial } = token.info;
  show(context, serial, order);
  const prompt = say.token.prompt.batch(visible(serial), slotName(order.slot), order.digests.length);
  const pin = await readPin(options.pinFile, prompt);
  await token.client.verifyPin(new TextEncoder().encode(pin));
  const values = order.digests.map(({ digest }) => digest);
  await token.client.vendor.beginBatch(order.slot, values, { onButton: () => context.print(say.token.pressButton) });
  return signAll(token, order, context);
}

/** The signatures are DER (Ecdsa-Sig-Value), as `openssl dgst -verify` takes them. */
export async function batch(context: CliContext, slotText: string, listPath: string, options: BatchOptions): Promise<void> {
  const { slot } = parseSlot(slotText);
  if (listPath === "-" && options.pinFile === "-") throw new UsageError("two-standard-inputs", "");
  const text = readDigestList(listPath);
  await withOwnToken(context.state, options.token, async (token) => {
    const key = await token.client.keyMetadata(slot);
    if (key === null) throw new UsageError("no-key", slotText);
    const { algorithm } = key;
    const digests = parseDigestList(text, algorithm === ALG_P384 ? P384_DIGEST_BYTES : P256_DIGEST_BYTES);
    const isNew = prepareFolder(options.out);
    let signed: string[] = [];
    try {
      signed = await consentAndSign(token, { slot, algorithm, digests, folder: options.out }, context, options);
    } finally {
      if (isNew && readdirSync(options.out).length === 0) rmdirSync(options.out);
    }
    context.report({ slot: slotName(slot), signatures: signed }, [context.say.token.batch.done(signed.length, visible(options.out))]);
  });
}
