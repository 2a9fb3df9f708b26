// GET DATA, SP 800-73-5 Part 2 §3.1.2.

import type { CommandApdu } from "../../protocol/apdu.ts";
import { encodeTlv, parseOneTlv } from "../../protocol/ber-tlv.ts";
import { hexToBytes } from "../../protocol/bytes.ts";
import { INS_GET_DATA, OBJECT_DISCOVERY, PIV_AID, TAG_DATA, TAG_DATA_OBJECT_ID } from "../../protocol/piv.ts";
import { SW_INCORRECT_P1_P2, SW_NOT_FOUND, SW_SECURITY_STATUS_NOT_SATISFIED, SW_WRONG_DATA } from "../../protocol/status-words.ts";
import type { CommandContext, CommandHandler } from "../command.ts";
import { isObject, needsPinToRead } from "../object-store.ts";
import { SwError } from "../sw-error.ts";

const TAG_AID = 0x4f;
const TAG_PIN_USAGE_POLICY = 0x5f2f;
/** The PIV PIN alone satisfies the access rules; no global PIN (SP 800-73-5 Part 1 §3.3.2). */
const PIN_USAGE_POLICY = [0x40, 0x00];

const MAX_TAG_BYTES = 3;

/**
 * A data object's tag as one number.
 * @throws SwError 6A80 when it is longer than any
 */
export function objectTag(bytes: Uint8Array): number {
  if (bytes.length > MAX_TAG_BYTES) throw new SwError(SW_WRONG_DATA);
  let tag = 0;
  for (const byte of bytes) tag = tag * 256 + byte;
  return tag;
}

function discoveryObject(): Uint8Array {
  return encodeTlv(OBJECT_DISCOVERY, [
    encodeTlv(TAG_AID, [hexToBytes(PIV_AID)]),
    encodeTlv(TAG_PIN_USAGE_POLICY, [new Uint8Array(PIN_USAGE_POLICY)]),
  ]);
}

function getData(context: CommandContext, command: CommandApdu): Uint8Array {
  if (command.p1 !== 0x3f || command.p2 !== 0xff) throw new SwError(SW_INCORRECT_P1_P2);
  const tag = objectTag(parseOneTlv(command.data, TAG_DATA_OBJECT_ID));
  if (tag === OBJECT_DISCOVERY) return discoveryObject();
  if (needsPinToRead(tag) && !context.channel.isPinVerified(context.card)) throw new SwError(SW_SECURITY_STATUS_NOT_SATISFIED);
  const content = isObject(tag) ? context.card.objects.read(tag) : null;
  if (content === null) throw new SwError(SW_NOT_FOUND);
  return encodeTlv(TAG_DATA, [content]);
}

export const GET_DATA: CommandHandler = { cla: 0x00, ins: INS_GET_DATA, onBlank: true, handle: getData };
