// A data object of the PIV application (SP 800-73-5 Part 2 §3.1.2).

import { encodeTlv } from "../../protocol/ber-tlv.ts";
import { hexToBytes } from "../../protocol/bytes.ts";
import { INS_GET_DATA, TAG_DATA, TAG_DATA_OBJECT_ID } from "../../protocol/piv.ts";
import { SW_NOT_FOUND, SW_OK } from "../../protocol/status-words.ts";
import type { CommandChannel } from "./command-channel.ts";
import { answerTlv } from "./malformed-answer.ts";
import { TokenError } from "./token-error.ts";

/** Tag list with the one object that a command is about. */
export function objectIdentifier(tag: number): Uint8Array {
  return encodeTlv(TAG_DATA_OBJECT_ID, [hexToBytes(tag.toString(16))]);
}

/** Its content without the 53 wrapper; null: absent. @throws TokenError, MalformedAnswerError, TransportError */
export async function readDataObject(channel: CommandChannel, tag: number): Promise<Uint8Array | null> {
  const answer = await channel.transmit({ name: "GET DATA", ins: INS_GET_DATA, p1: 0x3f, p2: 0xff, data: objectIdentifier(tag) });
  if (answer.sw === SW_NOT_FOUND) return null;
  if (answer.sw !== SW_OK) throw new TokenError(answer.sw, "GET DATA");
  return answerTlv(answer.data, TAG_DATA);
}
