// A PIV card in a PC/SC reader, shared with all other software on this computer: commands go to the PIV application, whoever reset the card or chose
// another of its applications meanwhile.

import { setTimeout as sleep } from "node:timers/promises";
import type { CommandApdu } from "../../protocol/apdu.ts";
import { parseTlvs } from "../../protocol/ber-tlv.ts";
import { bytesToHex, hexToBytes } from "../../protocol/bytes.ts";
import { MalformedError } from "../../protocol/malformed.ts";
import { INS_GET_DATA, INS_SELECT, OBJECT_DISCOVERY, PIV_AID, TAG_DATA_OBJECT_ID } from "../../protocol/piv.ts";
import { SW_OK } from "../../protocol/status-words.ts";
import { saysExtendedLength } from "./card-capabilities.ts";
import { type CardForm, exchange, TornAnswerError } from "./card-exchange.ts";
import {
  type CardReader,
  LEAVE_CARD,
  PcscError,
  PROTOCOL_T0,
  PROTOCOL_T1,
  RESET_CARD,
  type ReaderCard,
  SHARE_SHARED,
} from "./pcsc-library.ts";
import { PortBusyError } from "./port-error.ts";
import { TransportError } from "./transport.ts";

const PROTOCOLS = PROTOCOL_T0 | PROTOCOL_T1;
/** Another program's transaction keeps everybody else out; a generation of an RSA key takes this long. */
const IN_USE_LIMIT_MS = 30_000;
const IN_USE_POLL_MS = 25;
/** Resets by others one after the other, with no command between them that was answered. */
const MOST_RESETS = 10;
/** How often an answer is asked for again that another program's commands came into. */
const MOST_TORN = 3;
/** As much as an extended APDU can answer. */
const ANSWER_BYTES = 65_538;
/** Within this time nobody will have chosen another application: reading a card is a hundred commands. */
const TRUSTED_MS = 250;
/** The PIV application's own name, as a Discovery object tells it: tag 4F (SP 800-73-5 Part 1 table 20). */
const DISCOVERED = `4f0b${PIV_AID}`;

const SELECT: CommandApdu = { cla: 0, ins: INS_SELECT, p1: 4, p2: 0, data: hexToBytes(PIV_AID), le: 256 };
const DISCOVER: CommandApdu = {
  cla: 0,
  ins: INS_GET_DATA,
  p1: 0x3f,
  p2: 0xff,
  data: new Uint8Array([TAG_DATA_OBJECT_ID, 1, OBJECT_DISCOVERY]),
  le: 256,
};

const swOf = (response: Uint8Array): number => ((response.at(-2) ?? 0) << 8) | (response.at(-1) ?? 0);
/** What is sent is overwritten afterwards. */
const withOwnData = (command: CommandApdu): CommandApdu => ({ ...command, data: command.data.slice() });

/** Whether a data object is as long as it says: where two programs read at once, a piece of one object may follow a piece of the other. */
function isWholeObject({ ins }: CommandApdu, answer: Uint8Array): boolean {
  if (ins !== INS_GET_DATA || swOf(answer) !== SW_OK) return true;
  try {
    parseTlvs(answer.subarray(0, -2));
    return true;
  } catch (error) {
    if (error instanceof MalformedError) return false;
    throw error;
  }
}

/** A bank's card, or one that holds something else. */
export class NoPivCardError extends TransportError {
  constructor() {
    super("confused", "the card has no PIV application");
  }
}

/** Somebody reset the card, and so nothing was sent (pcscd looks before it sends). It is mended: connected anew, PIV selected, nothing proved. */
export class CardWasResetError extends TransportError {
  constructor(cause: unknown) {
    super("confused", "another program reset the card", { cause });
  }
}

function asTransportError(error: PcscError): TransportError {
  const { failure, message } = error;
  if (failure === "removed" || failure === "no-service")
    return new TransportError("gone", `the card has gone: ${message}`, { cause: error });
  if (failure === "in-use") return new TransportError("busy", "another program keeps the card for itself", { cause: error });
  return new TransportError("confused", `the reader fails: ${message}`, { cause: error });
}

export class PivCardInReader {
  /** The answer to SELECT, as it was last. */
  selected: Uint8Array = new Uint8Array(0);
  /** How often others reset the card, or chose another application: whatever was read before may be another thing now. */
  disturbances = 0;
  private readonly card: ReaderCard;
  private readonly form: CardForm;
  private readonly onForgotten: () => void;
  private hasDiscovery = false;
  private lastMs = 0;
  /** By others, since a command was answered. */
  private resets = 0;
  /** What was proved is to end, and the card could not be reset. */
  private owesReset = false;

  private constructor(card: ReaderCard, atr: Uint8Array, onForgotten: () => void) {
    this.card = card;
    this.form = { isT0: card.protocol === PROTOCOL_T0, hasExtended: card.protocol === PROTOCOL_T1 && saysExtendedLength(atr) };
    this.onForgotten = onForgotten;
  }

  /**
   * Connects, and selects PIV: no other command goes to a card that has none.
   * @param onForgotten called when the card has forgotten what was proved
   * @throws PortBusyError when another program has the card for itself; TransportError: gone, or no PIV card
   */
  static async connect(reader: CardReader, onForgotten: () => void): Promise<PivCardInReader> {
    const card = await reader.connect(SHARE_SHARED, PROTOCOLS).catch((cause: unknown) => {
      const error = new PcscError(cause);
      throw error.failure === "in-use" ? new PortBusyError("another program has the card for itself", { cause }) : asTransportError(error);
    });
    const piv = new PivCardInReader(card, new Uint8Array(reader.atr ?? []), onForgotten);
    try {
      await piv.select();
      piv.hasDiscovery = await piv.tellsPiv();
    } catch (error) {
      await piv.leave(false);
      throw error;
    }
    return piv;
  }

