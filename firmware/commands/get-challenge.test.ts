// GET CHALLENGE, ISO 7816-4 §11.5.3: as many bytes of the HAL's generator as Le asks for, whatever the token's state, and no trace in it.

import { beforeEach, describe, expect, test } from "vitest";
import { CLA_CHAINING, INS_GET_RESPONSE } from "../../protocol/apdu.ts";
import { EMPTY_BYTES, hexToBytes } from "../../protocol/bytes.ts";
import {
  ALG_AES_256,
  INS_GET_CHALLENGE,
  OBJECT_CHUID,
  PIN_POLICY_ALWAYS,
  SLOT_SIGNATURE,
  TAG_CHALLENGE,
  TAG_RESPONSE,
  TAG_WITNESS,
} from "../../protocol/piv.ts";
import {
  SW_CONDITIONS_NOT_SATISFIED,
  SW_INCORRECT_P1_P2,
  SW_OK,
  SW_SECURITY_STATUS_NOT_SATISFIED,
  SW_WRONG_LENGTH,
} from "../../protocol/status-words.ts";
import { aesDecrypt, aesEncrypt } from "../../test/firmware/aes-block.ts";
import {
  ASK_TRIES,
  authenticate,
  authField,
  type CommandParts,
  putData,
  signCommand,
  verifyPin,
} from "../../test/firmware/card-commands.ts";
import { MANAGEMENT_KEY, PIN, TestToken, WRONG_PIN } from "../../test/firmware/test-token.ts";

const challenge = (le: number): CommandParts => ({ ins: INS_GET_CHALLENGE, le });
const PUT_CHUID = putData(OBJECT_CHUID, Uint8Array.of(1));

/** What the generator was asked for, in bytes, and what it gave. */
let asked: number[];
let given: Uint8Array[];
beforeEach(() => {
  asked = [];
  given = [];
});

function watched(): TestToken {
  return new TestToken({
    changeHal: (hal) => ({
      ...hal,
      rng: {
        ...hal.rng,
        fill: (out) => {
          hal.rng.fill(out);
          asked.push(out.length);
          given.push(out.slice());
        },
      },
    }),
  });
}

describe("GET CHALLENGE gives", () => {
  test.each([1, 2, 8, 16, 255, 256])("%i bytes when Le is that: the generator's, asked for once", (le) => {
    const token = watched();
    asked = [];
    given = [];
    const data = token.data(challenge(le));
    expect([data.length, asked]).toEqual([le, [le]]);
    expect(data).toEqual(given[0]);
  });

  test.each([
    ["short 0", "0084000000"],
    ["extended 256", "00840000000100"],
    ["extended 257", "00840000000101"],
    ["extended 0, which is 65,536", "00840000000000"],
  ])("256 bytes when Le is %s, and nothing is left for GET RESPONSE", (_le, hex) => {
    const token = watched();
    asked = [];
    expect(token.raw(hexToBytes(hex), token.channel)).toMatchObject({ sw: SW_OK, data: { length: 256 } });
    expect(asked).toEqual([256]);
    expect(token.sw({ ins: INS_GET_RESPONSE, le: 256 })).toBe(SW_CONDITIONS_NOT_SATISFIED);
  });

  test("other bytes each time", () => {
    const token = new TestToken();
    const all = Array.from({ length: 64 }, () => Buffer.from(token.data(challenge(16))).toString("hex"));
    expect(new Set(all).size).toBe(64);
  });

  test("them without a PIN, on a blank token as on one in use, and when both PIN and PUK are blocked", () => {
    const tokens = [new TestToken(), new TestToken().initialise(), new TestToken().block(), new TestToken().initialise().block()];
    expect(tokens.map((token) => token.data(challenge(32)).length)).toEqual([32, 32, 32, 32]);
  });
});

