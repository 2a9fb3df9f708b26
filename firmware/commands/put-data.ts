// PUT DATA, SP 800-73-5 Part 2 §3.3.1.

import type { CommandApdu } from "../../protocol/apdu.ts";
import { findTlv, parseTlvs } from "../../protocol/ber-tlv.ts";
import { EMPTY_BYTES } from "../../protocol/bytes.ts";
import { INS_PUT_DATA, TAG_DATA, TAG_DATA_OBJECT_ID } from "../../protocol/piv.ts";
import { SW_INCORRECT_P1_P2, SW_NOT_FOUND, SW_SECURITY_STATUS_NOT_SATISFIED, SW_WRONG_DATA } from "../../protocol/status-words.ts";
import type { CommandContext, CommandHandler } from "../command.ts";
import { MAX_FIELDS } from "../limits.ts";
import { isStorableObject } from "../object-store.ts";
import { SwError } from "../sw-error.ts";
import { objectTag } from "./get-data.ts";

function putData(context: CommandContext, command: CommandApdu): Uint8Array {
  if (command.p1 !== 0x3f || command.p2 !== 0xff) throw new SwError(SW_INCORRECT_P1_P2);
  if (!context.channel.isManagementVerified(context.card)) throw new SwError(SW_SECURITY_STATUS_NOT_SATISFIED);
  const fields = parseTlvs(command.data, MAX_FIELDS);
  const id = findTlv(fields, TAG_DATA_OBJECT_ID);
  const content = findTlv(fields, TAG_DATA);
  if (fields.length !== 2 || id === null || content === null) throw new SwError(SW_WRONG_DATA);
  const tag = objectTag(id);
  if (!isStorableObject(tag)) throw new SwError(SW_NOT_FOUND);
  context.card.objects.write(tag, content);
  return EMPTY_BYTES;
}

export const PUT_DATA: CommandHandler = { cla: 0x00, ins: INS_PUT_DATA, onBlank: false, handle: putData };
