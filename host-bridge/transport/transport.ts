// How the bridge reaches a token, whatever the cable: a transport is one token; a channel on it is one client's talk with it, with a
// security status of its own.

export interface TransmitOptions {
  /** Called each time the token tells that it waits for its button. */
  readonly onButton?: () => void;
}

export interface TokenChannel {
  /**
   * One command APDU; the answer is its response APDU. Calls on a channel are queued.
   * @throws TransportError
   */
  transmit(apdu: Uint8Array, options?: TransmitOptions): Promise<Uint8Array>;
  /** Gives up the wait for the button that is under way; its command then answers 6985. */
  cancel(): void;
  /** Forgets the security status and the channel. */
  close(): void;
}

/** A card in a reader: it may be any PIV card, and has one security status for all who talk to it. */
export interface CardInReader {
  /** Goes up when others reset the card or chose another of its applications: what was read before may have changed. */
  readonly disturbances: number;
  /** Finds out whether others did, unless a command was answered a moment ago. @throws TransportError */
  notice(): Promise<void>;
}

export interface Transport {
  /** For messages and logs: «simulator tour». */
  readonly name: string;
  openChannel(): Promise<TokenChannel>;
  /** Absent: a token of our own, on a cable of our own. */
  readonly card?: CardInReader;
  /** Resolves when the token has gone, for whatever reason. */
  readonly gone: Promise<void>;
  close(): void;
}

/** `gone`: unplugged, or never there; `silent`: no answer in time; `busy`: in use by another client for too long; `confused`: an answer that makes no sense. */
export type TransportFailure = "gone" | "silent" | "busy" | "confused";

export class TransportError extends Error {
  override readonly name = "TransportError";
  readonly failure: TransportFailure;
  constructor(failure: TransportFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}