  /**
   * One command and its whole answer. It is overwritten.
   * @throws CardWasResetError when it was not sent; TransportError
   */
  async transmit(command: CommandApdu): Promise<Uint8Array> {
    const answer = await exchange((apdu) => this.send(apdu), this.form, command);
    this.lastMs = Date.now();
    return answer;
  }

  /**
   * The same for a command that changes and proves nothing, which is not overwritten: it is sent again after a reset, and when another program's
   * commands came into its answer.
   */
  async read(command: CommandApdu): Promise<Uint8Array> {
    for (let torn = 0; ; torn++) {
      try {
        const answer = await this.readOnce(command);
        if (torn === MOST_TORN || isWholeObject(command, answer)) return answer;
      } catch (error) {
        if (torn === MOST_TORN || !(error instanceof TornAnswerError)) throw error;
      }
    }
  }

  private async readOnce(command: CommandApdu): Promise<Uint8Array> {
    try {
      return await this.transmit(withOwnData(command));
    } catch (error) {
      if (!(error instanceof CardWasResetError)) throw error;
      return this.transmit(withOwnData(command));
    }
  }

  /**
   * Sees to it that the next command goes to the PIV application: whoever chose another one meanwhile, or reset the card, is found out.
   * @param isUrgent even when a command was answered a moment ago
   */
  async settle(isUrgent: boolean): Promise<void> {
    if (!isUrgent && Date.now() - this.lastMs < TRUSTED_MS) return;
    const before = this.disturbances;
    // SELECT of PIV where PIV is selected changes nothing (SP 800-73-5 Part 2 §3.1.1), so it serves where there is no Discovery object.
    const isPiv = this.hasDiscovery ? await this.tellsPiv() : swOf(await this.read(SELECT)) === SW_OK;
    if (isPiv || this.disturbances !== before) return;
    this.disturb();
    await this.select();
  }

  /** Ends what was proved, by whomever. */
  async reset(): Promise<void> {
    this.onForgotten();
    this.owesReset = true;
    await this.reconnect(RESET_CARD);
    this.owesReset = false;
    await this.select();
  }

  /**
   * Disconnects, as soon as no other program has a transaction: `disconnect` would wait for its end in Node's own thread.
   * @param isProved something was, and must not outlive the connection
   * @returns false when another program has the card for too long: then the connection ends with the process
   */
  async leave(isProved: boolean): Promise<boolean> {
    const initialisation = isProved || this.owesReset ? RESET_CARD : LEAVE_CARD;
    try {
      await this.whenFree(() => this.card.reconnect(SHARE_SHARED, PROTOCOLS, initialisation));
    } catch (error) {
      if (error instanceof PcscError && error.failure === "in-use") return false;
      // else it has gone already
    }
    this.disconnect();
    return true;
  }

  private disconnect(): void {
    try {
      this.card.disconnect(LEAVE_CARD);
    } catch {
      // gone already
    }
  }

  private disturb(): void {
    this.disturbances += 1;
    this.onForgotten();
  }

  private async tellsPiv(): Promise<boolean> {
    const answer = await this.read(DISCOVER);
    return swOf(answer) === SW_OK && bytesToHex(answer).includes(DISCOVERED);
  }

  private async select(): Promise<void> {
    this.selected = await this.read(SELECT);
    if (swOf(this.selected) !== SW_OK) throw new NoPivCardError();
  }

  private async reconnect(initialisation: number): Promise<void> {
    const reconnected = this.whenFree(() => this.card.reconnect(SHARE_SHARED, PROTOCOLS, initialisation));
    const protocol = await reconnected.catch((error: unknown) => {
      throw error instanceof PcscError ? asTransportError(error) : error;
    });
    this.form.isT0 = protocol === PROTOCOL_T0; // others may have agreed on another one with the card
    if (protocol !== PROTOCOL_T1) this.form.hasExtended = false;
  }

  private async send(apdu: Uint8Array): Promise<Uint8Array> {
    const copy = Buffer.from(apdu);
    try {
      const answer = new Uint8Array(await this.whenFree(() => this.card.transmit(copy, { maxRecvLength: ANSWER_BYTES })));
      this.resets = 0;
      return answer;
    } catch (error) {
      if (!(error instanceof PcscError)) throw error;
      if (error.failure !== "reset") throw asTransportError(error);
      this.disturb();
      this.resets += 1;
      if (this.resets > MOST_RESETS) {
        this.resets = 0; // for the next command
        throw asTransportError(error);
      }
      await this.reconnect(LEAVE_CARD);
      await this.select();
      throw new CardWasResetError(error);
    } finally {
      copy.fill(0);
    }
  }

  /** Waits while another program's transaction keeps everybody else out. @throws PcscError */
  private async whenFree<T>(call: () => Promise<T>): Promise<T> {
    const deadline = Date.now() + IN_USE_LIMIT_MS;
    for (;;) {
      try {
        return await call();
      } catch (cause) {
        const error = new PcscError(cause);
        if (error.failure !== "in-use" || Date.now() > deadline) throw error;
        await sleep(IN_USE_POLL_MS);
      }
    }
  }
}
