// Random bytes of the token's generator: GET CHALLENGE (ISO 7816-4 §11.5.3), as often as the number asks for.

import { INS_GET_CHALLENGE, MAX_CHALLENGE_BYTES } from "../../protocol/piv.ts";
import type { CommandChannel } from "./command-channel.ts";
import { MalformedAnswerError } from "./malformed-answer.ts";

/** One exchange. Le is the exact number: without it the token would always make 256. */
async function askOnce(channel: CommandChannel, length: number): Promise<Uint8Array> {
  const data = await channel.run({ name: "GET CHALLENGE", ins: INS_GET_CHALLENGE, le: length });
  if (data.length !== length) throw new MalformedAnswerError(`the token gave ${data.length} random bytes, not ${length}`);
  return data;
}

/**
 * `count` bytes, in exchanges of at most 256. As every command does, they part a VERIFY from the signature that asks for it just before.
 * @throws TokenError 6D00: this token has no GET CHALLENGE; MalformedAnswerError: it gave another number than was asked for; RangeError: `count` is
 * no whole number from 0 on; TransportError
 */
export async function askRandomBytes(channel: CommandChannel, count: number): Promise<Uint8Array> {
  if (!Number.isSafeInteger(count) || count < 0) throw new RangeError("the number of random bytes is a whole number from 0 on");
  const bytes = new Uint8Array(count);
  for (let filled = 0; filled < count; filled += MAX_CHALLENGE_BYTES) {
    bytes.set(await askOnce(channel, Math.min(count - filled, MAX_CHALLENGE_BYTES)), filled);
  }
  return bytes;
}
