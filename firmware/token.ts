// The token: APDUs in, APDUs out. Joins chained commands, hands out long answers by 61xx, finds the command in the table, and turns
// whatever a command throws into a status word.

import { CLA_CHAINING, type CommandApdu, encodeResponseApdu, INS_GET_RESPONSE, parseCommandApdu } from "../protocol/apdu.ts";
import { concatBytes, copyBytes, EMPTY_BYTES } from "../protocol/bytes.ts";
import { MalformedError } from "../protocol/malformed.ts";
import {
  SW_CHANNEL_NOT_SUPPORTED,
  SW_CLA_NOT_SUPPORTED,
  SW_CONDITIONS_NOT_SATISFIED,
  SW_INS_NOT_SUPPORTED,
  SW_INTERNAL_ERROR,
  SW_MORE_DATA,
  SW_NOT_ENOUGH_MEMORY,
  SW_OK,
  SW_WRONG_DATA,
  SW_WRONG_LENGTH,
} from "../protocol/status-words.ts";
import { CLA_VENDOR } from "../protocol/vendor.ts";
import { Card } from "./card.ts";
import type { Channel, CommandChain } from "./channel.ts";
import { AfterButton, type CommandContext, type CommandHandler } from "./command.ts";
import { ATTEST } from "./commands/attest.ts";
import { CHANGE_REFERENCE_DATA } from "./commands/change-reference-data.ts";
import { GENERAL_AUTHENTICATE } from "./commands/general-authenticate.ts";
import { GENERATE_KEY_PAIR } from "./commands/generate-key-pair.ts";
import { GET_CHALLENGE } from "./commands/get-challenge.ts";
import { GET_DATA } from "./commands/get-data.ts";
import { GET_METADATA } from "./commands/get-metadata.ts";
import { GET_SERIAL } from "./commands/get-serial.ts";
import { GET_VERSION } from "./commands/get-version.ts";
import { IMPORT_KEY } from "./commands/import-key.ts";
import { PUT_DATA } from "./commands/put-data.ts";
import { RESET } from "./commands/reset.ts";
import { RESET_RETRY_COUNTER } from "./commands/reset-retry-counter.ts";
import { SELECT } from "./commands/select.ts";
import { SET_MANAGEMENT_KEY } from "./commands/set-management-key.ts";
import { SET_TRIES } from "./commands/set-tries.ts";
import { VENDOR } from "./commands/vendor.ts";
import { VERIFY } from "./commands/verify.ts";
import type { Hal } from "./hal.ts";
import { JournalFullError } from "./journal.ts";
import { MAX_COMMAND_DATA_BYTES, MAX_KEPT_BYTES } from "./limits.ts";
import { type Profile, STRICT_PROFILE } from "./profile.ts";
import { SwError } from "./sw-error.ts";

const CLA_LOGICAL_CHANNEL_BITS = 0x03;
const BUTTON_TIMEOUT_MS = 15000;
/** yubico-piv-tool and others leave Le out of commands that have an answer. */
const UNSTATED_LE = 256;

/** Every command of the token; firmware/README.md shows the same table. */
export const COMMANDS: readonly CommandHandler[] = [
  SELECT,
  VERIFY,
  GENERAL_AUTHENTICATE,
  GET_DATA,
  PUT_DATA,
  GENERATE_KEY_PAIR,
  CHANGE_REFERENCE_DATA,
  RESET_RETRY_COUNTER,
  GET_CHALLENGE,
  GET_METADATA,
  GET_SERIAL,
  GET_VERSION,
  SET_MANAGEMENT_KEY,
  SET_TRIES,
  RESET,
  IMPORT_KEY,
  ATTEST,
  VENDOR,
];

function statusOf(error: unknown): number {
  if (error instanceof SwError) return error.sw;
  if (error instanceof MalformedError) return SW_WRONG_DATA;
  if (error instanceof JournalFullError) return SW_NOT_ENOUGH_MEMORY;
  return SW_INTERNAL_ERROR;
}

