// What a token tells of itself (vendor command, protocol/vendor.ts).

import { CborMap, type CborValue, decodeCbor } from "../../protocol/cbor.ts";
import {
  INFO_COUNTER,
  INFO_FIRMWARE,
  INFO_FORMAT,
  INFO_INITIALISED,
  INFO_MODEL,
  INFO_PROFILE,
  INFO_REVISION,
  INFO_SEALED,
  INFO_SERIAL,
  INFO_SIMULATED,
  VENDOR_FORMAT_VERSION,
} from "../../protocol/vendor.ts";
import { fromToken, MalformedAnswerError } from "./malformed-answer.ts";

export interface DeviceInfo {
  readonly model: string;
  /** As printed on the case: decimal digits. */
  readonly serial: string;
  readonly firmware: readonly [number, number, number];
  readonly isInitialised: boolean;
  readonly isSimulated: boolean;
  /** Goes up with every change of a key or a data object. */
  readonly revision: number;
  /** The factory profile: `strict`, or `compat` of the simulator alone. */
  readonly profile: string;
  /** The factory step is done: there is an attestation key. */
  readonly isSealed: boolean;
  /** Counter of the newest entry of the signature journal; 0: none. */
  readonly counter: number;
  /** A PIV card that is no token of ours: of what is above, its serial number and the revision alone are its own (plain-card.ts). */
  readonly isPlainCard?: true;
}

function numberIn(value: CborValue | undefined): number {
  if (typeof value !== "number" || value < 0) throw new MalformedAnswerError("the token's device information lacks a number");
  return value;
}

function textIn(value: CborValue | undefined): string {
  if (typeof value !== "string") throw new MalformedAnswerError("the token's device information lacks a text");
  return value;
}

/**
 * Strictly: the serial number becomes part of the names of files.
 * @throws MalformedAnswerError when the bytes are no CBOR map, or a value is of another type; Error when it has a form that this version does not know
 */
export function parseDeviceInfo(data: Uint8Array): DeviceInfo {
  const map = fromToken(() => decodeCbor(data));
  if (!(map instanceof CborMap) || map.get(INFO_FORMAT) !== VENDOR_FORMAT_VERSION) {
    throw new Error("the token's device information has a form that this version of Sceau does not know");
  }
  const version = map.get(INFO_FIRMWARE);
  const [major, minor, patch] = Array.isArray(version) ? (version as readonly CborValue[]) : [];
  return {
    model: textIn(map.get(INFO_MODEL)),
    serial: String(numberIn(map.get(INFO_SERIAL))),
    firmware: [numberIn(major), numberIn(minor), numberIn(patch)],
    isInitialised: map.get(INFO_INITIALISED) === true,
    isSimulated: map.get(INFO_SIMULATED) === true,
    revision: numberIn(map.get(INFO_REVISION)),
    profile: textIn(map.get(INFO_PROFILE)),
    isSealed: map.get(INFO_SEALED) === true,
    counter: numberIn(map.get(INFO_COUNTER)),
  };
}
