// The reader's one slot, with the token in it for ever: what each CCID command does (CCID 1.1 §6.1). A command at a time; while the button is
// waited for, or another program has the token, the host hears a time extension a second.

import { Channel } from "../../firmware/channel.ts";
import { ANSWER_TO_RESET } from "../../protocol/answer-to-reset.ts";
import { concatBytes, EMPTY_BYTES } from "../../protocol/bytes.ts";
import { CardExchange, type CardToken } from "./card-exchange.ts";
import {
  ABORT,
  BAD_LENGTH,
  BAD_LEVEL,
  BAD_POWER_SELECT,
  BAD_PROTOCOL,
  BAD_SLOT,
  CARD_ACTIVE,
  CARD_INACTIVE,
  CCID_HEADER_BYTES,
  type CcidAnswer,
  type CcidCommand,
  CMD_ABORTED,
  CMD_NOT_SUPPORTED,
  CMD_SLOT_BUSY,
  COMMAND_FAILED,
  encodeCcidAnswer,
  GET_PARAMETERS,
  GET_SLOT_STATUS,
  ICC_MUTE,
  ICC_POWER_OFF,
  ICC_POWER_ON,
  RESET_PARAMETERS,
  SET_PARAMETERS,
  TIME_EXTENSION,
  XFR_BLOCK,
} from "./ccid-messages.ts";
import { MAX_CCID_MESSAGE_BYTES } from "./descriptors.ts";
import type { InEndpoint } from "./endpoint.ts";

/** Automatic, 5 V, 3 V, 1.8 V. */
const MAX_POWER_SELECT = 3;
const PROTOCOL_T1 = 1;
/** bmFindexDindex (372, 1), bmTCCKST1 (LRC, direct convention), bGuardTimeT1, bmWaitingIntegersT1, bClockStop, bIFSC, bNadValue, §6.2.3. */
const T1_PARAMETERS = Uint8Array.of(0x11, 0x10, 0x00, 0x4d, 0x00, 0xfe, 0x00);
const MAX_DATA_BYTES = MAX_CCID_MESSAGE_BYTES - CCID_HEADER_BYTES;
/** The longest command APDU there is: header, extended Lc, 65,535 bytes, extended Le. */
const MAX_APDU_BYTES = 4 + 3 + 65_535 + 2;

/** wLevelParameter of XfrBlock: which piece of an APDU this is, §6.1.4. */
const WHOLE = 0x0000;
const BEGINNING = 0x0001;
const END = 0x0002;
const MIDDLE = 0x0003;
const NEXT_OF_ANSWER = 0x0010;
/** bChainParameter of DataBlock, §6.2.1: the same, and the wish for the next piece of a command. */
const NEXT_OF_COMMAND = 0x10;

/** Bulk in. */
export type AnswerPipe = Pick<InEndpoint, "send" | "isAwaited" | "dropQueued">;

export class CcidSlot {
  private readonly token: CardToken;
  private readonly extensionMs: number;
  private readonly host: AnswerPipe;
  private readonly channel = new Channel();
  private isActive = false;
  private underWay: { readonly command: CcidCommand; readonly exchange: CardExchange } | null = null;
  /** What came of a command in pieces; null: none has begun. */
  private begun: Uint8Array | null = null;
  /** What is still to give of an answer. */
  private rest: Uint8Array = EMPTY_BYTES;
  /** One half of an abort; its other half comes on the other pipe, with the same bSeq. */
  private abort: { readonly seq: number; readonly by: "control" | "bulk" } | null = null;

  constructor(token: CardToken, extensionMs: number, host: AnswerPipe) {
    this.token = token;
    this.extensionMs = extensionMs;
    this.host = host;
  }

  /** Ends what is under way without an answer; the next command finds a card that is not powered. */
  powerOff(): void {
    this.abort = null;
    this.deactivate();
  }

  take(command: CcidCommand): void {
    const { type, slot, seq } = command;
    if (slot !== 0) this.fail(command, BAD_SLOT);
    else if (type === ABORT) this.takeAbort(seq, "bulk");
    else if (this.abort !== null) this.fail(command, CMD_ABORTED);
    else if (this.underWay !== null && !this.isNewHost(type)) this.fail(command, CMD_SLOT_BUSY);
    else this.carryOut(command);
  }

  /**
   * While a command is under way its host asks for nothing else. So whoever looks at the slot, or switches the power, has come after a host that died
   * (pcscd, killed while the button was waited for): it finds the slot as it is, and the power ends the command, without an answer that would be taken for its own.
   */
  private isNewHost(type: number): boolean {
    return type === GET_SLOT_STATUS || type === ICC_POWER_ON || type === ICC_POWER_OFF;
  }

  /** A message whose length and bytes disagree. */
  refuseLength(command: CcidCommand): void {
    this.fail(command, BAD_LENGTH);
  }

  /**
   * One half of an abort, §5.3.1 and §6.1.13: from the first half on all commands fail, the one under way too; the second half is answered, and ends it.
   */
  takeAbort(seq: number, by: "control" | "bulk"): void {
    const other = this.abort;
    if (other !== null && other.by !== by && other.seq === seq) {
      this.abort = null;
      this.answer({ type: ABORT, slot: 0, seq }, {});
      return;
    }
    this.abort = { seq, by };
    this.begun = null;
    this.rest = EMPTY_BYTES;
    const { underWay } = this;
    this.underWay = null;
    underWay?.exchange.abandon();
    if (underWay !== null) this.fail(underWay.command, CMD_ABORTED);
  }

