// The management key, by which an office proves that it may write to the token (SP 800-73-5 Part 2 appendix A.1).

import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { encodeTlv, findTlv } from "../../protocol/ber-tlv.ts";
import { concatBytes, equalBytes } from "../../protocol/bytes.ts";
import {
  ALG_3DES,
  ALG_AES_128,
  ALG_AES_192,
  ALG_AES_256,
  INS_GENERAL_AUTHENTICATE,
  INS_SET_MANAGEMENT_KEY,
  SLOT_MANAGEMENT,
  TAG_CHALLENGE,
  TAG_DYNAMIC_AUTH,
  TAG_RESPONSE,
  TAG_WITNESS,
} from "../../protocol/piv.ts";
import type { CommandChannel } from "./command-channel.ts";
import { answerTlv, answerTlvs } from "./malformed-answer.ts";

/** How a management key ciphers. */
interface KeyCipher {
  /** ALG_* */
  readonly algorithm: number;
  /** Its name in OpenSSL. */
  readonly name: string;
  readonly blockBytes: number;
}

/** What cards of before SP 800-78-5 have, with a key of 24 bytes. */
export const TRIPLE_DES: KeyCipher = { algorithm: ALG_3DES, name: "des-ede3-ecb", blockBytes: 8 };

const aes = (key: Uint8Array): KeyCipher => ({ algorithm: aesAlgorithm(key.length), name: `aes-${key.length * 8}-ecb`, blockBytes: 16 });

function aesAlgorithm(keyBytes: number): number {
  return keyBytes === 16 ? ALG_AES_128 : keyBytes === 24 ? ALG_AES_192 : ALG_AES_256;
}

/** Mutual authentication. @param key 16, 24 or 32 bytes of AES, or 24 of TRIPLE_DES */
export async function proveManagementKey(channel: CommandChannel, key: Uint8Array, how: KeyCipher = aes(key)): Promise<void> {
  const { algorithm, name: cipher, blockBytes } = how;
  const exchange = async (fields: Uint8Array[]): Promise<Uint8Array> => {
    const data = encodeTlv(TAG_DYNAMIC_AUTH, fields);
    return channel.run({ name: "GENERAL AUTHENTICATE", ins: INS_GENERAL_AUTHENTICATE, p1: algorithm, p2: SLOT_MANAGEMENT, data });
  };
  const encryptedWitness = findTlv(answerTlvs(answerTlv(await exchange([encodeTlv(TAG_WITNESS, [])]), TAG_DYNAMIC_AUTH)), TAG_WITNESS);
  const decipher = createDecipheriv(cipher, key, null).setAutoPadding(false);
  const witness = decipher.update(encryptedWitness ?? new Uint8Array(blockBytes));
  const challenge = randomBytes(blockBytes);
  const answer = await exchange([encodeTlv(TAG_WITNESS, [witness]), encodeTlv(TAG_CHALLENGE, [challenge])]);
  const response = findTlv(answerTlvs(answerTlv(answer, TAG_DYNAMIC_AUTH)), TAG_RESPONSE);
  const expected = createCipheriv(cipher, key, null).setAutoPadding(false).update(challenge);
  if (response === null || !equalBytes(response, expected)) throw new Error("the token does not know its own management key");
}

/** After proveManagementKey. @param key 16, 24 or 32 bytes of AES */
export async function replaceManagementKey(channel: CommandChannel, key: Uint8Array): Promise<void> {
  const data = concatBytes([new Uint8Array([aesAlgorithm(key.length), SLOT_MANAGEMENT, key.length]), key]);
  try {
    await channel.run({ name: "SET MANAGEMENT KEY", ins: INS_SET_MANAGEMENT_KEY, p1: 0xff, p2: 0xff, data });
  } finally {
    data.fill(0);
  }
}
