// Public keys as node:crypto takes them.

import { createPublicKey, type KeyObject } from "node:crypto";
import { P256_POINT_BYTES } from "../../protocol/piv.ts";

/** SubjectPublicKeyInfo of an uncompressed P-256 point (RFC 5480 §2). */
export function p256Point(point: Uint8Array): KeyObject {
  const head = Buffer.from("3059301306072a8648ce3d020106082a8648ce3d030107034200", "hex");
  return createPublicKey({ key: Buffer.concat([head, point]), format: "der", type: "spki" });
}

/** The same of P-384. */
export function p384Point(point: Uint8Array): KeyObject {
  const head = Buffer.from("3076301006072a8648ce3d020106052b81040022036200", "hex");
  return createPublicKey({ key: Buffer.concat([head, point]), format: "der", type: "spki" });
}

/** That of a point of either curve. */
export function publicKeyOf(point: Uint8Array): KeyObject {
  return point.length === P256_POINT_BYTES ? p256Point(point) : p384Point(point);
}
