// A token under the fuzzer: takes one step after the other, and after each looks whether all that is promised still holds.

import { Channel } from "../../firmware/channel.ts";
import type { Hal } from "../../firmware/hal.ts";
import { ID_TRIES } from "../../firmware/journal-ids.ts";
import { MAX_COMMAND_DATA_BYTES, MAX_KEPT_BYTES } from "../../firmware/limits.ts";
import { CLA_CHAINING, type CommandApdu, parseCommandApdu } from "../../protocol/apdu.ts";
import {
  ALG_AES_192,
  INS_CHANGE_REFERENCE_DATA,
  INS_GET_VERSION,
  INS_RESET_RETRY_COUNTER,
  INS_VERIFY,
  KEY_REF_PIV_PIN,
  KEY_REF_PUK,
  PIN_POLICY_NEVER,
} from "../../protocol/piv.ts";
import { SW_INTERNAL_ERROR, SW_OK, SW_WRONG_LENGTH, triesLeftOf } from "../../protocol/status-words.ts";
import type { FlashImage } from "../../simulator/modelled-flash.ts";
import { aesDecrypt, aesEncrypt } from "../firmware/aes-block.ts";
import { authenticate, authField } from "../firmware/card-commands.ts";
import { copyImage, TestToken } from "../firmware/test-token.ts";
import { type CardState, defectOf, readState } from "../power-cuts/card-state.ts";
import { SWEPT_GEOMETRY } from "../power-cuts/laboratory.ts";
import { RecordedFlash } from "../power-cuts/recorded-flash.ts";
import { HeldButton, repeatable } from "../support/repeatable-world.ts";
import { ruleOf, type Standing } from "./change-rules.ts";
import { type ChannelStatus, checkGained, checkLost, NO_INSTRUCTION } from "./channel-status.ts";
import { Finding } from "./finding.ts";

/** What a session is made of: plain data, so that it can be shown, and done again. */
export type Step =
  | { readonly kind: "apdu"; readonly channel: number; readonly bytes: Uint8Array }
  /** Proves the management key as a client that has it. */
  | { readonly kind: "prove management"; readonly channel: number }
  | { readonly kind: "press" | "run out" | "cancel" | "power" }
  | { readonly kind: "time"; readonly ms: number };

/** Enough to keep more than the token has memory for. */
export const CHANNELS = 8;
const KNOWN_SW1 = [0x61, 0x63, 0x67, 0x68, 0x69, 0x6a, 0x6d, 0x6e, 0x90];
/** The longest answer: a data object with its tags, or a list of entries of the signature journal. */
const MAX_REST_BYTES = 4096;

interface Snapshot {
  readonly state: CardState;
  readonly pinLeft: number;
  readonly pukLeft: number;
  readonly standing: Standing;
  readonly channels: readonly ChannelStatus[];
  readonly keyNeedsPin: boolean;
}

function hex4(sw: number): string {
  return sw.toString(16).padStart(4, "0");
}

export class FuzzedToken {
  /** How often each command met each answer, by "state ins sw". */
  readonly seen: Map<string, number>;
  private readonly image: FlashImage;
  private readonly seed: number;
  private token: TestToken;
  private flash: RecordedFlash;
  private button = new HeldButton();
  private channels: Channel[] = [];
  private nowMs = 0;
  private stored: CardState;
  /** The command that waits for the button. */
  private waiting: { readonly channel: number; readonly bytes: Uint8Array; response: Uint8Array | null; readonly before: Snapshot } | null =
    null;

  constructor(image: FlashImage, seed: number, seen: Map<string, number>) {
    this.image = copyImage(image);
    this.seed = seed;
    this.seen = seen;
    this.flash = new RecordedFlash(SWEPT_GEOMETRY, this.image);
    this.token = this.plugIn();
    this.stored = readState(this.card());
  }

  isWaiting(): boolean {
    return this.waiting !== null;
  }

  card() {
    return this.token.token.card;
  }

  /** @throws Finding */
  take(step: Step): void {
    if (step.kind === "time") this.nowMs += step.ms;
    else if (step.kind === "power") this.power();
    else if (this.waiting !== null) this.endWait(step.kind);
    else if (step.kind === "apdu") this.transmit(step.channel, step.bytes);
    else if (step.kind === "prove management") this.proveManagement(step.channel);
  }

  /** What the whole session must leave behind. @throws Finding */
  finish(): void {
    const defect = defectOf(this.card());
    if (defect !== null) throw new Finding(defect);
    this.power();
  }

  private plugIn(): TestToken {
    this.channels = Array.from({ length: CHANNELS }, () => new Channel());
    this.button = new HeldButton();
    const world = (hal: Hal): Hal => ({
      ...repeatable(hal, this.seed, this.button),
      flash: this.flash,
      clock: { nowMs: () => this.nowMs, every: () => () => {} },
    });
    return new TestToken({ geometry: SWEPT_GEOMETRY, image: this.image, changeHal: world });
  }

