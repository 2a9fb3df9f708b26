// The management key (9B): lets the office make keys and write certificates. It opens no private key.

import { concatBytes, copyBytes, equalSecrets, hexToBytes, wipe } from "../protocol/bytes.ts";
import { ALG_AES_128, ALG_AES_192, ALG_AES_256, FACTORY_MANAGEMENT_KEY } from "../protocol/piv.ts";
import { SW_WRONG_DATA } from "../protocol/status-words.ts";
import type { CryptoProvider } from "./hal.ts";
import type { Journal } from "./journal.ts";
import { ID_MANAGEMENT_KEY } from "./journal-ids.ts";
import type { LegacyCipher, Profile } from "./profile.ts";
import { SwError } from "./sw-error.ts";

const AES_BLOCK_BYTES = 16;
/** Read once: an interpreter parses digits slowly, and each command compares with it. */
const FACTORY_KEY = hexToBytes(FACTORY_MANAGEMENT_KEY);

function aesKeyBytes(algorithm: number): number {
  if (algorithm === ALG_AES_128) return 16;
  if (algorithm === ALG_AES_192) return 24;
  return algorithm === ALG_AES_256 ? 32 : 0;
}

export class ManagementKey {
  private readonly journal: Journal;
  private readonly crypto: CryptoProvider;
  private readonly profile: Profile;

  constructor(journal: Journal, crypto: CryptoProvider, profile: Profile) {
    this.journal = journal;
    this.crypto = crypto;
    this.profile = profile;
  }

  isFactory(): boolean {
    const key = this.key();
    const isFactory = equalSecrets(key, FACTORY_KEY);
    wipe(key);
    return isFactory;
  }

  algorithm(): number {
    const stored = this.journal.read(ID_MANAGEMENT_KEY);
    if (stored === null) return this.profile.managementAlgorithm;
    const algorithm = stored[0];
    wipe(stored);
    return algorithm;
  }

  /** Length of a block of the key's cipher: of a witness, a challenge and a response. */
  blockBytes(): number {
    const legacy = this.legacyCipher(this.algorithm());
    return legacy === null ? AES_BLOCK_BYTES : legacy.blockBytes;
  }

  encryptBlock(block: Uint8Array): Uint8Array {
    const key = this.key();
    const legacy = this.legacyCipher(this.algorithm());
    const encrypted = legacy === null ? this.crypto.aesEncryptBlock(key, block) : legacy.encryptBlock(key, block);
    wipe(key);
    return encrypted;
  }

  private legacyCipher(algorithm: number): LegacyCipher | null {
    const legacy = this.profile.legacyCipher;
    return legacy !== null && legacy.algorithm === algorithm ? legacy : null;
  }

  /** A copy, to be wiped. */
  private key(): Uint8Array {
    const stored = this.journal.read(ID_MANAGEMENT_KEY);
    if (stored === null) return copyBytes(FACTORY_KEY, 0, FACTORY_KEY.length);
    const key = copyBytes(stored, 1, stored.length);
    wipe(stored);
    return key;
  }

  /** @throws SwError 6A80 on a wrong algorithm or length, or the factory's key */
  replace(algorithm: number, key: Uint8Array): void {
    const legacy = this.legacyCipher(algorithm);
    const length = legacy === null ? aesKeyBytes(algorithm) : legacy.keyBytes;
    if (length === 0 || key.length !== length) throw new SwError(SW_WRONG_DATA);
    if (this.profile.isStrict && equalSecrets(key, FACTORY_KEY)) throw new SwError(SW_WRONG_DATA);
    this.journal.write([{ id: ID_MANAGEMENT_KEY, value: concatBytes([new Uint8Array([algorithm]), key]) }]);
  }
}
