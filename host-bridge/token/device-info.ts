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
import { fromToken } from "./malformed-answer.ts";

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
}

/** @throws MalformedAnswerError when the bytes are no CBOR map; Error when it has a form that this version does not know */
export function parseDeviceInfo(data: Uint8Array): DeviceInfo {
  const map = fromToken(() => decodeCbor(data));
  if (!(map instanceof CborMap) || map.get(INFO_FORMAT) !== VENDOR_FORMAT_VERSION) {
    throw new Error("the token's device information has a form that this version of Sceau does not know");
  }
  const version = map.get(INFO_FIRMWARE) as readonly CborValue[];
  return {
    model: String(map.get(INFO_MODEL)),
    serial: String(map.get(INFO_SERIAL)),
    firmware: [Number(version[0]), Number(version[1]), Number(version[2])],
    isInitialised: map.get(INFO_INITIALISED) === true,
    isSimulated: map.get(INFO_SIMULATED) === true,
    revision: Number(map.get(INFO_REVISION)),
    profile: String(map.get(INFO_PROFILE)),
    isSealed: map.get(INFO_SEALED) === true,
    counter: Number(map.get(INFO_COUNTER)),
  };
}