  private power(): void {
    this.waiting = null;
    this.flash = new RecordedFlash(SWEPT_GEOMETRY, this.image);
    this.token = this.plugIn();
    if (readState(this.card()).text !== this.stored.text) throw new Finding("a power-off changes what is stored");
  }

  private statusOf(channel: Channel): ChannelStatus {
    const card = this.card();
    return {
      pin: channel.isPinVerified(card),
      management: channel.isManagementVerified(card),
      batch: Reflect.get(channel, "consent") !== null,
    };
  }

  private snapshot(index: number, bytes: Uint8Array): Snapshot {
    const card = this.card();
    const channels = this.channels.map((channel) => this.statusOf(channel));
    const { pin, management } = channels[index] as ChannelStatus;
    const [pinLeft, pukLeft] = [card.pin.triesLeft(), card.puk.triesLeft()];
    const standing = { pin, management, initialised: card.isInitialised(), blocked: pinLeft === 0 && pukLeft === 0 };
    const key = card.keys.info(bytes[3] ?? 0);
    return { state: this.stored, pinLeft, pukLeft, standing, channels, keyNeedsPin: key !== null && key.policies.pin !== PIN_POLICY_NEVER };
  }

  private transmit(index: number, bytes: Uint8Array): void {
    const channel = this.channels[index] as Channel;
    const before = this.snapshot(index, bytes);
    this.flash.restart();
    const answers: Uint8Array[] = [];
    let waiting: NonNullable<FuzzedToken["waiting"]> | null = null;
    this.token.token.transmit(channel, bytes, (response) => {
      if (waiting === null) answers.push(response);
      else waiting.response = response;
    });
    this.checkMemory(channel);
    if (answers.length > 1) throw new Finding(`${answers.length} answers`);
    const [answer] = answers;
    if (answer !== undefined) this.checkAnswer(index, bytes, answer, before);
    else {
      if (!this.token.token.isBusy()) throw new Finding("no answer, and no wait");
      if (this.flash.operations.length > 0) throw new Finding("the flash was changed before the button was pressed");
      waiting = { channel: index, bytes, response: null, before };
      this.waiting = waiting;
    }
  }

  private endWait(kind: Step["kind"]): void {
    const waiting = this.waiting;
    if (waiting === null || (kind !== "press" && kind !== "run out" && kind !== "cancel")) return;
    this.flash.restart();
    if (kind === "cancel") this.token.token.cancel(this.channels[waiting.channel] as Channel);
    else this.button.end(kind === "press");
    if (waiting.response === null || this.token.token.isBusy()) throw new Finding("the end of the wait has no answer");
    this.waiting = null;
    this.checkAnswer(waiting.channel, waiting.bytes, waiting.response, waiting.before);
  }

  private proveManagement(index: number): void {
    const card = this.card();
    const stored = card.journal.read(0x0300);
    const algorithm = stored === null ? ALG_AES_192 : (stored[0] ?? 0);
    const key = stored === null ? new Uint8Array(Buffer.from("010203040506070801020304050607080102030405060708", "hex")) : stored.slice(1);
    const channel = this.channels[index] as Channel;
    this.token.send({ ins: INS_GET_VERSION }, channel); // ends a chain that is under way
    const witness = this.token.send(authenticate(algorithm, [[0x80, new Uint8Array()]]), channel);
    const plain = aesDecrypt(key, authField(witness.data, 0x80));
    const challenge = new Uint8Array(16).fill(0x42);
    const parts = authenticate(algorithm, [
      [0x80, plain],
      [0x81, challenge],
    ]);
    const answer = this.token.send(parts, channel);
    if (answer.sw !== SW_OK || Buffer.compare(authField(answer.data, 0x82), aesEncrypt(key, challenge)) !== 0)
      throw new Finding(`the management key is not taken: ${hex4(answer.sw)}`);
  }

  private checkMemory(channel: Channel): void {
    const pending = channel.chain?.data?.length ?? 0;
    if (pending > MAX_COMMAND_DATA_BYTES) throw new Finding(`a chain of ${pending} bytes`);
    if ((channel.rest?.length ?? 0) > MAX_REST_BYTES) throw new Finding(`${channel.rest?.length} bytes wait for GET RESPONSE`);
    const kept = this.channels.reduce((sum, one) => sum + one.keptBytes(), 0);
    if (kept > MAX_KEPT_BYTES) throw new Finding(`the channels keep ${kept} bytes`);
  }

  private checkAnswer(index: number, bytes: Uint8Array, answer: Uint8Array, before: Snapshot): void {
    if (answer.length < 2) throw new Finding("an answer without a status word");
    const sw = ((answer[answer.length - 2] ?? 0) << 8) | (answer[answer.length - 1] ?? 0);
    if (sw === SW_INTERNAL_ERROR) throw new Finding("6F00");
    if (!KNOWN_SW1.includes(sw >> 8)) throw new Finding(`the status word ${hex4(sw)}`);
    const command = parsed(bytes);
    if (command === null && sw !== SW_WRONG_LENGTH) throw new Finding(`no APDU, answered by ${hex4(sw)}`);
    const isOk = sw === SW_OK || sw >> 8 === 0x61;
    if (!isOk && answer.length > 2) throw new Finding(`${hex4(sw)} with data`);
    if (command !== null && answer.length - 2 > (command.le === 0 ? 256 : command.le)) throw new Finding("more data than was asked for");
    this.note(command, before, sw);
    if (this.flash.operations.length > 0) this.checkChange(command, sw, isOk, before);
    this.checkStatuses(index, command, isOk, before);
  }

