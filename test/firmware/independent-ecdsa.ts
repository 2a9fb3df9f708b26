// RFC 6979 and ECDSA over node:crypto and BigInt, for any of OpenSSL's curves and hashes: what the token's signatures are compared with. Shares
// no code with noble or the firmware, and is itself judged by the RFC's vectors.

import { createECDH, createHmac } from "node:crypto";
import { bytesToHex, hexToBytes } from "../../protocol/bytes.ts";

export interface IndependentCurve {
  readonly openSslName: string;
  readonly fieldBytes: number;
  readonly order: bigint;
}

export const INDEPENDENT_P256: IndependentCurve = {
  openSslName: "prime256v1",
  fieldBytes: 32,
  order: BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"),
};

export const INDEPENDENT_P384: IndependentCurve = {
  openSslName: "secp384r1",
  fieldBytes: 48,
  order: BigInt("0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"),
};

export interface Signature {
  readonly r: bigint;
  readonly s: bigint;
}

export const toBigInt = (bytes: Uint8Array): bigint => BigInt(`0x${bytesToHex(bytes)}`);

/** Big-endian, padded with zeros on the left. */
export const toBytes = (value: bigint, length: number): Uint8Array => hexToBytes(value.toString(16).padStart(2 * length, "0"));

function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [value, modulus, 1n, 0n];
  while (b !== 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y];
  return ((x % modulus) + modulus) % modulus;
}

/** bits2int of RFC 6979 §2.3.2, for orders of a whole number of bytes: the leftmost bytes of what is longer than the order. */
function bitsToInt(curve: IndependentCurve, bytes: Uint8Array): bigint {
  return toBigInt(bytes.subarray(0, curve.fieldBytes));
}

/** The nonces of RFC 6979 §3.2, with the additional data of §3.6. */
function* nonces(curve: IndependentCurve, hash: string, key: bigint, digest: Uint8Array, additional: Uint8Array): Generator<bigint> {
  const hmac = (k: Uint8Array, ...parts: Uint8Array[]): Uint8Array => createHmac(hash, k).update(Buffer.concat(parts)).digest();
  const { fieldBytes, order } = curve;
  const seed = Buffer.concat([toBytes(key, fieldBytes), toBytes(bitsToInt(curve, digest) % order, fieldBytes), additional]);
  const hashBytes = hmac(seed).length;
  let k: Uint8Array = new Uint8Array(hashBytes);
  let v: Uint8Array = new Uint8Array(hashBytes).fill(1);
  for (const separator of [0, 1]) {
    k = hmac(k, v, new Uint8Array([separator]), seed);
    v = hmac(k, v);
  }
  for (;;) {
    let t: Uint8Array = new Uint8Array(0);
    while (t.length < fieldBytes) {
      v = hmac(k, v);
      t = Buffer.concat([t, v]);
    }
    const nonce = bitsToInt(curve, t);
    if (nonce > 0n && nonce < order) yield nonce;
    k = hmac(k, v, new Uint8Array([0]));
    v = hmac(k, v);
  }
}

/** The signature of attempt `attempt`: from 1 on, the number as 32 bytes little-endian is additional data. Neither r nor s is normalised. */
export function independentAttempt(
  curve: IndependentCurve,
  hash: string,
  keyBytes: Uint8Array,
  digest: Uint8Array,
  attempt: number,
): Signature {
  const { order, fieldBytes } = curve;
  const key = toBigInt(keyBytes);
  const additional = attempt === 0 ? new Uint8Array(0) : toBytes(BigInt(attempt), 32).reverse();
  for (const nonce of nonces(curve, hash, key, digest, additional)) {
    const point = createECDH(curve.openSslName);
    point.setPrivateKey(toBytes(nonce, fieldBytes));
    const r = toBigInt(point.getPublicKey().subarray(1, 1 + fieldBytes)) % order;
    const s = (inverse(nonce, order) * (bitsToInt(curve, digest) + r * key)) % order;
    if (r !== 0n && s !== 0n) return { r, s };
  }
  throw new Error("unreachable");
}
