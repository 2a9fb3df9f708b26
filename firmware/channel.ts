// A channel: one client's talk with the token. Each has a security status of its own (as ISO 7816-4 §5.5 gives one to each logical
// channel), so a PIN that one program has entered opens nothing for another.

import type { Card } from "./card.ts";

/** A command under way in several APDUs (ISO 7816-4 §5.1.1.1). */
export interface CommandChain {
  readonly cla: number;
  readonly ins: number;
  readonly p1: number;
  readonly p2: number;
  readonly parts: Uint8Array[];
  lengthBytes: number;
}

export class Channel {
  managementVerified: boolean;
  /** The PIN was verified by the command just before: what PIN-always keys ask for. */
  pinFresh: boolean;
  /** GENERAL AUTHENTICATE 9B: what the other side has to send back, or null. */
  expectedAnswer: Uint8Array | null;
  chain: CommandChain | null;
  /** What GET RESPONSE still has to give. */
  rest: Uint8Array | null;
  /** The value of Card.pinEpoch at which the PIN was verified, or −1. */
  private verifiedEpoch: number;

  constructor() {
    this.managementVerified = false;
    this.pinFresh = false;
    this.expectedAnswer = null;
    this.chain = null;
    this.rest = null;
    this.verifiedEpoch = -1;
  }

  /** As after power-on. PIV is the application that is selected then (SP 800-73-5 Part 2 §2.2), so nothing needs SELECT first. */
  reset(): void {
    this.chain = null;
    this.rest = null;
    this.forgetSecurityStatus();
  }

  forgetSecurityStatus(): void {
    this.managementVerified = false;
    this.expectedAnswer = null;
    this.forgetPin();
  }

  forgetPin(): void {
    this.verifiedEpoch = -1;
    this.pinFresh = false;
  }

  pinWasVerified(card: Card): void {
    this.verifiedEpoch = card.pinEpoch;
    this.pinFresh = true;
  }

  isPinVerified(card: Card): boolean {
    return this.verifiedEpoch === card.pinEpoch;
  }
}
