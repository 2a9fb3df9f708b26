// What an RSA signature is made over: the data, or their digest, encoded into a block as long as the modulus. A card applies its key to the block and
// knows nothing of what is in it.

export interface RsaPadding {
  /** Whether data of this length can be encoded for a modulus of so many bits. */
  takes(lengthBytes: number, bits: number): boolean;
  /** @param data of a length that it takes @returns as long as the modulus, and a number below it */
  encode(data: Uint8Array, bits: number): Uint8Array;
  /** Whether a block of a signature (as long as the modulus) is an encoding of these data. */
  isEncoded(block: Uint8Array, data: Uint8Array, bits: number): boolean;
}

/** Length of a modulus, and of each block. */
export const modulusBytes = (bits: number): number => Math.ceil(bits / 8);