  /** Something was written: was that the command's to write? */
  private checkChange(command: CommandApdu | null, sw: number, isOk: boolean, before: Snapshot): void {
    this.stored = readState(this.card());
    const ids = [...new Set([...before.state.values.keys(), ...this.stored.values.keys()])];
    const changed = ids.filter((id) => before.state.values.get(id) !== this.stored.values.get(id));
    const isLogged = before.state.log !== this.stored.log;
    if (changed.length === 0 && !isLogged) return;
    if (command === null || (command.cla & CLA_CHAINING) !== 0) throw new Finding("a piece of a command changed what is stored");
    const told = changed
      .sort((a, b) => a - b)
      .map((id) => id.toString(16))
      .join(" ");
    if (!isOk) {
      this.checkSpentTry(command, sw, before, changed, isLogged, told);
      return;
    }
    const rule = ruleOf(command, before.keyNeedsPin);
    if (isLogged && !rule.journal) throw new Finding("an entry in the signature journal that no use of a key made");
    for (const id of changed) if (!rule.ids(id)) throw new Finding(`changed ${id.toString(16)}, which is not this command's`);
    if (!rule.needs(before.standing))
      throw new Finding(`changed ${told}${isLogged ? " and the signature journal" : ""} without the right to`);
  }

  /** A refused command changes nothing but this: a wrong PIN or PUK costs one try, and the status word tells how many are left. */
  private checkSpentTry(
    command: CommandApdu,
    sw: number,
    before: Snapshot,
    changed: readonly number[],
    isLogged: boolean,
    told: string,
  ): void {
    const usesPuk = command.ins === INS_RESET_RETRY_COUNTER || (command.ins === INS_CHANGE_REFERENCE_DATA && command.p2 === KEY_REF_PUK);
    const usesPin = command.ins === INS_VERIFY || (command.ins === INS_CHANGE_REFERENCE_DATA && command.p2 === KEY_REF_PIV_PIN);
    const id = ID_TRIES | (usesPuk ? KEY_REF_PUK : KEY_REF_PIV_PIN);
    const left = usesPuk ? before.pukLeft : before.pinLeft;
    const card = this.card();
    const now = usesPuk ? card.puk.triesLeft() : card.pin.triesLeft();
    const isSpentTry =
      (usesPuk || usesPin) && changed.length === 1 && changed[0] === id && now === left - 1 && triesLeftOf(sw) === now && !isLogged;
    if (!isSpentTry) throw new Finding(`refused with ${hex4(sw)}, but changed ${told || "the signature journal"}`);
  }

  /** Statuses: gained only by their own proof on their own channel; lost by a refusal only where the standard says so. */
  private checkStatuses(index: number, command: CommandApdu | null, isOk: boolean, before: Snapshot): void {
    const ins = command === null || command.cla !== 0 ? NO_INSTRUCTION : command.ins;
    const isBlockedNow = this.card().pin.triesLeft() === 0 && before.pinLeft > 0;
    this.channels.forEach((channel, i) => {
      const was = before.channels[i] as ChannelStatus;
      const is = this.statusOf(channel);
      const own = i === index ? ins : NO_INSTRUCTION;
      if (is.pin && this.card().pin.triesLeft() === 0) throw new Finding("a blocked PIN counts as verified");
      checkGained(was, is, isOk ? own : NO_INSTRUCTION, isOk && i === index);
      if (!isOk) checkLost(was, is, own, isBlockedNow);
    });
  }

  private note(command: CommandApdu | null, before: Snapshot, sw: number): void {
    const { standing } = before;
    const ins =
      command === null
        ? "--"
        : `${command.cla === 0 ? "" : `${(command.cla & ~CLA_CHAINING).toString(16)}.`}${command.ins.toString(16).padStart(2, "0")}`;
    let state = standing.initialised ? "in use" : "blank";
    if (standing.blocked) state += ", blocked";
    else if (before.pinLeft === 0) state += ", PIN blocked";
    if (standing.pin) state += ", PIN";
    if (standing.management) state += ", management";
    const known = KNOWN_INS.includes(ins) ? ins : "other";
    const key = `${state}|${known}|${sw >> 8 === 0x61 ? "61xx" : hex4(sw)}`;
    this.seen.set(key, (this.seen.get(key) ?? 0) + 1);
  }
}

const KNOWN_INS = ["--", ..."20 24 2c 47 84 87 a4 c0 cb db f7 f8 f9 fa fb fd fe ff 80.5c".split(" ")];

function parsed(bytes: Uint8Array): CommandApdu | null {
  try {
    return parseCommandApdu(bytes);
  } catch {
    return null;
  }
}
