// What a command is: a row of the table in token.ts.

import type { CommandApdu } from "../protocol/apdu.ts";
import type { Card } from "./card.ts";
import type { Channel } from "./channel.ts";

/** A command that goes on when the button is pressed. */
export class AfterButton {
  readonly proceed: () => Uint8Array;
  constructor(proceed: () => Uint8Array) {
    this.proceed = proceed;
  }
}

/** What a command sees of the world. */
export interface CommandContext {
  readonly card: Card;
  readonly channel: Channel;
  /** The PIN was verified by the command just before this one. */
  readonly pinJustVerified: boolean;
}

export interface CommandHandler {
  readonly cla: number;
  readonly ins: number;
  /** A blank token runs it too: reading, VERIFY, and the change of the three secrets. */
  readonly onBlank: boolean;
  /**
   * The answer's data.
   * @throws SwError, MalformedError
   */
  readonly handle: (context: CommandContext, command: CommandApdu) => Uint8Array | AfterButton;
}
