import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EMPTY_BYTES, hexToBytes } from "../../protocol/bytes.ts";
import {
  ALG_AES_128,
  ALG_AES_192,
  ALG_AES_256,
  ALG_P256,
  FACTORY_MANAGEMENT_KEY,
  INS_GENERAL_AUTHENTICATE,
  OBJECT_CHUID,
  SLOT_MANAGEMENT,
  TAG_CHALLENGE,
  TAG_RESPONSE,
  TAG_WITNESS,
} from "../../protocol/piv.ts";
import { SW_INCORRECT_P1_P2, SW_OK, SW_SECURITY_STATUS_NOT_SATISFIED, SW_WRONG_DATA } from "../../protocol/status-words.ts";
import { aesDecrypt, aesEncrypt } from "../../test/firmware/aes-block.ts";
import { authenticate, authField, putData, setManagementKey } from "../../test/firmware/card-commands.ts";
import { MANAGEMENT_KEY, TestToken } from "../../test/firmware/test-token.ts";
import { Channel } from "../channel.ts";

const CHALLENGE = hexToBytes("6bc1bee22e409f96e93d7e117393172a");
const askWitness = (algorithm = ALG_AES_256) => authenticate(algorithm, [[TAG_WITNESS, EMPTY_BYTES]]);
const askChallenge = (algorithm = ALG_AES_256) => authenticate(algorithm, [[TAG_CHALLENGE, EMPTY_BYTES]]);
const respond = (response: Uint8Array, algorithm = ALG_AES_256) => authenticate(algorithm, [[TAG_RESPONSE, response]]);
const sendWitness = (plain: Uint8Array, algorithm = ALG_AES_256, challenge = CHALLENGE) =>
  authenticate(algorithm, [
    [TAG_WITNESS, plain],
    [TAG_CHALLENGE, challenge],
  ]);

/** Whether the management key is proved on this channel. */
function isOpen(token: TestToken, channel = token.channel): boolean {
  return token.sw(putData(OBJECT_CHUID, new Uint8Array([1])), channel) === SW_OK;
}

function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  return bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
}

/** FIPS 197 appendix C: the same block under keys of three lengths. */
const KEYS = [
  { algorithm: ALG_AES_128, name: "AES-128", key: "000102030405060708090a0b0c0d0e0f", block: "69c4e0d86a7b0430d8cdb78070b4c55a" },
  {
    algorithm: ALG_AES_192,
    name: "AES-192",
    key: "000102030405060708090a0b0c0d0e0f1011121314151617",
    block: "dda97ca4864cdfe06eaf70a0ec0d7191",
  },
  {
    algorithm: ALG_AES_256,
    name: "AES-256",
    key: "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    block: "8ea2b7ca516745bfeafc49904b496089",
  },
];
const FIPS_197_PLAIN = hexToBytes("00112233445566778899aabbccddeeff");

function tokenWith(algorithm: number, key: Uint8Array): TestToken {
  const token = new TestToken().initialise().authenticate();
  token.data(setManagementKey(algorithm, key));
  token.token.powerOff(token.channel);
  return token;
}

describe.each(KEYS)("the management key as $name", ({ algorithm, key: hex, block }) => {
  const key = hexToBytes(hex);

  test("is proved mutually: witness, then witness and challenge", () => {
    const token = tokenWith(algorithm, key);
    const witness = authField(token.data(askWitness(algorithm)), TAG_WITNESS);
    expect(witness).toHaveLength(16);
    expect(isOpen(token)).toBe(false);
    const plain = aesDecrypt(key, authField(token.data(askWitness(algorithm)), TAG_WITNESS));
    const answer = token.data(sendWitness(plain, algorithm, FIPS_197_PLAIN));
    expect(authField(answer, TAG_RESPONSE)).toEqual(hexToBytes(block));
    expect(isOpen(token)).toBe(true);
  });

  test("is proved singly: challenge, then response", () => {
    const token = tokenWith(algorithm, key);
    const challenge = authField(token.data(askChallenge(algorithm)), TAG_CHALLENGE);
    expect(challenge).toHaveLength(16);
    expect(isOpen(token)).toBe(false);
    const again = authField(token.data(askChallenge(algorithm)), TAG_CHALLENGE);
    expect(token.data(respond(aesEncrypt(key, again), algorithm))).toHaveLength(0);
    expect(isOpen(token)).toBe(true);
  });

  test("is not proved under another algorithm's number", () => {
    const token = tokenWith(algorithm, key);
    for (const other of [0x00, 0x03, ALG_AES_128, ALG_AES_192, ALG_AES_256, ALG_P256].filter((one) => one !== algorithm)) {
      expect(token.sw(askWitness(other))).toBe(SW_INCORRECT_P1_P2);
      expect(token.sw(askChallenge(other))).toBe(SW_INCORRECT_P1_P2);
    }
  });
});

test("the factory's key is AES-192 and proves itself on a blank token", () => {
  expect(() => new TestToken().authenticate(ALG_AES_192, hexToBytes(FACTORY_MANAGEMENT_KEY))).not.toThrow();
  expect(new TestToken().initialise().sw(askWitness(ALG_AES_192))).toBe(SW_INCORRECT_P1_P2);
});

