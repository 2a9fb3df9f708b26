// The tokens of a demonstration: whoever calls brings them, and this folder knows no simulator.

import type { TokenSecrets } from "../activation/token-escrow.ts";
import type { KeyEvidence } from "../issuance/attested-key.ts";

/** A token in somebody's hand. */
export interface DemoToken {
  readonly serial: string;
  readonly model: string;
  /** MAJOR.MINOR.PATCH */
  readonly firmware: string;
  /** What it was given when it was formatted: the office keeps them encrypted. */
  readonly secrets: TokenSecrets;
  /** Makes a key in a slot. @returns what the token says of it */
  makeKey(slot: number): Promise<KeyEvidence>;
  /** PKCS#10 by the key in the slot, DER. */
  request(slot: number, challenge: string): Promise<Uint8Array>;
  /** ECDSA with SHA-256 by the key in the slot, DER. */
  sign(slot: number, text: Uint8Array): Promise<Uint8Array>;
  writeCertificate(slot: number, certificate: Uint8Array): Promise<void>;
  unplug(): Promise<void>;
}

export interface DemoTokens {
  /** The root that vouches for them, DER. */
  readonly root: Uint8Array;
  /** A new token that left the factory long ago. */
  make(name: string): Promise<DemoToken>;
}
