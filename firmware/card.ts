// Everything that the token keeps: one object that the commands are given.

import { KEY_REF_PIV_PIN, KEY_REF_PUK } from "../protocol/piv.ts";
import { splitFlash } from "./flash-regions.ts";
import type { Hal } from "./hal.ts";
import { Journal } from "./journal.ts";
import { KeyStore } from "./key-store.ts";
import { ManagementKey } from "./management-key.ts";
import { ObjectStore } from "./object-store.ts";
import type { Profile } from "./profile.ts";
import { ReferenceData } from "./reference-data.ts";
import { eraseAll, finishReset } from "./reset.ts";
import { SignatureLog } from "./signature-log.ts";

export class Card {
  readonly hal: Hal;
  readonly profile: Profile;
  readonly journal: Journal;
  readonly log: SignatureLog;
  readonly pin: ReferenceData;
  readonly puk: ReferenceData;
  readonly managementKey: ManagementKey;
  readonly keys: KeyStore;
  readonly objects: ObjectStore;
  /** Goes up when the PIN changes or is blocked: a PIN verified before counts no more, on any channel. */
  pinEpoch: number;
  /** Goes up when the management key changes, likewise. */
  managementEpoch: number;
  private initialised: boolean;

  constructor(hal: Hal, profile: Profile) {
    this.hal = hal;
    this.profile = profile;
    const regions = splitFlash(hal.flash);
    this.journal = new Journal(hal.flash, (data) => hal.crypto.crc32(data), regions.journal.pages.length);
    this.log = new SignatureLog(regions.log, hal.crypto);
    this.pin = new ReferenceData(hal, this.journal, KEY_REF_PIV_PIN, profile.isStrict);
    this.puk = new ReferenceData(hal, this.journal, KEY_REF_PUK, profile.isStrict);
    this.managementKey = new ManagementKey(this.journal, hal.crypto, profile);
    this.keys = new KeyStore(this.journal, this.log, hal.crypto);
    this.objects = new ObjectStore(this.journal);
    this.pinEpoch = 0;
    this.managementEpoch = 0;
    this.initialised = false;
    finishReset(this.journal, this.keys);
  }

  /** Makes it what it was when it left the factory (reset.ts). Whatever was proved counts no more, on any channel. */
  reset(): void {
    this.initialised = false;
    eraseAll(this.journal, this.keys);
    this.pinEpoch++;
    this.managementEpoch++;
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

  /** A strict token is blank until its three secrets are no longer the factory's. */
  isInitialised(): boolean {
    // Once it is, only RESET ends it: no command sets a factory's secret again.
    if (!this.initialised) {
      this.initialised = !this.profile.isStrict || (!this.pin.isFactory() && !this.puk.isFactory() && !this.managementKey.isFactory());
    }
    return this.initialised;
  }
}
