// Whose the security status of a card in a reader is. The card has one for all who talk to it; the bridge's applications have channels, and on each
// counts what was proved on that channel alone. So one channel at a time has the status, and whoever wants it next gets a card that was reset.

import { parseCommandApdu } from "../../protocol/apdu.ts";
import { findTlv, parseTlvs } from "../../protocol/ber-tlv.ts";
import { MalformedError } from "../../protocol/malformed.ts";
import {
  INS_CHANGE_REFERENCE_DATA,
  INS_GENERAL_AUTHENTICATE,
  INS_GET_CHALLENGE,
  INS_GET_DATA,
  INS_GET_METADATA,
  INS_GET_SERIAL,
  INS_GET_VERSION,
  INS_RESET_RETRY_COUNTER,
  INS_SELECT,
  INS_VERIFY,
  OBJECT_PRINTED_INFORMATION,
  SLOT_MANAGEMENT,
  TAG_DATA_OBJECT_ID,
} from "../../protocol/piv.ts";
import { CLA_VENDOR, INS_VENDOR, VENDOR_DEVICE_INFO, VENDOR_SELF_TEST, VENDOR_STIR } from "../../protocol/vendor.ts";

/**
 * `free`: the same whatever was proved; `select` and `log-out`: end what was proved; `ask`: whether the PIN is proved; `prove`: a PIN, a PUK, the
 * management key; `use`: all else, which may depend on what was proved.
 */
export type CommandKind = "free" | "select" | "log-out" | "ask" | "prove" | "use";

/** Instructions that change nothing and want nothing. Attestations (F9) are not here: this token wants the PIN for them. */
const FREE_INSTRUCTIONS = new Set([INS_GET_VERSION, INS_GET_SERIAL, INS_GET_METADATA, INS_GET_CHALLENGE]);
const FREE_VENDOR_COMMANDS = new Set([VENDOR_DEVICE_INFO, VENDOR_STIR, VENDOR_SELF_TEST]);
/** Objects that are read with the PIN (SP 800-73-5 Part 1 table 2): fingerprints, face, printed information, iris. */
export const PIN_OBJECTS: ReadonlySet<number> = new Set([0x5fc103, 0x5fc108, OBJECT_PRINTED_INFORMATION, 0x5fc121]);

function kindOfGetData(data: Uint8Array): CommandKind {
  try {
    const id = findTlv(parseTlvs(data), TAG_DATA_OBJECT_ID) ?? new Uint8Array(0);
    return PIN_OBJECTS.has(id.reduce((tag, byte) => (tag << 8) | byte, 0)) ? "use" : "free";
  } catch (error) {
    if (error instanceof MalformedError) return "use";
    throw error;
  }
}

/** @throws MalformedError */
export function kindOf(apdu: Uint8Array): CommandKind {
  const { cla, ins, p1, p2, data } = parseCommandApdu(apdu);
  if (cla === CLA_VENDOR && ins === INS_VENDOR) return FREE_VENDOR_COMMANDS.has(p1) ? "free" : "use";
  if (cla !== 0) return "use";
  if (FREE_INSTRUCTIONS.has(ins)) return "free";
  switch (ins) {
    case INS_SELECT:
      return "select";
    case INS_GET_DATA:
      return kindOfGetData(data);
    case INS_VERIFY:
      if (data.length > 0) return "prove";
      return p1 === 0xff ? "log-out" : "ask";
    case INS_CHANGE_REFERENCE_DATA:
    case INS_RESET_RETRY_COUNTER:
      return "prove";
    case INS_GENERAL_AUTHENTICATE:
      return p2 === SLOT_MANAGEMENT ? "prove" : "use";
    default:
      return "use";
  }
}

/** What a channel has of the card's security status. */
export interface Claim {
  /** Something was proved on it, and counts. */
  hasProved: boolean;
  /** Something was proved on it and counts no more, and its owner has not heard of it yet. */
  isLost: boolean;
}

export class CardStatus {
  private owner: Claim | null = null;

  isOf(claim: Claim): boolean {
    return this.owner === claim;
  }

  /** After a reset: from here on it is this channel's. */
  give(claim: Claim): void {
    this.forget();
    this.owner = claim;
  }

  /** The card has forgotten what was proved: it was reset, or another application on it was selected. */
  forget(): void {
    if (this.owner?.hasProved) this.owner.isLost = true;
    if (this.owner !== null) this.owner.hasProved = false;
    this.owner = null;
  }

  /** Something was proved, by whom it may concern. */
  get isProved(): boolean {
    return this.owner?.hasProved === true;
  }
}
