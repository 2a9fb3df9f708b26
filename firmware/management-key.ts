// The management key (9B): lets the office make keys and write certificates. It opens no private key.

import { concatBytes, copyBytes, equalBytes, hexToBytes } from "../protocol/bytes.ts";
import { ALG_AES_128, ALG_AES_192, ALG_AES_256, FACTORY_MANAGEMENT_KEY } from "../protocol/piv.ts";
import { SW_WRONG_DATA } from "../protocol/status-words.ts";
import type { Journal } from "./journal.ts";
import { ID_MANAGEMENT_KEY } from "./journal-ids.ts";
import { SwError } from "./sw-error.ts";

export const AES_BLOCK_BYTES = 16;

/** Length of the key of an algorithm in bytes, or 0 when it is none for 9B. */
export function managementKeyBytes(algorithm: number): number {
  if (algorithm === ALG_AES_128) return 16;
  if (algorithm === ALG_AES_192) return 24;
  return algorithm === ALG_AES_256 ? 32 : 0;
}

export class ManagementKey {
  private readonly journal: Journal;

  constructor(journal: Journal) {
    this.journal = journal;
  }

  isFactory(): boolean {
    return this.journal.read(ID_MANAGEMENT_KEY) === null;
  }

  algorithm(): number {
    const stored = this.journal.read(ID_MANAGEMENT_KEY);
    return stored === null ? ALG_AES_192 : stored[0];
  }

  key(): Uint8Array {
    const stored = this.journal.read(ID_MANAGEMENT_KEY);
    return stored === null ? hexToBytes(FACTORY_MANAGEMENT_KEY) : copyBytes(stored, 1, stored.length);
  }

  /** @throws SwError 6A80 on a wrong algorithm or length, or the factory's key */
  replace(algorithm: number, key: Uint8Array): void {
    const length = managementKeyBytes(algorithm);
    if (length === 0 || key.length !== length) throw new SwError(SW_WRONG_DATA);
    if (equalBytes(key, hexToBytes(FACTORY_MANAGEMENT_KEY))) throw new SwError(SW_WRONG_DATA);
    this.journal.write([{ id: ID_MANAGEMENT_KEY, value: concatBytes([new Uint8Array([algorithm]), key]) }]);
  }
}
