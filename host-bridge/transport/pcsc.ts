// A card in a PC/SC reader as a transport: channels with a security status of their own on a card that has one for all (card-status.ts).
// The wait for a button is not told by PC/SC, and can't be given up: the card's own limit ends it.

import { setTimeout as sleep } from "node:timers/promises";
import { parseCommandApdu } from "../../protocol/apdu.ts";
import { INS_GENERAL_AUTHENTICATE } from "../../protocol/piv.ts";
import { SW_INTERNAL_ERROR, SW_OK, SW_SECURITY_STATUS_NOT_SATISFIED, SW_TRIES_LEFT, triesLeftOf } from "../../protocol/status-words.ts";
import { TornAnswerError } from "./card-exchange.ts";
import { CardStatus, type Claim, type CommandKind, kindOf } from "./card-status.ts";
import { hasCard, type PcscContext, PcscError, type PcscLibrary } from "./pcsc-library.ts";
import { CardWasResetError, PivCardInReader } from "./reader-card.ts";
import { type CardInReader, type TokenChannel, type Transport, TransportError } from "./transport.ts";

/** Until a card has told more: how many tries a PIN has at least that was just given right. */
const TRIES_OF_A_PROVED_PIN = 3;

const swBytes = (sw: number): Uint8Array => new Uint8Array([sw >> 8, sw & 0xff]);
const swOf = (response: Uint8Array): number => ((response.at(-2) ?? 0) << 8) | (response.at(-1) ?? 0);

/** pcscd looks at its readers several times a second: until then a card that was pulled in a command is only one that fails. */
const PULLED_WITHIN_MS = 700;
const PULLED_POLL_MS = 50;

class CardTransport implements Transport {
  readonly name: string;
  readonly gone: Promise<void>;
  readonly card: CardInReader;
  private readonly context: PcscContext;
  private readonly piv: PivCardInReader;
  private readonly status: CardStatus;
  private hasGone = (): void => {};
  private isOpen = true;
  /** One command at a time, of all channels. */
  private turn: Promise<unknown> = Promise.resolve();
  /** Whose PIN, or part of a proof of the management key, the card has just taken, with no command since. */
  private justProved: Claim | null = null;
  private mostTries = TRIES_OF_A_PROVED_PIN;

  constructor(name: string, context: PcscContext, piv: PivCardInReader, status: CardStatus) {
    this.name = name;
    this.context = context;
    this.piv = piv;
    this.status = status;
    this.gone = new Promise((resolve) => {
      this.hasGone = resolve;
    });
    this.card = {
      get disturbances() {
        return piv.disturbances;
      },
      notice: () => this.inTurn(() => piv.settle(false)),
    };
  }

  async openChannel(): Promise<TokenChannel> {
    if (!this.isOpen) throw new TransportError("gone", "the card has gone");
    const claim: Claim = { hasProved: false, isLost: false };
    let isClosed = false;
    return {
      // Nothing on a closed channel: nobody would end what it proves.
      transmit: async (apdu) => {
        if (isClosed) throw new TransportError("confused", "the channel was closed");
        return this.inTurn(() => this.transmit(claim, apdu));
      },
      cancel: () => {}, // PC/SC has no word for it
      close: () => {
        isClosed = true;
        void this.inTurn(() => this.endClaim(claim)).catch(() => {}); // gone: the card has forgotten as well
      },
    };
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.hasGone();
    // After the command that is under way: libpcsclite would wait for it in this thread.
    void this.turn.then(async () => {
      if (await this.piv.leave(this.status.isProved)) this.context.close();
    });
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.turn.then(() => {
      if (!this.isOpen) throw new TransportError("gone", "the card has gone");
      return work();
    });
    this.turn = done.catch((error: unknown) => {
      if (error instanceof TransportError && error.failure === "gone") this.close();
    });
    return done;
  }

  private async transmit(claim: Claim, apdu: Uint8Array): Promise<Uint8Array> {
    try {
      return await this.carryOut(claim, apdu);
    } catch (error) {
      const mayBePulled = error instanceof TransportError && error.failure === "confused";
      const isThere = error instanceof CardWasResetError || error instanceof TornAnswerError;
      if (!mayBePulled || isThere || !(await this.wasPulled())) throw error;
      throw new TransportError("gone", "the card was pulled", { cause: error });
    }
  }

  /** Whether the card turns out to have gone. Without a command under way the context answers at once. */
  private async wasPulled(): Promise<boolean> {
    const deadline = Date.now() + PULLED_WITHIN_MS;
    while (this.isOpen && Date.now() < deadline) {
      if (!isInReader(this.context, this.name)) return true;
      await sleep(PULLED_POLL_MS);
    }
    return !this.isOpen;
  }

