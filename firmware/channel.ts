// A channel: one client's talk with the token. Each has a security status of its own (as ISO 7816-4 §5.5 gives one to each logical
// channel), so a PIN that one program has entered opens nothing for another.

import { equalBytes } from "../protocol/bytes.ts";
import type { Batch } from "./batch.ts";
import type { Card } from "./card.ts";

/** A command under way in several APDUs (ISO 7816-4 §5.1.1.1). */
export interface CommandChain {
  readonly cla: number;
  readonly ins: number;
  readonly p1: number;
  readonly p2: number;
  /** null: taken away, for other channels needed the memory. */
  readonly data: Uint8Array | null;
}

/** An epoch in which nothing is verified. */
const NEVER = -1;

/** A list of digests is forgotten after this time. */
const BATCH_LIFE_MS = 300000;

export class Channel {
  /** The PIN was verified by the command just before: what PIN-always keys ask for. */
  pinFresh: boolean;
  chain: CommandChain | null;
  /** What GET RESPONSE still has to give. */
  rest: Uint8Array | null;
  /** The value of Card.pinEpoch at which the PIN was verified, or NEVER. */
  private pinEpoch: number;
  /** The value of Card.managementEpoch at which the management key was proved, or NEVER. */
  private managementEpoch: number;
  /** GENERAL AUTHENTICATE 9B: what the other side has to send back, or null; and the value of Card.managementEpoch at which it was asked. */
  private expectedAnswer: Uint8Array | null;
  private expectedEpoch: number;
  /** The public point of the key that the button was last pressed for, and when (hal.clock); null: none. */
  private pressedKey: Uint8Array | null;
  private pressedMs: number;
  private consent: Batch | null;

  constructor() {
    this.pinFresh = false;
    this.chain = null;
    this.rest = null;
    this.pinEpoch = NEVER;
    this.managementEpoch = NEVER;
    this.expectedAnswer = null;
    this.expectedEpoch = NEVER;
    this.pressedKey = null;
    this.pressedMs = 0;
    this.consent = null;
  }

  /** As after power-on. PIV is the application that is selected then (SP 800-73-5 Part 2 §2.2), so nothing needs SELECT first. */
  reset(): void {
    this.chain = null;
    this.rest = null;
    this.expectedAnswer = null;
    this.pressedKey = null;
    this.forgetManagement();
    this.forgetPin();
  }

  /** Bytes of what is under way. */
  keptBytes(): number {
    const chain = this.chain;
    return (chain === null || chain.data === null ? 0 : chain.data.length) + (this.rest === null ? 0 : this.rest.length);
  }

  /** Frees the memory of what is under way. The chain stays known, so that its end is not taken for a command of its own. */
  dropKept(): void {
    const chain = this.chain;
    if (chain !== null) this.chain = { cla: chain.cla, ins: chain.ins, p1: chain.p1, p2: chain.p2, data: null };
    this.rest = null;
  }

  /** And the list of digests that was consented to with it. */
  forgetPin(): void {
    this.pinEpoch = NEVER;
    this.pinFresh = false;
    this.consent = null;
  }

  pinWasVerified(card: Card): void {
    this.pinEpoch = card.pinEpoch;
    this.pinFresh = true;
  }

  isPinVerified(card: Card): boolean {
    return this.pinEpoch === card.pinEpoch;
  }

  forgetManagement(): void {
    this.managementEpoch = NEVER;
  }

  managementWasVerified(card: Card): void {
    this.managementEpoch = card.managementEpoch;
  }

  isManagementVerified(card: Card): boolean {
    return this.managementEpoch === card.managementEpoch;
  }

  expectAnswer(card: Card, answer: Uint8Array): void {
    this.expectedAnswer = answer;
    this.expectedEpoch = card.managementEpoch;
  }

  /** What was asked for last, once; null when there is nothing, or when the management key has changed since. */
  takeExpectedAnswer(card: Card): Uint8Array | null {
    const answer = this.expectedAnswer;
    this.expectedAnswer = null;
    return this.expectedEpoch === card.managementEpoch ? answer : null;
  }

  consentTo(batch: Batch): void {
    this.consent = batch;
  }

  forgetBatch(): void {
    this.consent = null;
  }

  /** What the holder has consented to for the key in this slot; null: no list, or none that still counts. */
  batch(card: Card, slot: number, publicKey: Uint8Array): Batch | null {
    const consent = this.consent;
    if (consent === null || consent.slot !== slot) return null;
    const expired = card.hal.clock.nowMs() - consent.sinceMs > BATCH_LIFE_MS;
    if (!expired && this.isPinVerified(card) && equalBytes(consent.publicKey, publicKey)) return consent;
    this.consent = null;
    return null;
  }

  buttonWasPressed(publicKey: Uint8Array, nowMs: number): void {
    this.pressedKey = publicKey;
    this.pressedMs = nowMs;
  }

  /** Whether the last press on this channel was for this key, at most `withinMs` ago. */
  isPressed(publicKey: Uint8Array, nowMs: number, withinMs: number): boolean {
    return this.pressedKey !== null && equalBytes(this.pressedKey, publicKey) && nowMs - this.pressedMs <= withinMs;
  }
}