function parseApdu(bytes: Uint8Array): CommandApdu {
  try {
    return parseCommandApdu(bytes);
  } catch (error) {
    throw error instanceof MalformedError ? new SwError(SW_WRONG_LENGTH) : error;
  }
}

/** The APDU is a further piece of the command that is under way. */
function continues(begun: CommandChain, command: CommandApdu): boolean {
  const cla = command.cla & ~CLA_CHAINING;
  return begun.cla === cla && begun.ins === command.ins && begun.p1 === command.p1 && begun.p2 === command.p2;
}

/** The command that a chain makes, or null while more is to come. A chain that is under way is one that this command continues. */
function joinChain(channel: Channel, command: CommandApdu): CommandApdu | null {
  const begun = channel.chain;
  if (begun === null && (command.cla & CLA_CHAINING) === 0 && command.data.length <= MAX_COMMAND_DATA_BYTES) return command;
  channel.chain = null;
  if (begun !== null && begun.data === null) throw new SwError(SW_NOT_ENOUGH_MEMORY);
  // Joined at each piece: kept one by one, pieces of a byte would take a hundred times their memory.
  const data = begun === null ? command.data : concatBytes([begun.data as Uint8Array, command.data]);
  if (data.length > MAX_COMMAND_DATA_BYTES) throw new SwError(SW_WRONG_LENGTH);
  const cla = command.cla & ~CLA_CHAINING;
  if (cla === command.cla) return { cla, ins: command.ins, p1: command.p1, p2: command.p2, data, le: command.le };
  channel.chain = { cla, ins: command.ins, p1: command.p1, p2: command.p2, data };
  return null;
}

/** As much of `data` as the command asked for; the rest waits for GET RESPONSE. */
function answer(channel: Channel, data: Uint8Array, le: number): Uint8Array {
  const give = Math.min(data.length, le === 0 ? UNSTATED_LE : le);
  if (give === data.length) return encodeResponseApdu(data, SW_OK);
  const rest = copyBytes(data, give, data.length);
  channel.rest = rest;
  return encodeResponseApdu(data.subarray(0, give), SW_MORE_DATA | (rest.length > 255 ? 0 : rest.length));
}

/** By instruction and class: an interpreter finds a property at once, and walks a list slowly. */
const COMMAND_OF: Record<number, CommandHandler> = {};
for (const handler of COMMANDS) COMMAND_OF[(handler.ins << 8) | handler.cla] = handler;

function findCommand(command: CommandApdu): CommandHandler {
  const cla = command.cla & ~CLA_CHAINING;
  const found: CommandHandler | undefined = COMMAND_OF[(command.ins << 8) | cla];
  if (found !== undefined) return found;
  if (cla !== 0 && cla !== CLA_VENDOR) {
    throw new SwError((cla & ~CLA_LOGICAL_CHANNEL_BITS) === 0 ? SW_CHANNEL_NOT_SUPPORTED : SW_CLA_NOT_SUPPORTED);
  }
  throw new SwError(SW_INS_NOT_SUPPORTED);
}

/** A profile that is not strict, on a device that is not simulated. */
export class ProfileError {}

export class Token {
  readonly card: Card;
  /** Gives up the wait for the button that is under way; null when none is. */
  private giveUp: (() => void) | null;
  private waitingChannel: Channel | null;
  /** The channels with a chain or an answer under way; the one used last is at the end. */
  private keeping: Channel[];

  /** @throws ProfileError, JournalError */
  constructor(hal: Hal, profile: Profile) {
    if (!profile.isStrict && !hal.device.simulated) throw new ProfileError();
    this.card = new Card(hal, profile);
    this.giveUp = null;
    this.waitingChannel = null;
    this.keeping = [];
    hal.led.show("idle");
  }

  /** A wait for the button is under way: no command is taken until it ends. */
  isBusy(): boolean {
    return this.giveUp !== null;
  }