describe("a wrong answer opens nothing:", () => {
  test("a witness with any bit flipped", () => {
    const token = new TestToken().initialise();
    fc.assert(
      fc.property(fc.nat({ max: 127 }), (bit) => {
        const plain = aesDecrypt(MANAGEMENT_KEY, authField(token.data(askWitness()), TAG_WITNESS));
        expect(token.send(sendWitness(flipBit(plain, bit)))).toEqual({ data: EMPTY_BYTES, sw: SW_SECURITY_STATUS_NOT_SATISFIED });
        expect(isOpen(token)).toBe(false);
      }),
    );
  });

  test("a response with any bit flipped", () => {
    const token = new TestToken().initialise();
    fc.assert(
      fc.property(fc.nat({ max: 127 }), (bit) => {
        const challenge = authField(token.data(askChallenge()), TAG_CHALLENGE);
        expect(token.sw(respond(flipBit(aesEncrypt(MANAGEMENT_KEY, challenge), bit)))).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
        expect(isOpen(token)).toBe(false);
      }),
    );
  });

  test.each([0, 1, 15, 17, 32])("a response of %i bytes", (length) => {
    const token = new TestToken().initialise();
    const challenge = authField(token.data(askChallenge()), TAG_CHALLENGE);
    const response = new Uint8Array(length);
    response.set(aesEncrypt(MANAGEMENT_KEY, challenge).subarray(0, length));
    expect(token.sw(respond(response))).not.toBe(SW_OK);
    expect(isOpen(token)).toBe(false);
  });

  test("the witness sent back as it came, and the challenge sent back as it came", () => {
    const token = new TestToken().initialise();
    const witness = authField(token.data(askWitness()), TAG_WITNESS);
    expect(token.sw(sendWitness(witness))).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
    const challenge = authField(token.data(askChallenge()), TAG_CHALLENGE);
    expect(token.sw(respond(challenge))).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
    expect(isOpen(token)).toBe(false);
  });

  test("the same witness given as witness and as challenge, which would make the token compute its own answer", () => {
    const token = new TestToken().initialise();
    const witness = authField(token.data(askWitness()), TAG_WITNESS);
    expect(token.sw(sendWitness(witness, ALG_AES_256, witness))).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
    expect(isOpen(token)).toBe(false);
  });

  test("and takes away what was proved before", () => {
    const token = new TestToken().initialise().authenticate();
    expect(isOpen(token)).toBe(true);
    token.data(askChallenge());
    expect(token.sw(respond(new Uint8Array(16)))).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
    expect(isOpen(token)).toBe(false);
  });
});

describe("what the token hands out is good for one answer:", () => {
  test("an answer that nothing was asked for is refused", () => {
    const token = new TestToken().initialise();
    expect(token.sw(respond(new Uint8Array(16)))).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
    expect(token.sw(sendWitness(new Uint8Array(16)))).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
  });

  test("a response sent twice is refused the second time", () => {
    const token = new TestToken().initialise();
    const response = respond(aesEncrypt(MANAGEMENT_KEY, authField(token.data(askChallenge()), TAG_CHALLENGE)));
    expect(token.sw(response)).toBe(SW_OK);
    expect(token.sw(response)).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
    expect(isOpen(token)).toBe(false);
  });

  test("a witness sent twice is refused the second time", () => {
    const token = new TestToken().initialise();
    const answer = sendWitness(aesDecrypt(MANAGEMENT_KEY, authField(token.data(askWitness()), TAG_WITNESS)));
    expect(token.sw(answer)).toBe(SW_OK);
    expect(token.sw(answer)).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
    expect(isOpen(token)).toBe(false);
  });

  test("after a wrong answer the right one comes too late", () => {
    const token = new TestToken().initialise();
    const right = aesEncrypt(MANAGEMENT_KEY, authField(token.data(askChallenge()), TAG_CHALLENGE));
    token.sw(respond(new Uint8Array(16)));
    expect(token.sw(respond(right))).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
  });

  test("an answer recorded earlier, on another channel, or before a power-off is refused", () => {
    const token = new TestToken().initialise();
    const recorded = respond(aesEncrypt(MANAGEMENT_KEY, authField(token.data(askChallenge()), TAG_CHALLENGE)));
    const other = new Channel();
    token.data(askChallenge(), other);
    expect(token.sw(recorded, other)).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
    token.token.powerOff(token.channel);
    expect(token.sw(recorded)).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
    token.data(askChallenge());
    expect(token.sw(recorded)).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
  });

  test("witnesses and challenges never come twice", () => {
    const token = new TestToken().initialise();
    const seen = Array.from({ length: 100 }, (_, i) =>
      Buffer.from(i % 2 === 0 ? token.data(askWitness()) : token.data(askChallenge())).toString("hex", 4),
    );
    expect(new Set(seen).size).toBe(100);
  });
});

test("a channel that has proved the key opens nothing for another", () => {
  const token = new TestToken().initialise().authenticate();
  expect(isOpen(token, new Channel())).toBe(false);
  expect(isOpen(token)).toBe(true);
});

describe("templates that make no sense are refused:", () => {
  test.each([
    ["no template", ""],
    ["an empty template", "7c00"],
    ["another tag", "7d028000"],
    ["bytes behind the template", "7c02800000"],
    ["a template cut short", "7c0480"],
    ["a field cut short", "7c028002"],
    ["an unknown field alone", "7c028500"],
    ["a witness without a challenge", `7c128010${"00".repeat(16)}`],
    ["a challenge alone, which would make the token encrypt for anyone", `7c128110${"00".repeat(16)}`],
    ["a witness with a challenge of 8 bytes", `7c1c8010${"00".repeat(16)}8108${"00".repeat(8)}`],
  ])("%s", (_what, hex) => {
    const token = new TestToken().initialise();
    const command = { ins: INS_GENERAL_AUTHENTICATE, p1: ALG_AES_256, p2: SLOT_MANAGEMENT, data: hexToBytes(hex), le: 256 };
    expect(token.send(command)).toEqual({ data: EMPTY_BYTES, sw: SW_WRONG_DATA });
  });
});