describe("GET CHALLENGE refuses, and asks the generator for nothing,", () => {
  test.each<[string, Partial<CommandParts>, number]>([
    ["P1 that names an algorithm", { p1: 0x0c }, SW_INCORRECT_P1_P2],
    ["P2 that names something", { p2: 0x9b }, SW_INCORRECT_P1_P2],
    ["data in the command", { data: Uint8Array.of(0) }, SW_WRONG_LENGTH],
    ["data and no Le", { data: Uint8Array.of(0), le: 0 }, SW_WRONG_LENGTH],
    ["no Le", { le: 0 }, SW_WRONG_LENGTH],
  ])("%s", (_what, parts, sw) => {
    const token = watched();
    asked = [];
    const answer = token.send({ ...challenge(16), ...parts });
    expect([answer.sw, answer.data.length, asked]).toEqual([sw, 0, []]);
  });

  test("data that came in the piece before of a chain", () => {
    const token = watched();
    expect(token.sw({ ins: INS_GET_CHALLENGE, cla: CLA_CHAINING, data: Uint8Array.of(1) })).toBe(SW_OK);
    expect(token.sw(challenge(16))).toBe(SW_WRONG_LENGTH);
    expect(token.sw(challenge(16))).toBe(SW_OK);
  });
});

describe("GET CHALLENGE leaves open", () => {
  const forms: readonly (readonly [string, CommandParts])[] = [
    ["one that gives bytes", challenge(16)],
    ["one that is refused", challenge(0)],
  ];

  test.each(forms)("a single proof of the management key: %s", (_what, command) => {
    const token = new TestToken().initialise();
    const plain = authField(token.data(authenticate(ALG_AES_256, [[TAG_CHALLENGE, EMPTY_BYTES]])), TAG_CHALLENGE);
    token.send(command);
    token.data(authenticate(ALG_AES_256, [[TAG_RESPONSE, aesEncrypt(MANAGEMENT_KEY, plain)]]));
    expect(token.sw(PUT_CHUID)).toBe(SW_OK);
  });

  test.each(forms)("a mutual one: %s", (_what, command) => {
    const token = new TestToken().initialise();
    const witness = authField(token.data(authenticate(ALG_AES_256, [[TAG_WITNESS, EMPTY_BYTES]])), TAG_WITNESS);
    token.send(command);
    token.data(
      authenticate(ALG_AES_256, [
        [TAG_WITNESS, aesDecrypt(MANAGEMENT_KEY, witness)],
        [TAG_CHALLENGE, new Uint8Array(16)],
      ]),
    );
    expect(token.sw(PUT_CHUID)).toBe(SW_OK);
  });

  test("what was proved already, PIN and management key", () => {
    const token = new TestToken().initialise().authenticate();
    token.data(verifyPin(PIN));
    token.data(challenge(16));
    expect([token.sw(ASK_TRIES), token.sw(PUT_CHUID)]).toEqual([SW_OK, SW_OK]);
  });
});

describe("GET CHALLENGE proves nothing:", () => {
  test("its bytes are not what the management key has to answer", () => {
    const token = new TestToken().initialise();
    const bytes = token.data(challenge(16));
    const answers = [aesEncrypt(MANAGEMENT_KEY, bytes), bytes];
    for (const answer of answers)
      expect(token.sw(authenticate(ALG_AES_256, [[TAG_RESPONSE, answer]]))).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
    expect(token.sw(PUT_CHUID)).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
  });

  test("between VERIFY and a PIN-always signature it is an APDU as any other, and ends «PIN now»", () => {
    const token = new TestToken().initialise();
    token.makeKey(SLOT_SIGNATURE, { pin: PIN_POLICY_ALWAYS });
    token.data(verifyPin(PIN));
    token.data(challenge(16));
    expect(token.sw(signCommand(SLOT_SIGNATURE))).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
  });

  test("nor does it give a wrong PIN its try back", () => {
    const token = new TestToken().initialise();
    token.sw(verifyPin(WRONG_PIN));
    token.data(challenge(16));
    expect(token.token.card.pin.triesLeft()).toBe(2);
  });
});
