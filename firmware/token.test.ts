import { describe, expect, test } from "vitest";
import { parseOneTlv } from "../protocol/ber-tlv.ts";
import { EMPTY_BYTES, hexToBytes } from "../protocol/bytes.ts";
import {
  FACTORY_PUK,
  INS_ATTEST,
  INS_CHANGE_REFERENCE_DATA,
  INS_GENERAL_AUTHENTICATE,
  INS_GENERATE_KEY_PAIR,
  INS_GET_DATA,
  INS_GET_METADATA,
  INS_GET_SERIAL,
  INS_GET_VERSION,
  INS_IMPORT_KEY,
  INS_PUT_DATA,
  INS_RESET,
  INS_RESET_RETRY_COUNTER,
  INS_SELECT,
  INS_SET_MANAGEMENT_KEY,
  INS_SET_TRIES,
  INS_VERIFY,
  OBJECT_CHUID,
  SLOT_AUTHENTICATION,
  SLOT_SIGNATURE,
  TAG_DATA,
} from "../protocol/piv.ts";
import {
  SW_CHANNEL_NOT_SUPPORTED,
  SW_CLA_NOT_SUPPORTED,
  SW_CONDITIONS_NOT_SATISFIED,
  SW_INS_NOT_SUPPORTED,
  SW_INTERNAL_ERROR,
  SW_MORE_DATA,
  SW_NOT_ENOUGH_MEMORY,
  SW_OK,
  SW_SECURITY_STATUS_NOT_SATISFIED,
  SW_TRIES_LEFT,
  SW_WRONG_DATA,
  SW_WRONG_LENGTH,
} from "../protocol/status-words.ts";
import { CLA_VENDOR, INS_VENDOR } from "../protocol/vendor.ts";
import {
  ASK_TRIES,
  authenticate,
  type CommandParts,
  changePin,
  generateKey,
  getData,
  putData,
  resetPin,
  signCommand,
  verifyPin,
} from "../test/firmware/card-commands.ts";
import { PIN, TestToken } from "../test/firmware/test-token.ts";
import { Channel } from "./channel.ts";
import { MAX_COMMAND_DATA_BYTES, MAX_KEPT_BYTES } from "./limits.ts";
import { COMMANDS } from "./token.ts";

const GET_VERSION: CommandParts = { ins: INS_GET_VERSION, le: 256 };
const GET_RESPONSE: CommandParts = { ins: 0xc0, le: 256 };

describe("an APDU whose lengths disagree answers 6700:", () => {
  test.each([
    ["no byte", ""],
    ["three bytes", "00fd00"],
    ["Lc without data", "002000800831"],
    ["data behind Le", "00fd0000013100ff"],
    ["an extended Lc cut short", "00fd00000000"],
    ["an extended Lc of zero with data", "00fd000000000031"],
    ["an extended Lc greater than the data", "00fd000000000231"],
    ["one byte of an extended Le", "00fd00000000013100"],
  ])("%s", (_what, hex) => {
    const token = new TestToken();
    expect(token.raw(hexToBytes(hex), token.channel)).toEqual({ data: EMPTY_BYTES, sw: SW_WRONG_LENGTH });
  });
});

describe("what does not exist is refused by name:", () => {
  test.each([1, 2, 3, 0x11, 0x13])("logical channel, CLA %i: 6881", (cla) => {
    expect(new TestToken().sw({ ...GET_VERSION, cla })).toBe(SW_CHANNEL_NOT_SUPPORTED);
  });

  test.each([0x04, 0x0c, 0x20, 0x40, 0x7f, 0x81, 0x84, 0xa0, 0xff])("CLA %i: 6E00", (cla) => {
    expect(new TestToken().sw({ ...GET_VERSION, cla })).toBe(SW_CLA_NOT_SUPPORTED);
  });

  test("every INS outside the table: 6D00", () => {
    const token = new TestToken();
    for (const cla of [0, 0x10, CLA_VENDOR]) {
      const known = COMMANDS.filter((command) => command.cla === (cla & 0x80)).map((command) => command.ins);
      for (let ins = 0; ins < 256; ins++) {
        if (known.includes(ins) || (ins === GET_RESPONSE.ins && cla === 0)) continue;
        expect(token.sw({ cla, ins })).toBe(SW_INS_NOT_SUPPORTED);
      }
    }
  });
});

test("no command is in the table twice", () => {
  const names = COMMANDS.map(({ cla, ins }) => `${cla} ${ins}`);
  expect(new Set(names).size).toBe(names.length);
});