  private carryOut(claim: Claim, apdu: Uint8Array): Promise<Uint8Array> {
    const kind = kindOf(apdu);
    const isRightAfterPin = this.justProved === claim;
    this.justProved = null;
    switch (kind) {
      case "free":
        return this.readFree(apdu);
      case "ask":
        return this.ask(claim, apdu);
      case "select":
      case "log-out":
        return this.forget(claim, kind);
      case "prove":
      case "use":
        return this.claimed(claim, kind, apdu, isRightAfterPin);
    }
  }

  private async readFree(apdu: Uint8Array): Promise<Uint8Array> {
    await this.piv.settle(false);
    return this.piv.read(parseCommandApdu(apdu));
  }

  /** Whether the PIN is proved: on this channel, not on the card. */
  private async ask(claim: Claim, apdu: Uint8Array): Promise<Uint8Array> {
    await this.piv.settle(true);
    const answer = await this.piv.read(parseCommandApdu(apdu));
    this.mostTries = Math.max(this.mostTries, triesLeftOf(swOf(answer)) ?? 0);
    const isOthers = swOf(answer) === SW_OK && !(this.status.isOf(claim) && claim.hasProved);
    return isOthers ? swBytes(SW_TRIES_LEFT | this.mostTries) : answer;
  }

  /** A wrong PIN takes away what it proved before, on any card; a wrong management key may not: so nothing is left of either. */
  private async afterProof(claim: Claim, isRight: boolean): Promise<void> {
    if (!isRight) return this.endClaim(claim);
    claim.hasProved = true;
    this.justProved = claim;
  }

  private async forget(claim: Claim, kind: CommandKind): Promise<Uint8Array> {
    await this.endClaim(claim);
    return kind === "select" ? this.piv.selected : swBytes(SW_OK);
  }

  private async endClaim(claim: Claim): Promise<void> {
    const mustReset = this.status.isOf(claim) && claim.hasProved;
    if (mustReset) await this.piv.reset();
    if (this.justProved === claim) this.justProved = null;
    claim.isLost = false;
  }

  private async claimed(claim: Claim, kind: CommandKind, apdu: Uint8Array, isRightAfterPin: boolean): Promise<Uint8Array> {
    // A key that wants its PIN each time wants it in the very command before (SP 800-73-5 Part 1 §5.5), and a card may forget its witness at any other
    // command (Part 2 appendix A.1): there is no room for a look.
    const isNext = isRightAfterPin && (kind === "use" || apdu[1] === INS_GENERAL_AUTHENTICATE);
    if (!isNext) await this.piv.settle(true);
    if (claim.isLost && kind === "use") {
      claim.isLost = false;
      return swBytes(SW_SECURITY_STATUS_NOT_SATISFIED); // another proved its own PIN meanwhile; asking the card would take that away for nothing
    }
    if (!this.status.isOf(claim) || !claim.hasProved) {
      await this.piv.reset(); // what others have proved, in this program or another, is nobody else's
      this.status.give(claim);
    }
    claim.isLost = false;
    const answer = await this.piv.transmit(parseCommandApdu(apdu)).catch((error: unknown) => {
      // Its answer is lost, and it may have been right: it ends like one that was.
      if (kind === "prove" && !(error instanceof CardWasResetError)) claim.hasProved = true;
      if (error instanceof TornAnswerError) return swBytes(SW_INTERNAL_ERROR); // it was carried out, and is not to be a second time
      // Between the look and the command. What was proved is lost; a PIN is not sent again by itself.
      if (!(error instanceof CardWasResetError) || kind !== "use") throw error;
      claim.isLost = false;
      return swBytes(SW_SECURITY_STATUS_NOT_SATISFIED);
    });
    if (kind === "prove") await this.afterProof(claim, swOf(answer) === SW_OK);
    return answer;
  }
}

function isInReader(context: PcscContext, readerName: string): boolean {
  try {
    return context.listReaders().some((reader) => reader.name === readerName && hasCard(reader));
  } catch {
    return false; // pcscd has gone
  }
}

/**
 * The card that is in the reader of this name. Other software may go on using it: the connection is shared.
 * @throws TransportError gone (no such reader, no card, no pcscd), confused (no PIV card); PortBusyError, LibraryMissingError
 */
export async function openPcscTransport(library: PcscLibrary, readerName: string): Promise<Transport> {
  const context = openContext(library);
  try {
    const reader = context.listReaders().find(({ name }) => name === readerName);
    if (reader === undefined) throw new TransportError("gone", `there is no reader ${readerName}`);
    const status = new CardStatus();
    const piv = await PivCardInReader.connect(reader, () => status.forget());
    return new CardTransport(readerName, context, piv, status);
  } catch (error) {
    context.close();
    throw error instanceof PcscError ? new TransportError("gone", error.message, { cause: error }) : error;
  }
}

function openContext(library: PcscLibrary): PcscContext {
  try {
    return library.openContext();
  } catch (error) {
    throw error instanceof PcscError ? new TransportError("gone", error.message, { cause: error }) : error;
  }
}
