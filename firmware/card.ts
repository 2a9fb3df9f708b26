// Everything that the token keeps: one object that the commands are given.

import { KEY_REF_PIV_PIN, KEY_REF_PUK } from "../protocol/piv.ts";
import type { Hal } from "./hal.ts";
import { Journal } from "./journal.ts";
import { KeyStore } from "./key-store.ts";
import { ManagementKey } from "./management-key.ts";
import { ObjectStore } from "./object-store.ts";
import { ReferenceData } from "./reference-data.ts";

/** [major, minor, patch], told by GET VERSION and in the device information. */
export const FIRMWARE_VERSION: readonly number[] = [0, 1, 0];

export class Card {
  readonly hal: Hal;
  readonly journal: Journal;
  readonly pin: ReferenceData;
  readonly puk: ReferenceData;
  readonly managementKey: ManagementKey;
  readonly keys: KeyStore;
  readonly objects: ObjectStore;
  /** Goes up when the PIN changes or is blocked: a PIN verified before counts no more, on any channel. */
  pinEpoch: number;
  /** Goes up when the management key changes, likewise. */
  managementEpoch: number;

  constructor(hal: Hal) {
    this.hal = hal;
    this.journal = new Journal(hal.flash, (data) => hal.crypto.crc32(data));
    this.pin = new ReferenceData(hal, this.journal, KEY_REF_PIV_PIN);
    this.puk = new ReferenceData(hal, this.journal, KEY_REF_PUK);
    this.managementKey = new ManagementKey(this.journal);
    this.keys = new KeyStore(this.journal, hal.crypto);
    this.objects = new ObjectStore(this.journal);
    this.pinEpoch = 0;
    this.managementEpoch = 0;
  }

  /**
   * Compares with the PIN, as ReferenceData.verify. The wrong value that blocks it ends its verification on every channel.
   * @throws SwError 63Cx, 6983
   */
  verifyPin(value: Uint8Array): void {
    try {
      this.pin.verify(value);
    } catch (error) {
      if (this.pin.triesLeft() === 0) this.pinEpoch++;
      throw error;
    }
  }

  /** A token is blank until its three secrets are no longer the factory's. */
  isInitialised(): boolean {
    return !this.pin.isFactory() && !this.puk.isFactory() && !this.managementKey.isFactory();
  }
}
