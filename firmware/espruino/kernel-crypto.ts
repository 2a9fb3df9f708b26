// The arithmetic of a board: the kernel's, and the interpreter's own CRC-32.

import { concatBytes, wipe } from "../../protocol/bytes.ts";
import { type CryptoProvider, type Curve, randomBytes } from "../hal.ts";
import type { BoardRng } from "./board-rng.ts";
import type { Hmac } from "./hmac-drbg.ts";
import { type Kernel, KernelError, OP_AES, OP_HMAC, OP_IS_POINT, OP_PUBLIC_KEY, OP_SHA256, OP_SHARED_SECRET, OP_SIGN } from "./kernel.ts";

const FIELD_BYTES = 32;
const UNCOMPRESSED = new Uint8Array([0x04]);
const POINT_BYTES = 1 + 2 * FIELD_BYTES;

/** What always has an answer. @throws KernelError */
function certain(answer: Uint8Array | null): Uint8Array {
  if (answer === null) throw new KernelError();
  return answer;
}

function coordinates(point: Uint8Array): Uint8Array {
  return point.subarray(1, POINT_BYTES);
}

class KernelP256 implements Curve {
  private readonly kernel: Kernel;
  private readonly rng: BoardRng;

  constructor(kernel: Kernel, rng: BoardRng) {
    this.kernel = kernel;
    this.rng = rng;
  }

  generateKey(): Uint8Array {
    this.rng.reseed();
    for (;;) {
      const key = randomBytes(this.rng, FIELD_BYTES);
      if (this.kernel.call(OP_PUBLIC_KEY, key, null, null, 2 * FIELD_BYTES) !== null) return key;
      wipe(key); // not in [1, n): 1 in 2^32
    }
  }

  publicKey(key: Uint8Array): Uint8Array {
    return concatBytes([UNCOMPRESSED, certain(this.kernel.call(OP_PUBLIC_KEY, key, null, null, 2 * FIELD_BYTES))]);
  }

  sign(key: Uint8Array, point: Uint8Array, digest: Uint8Array): Uint8Array | null {
    return this.kernel.call(OP_SIGN, key, coordinates(point), digest, 2 * FIELD_BYTES);
  }

  isPoint(bytes: Uint8Array): boolean {
    if (bytes.length !== POINT_BYTES || bytes[0] !== UNCOMPRESSED[0]) return false;
    return this.kernel.call(OP_IS_POINT, null, coordinates(bytes), null, 0) !== null;
  }

  sharedSecret(key: Uint8Array, point: Uint8Array): Uint8Array {
    return certain(this.kernel.call(OP_SHARED_SECRET, key, coordinates(point), null, FIELD_BYTES));
  }
}

export function kernelHmac(kernel: Kernel): Hmac {
  return (key, data) => certain(kernel.call(OP_HMAC, key, null, data, FIELD_BYTES));
}

export function kernelCrypto(kernel: Kernel, rng: BoardRng): CryptoProvider {
  return {
    sha256: (data) => certain(kernel.call(OP_SHA256, null, null, data, FIELD_BYTES)),
    crc32: (data) => {
      const checksum = E.CRC32(data);
      return new Uint8Array([checksum >>> 24, checksum >>> 16, checksum >>> 8, checksum]);
    },
    aesEncryptBlock: (key, block) => certain(kernel.call(OP_AES, key, null, block, 16)),
    p256: new KernelP256(kernel, rng),
    p384: null,
  };
}
