// The least that passes for an X.509 certificate of a P-256 key: its parts stand in their places, its signature is none. For tests of the
// factory step that don't judge certificates.

import { encodeTlv } from "../../protocol/ber-tlv.ts";
import { publicKeyOf } from "./ec-keys.ts";

const SEQUENCE = 0x30;

/** @param point the key's uncompressed point */
export function bareCertificate(point: Uint8Array, paddingBytes = 0): Uint8Array {
  const text = (tag: number, value: string): Uint8Array => encodeTlv(tag, [new Uint8Array(Buffer.from(value))]);
  const version = encodeTlv(0xa0, [new Uint8Array([2, 1, 2])]);
  const serial = encodeTlv(0x02, [new Uint8Array([1])]);
  const algorithm = encodeTlv(SEQUENCE, [new Uint8Array(Buffer.from("06082a8648ce3d040302", "hex"))]);
  const commonName = encodeTlv(SEQUENCE, [new Uint8Array([6, 3, 0x55, 4, 3]), text(0x0c, "Sceau test")]);
  const name = encodeTlv(SEQUENCE, [encodeTlv(0x31, [commonName])]);
  const validity = encodeTlv(SEQUENCE, [text(0x17, "260101000000Z"), text(0x17, "460101000000Z")]);
  const keyInfo = new Uint8Array(publicKeyOf(point).export({ format: "der", type: "spki" }));
  const extensions = encodeTlv(0xa3, [encodeTlv(SEQUENCE, [encodeTlv(0x04, [new Uint8Array(paddingBytes)])])]);
  const tbs = encodeTlv(SEQUENCE, [version, serial, algorithm, name, validity, name, keyInfo, extensions]);
  return encodeTlv(SEQUENCE, [tbs, algorithm, encodeTlv(0x03, [new Uint8Array(9)])]);
}
