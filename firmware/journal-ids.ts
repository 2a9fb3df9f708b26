// What the journal keeps, by id: the kind in the high byte, which one in the low.

/** Verifier of the PIN (80) or PUK (81): see reference-data.ts. */
export const ID_REFERENCE_DATA = 0x0100;
/** Tries of the PIN (80) or PUK (81): left (1), in all (1; absent in what layout 1 wrote: 3). */
export const ID_TRIES = 0x0200;
/** Management key: algorithm (1), key. */
export const ID_MANAGEMENT_KEY = 0x0300;
/** A key slot: see key-store.ts. */
export const ID_KEY = 0x0400;
/** Data object 5FC1xx: its content. */
export const ID_OBJECT = 0x0500;
/** Revision of keys and objects, 4 bytes. */
export const ID_REVISION = 0x0600;

/** What is left of the key that was erased last in a slot: see key-store.ts. */
export const ID_ERASED_KEY = 0x0700;
/** Data object 5FFFxx of the YubiKey PIV extension: its content. 5FFF01 is the attestation key's certificate. */
export const ID_EXTENSION_OBJECT = 0x0800;
/** A RESET that has begun: one byte. */
export const ID_RESET = 0x0900;

export const ID_KINDS = 0xff00;

/** True of what must not stay in the flash once it is replaced: private keys, the management key, the verifiers of PIN and PUK. */
export function isSecret(id: number): boolean {
  const kind = id & ID_KINDS;
  return kind === ID_REFERENCE_DATA || kind === ID_MANAGEMENT_KEY || kind === ID_KEY;
}
