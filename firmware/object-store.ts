// The data objects that PUT DATA writes: PIV's, 5FC1xx, and those that YubiKey tools keep, 5FFFxx.

import { EXTENSION_OBJECT_PREFIX, OBJECT_ATTESTATION_CERTIFICATE, OBJECT_PREFIX } from "../protocol/piv.ts";
import { SW_NOT_ENOUGH_MEMORY } from "../protocol/status-words.ts";
import type { Journal } from "./journal.ts";
import { ID_EXTENSION_OBJECT, ID_KINDS, ID_OBJECT } from "./journal-ids.ts";
import { nextRevision } from "./revision.ts";
import { SwError } from "./sw-error.ts";

/** SP 800-73-5 Part 1 table 8 asks for containers of 3,000 bytes at the most. */
export const MAX_OBJECT_BYTES = 3072;

export function isObject(tag: number): boolean {
  return tag >> 8 === OBJECT_PREFIX || tag >> 8 === EXTENSION_OBJECT_PREFIX;
}

/** The certificate of the attestation key is written at the factory step, and never again. */
export function isStorableObject(tag: number): boolean {
  return isObject(tag) && tag !== OBJECT_ATTESTATION_CERTIFICATE;
}

/** Its id in the journal. */
export function objectId(tag: number): number {
  return (tag >> 8 === OBJECT_PREFIX ? ID_OBJECT : ID_EXTENSION_OBJECT) | (tag & 0xff);
}

/**
 * What SP 800-73-5 Part 1 table 2 lets be read with the PIN only: fingerprints, facial image, printed information, iris images, and the
 * reference data of the pairing code.
 */
const PIN_PROTECTED_OBJECTS: readonly number[] = [0x5fc103, 0x5fc108, 0x5fc109, 0x5fc121, 0x5fc123];

export function needsPinToRead(tag: number): boolean {
  return PIN_PROTECTED_OBJECTS.includes(tag);
}

/** The ids of all objects in the journal that PUT DATA has written. */
export function storedObjects(journal: Journal): number[] {
  const attestation = objectId(OBJECT_ATTESTATION_CERTIFICATE);
  const isStored = (id: number): boolean =>
    (id & ID_KINDS) === ID_OBJECT || ((id & ID_KINDS) === ID_EXTENSION_OBJECT && id !== attestation);
  return journal.ids().filter(isStored);
}

export class ObjectStore {
  private readonly journal: Journal;

  constructor(journal: Journal) {
    this.journal = journal;
  }

  /** The content of a data object, without its 53 wrapper; null when it is empty or absent. */
  read(tag: number): Uint8Array | null {
    return this.journal.read(objectId(tag));
  }

  /**
   * Empty content removes the object.
   * @throws SwError 6A84 when it does not fit
   */
  write(tag: number, content: Uint8Array): void {
    const id = objectId(tag);
    const full = content.length > MAX_OBJECT_BYTES || (content.length > 0 && !this.journal.roomFor(content.length, id));
    if (full) throw new SwError(SW_NOT_ENOUGH_MEMORY);
    const value = content.length === 0 ? null : content;
    this.journal.write([{ id, value }, nextRevision(this.journal)]);
  }
}
