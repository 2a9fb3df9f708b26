import { describe, expect, test } from "vitest";
import { EMPTY_BYTES, hexToBytes } from "../../protocol/bytes.ts";
import {
  ALG_AES_128,
  ALG_AES_192,
  ALG_AES_256,
  ALG_P256,
  FACTORY_MANAGEMENT_KEY,
  INS_SET_MANAGEMENT_KEY,
  OBJECT_CHUID,
  TAG_CHALLENGE,
  TAG_RESPONSE,
  TAG_WITNESS,
} from "../../protocol/piv.ts";
import { SW_INCORRECT_P1_P2, SW_OK, SW_SECURITY_STATUS_NOT_SATISFIED, SW_WRONG_DATA } from "../../protocol/status-words.ts";
import { aesDecrypt } from "../../test/firmware/aes-block.ts";
import { authenticate, authField, putData, setManagementKey, verifyPin } from "../../test/firmware/card-commands.ts";
import { MANAGEMENT_KEY, TestToken } from "../../test/firmware/test-token.ts";
import { Channel } from "../channel.ts";

const FRESH = MANAGEMENT_KEY.map((byte) => byte ^ 0xff);

describe("SET MANAGEMENT KEY", () => {
  test.each([
    ["AES-128", ALG_AES_128, 16],
    ["AES-192", ALG_AES_192, 24],
    ["AES-256", ALG_AES_256, 32],
  ])("takes a key for %s, which counts also after a power-off", (_name, algorithm, length) => {
    const token = new TestToken().initialise().authenticate();
    const key = FRESH.slice(0, length);
    expect(token.sw(setManagementKey(algorithm, key))).toBe(SW_OK);
    expect(() => token.reopened().authenticate(algorithm, key)).not.toThrow();
    expect(() => token.reopened().authenticate(ALG_AES_256, MANAGEMENT_KEY)).toThrow();
  });

  test("needs the management key on this channel; the PIN opens nothing", () => {
    const token = new TestToken().initialise().authenticate();
    const other = new Channel();
    token.data(verifyPin("482913"), other);
    expect(token.sw(setManagementKey(ALG_AES_256, FRESH), other)).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
    expect(() => token.reopened().authenticate()).not.toThrow();
  });

  test("leaves the old key or the new one after a cut, never none", () => {
    const token = new TestToken().initialise().authenticate();
    const images = token.imagesDuring(() => token.data(setManagementKey(ALG_AES_128, FRESH.slice(0, 16))));
    expect(images.length).toBeGreaterThan(0);
    for (const image of images) {
      const isOld = token.reopenedOn(image).token.card.managementKey.algorithm() === ALG_AES_256;
      const [algorithm, key] = isOld ? [ALG_AES_256, MANAGEMENT_KEY] : [ALG_AES_128, FRESH.slice(0, 16)];
      expect(() => token.reopenedOn(image).authenticate(algorithm, key)).not.toThrow();
    }
  });
});

describe("SET MANAGEMENT KEY refuses, and changes nothing,", () => {
  const full = (header: number[], length: number): Uint8Array => new Uint8Array([...header, ...new Uint8Array(length).fill(7)]);

  test.each([
    ["no data", EMPTY_BYTES],
    ["a header alone", full([ALG_AES_256, 0x9b, 0], 0)],
    ["the factory's key", new Uint8Array([ALG_AES_192, 0x9b, 24, ...hexToBytes(FACTORY_MANAGEMENT_KEY)])],
    ["a key that is too short for its algorithm", full([ALG_AES_256, 0x9b, 24], 24)],
    ["a key that is too long for its algorithm", full([ALG_AES_128, 0x9b, 24], 24)],
    ["3DES", full([0x03, 0x9b, 24], 24)],
    ["P-256", full([ALG_P256, 0x9b, 32], 32)],
    ["another key reference", full([ALG_AES_256, 0x9c, 32], 32)],
    ["a length that is not the key's", full([ALG_AES_256, 0x9b, 31], 32)],
    ["a byte behind the key", full([ALG_AES_256, 0x9b, 32], 33)],
  ])("%s", (_what, data) => {
    const token = new TestToken().initialise().authenticate();
    const images = token.imagesDuring(() => {
      expect(token.sw({ ins: INS_SET_MANAGEMENT_KEY, p1: 0xff, p2: 0xff, data })).toBe(SW_WRONG_DATA);
    });
    expect(images).toEqual([]);
  });

  test.each([
    [0x00, 0x00],
    [0xff, 0xfe],
    [0x00, 0xff],
  ])("P1 P2 = %i %i", (p1, p2) => {
    const token = new TestToken().initialise().authenticate();
    expect(token.sw({ ...setManagementKey(ALG_AES_256, FRESH), p1, p2 })).toBe(SW_INCORRECT_P1_P2);
  });
});

describe("once another channel has set a new management key, the old one opens nothing:", () => {
  test("a channel that had proved it has to prove the new one", () => {
    const token = new TestToken().initialise().authenticate();
    const other = new Channel();
    token.authenticate(ALG_AES_256, MANAGEMENT_KEY, other);
    token.data(setManagementKey(ALG_AES_256, FRESH));
    expect(token.sw(putData(OBJECT_CHUID, new Uint8Array([1])), other)).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
  });

  test("a witness handed out under it is good for nothing", () => {
    const token = new TestToken().initialise().authenticate();
    const other = new Channel();
    const witness = authField(token.data(authenticate(ALG_AES_256, [[TAG_WITNESS, EMPTY_BYTES]]), other), TAG_WITNESS);
    token.data(setManagementKey(ALG_AES_256, FRESH));
    const answer = authenticate(ALG_AES_256, [
      [TAG_WITNESS, aesDecrypt(MANAGEMENT_KEY, witness)],
      [TAG_CHALLENGE, new Uint8Array(16)],
    ]);
    expect(token.sw(answer, other)).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
  });

  test("nor is a challenge", () => {
    const token = new TestToken().initialise().authenticate();
    const other = new Channel();
    const challenge = authField(token.data(authenticate(ALG_AES_256, [[TAG_CHALLENGE, EMPTY_BYTES]]), other), TAG_CHALLENGE);
    token.data(setManagementKey(ALG_AES_256, FRESH));
    const { aesEncryptBlock } = token.token.card.hal.crypto;
    const answer = authenticate(ALG_AES_256, [[TAG_RESPONSE, aesEncryptBlock(MANAGEMENT_KEY, challenge)]]);
    expect(token.sw(answer, other)).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
  });
});