describe("a blank token", () => {
  const GOOD: Record<number, CommandParts> = {
    [INS_SELECT]: { ins: INS_SELECT, p1: 4, data: hexToBytes("a000000308") },
    [INS_VERIFY]: ASK_TRIES,
    [INS_GENERAL_AUTHENTICATE]: authenticate(0x0a, [[0x80, EMPTY_BYTES]]),
    [INS_GET_DATA]: getData(OBJECT_CHUID),
    [INS_PUT_DATA]: putData(OBJECT_CHUID, new Uint8Array([1])),
    [INS_GENERATE_KEY_PAIR]: generateKey(SLOT_SIGNATURE),
    [INS_CHANGE_REFERENCE_DATA]: changePin("123456", "7294816"),
    [INS_RESET_RETRY_COUNTER]: resetPin(FACTORY_PUK, "7294816"),
    [INS_GET_METADATA]: { ins: INS_GET_METADATA, p2: 0x80 },
    [INS_GET_SERIAL]: { ins: INS_GET_SERIAL },
    [INS_GET_VERSION]: GET_VERSION,
    [INS_SET_MANAGEMENT_KEY]: { ins: INS_SET_MANAGEMENT_KEY, p1: 0xff, p2: 0xff },
    [INS_VENDOR]: { cla: CLA_VENDOR, ins: INS_VENDOR, p1: 1 },
  };

  test.each(COMMANDS.map(({ ins, onBlank }) => ({ ins, onBlank })))("runs INS $ins: $onBlank, else 6985", ({ ins, onBlank }) => {
    const token = ins === INS_RESET ? new TestToken().block() : new TestToken();
    token.channel.managementWasVerified(token.token.card);
    const sw = token.sw(GOOD[ins] ?? { ins });
    expect(sw === SW_CONDITIONS_NOT_SATISFIED).toBe(!onBlank);
  });

  test("makes no key, takes no object, and so on; everything else needs no secret to be changed first", () => {
    const refused = COMMANDS.filter(({ onBlank }) => !onBlank).map(({ ins }) => ins);
    expect(refused).toEqual([
      ...[INS_PUT_DATA, INS_GENERATE_KEY_PAIR, INS_RESET_RETRY_COUNTER],
      ...[INS_SET_TRIES, INS_IMPORT_KEY, INS_ATTEST],
    ]);
  });
});

describe("a command in a chain", () => {
  const CONTENT = new Uint8Array(100).fill(7);
  const { data: PUT = EMPTY_BYTES, ...HEAD } = putData(OBJECT_CHUID, CONTENT);
  const first: CommandParts = { ...HEAD, cla: 0x10, data: PUT.slice(0, 60) };
  const last: CommandParts = { ...HEAD, data: PUT.slice(60) };
  const stored = (token: TestToken): boolean => token.sw(getData(OBJECT_CHUID)) === SW_OK;
  const ready = (): TestToken => new TestToken().initialise().authenticate();

  test("runs with its last part, and not before", () => {
    const token = ready();
    expect(token.send(first)).toEqual({ data: EMPTY_BYTES, sw: SW_OK });
    expect(token.sw(last)).toBe(SW_OK);
    expect(parseOneTlv(token.data(getData(OBJECT_CHUID)), TAG_DATA)).toEqual(CONTENT);
  });

  test("may have parts without data", () => {
    const token = ready();
    for (const part of [{ ...first, data: EMPTY_BYTES }, first, { ...last, cla: 0x10 }]) expect(token.sw(part)).toBe(SW_OK);
    expect(token.sw({ ...last, data: EMPTY_BYTES })).toBe(SW_OK);
    expect(stored(token)).toBe(true);
  });

  test.each([
    ["another command", GET_VERSION],
    ["the same command with another P2", { ...last, p2: 0 }],
    ["the first part of another chain", { ...first, ins: INS_GENERAL_AUTHENTICATE }],
  ])("interrupted by %s is forgotten: the last part counts alone", (_what, between) => {
    const token = ready();
    token.data(first);
    token.send(between);
    expect(token.sw(last)).toBe(SW_WRONG_DATA);
    expect(stored(token)).toBe(false);
  });

  test("is forgotten at power-off", () => {
    const token = ready();
    token.data(first);
    token.token.powerOff(token.channel);
    expect(token.authenticate().sw(last)).toBe(SW_WRONG_DATA);
  });

  test("on one channel goes on undisturbed by another channel's", () => {
    const token = ready();
    token.data(first);
    expect(token.sw(first, new Channel())).toBe(SW_OK);
    expect(token.sw(GET_VERSION, new Channel())).toBe(SW_OK);
    expect(token.sw(last)).toBe(SW_OK);
    expect(stored(token)).toBe(true);
  });

  test.each([
    ["GET RESPONSE", GET_RESPONSE],
    ["an unknown command", { ins: 0x99 }],
    ["another command", GET_VERSION],
  ])("ends with %s", (_what, between) => {
    const token = ready();
    token.data(first);
    token.send(between);
    expect(token.sw(last)).toBe(SW_WRONG_DATA);
  });

  test("and an answer of other channels lose their memory to the ones that need it, and say so", () => {
    const token = ready();
    token.data(putData(OBJECT_CHUID, new Uint8Array(3000)));
    token.data(first);
    const reader = new Channel();
    expect(token.sw(getData(OBJECT_CHUID, 1), reader)).toBe(SW_MORE_DATA);
    const part: CommandParts = { ...first, data: new Uint8Array(200) };
    const channels = Array.from({ length: 128 }, () => new Channel());
    let most = 0;
    for (let sent = 200; sent <= MAX_COMMAND_DATA_BYTES; sent += 200) {
      for (const channel of channels) expect([SW_OK, SW_NOT_ENOUGH_MEMORY]).toContain(token.sw(part, channel));
      most = Math.max(
        most,
        [...channels, reader, token.channel].reduce((sum, channel) => sum + channel.keptBytes(), 0),
      );
    }
    expect(most).toBeLessThanOrEqual(MAX_KEPT_BYTES);
    expect(most).toBeGreaterThan(MAX_KEPT_BYTES / 2);
    expect(token.sw(GET_RESPONSE, reader)).toBe(SW_CONDITIONS_NOT_SATISFIED);
    expect(token.sw(last)).toBe(SW_NOT_ENOUGH_MEMORY);
    token.data(first);
    token.data(last);
    expect(stored(token)).toBe(true);
  });

  test("of channels that are gone takes no memory", () => {
    const token = ready();
    const part: CommandParts = { ...first, data: new Uint8Array(250) };
    for (let i = 0; i < 200; i++) {
      const channel = new Channel();
      token.data(part, channel);
      token.token.powerOff(channel);
    }
    token.data(first);
    token.data(last);
    expect(stored(token)).toBe(true);
  });

  test("that gets too long answers 6700 and is forgotten", () => {
    const token = ready();
    const part: CommandParts = { ...first, data: new Uint8Array(200) };
    for (let sent = 200; sent <= MAX_COMMAND_DATA_BYTES; sent += 200) expect(token.sw(part)).toBe(SW_OK);
    expect(token.sw(part)).toBe(SW_WRONG_LENGTH);
    expect(token.sw(putData(OBJECT_CHUID, CONTENT))).toBe(SW_OK);
  });

  test("of unknown INS is refused at its first part", () => {
    expect(ready().sw({ cla: 0x10, ins: 0x99, data: new Uint8Array(5) })).toBe(SW_INS_NOT_SUPPORTED);
  });
});

