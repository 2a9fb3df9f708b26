// A PC/SC reader in memory with a card in it, as npm's `smartcard` shows one, and the other software that is at it.

import {
  type CardReader,
  type PcscContext,
  PcscError,
  type PcscLibrary,
  PROTOCOL_T1,
  RESET_CARD,
  type ReaderCard,
} from "../../host-bridge/transport/pcsc-library.ts";
import type { TokenChannel } from "../../host-bridge/transport/transport.ts";
import { INS_GET_RESPONSE } from "../../protocol/apdu.ts";
import { INS_GET_DATA, INS_SELECT, INS_VERIFY, KEY_REF_PIV_PIN } from "../../protocol/piv.ts";
import { SW_INS_NOT_SUPPORTED } from "../../protocol/status-words.ts";
import { answerAsPlainCard, PLAIN_ATR, shortNameOf, statusWord } from "./plain-card-answers.ts";
import { PIN, SimulatedToken } from "./simulated-token.ts";

const STATE_EMPTY = 0x10;
const STATE_PRESENT = 0x20;
const PIV = "a000000308";

export class FakePcsc implements PcscLibrary {
  readonly name: string;
  readonly token: SimulatedToken;
  /** What the card was asked, «reset» among it. */
  readonly seen: string[] = [];
  /** APDUs of extended length. */
  extended = 0;
  /** Lengths of the APDUs. */
  readonly lengths: number[] = [];
  isPlain = true;
  atr: Uint8Array = PLAIN_ATR;
  extraCommands: readonly number[] = [];
  isRunning = true;
  isPresent = true;
  /** How often a card came or went. */
  counter = 1;
  /** How many calls still find another program's transaction. */
  inUse = 0;
  /** Another program resets the card before each command. */
  isResetAgainAndAgain = false;
  /** Status words for objects, by their tags in hexadecimal: the card does not give them. */
  readonly refused = new Map<string, number>();
  /** APDUs of another program, each of which comes before one of the next GET RESPONSEs. */
  readonly interposed: Uint8Array[] = [];
  /** Instead of the card's answer to the next command, once. */
  nextAnswer: (() => Promise<Uint8Array>) | null = null;
  /** An instruction whose next answer is lost on its way: the reader fails when the card has carried it out. */
  losesAnswerTo: number | null = null;
  openContexts = 0;
  private channel: TokenChannel;
  private hasOtherApplication = false;
  private wasReset = false;

  constructor(token = new SimulatedToken(), name = "Fake reader 00 00") {
    this.token = token;
    this.name = name;
    this.channel = token.channel();
  }

  openContext(): PcscContext {
    this.checkService();
    this.openContexts += 1;
    let isOpen = true;
    return {
      listReaders: () => {
        this.checkService();
        return [this.reader()];
      },
      close: () => {
        if (isOpen) this.openContexts -= 1;
        isOpen = false;
      },
    };
  }

  /** Another program resets the card. */
  otherResets(): void {
    this.powerOn();
    this.wasReset = true;
  }

  /** Another program selects another application, and all that was proved is gone. */
  otherSelects(): void {
    this.powerOn();
    this.hasOtherApplication = true;
  }

  /** Another program proves the PIN. */
  async otherVerifies(): Promise<void> {
    await this.channel.transmit(Buffer.from([0, INS_VERIFY, 0, KEY_REF_PIV_PIN, PIN.length, ...Buffer.from(PIN)]));
  }

  pull(): void {
    this.isPresent = false;
    this.counter += 1;
    this.powerOn();
  }

  private reader(): CardReader {
    return {
      name: this.name,
      state: ((this.isPresent ? STATE_PRESENT : STATE_EMPTY) | (this.counter << 16)) >>> 0,
      atr: this.isPresent ? Buffer.from(this.atr) : null,
      connect: async () => {
        this.checkUsable();
        return this.card();
      },
    };
  }

  private card(): ReaderCard {
    return {
      protocol: PROTOCOL_T1,
      transmit: async (apdu) => {
        this.checkUsable();
        if (this.isResetAgainAndAgain) this.otherResets();
        if (this.wasReset) throw new Error("Card was reset");
        const answer = Buffer.from(await this.answer(new Uint8Array(apdu)));
        if (apdu[1] !== this.losesAnswerTo) return answer;
        this.losesAnswerTo = null;
        throw new Error("Card communication error");
      },
      reconnect: async (_shareMode, _protocols, initialisation) => {
        this.checkUsable();
        this.wasReset = false;
        if (initialisation === RESET_CARD) {
          this.seen.push("reset");
          this.powerOn();
        }
        return PROTOCOL_T1;
      },
      disconnect: () => {},
    };
  }

  private async answer(apdu: Uint8Array): Promise<Uint8Array> {
    this.seen.push(shortNameOf(apdu));
    this.lengths.push(apdu.length);
    if (apdu.length > 5 && apdu[4] === 0) this.extended += 1;
    const others = apdu[1] === INS_GET_RESPONSE ? this.interposed.shift() : undefined;
    if (others !== undefined) await answerAsPlainCard(this.channel, others);
    const scripted = this.nextAnswer;
    this.nextAnswer = null;
    if (scripted !== null) return scripted();
    const refusal = [...this.refused].find(([tag]) => apdu[1] === INS_GET_DATA && Buffer.from(apdu).toString("hex").includes(tag));
    if (refusal !== undefined) return statusWord(refusal[1]);
    if (apdu[1] === INS_SELECT) this.hasOtherApplication = !Buffer.from(apdu).toString("hex").includes(PIV);
    if (this.hasOtherApplication) return statusWord(SW_INS_NOT_SUPPORTED);
    return this.isPlain ? answerAsPlainCard(this.channel, apdu, this.extraCommands) : this.channel.transmit(apdu);
  }

  private powerOn(): void {
    this.hasOtherApplication = false;
    this.channel.close();
    this.channel = this.token.channel();
  }

  private checkService(): void {
    if (!this.isRunning) throw new PcscError(new Error("PC/SC service not running"));
  }

  private checkUsable(): void {
    this.checkService();
    if (!this.isPresent) throw new Error("Card was removed");
    if (this.inUse > 0) {
      this.inUse -= 1;
      throw new Error("Sharing violation");
    }
  }
}
