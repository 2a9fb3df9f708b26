// GET METADATA, YubiKey PIV extension: what may be told of a key slot, the PIN, the PUK or the management key.

import type { CommandApdu } from "../../protocol/apdu.ts";
import { encodeTlv } from "../../protocol/ber-tlv.ts";
import { concatBytes } from "../../protocol/bytes.ts";
import {
  BUTTON_POLICY_NEVER,
  INS_GET_METADATA,
  KEY_REF_PIV_PIN,
  KEY_REF_PUK,
  META_ALGORITHM,
  META_IS_DEFAULT,
  META_ORIGIN,
  META_POLICY,
  META_PUBLIC_KEY,
  META_TRIES,
  SLOT_ATTESTATION,
  SLOT_MANAGEMENT,
  TAG_EC_POINT,
} from "../../protocol/piv.ts";
import { SW_INCORRECT_P1_P2, SW_REFERENCE_NOT_FOUND } from "../../protocol/status-words.ts";
import type { CommandContext, CommandHandler } from "../command.ts";
import { isKeySlot } from "../key-store.ts";
import type { ReferenceData } from "../reference-data.ts";
import { SwError } from "../sw-error.ts";

/** YubiKey's number for «this is a PIN». */
const ALGORITHM_PIN = 0xff;

function field(tag: number, bytes: number[]): Uint8Array {
  return encodeTlv(tag, [new Uint8Array(bytes)]);
}

function referenceMetadata(reference: ReferenceData): Uint8Array {
  return concatBytes([
    field(META_ALGORITHM, [ALGORITHM_PIN]),
    field(META_IS_DEFAULT, [reference.isFactory() ? 1 : 0]),
    field(META_TRIES, [reference.triesTotal(), reference.triesLeft()]),
  ]);
}

function getMetadata(context: CommandContext, command: CommandApdu): Uint8Array {
  const card = context.card;
  if (command.p1 !== 0) throw new SwError(SW_INCORRECT_P1_P2);
  if (command.p2 === KEY_REF_PIV_PIN) return referenceMetadata(card.pin);
  if (command.p2 === KEY_REF_PUK) return referenceMetadata(card.puk);
  if (command.p2 === SLOT_MANAGEMENT) {
    return concatBytes([
      field(META_ALGORITHM, [card.managementKey.algorithm()]),
      field(META_POLICY, [0, BUTTON_POLICY_NEVER]),
      field(META_IS_DEFAULT, [card.managementKey.isFactory() ? 1 : 0]),
    ]);
  }
  const isKey = isKeySlot(command.p2) || command.p2 === SLOT_ATTESTATION;
  const info = isKey ? card.keys.info(command.p2) : null;
  if (info === null) throw new SwError(SW_REFERENCE_NOT_FOUND);
  return concatBytes([
    field(META_ALGORITHM, [info.algorithm]),
    field(META_POLICY, [info.policies.pin, info.policies.button]),
    field(META_ORIGIN, [info.origin]),
    encodeTlv(META_PUBLIC_KEY, [encodeTlv(TAG_EC_POINT, [info.publicKey])]),
  ]);
}

export const GET_METADATA: CommandHandler = { cla: 0x00, ins: INS_GET_METADATA, onBlank: true, handle: getMetadata };
