// ATTEST, YubiKey PIV extension: P1 the slot. The answer is a certificate of its key, DER, by the attestation key.

import type { CommandApdu } from "../../protocol/apdu.ts";
import { INS_ATTEST } from "../../protocol/piv.ts";
import { SW_INCORRECT_P1_P2, SW_NOT_FOUND, SW_REFERENCE_NOT_FOUND, SW_WRONG_DATA } from "../../protocol/status-words.ts";
import { certifyByAttestationKey } from "../attestation-certificate.ts";
import type { CommandContext, CommandHandler } from "../command.ts";
import { isSealed } from "../factory.ts";
import { isKeySlot } from "../key-store.ts";
import { SwError } from "../sw-error.ts";
import { requirePinOrManagement } from "../vendor-commands/vendor-command.ts";

function attest(context: CommandContext, command: CommandApdu): Uint8Array {
  const card = context.card;
  const slot = command.p1;
  if (command.p2 !== 0 || !isKeySlot(slot)) throw new SwError(SW_INCORRECT_P1_P2);
  if (command.data.length !== 0) throw new SwError(SW_WRONG_DATA);
  if (card.profile.isStrict) requirePinOrManagement(context);
  if (!isSealed(card)) throw new SwError(SW_REFERENCE_NOT_FOUND);
  const key = card.keys.info(slot);
  if (key === null) throw new SwError(SW_NOT_FOUND); // not 6A88: that the slot is empty and that the token is not sealed are two things
  return certifyByAttestationKey(card, slot, key);
}

export const ATTEST: CommandHandler = { cla: 0x00, ins: INS_ATTEST, onBlank: false, handle: attest };
