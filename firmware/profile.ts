// How a token left the factory. A board is always strict; the simulator has a second profile (simulator/compat-profile.ts), for tools that
// speak 3DES and default secrets. The profile is told by the device information, by attestations and by every statement.

import { ALG_AES_192 } from "../protocol/piv.ts";

/** A cipher that only an old tool needs. */
export interface LegacyCipher {
  /** Identifier of SP 800-78 for the management key. */
  readonly algorithm: number;
  readonly keyBytes: number;
  readonly blockBytes: number;
  encryptBlock(key: Uint8Array, block: Uint8Array): Uint8Array;
}

export interface Profile {
  readonly name: string;
  /**
   * Blank until the three secrets are changed, no factory's and no trivial value, ECDH only in 9D and the retired slots, attestations only for who
   * has proved the PIN or the management key, SET TRIES leaves PIN and PUK as they are.
   */
  readonly isStrict: boolean;
  /** Algorithm of the factory's management key. */
  readonly managementAlgorithm: number;
  readonly legacyCipher: LegacyCipher | null;
}

export const STRICT_PROFILE: Profile = {
  name: "strict",
  isStrict: true,
  managementAlgorithm: ALG_AES_192,
  legacyCipher: null,
};
