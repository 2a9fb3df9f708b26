// GENERAL AUTHENTICATE, SP 800-73-5 Part 2 §3.2.4: proves the management key (9B), signs, or agrees on a key.

import type { CommandApdu } from "../../protocol/apdu.ts";
import { parseOneTlv, parseTlvs } from "../../protocol/ber-tlv.ts";
import { INS_GENERAL_AUTHENTICATE, SLOT_MANAGEMENT, TAG_CHALLENGE, TAG_DYNAMIC_AUTH, TAG_EXPONENTIATION } from "../../protocol/piv.ts";
import { SW_CONDITIONS_NOT_SATISFIED, SW_WRONG_DATA } from "../../protocol/status-words.ts";
import type { AfterButton, CommandContext, CommandHandler } from "../command.ts";
import { MAX_FIELDS } from "../limits.ts";
import { agreeOnKey, sign } from "../private-key-use.ts";
import { SwError } from "../sw-error.ts";
import { authenticateManagement } from "./authenticate-management.ts";

function generalAuthenticate(context: CommandContext, command: CommandApdu): Uint8Array | AfterButton {
  const fields = parseTlvs(parseOneTlv(command.data, TAG_DYNAMIC_AUTH), MAX_FIELDS);
  if (command.p2 === SLOT_MANAGEMENT) return authenticateManagement(context, command.p1, fields);
  if (!context.card.isInitialised()) throw new SwError(SW_CONDITIONS_NOT_SATISFIED);
  let digest: Uint8Array | null = null;
  let point: Uint8Array | null = null;
  for (const field of fields) {
    if (digest === null && field.tag === TAG_CHALLENGE) digest = field.value;
    if (point === null && field.tag === TAG_EXPONENTIATION) point = field.value;
  }
  if (digest !== null && point === null) return sign(context, command.p1, command.p2, digest);
  if (point !== null && digest === null) return agreeOnKey(context, command.p1, command.p2, point);
  throw new SwError(SW_WRONG_DATA);
}

export const GENERAL_AUTHENTICATE: CommandHandler = {
  cla: 0x00,
  ins: INS_GENERAL_AUTHENTICATE,
  onBlank: true,
  handle: generalAuthenticate,
};