test("an extended command longer than the limit answers 6700, as a chain does", () => {
  const token = new TestToken().initialise();
  expect(token.sw({ ins: INS_VERIFY, p2: 0x80, data: new Uint8Array(MAX_COMMAND_DATA_BYTES + 1) })).toBe(SW_WRONG_LENGTH);
});

describe("GET RESPONSE", () => {
  const LONG = new Uint8Array(300).fill(9);
  const withRest = (): TestToken => {
    const token = new TestToken().initialise().authenticate();
    token.data(putData(OBJECT_CHUID, LONG));
    expect(token.sw(getData(OBJECT_CHUID, 256)) & 0xff00).toBe(SW_MORE_DATA);
    return token;
  };

  test("with nothing to give answers 6985", () => {
    expect(new TestToken().sw(GET_RESPONSE)).toBe(SW_CONDITIONS_NOT_SATISFIED);
    const token = withRest();
    expect(token.sw(GET_RESPONSE)).toBe(SW_OK);
    expect(token.sw(GET_RESPONSE)).toBe(SW_CONDITIONS_NOT_SATISFIED);
  });

  test("gives nothing of what another channel has asked for", () => {
    expect(withRest().sw(GET_RESPONSE, new Channel())).toBe(SW_CONDITIONS_NOT_SATISFIED);
  });

  test.each([
    ["another command", GET_VERSION],
    ["a command that is refused", { ins: 0x99 }],
  ])("gives nothing any more after %s", (_what, between) => {
    const token = withRest();
    token.send(between);
    expect(token.sw(GET_RESPONSE)).toBe(SW_CONDITIONS_NOT_SATISFIED);
  });

  test("gives nothing any more after a power-off", () => {
    const token = withRest();
    token.token.powerOff(token.channel);
    expect(token.sw(GET_RESPONSE)).toBe(SW_CONDITIONS_NOT_SATISFIED);
  });
});

test("PIN and management key proved on one channel open nothing on another", () => {
  const token = new TestToken().initialise();
  token.makeKey(SLOT_AUTHENTICATION);
  token.authenticate().data(verifyPin(PIN));
  const other = new Channel();
  expect(token.sw(signCommand(SLOT_AUTHENTICATION), other)).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
  expect(token.sw(putData(OBJECT_CHUID, EMPTY_BYTES), other)).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
  expect(token.sw(ASK_TRIES, other)).toBe(SW_TRIES_LEFT + 3);
  expect(token.sw(signCommand(SLOT_AUTHENTICATION))).toBe(SW_OK);
});

test("an exception of the world becomes 6F00, and the token goes on", () => {
  const token = new TestToken({
    changeHal: (hal) => ({
      ...hal,
      rng: {
        ...hal.rng,
        fill: () => {
          throw new Error("no randomness");
        },
      },
    }),
  });
  expect(token.sw(authenticate(0x0a, [[0x80, EMPTY_BYTES]]))).toBe(SW_INTERNAL_ERROR);
  expect(token.sw(GET_VERSION)).toBe(SW_OK);
});