  /** Runs one command APDU, whose bytes are the token's from here on, and calls `respond` once with the response APDU, now or after the button. Not to be called while busy. */
  transmit(channel: Channel, apdu: Uint8Array, respond: (response: Uint8Array) => void): void {
    const pinFresh = channel.pinFresh;
    const led = this.card.hal.led;
    led.show("busy");
    channel.pinFresh = false; // by every APDU, be it malformed
    let result: Uint8Array | AfterButton;
    let le = 0;
    try {
      const command = parseApdu(apdu);
      le = command.le;
      result = this.run(channel, command, pinFresh);
    } catch (error) {
      result = encodeResponseApdu(EMPTY_BYTES, statusOf(error));
    }
    this.limitKept(channel);
    if (result instanceof AfterButton) {
      this.awaitButton(channel, result, le, respond);
      return;
    }
    led.show("idle");
    respond(result);
  }

  /** Ends the wait for the button on this channel, if there is one; its command answers 6985. */
  cancel(channel: Channel): void {
    if (this.waitingChannel === channel && this.giveUp !== null) this.giveUp();
  }

  /** As when the power goes: nothing that was under way answers any more. */
  powerOff(channel: Channel): void {
    this.cancel(channel);
    channel.reset();
    this.limitKept(channel);
  }

  /** Takes their chains and answers from the channels unused for longest when all together are too long for a board's memory. */
  private limitKept(channel: Channel): void {
    if (channel.chain === null && channel.rest === null && this.keeping.length === 0) return;
    const keeping = this.keeping.filter((other) => other !== channel);
    if (channel.keptBytes() > 0) keeping.push(channel);
    let sum = 0;
    for (const one of keeping) sum += one.keptBytes();
    while (sum > MAX_KEPT_BYTES) {
      sum -= keeping[0].keptBytes();
      keeping[0].dropKept();
      keeping.splice(0, 1);
    }
    this.keeping = keeping;
  }

  /** @param pinFresh the APDU before this one on the channel verified the PIN, or is the piece before of a chain that began right after */
  private run(channel: Channel, command: CommandApdu, pinFresh: boolean): Uint8Array | AfterButton {
    const breaksChain = channel.chain !== null && !continues(channel.chain, command);
    if (breaksChain) channel.chain = null;
    if (command.ins === INS_GET_RESPONSE && command.cla === 0) {
      const rest = channel.rest;
      channel.rest = null;
      if (rest === null) throw new SwError(SW_CONDITIONS_NOT_SATISFIED);
      return answer(channel, rest, command.le);
    }
    channel.rest = null;
    const handler = findCommand(command);
    const pinJustVerified = pinFresh && !breaksChain;
    const whole = joinChain(channel, command);
    if (whole === null) {
      channel.pinFresh = pinJustVerified && (handler === GENERAL_AUTHENTICATE || handler === VENDOR);
      return encodeResponseApdu(EMPTY_BYTES, SW_OK);
    }
    const context: CommandContext = { card: this.card, channel, pinJustVerified };
    if (!handler.onBlank && !this.card.isInitialised()) throw new SwError(SW_CONDITIONS_NOT_SATISFIED);
    const result = handler.handle(context, whole);
    return result instanceof AfterButton ? result : answer(channel, result, command.le);
  }

  private awaitButton(channel: Channel, after: AfterButton, le: number, respond: (response: Uint8Array) => void): void {
    const led = this.card.hal.led;
    led.show("waiting");
    const finish = (pressed: boolean): void => {
      this.giveUp = null;
      this.waitingChannel = null;
      led.show("busy");
      let response: Uint8Array;
      try {
        if (!pressed) throw new SwError(SW_CONDITIONS_NOT_SATISFIED);
        response = answer(channel, after.proceed(), le);
      } catch (error) {
        response = encodeResponseApdu(EMPTY_BYTES, statusOf(error));
      }
      this.limitKept(channel);
      led.show("idle");
      respond(response);
    };
    const stopWaiting = this.card.hal.button.wait(BUTTON_TIMEOUT_MS, finish);
    this.waitingChannel = channel;
    this.giveUp = (): void => {
      stopWaiting();
      finish(false);
    };
  }
}

/** A token as boards are. @throws JournalError */
export function createToken(hal: Hal): Token {
  return new Token(hal, STRICT_PROFILE);
}