  private carryOut(command: CcidCommand): void {
    const { type, data } = command;
    this.host.dropQueued(); // a host that wants something new has all that it wanted: the rest was another's
    if (type === XFR_BLOCK) this.transferBlock(command);
    else if (type === SET_PARAMETERS) this.setParameters(command);
    else if (type === ICC_POWER_ON) this.powerOn(command);
    else if (type !== ICC_POWER_OFF && type !== GET_SLOT_STATUS && type !== GET_PARAMETERS && type !== RESET_PARAMETERS) {
      this.fail(command, CMD_NOT_SUPPORTED);
    } else if (data.length > 0) this.fail(command, BAD_LENGTH);
    else if (type === GET_PARAMETERS || type === RESET_PARAMETERS) this.answer(command, { data: T1_PARAMETERS, last: PROTOCOL_T1 });
    else {
      if (type === ICC_POWER_OFF) this.deactivate();
      this.answer(command, {});
    }
  }

  private powerOn(command: CcidCommand): void {
    if (command.data.length > 0) {
      this.fail(command, BAD_LENGTH);
    } else if ((command.parameters[0] ?? 0) > MAX_POWER_SELECT) {
      this.fail(command, BAD_POWER_SELECT);
    } else {
      this.deactivate();
      this.isActive = true;
      this.answer(command, { data: ANSWER_TO_RESET });
    }
  }

  /** The parameters are the reader's own: what the host sets is heard, and what is answered is how it is. */
  private setParameters(command: CcidCommand): void {
    if (command.parameters[0] !== PROTOCOL_T1) this.fail(command, BAD_PROTOCOL);
    else if (command.data.length !== T1_PARAMETERS.length) this.fail(command, BAD_LENGTH);
    else this.answer(command, { data: T1_PARAMETERS, last: PROTOCOL_T1 });
  }

  private transferBlock(command: CcidCommand): void {
    const level = (command.parameters[1] ?? 0) | ((command.parameters[2] ?? 0) << 8);
    if (!this.isActive) this.fail(command, ICC_MUTE);
    else if (level === NEXT_OF_ANSWER) this.giveRest(command);
    else if (level === WHOLE || level === BEGINNING) this.takePiece(command, EMPTY_BYTES, level === WHOLE);
    else if (this.begun !== null && (level === END || level === MIDDLE)) this.takePiece(command, this.begun, level === END);
    else this.fail(command, BAD_LEVEL);
  }

  /** @param before what came of this APDU already */
  private takePiece(command: CcidCommand, before: Uint8Array, isLast: boolean): void {
    const apdu = concatBytes([before, command.data]);
    this.rest = EMPTY_BYTES;
    this.begun = null;
    if (apdu.length > MAX_APDU_BYTES) this.fail(command, BAD_LENGTH);
    else if (isLast) this.run(command, apdu);
    else {
      this.begun = apdu;
      this.answer(command, { last: NEXT_OF_COMMAND });
    }
  }

  private run(command: CcidCommand, apdu: Uint8Array): void {
    const exchange = new CardExchange(this.token, this.channel, this.extensionMs, {
      goesOn: () => {
        if (this.host.isAwaited) this.answer(command, { status: TIME_EXTENSION, error: 1 }); // kept for nobody
      },
      answered: (response) => {
        this.underWay = null;
        this.giveFirst(command, response);
      },
    });
    this.underWay = { command, exchange };
    exchange.run(apdu);
  }

  private giveFirst(command: CcidCommand, response: Uint8Array): void {
    this.rest = response.subarray(MAX_DATA_BYTES);
    this.answer(command, { data: response.subarray(0, MAX_DATA_BYTES), last: this.rest.length > 0 ? BEGINNING : WHOLE });
  }

  private giveRest(command: CcidCommand): void {
    const piece = this.rest.subarray(0, MAX_DATA_BYTES);
    if (command.data.length > 0) {
      this.fail(command, BAD_LENGTH);
    } else if (piece.length === 0) {
      this.fail(command, BAD_LEVEL);
    } else {
      this.rest = this.rest.subarray(MAX_DATA_BYTES);
      this.answer(command, { data: piece, last: this.rest.length > 0 ? MIDDLE : END });
    }
  }

  /** The security status goes with the power, and a command that is under way. */
  private deactivate(): void {
    this.underWay?.exchange.abandon();
    this.underWay = null;
    this.token.powerOff(this.channel);
    this.isActive = false;
    this.begun = null;
    this.rest = EMPTY_BYTES;
  }

  private fail(command: CcidCommand, error: number): void {
    this.answer(command, { status: COMMAND_FAILED, error });
  }

  private answer(to: Pick<CcidCommand, "type" | "slot" | "seq">, answer: Omit<CcidAnswer, "card">): void {
    this.host.send(encodeCcidAnswer(to, { card: this.isActive ? CARD_ACTIVE : CARD_INACTIVE, ...answer }));
  }
}
