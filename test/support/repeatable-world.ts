// A world in which the same commands do the same things to the flash each time: seeded randomness, a clock that stands still, a button that is
// pressed by hand, and the true arithmetic, each result of which is worked out only once.

import { hash } from "node:crypto";
import type { Button, CryptoProvider, Curve, Hal } from "../../firmware/hal.ts";
import { nobleCrypto } from "../../simulator/noble-crypto.ts";
import { SeededRandom } from "./seeded-random.ts";

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function remembered<R>(known: Map<string, R>, key: string, work: () => R): R {
  const before = known.get(key);
  if (before !== undefined) return before;
  const result = work();
  known.set(key, result);
  return result;
}

/** More than any run needs; a run without end forgets and starts again. */
const MAX_REMEMBERED = 20000;

/** Noble makes a signature of every key and digest: 1 in 2^128 aside. */
function certain(signature: Uint8Array | null): Uint8Array {
  if (signature === null) throw new Error("no signature");
  return signature;
}

function rememberingCurve(curve: Curve): Omit<Curve, "generateKey"> {
  const known = new Map<string, Uint8Array>();
  const points = new Map<string, boolean>();
  const once = (key: string, work: () => Uint8Array): Uint8Array => {
    if (known.size > MAX_REMEMBERED) known.clear();
    return remembered(known, key, work).slice();
  };
  return {
    publicKey: (key) => once(`p${hex(key)}`, () => curve.publicKey(key)),
    sign: (key, point, digest) => once(`s${hex(key)}${hex(digest)}`, () => certain(curve.sign(key, point, digest))),
    sharedSecret: (key, point) => once(`e${hex(key)}${hex(point)}`, () => curve.sharedSecret(key, point)),
    isPoint: (bytes) => {
      if (points.size > MAX_REMEMBERED) points.clear();
      return remembered(points, hex(bytes), () => curve.isPoint(bytes));
    },
  };
}

const P256 = rememberingCurve(nobleCrypto.p256);
const P384 = rememberingCurve(nobleCrypto.p384 as Curve);

export function publicKeyOfP256(key: Uint8Array): Uint8Array {
  return P256.publicKey(key);
}

export function publicKeyOfP384(key: Uint8Array): Uint8Array {
  return P384.publicKey(key);
}

/** A number with its highest bit clear is below the order of both curves. */
function someKey(random: SeededRandom, lengthBytes: number): Uint8Array {
  const key = random.bytes(lengthBytes);
  key[0] = (key[0] ?? 0) & 0x7f;
  return key;
}

function repeatableCrypto(random: SeededRandom): CryptoProvider {
  return {
    ...nobleCrypto,
    sha256: (data) => new Uint8Array(hash("sha256", data, "buffer")), // the quickest that Node has: opening a token replays a chain of hundreds
    p256: { ...P256, generateKey: () => someKey(random, 32) },
    p384: { ...P384, generateKey: () => someKey(random, 48) },
  };
}

/** A button that somebody presses when told to. */
export class HeldButton implements Button {
  private done: ((pressed: boolean) => void) | null = null;

  wait(_timeoutMs: number, done: (pressed: boolean) => void): () => void {
    this.done = done;
    return () => {
      this.done = null;
    };
  }

  /** Ends the wait that is under way, if there is one. */
  end(pressed: boolean): void {
    const done = this.done;
    this.done = null;
    done?.(pressed);
  }
}

/** This HAL with everything that changes from run to run taken out; flash and device stay. */
export function repeatable(hal: Hal, seed: number, button: HeldButton): Hal {
  const random = new SeededRandom(seed);
  return {
    ...hal,
    button,
    rng: { fill: (out) => random.fill(out), stir: () => {} },
    clock: { nowMs: () => 0, every: () => () => {} },
    crypto: repeatableCrypto(random),
  };
}
