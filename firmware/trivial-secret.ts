// Values that people choose and thieves try first.

import { PIN_FILLER } from "../protocol/piv.ts";

/** The longest group whose repetition is trivial: 121212, 123123. */
const MAX_GROUP = 3;

/** From the byte at `index` − 1 to the one at `index`; digits count on from 9 to 0. */
function stepTo(value: Uint8Array, index: number): number {
  return (value[index] - value[index - 1] + 10) % 10;
}

/** Each character follows the one before by the same step: 111111, 123456, 987654, 246802. */
function isProgression(value: Uint8Array, length: number): boolean {
  for (let i = 2; i < length; i++) if (stepTo(value, i) !== stepTo(value, 1)) return false;
  return true;
}

function isRepetition(value: Uint8Array, length: number, group: number): boolean {
  for (let i = group; i < length; i++) if (value[i] !== value[i - group]) return false;
  return true;
}

/** True of a PIN or PUK (8 bytes, the PIN filled up with FF) that is a progression, or the repetition of up to three characters. */
export function isTrivial(value: Uint8Array): boolean {
  let length = 0;
  while (length < value.length && value[length] !== PIN_FILLER) length++;
  if (isProgression(value, length)) return true;
  for (let group = 2; group <= MAX_GROUP; group++) if (isRepetition(value, length, group)) return true;
  return false;
}
