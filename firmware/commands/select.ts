// SELECT, SP 800-73-5 Part 2 §3.1.1.

import type { CommandApdu } from "../../protocol/apdu.ts";
import { encodeTlv } from "../../protocol/ber-tlv.ts";
import { asciiBytes, copyBytes, equalBytes, hexToBytes } from "../../protocol/bytes.ts";
import { INS_SELECT, PIV_AID, PIV_RID_BYTES } from "../../protocol/piv.ts";
import { SW_INCORRECT_P1_P2, SW_NOT_FOUND } from "../../protocol/status-words.ts";
import type { CommandContext, CommandHandler } from "../command.ts";
import type { CryptoProvider } from "../hal.ts";
import { offeredAlgorithms } from "../key-algorithm.ts";
import { SwError } from "../sw-error.ts";

const P1_BY_NAME = 0x04;
// Tags of the application property template, SP 800-73-5 Part 2 table 3
const TAG_PROPERTY_TEMPLATE = 0x61;
const TAG_AID = 0x4f;
const TAG_LABEL = 0x50;
const TAG_COEXISTENT_AUTHORITY = 0x79;
const TAG_ALGORITHMS = 0xac;
const TAG_ALGORITHM_ID = 0x80;
const TAG_OBJECT_ID = 0x06;

/** The application property template: the AID behind the RID, label, allocation authority, algorithms. */
function propertyTemplate(crypto: CryptoProvider): Uint8Array {
  const algorithms = offeredAlgorithms(crypto).map((id) => encodeTlv(TAG_ALGORITHM_ID, [new Uint8Array([id])]));
  algorithms.push(encodeTlv(TAG_OBJECT_ID, [new Uint8Array([0])]));
  const aid = hexToBytes(PIV_AID);
  return encodeTlv(TAG_PROPERTY_TEMPLATE, [
    encodeTlv(TAG_AID, [copyBytes(aid, PIV_RID_BYTES, aid.length)]),
    encodeTlv(TAG_COEXISTENT_AUTHORITY, [encodeTlv(TAG_AID, [copyBytes(aid, 0, PIV_RID_BYTES)])]),
    encodeTlv(TAG_LABEL, [asciiBytes("Sceau PIV")]),
    encodeTlv(TAG_ALGORITHMS, algorithms),
  ]);
}

/** A SELECT of anything else leaves the channel as it is (SP 800-73-5 Part 2 §3.1.1). */
function select(context: CommandContext, command: CommandApdu): Uint8Array {
  if (command.p1 !== P1_BY_NAME || command.p2 !== 0) throw new SwError(SW_INCORRECT_P1_P2);
  const aid = hexToBytes(PIV_AID);
  const asked = command.data;
  const isOurs = asked.length >= PIV_RID_BYTES && asked.length <= aid.length && equalBytes(asked, copyBytes(aid, 0, asked.length));
  if (!isOurs) throw new SwError(SW_NOT_FOUND);
  context.channel.reset();
  return propertyTemplate(context.card.hal.crypto);
}

export const SELECT: CommandHandler = { cla: 0x00, ins: INS_SELECT, onBlank: true, handle: select };
