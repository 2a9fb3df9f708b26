// Where the bridge finds a token's management key (9B): PKCS#11 knows none, and making keys and writing certificates asks for it. Who starts
// the bridge says where it is kept; the bridge keeps none itself.

export interface ManagementKeys {
  /** The key of a token, 16, 24 or 32 bytes of AES; null: it is not known here. The caller overwrites it after use. */
  find(serial: string): Uint8Array | null;
  /**
   * For a token that still has the factory's: the key that is kept for it, a new random one the first time; kept before the token is told
   * it, so that it is never unknown. The caller overwrites what it is given.
   */
  keep(serial: string): Uint8Array;
  /** The token was reset: what is kept for it is worth nothing any more. */
  forget(serial: string): void;
}
