import { describe, expect, test } from "vitest";
import { chainCommandApdu, encodeCommandApdu, parseCommandApdu } from "../../protocol/apdu.ts";
import { encodeTlv, parseOneTlv } from "../../protocol/ber-tlv.ts";
import { bytesToHex, concatBytes, EMPTY_BYTES, hexToBytes } from "../../protocol/bytes.ts";
import { INS_GET_DATA, INS_PUT_DATA, OBJECT_CHUID, OBJECT_SIGNATURE_CERTIFICATE, SLOT_SIGNATURE, TAG_DATA } from "../../protocol/piv.ts";
import {
  SW_CONDITIONS_NOT_SATISFIED,
  SW_INCORRECT_P1_P2,
  SW_MORE_DATA,
  SW_NOT_ENOUGH_MEMORY,
  SW_NOT_FOUND,
  SW_OK,
  SW_SECURITY_STATUS_NOT_SATISFIED,
  SW_WRONG_DATA,
} from "../../protocol/status-words.ts";
import {
  ASK_TRIES,
  apdu,
  type CommandParts,
  changePin,
  getData,
  putData,
  signCommand,
  verifyPin,
} from "../../test/firmware/card-commands.ts";
import { fillMemory, PIN, TestToken, WRONG_PIN } from "../../test/firmware/test-token.ts";
import { MAX_OBJECT_BYTES } from "../object-store.ts";
import { currentRevision } from "../revision.ts";

const TAG = OBJECT_SIGNATURE_CERTIFICATE;

function content(lengthBytes: number): Uint8Array {
  return Uint8Array.from({ length: lengthBytes }, (_, i) => (i * 11 + lengthBytes) & 0xff);
}

const GET_RESPONSE = (le: number): CommandParts => ({ ins: 0xc0, le });

/** The answer as a reader without extended length collects it, and the status words on the way. */
function collect(token: TestToken, parts: CommandParts, le = 256): { data: Uint8Array; sws: number[] } {
  let answer = token.send({ ...parts, le });
  const pieces = [answer.data];
  const sws = [answer.sw];
  while ((answer.sw & 0xff00) === SW_MORE_DATA) {
    answer = token.send(GET_RESPONSE((answer.sw & 0xff) === 0 ? le : answer.sw & 0xff));
    pieces.push(answer.data);
    sws.push(answer.sw);
  }
  return { data: concatBytes(pieces), sws };
}

const ready = (): TestToken => new TestToken().initialise().authenticate();

describe("a data object", () => {
  test.each([1, 127, 128, 240, 255, 256, 257, 1000, MAX_OBJECT_BYTES])(
    "of %i bytes comes back as it went, by extended length",
    (length) => {
      const token = ready();
      expect(token.sw(putData(TAG, content(length)))).toBe(SW_OK);
      for (const one of [token, token.reopened()]) expect(parseOneTlv(one.data(getData(TAG)), TAG_DATA)).toEqual(content(length));
    },
  );

  test.each([1, 240, 256, 1000, MAX_OBJECT_BYTES])("of %i bytes goes in by chaining and comes back by 61xx", (length) => {
    const token = ready();
    const chain = chainCommandApdu(parseCommandApdu(apdu(putData(TAG, content(length)))), 255);
    for (const piece of chain) expect(token.raw(piece, token.channel)?.sw).toBe(SW_OK);
    const { data, sws } = collect(token, getData(TAG));
    expect(parseOneTlv(data, TAG_DATA)).toEqual(content(length));
    const total = encodeTlv(TAG_DATA, [content(length)]).length;
    for (const [i, sw] of sws.entries()) {
      const left = total - Math.min(total, 256 * (i + 1));
      expect(sw).toBe(left === 0 ? SW_OK : SW_MORE_DATA | (left > 255 ? 0 : left));
    }
  });

  test.each([1, 7, 100])("comes back in pieces of %i bytes when Le says so", (le) => {
    const token = ready();
    token.data(putData(TAG, content(300)));
    expect(parseOneTlv(collect(token, getData(TAG), le).data, TAG_DATA)).toEqual(content(300));
  });

  test("comes back without Le, too, as yubico-piv-tool asks for it", () => {
    const token = ready();
    token.data(putData(TAG, content(10)));
    expect(parseOneTlv(token.data(getData(TAG, 0)), TAG_DATA)).toEqual(content(10));
    token.data(putData(TAG, content(400)));
    const first = token.send(getData(TAG, 0));
    expect([first.data.length, first.sw]).toEqual([256, SW_MORE_DATA | (404 - 256)]);
  });

  test("that is longer than the limit is refused, and the one before stays", () => {
    const token = ready();
    token.data(putData(TAG, content(20)));
    expect(token.sw(putData(TAG, content(MAX_OBJECT_BYTES + 1)))).toBe(SW_NOT_ENOUGH_MEMORY);
    expect(token.sw(putData(TAG, content(4000)))).not.toBe(SW_OK);
    expect(parseOneTlv(token.data(getData(TAG)), TAG_DATA)).toEqual(content(20));
  });

  test("is replaced by another, and removed by empty content", () => {
    const token = ready();
    token.data(putData(TAG, content(20)));
    token.data(putData(TAG, content(30)));
    expect(parseOneTlv(token.data(getData(TAG)), TAG_DATA)).toEqual(content(30));
    expect(token.sw(putData(TAG, EMPTY_BYTES))).toBe(SW_OK);
    for (const one of [token, token.reopened()]) expect(one.sw(getData(TAG))).toBe(SW_NOT_FOUND);
    expect(token.sw(putData(TAG, EMPTY_BYTES))).toBe(SW_OK);
  });

  test("is read without any secret", () => {
    const token = ready();
    token.data(putData(TAG, content(20)));
    expect(token.reopened().sw(getData(TAG))).toBe(SW_OK);
  });

  test("written makes the revision go up by one, refused leaves it", () => {
    const token = ready();
    const revision = (): number => currentRevision(token.reopened().token.card.journal);
    const before = revision();
    token.data(putData(TAG, content(20)));
    token.data(putData(TAG, EMPTY_BYTES));
    expect(revision()).toBe(before + 2);
    token.sw(putData(TAG, content(MAX_OBJECT_BYTES + 1)));
    expect(revision()).toBe(before + 2);
  });
});

describe("GET DATA", () => {
  test("gives the discovery object on any token (SP 800-73-5 Part 1 §3.3.2)", () => {
    const expected = "7e124f0ba0000003080000100001005f2f024000";
    const command = { ins: INS_GET_DATA, p1: 0x3f, p2: 0xff, data: hexToBytes("5c017e"), le: 256 };
    expect(bytesToHex(new TestToken().data(command))).toBe(expected);
    expect(bytesToHex(ready().data(command))).toBe(expected);
  });

  test.each([
    ["an object that was never written", "5c035fc105", SW_NOT_FOUND],
    ["an object outside 5FC1xx", "5c035fc205", SW_NOT_FOUND],
    ["an empty tag", "5c00", SW_NOT_FOUND],
    ["a tag of one byte", "5c0105", SW_NOT_FOUND],
    ["no tag list", "", SW_WRONG_DATA],
    ["another field", "53035fc10a", SW_WRONG_DATA],
    ["bytes behind the tag list", "5c035fc10a00", SW_WRONG_DATA],
    ["a tag list cut short", "5c045fc10a", SW_WRONG_DATA],
    ["a tag with a zero before it", "5c04005fc10a", SW_WRONG_DATA],
    ["a tag of five bytes that ends like one", "5c0501005fc10a", SW_WRONG_DATA],
  ])("answers %s with a refusal", (_what, hex, sw) => {
    const token = ready();
    token.data(putData(TAG, content(20)));
    expect(token.send({ ins: INS_GET_DATA, p1: 0x3f, p2: 0xff, data: hexToBytes(hex), le: 256 })).toEqual({ data: EMPTY_BYTES, sw });
  });

  test("takes no other P1 P2", () => {
    for (const [p1, p2] of [
      [0, 0],
      [0x3f, 0],
      [0, 0xff],
    ] as const) {
      expect(ready().sw({ ...getData(TAG), p1, p2 })).toBe(SW_INCORRECT_P1_P2);
    }
  });
});

describe("PUT DATA refuses, and writes nothing,", () => {
  const refused = (token: TestToken, parts: CommandParts, sw: number): void => {
    expect(token.imagesDuring(() => expect(token.sw(parts)).toBe(sw))).toEqual([]);
  };

  test("without the management key", () => {
    const token = new TestToken().initialise();
    token.data(verifyPin(PIN));
    refused(token, putData(TAG, content(5)), SW_SECURITY_STATUS_NOT_SATISFIED);
  });

  test("on a blank token", () => {
    refused(new TestToken(), putData(TAG, content(5)), SW_CONDITIONS_NOT_SATISFIED);
  });

  test("other P1 P2", () => {
    refused(ready(), { ...putData(TAG, content(5)), p1: 0 }, SW_INCORRECT_P1_P2);
    refused(ready(), { ...putData(TAG, content(5)), p2: 0 }, SW_INCORRECT_P1_P2);
  });

  test.each([
    ["the discovery object", "5c017e530101", SW_NOT_FOUND],
    ["an object outside 5FC1xx", "5c035fc205530101", SW_NOT_FOUND],
    ["a tag with a zero before it", "5c04005fc10a530101", SW_WRONG_DATA],
    ["a tag of five bytes that ends like one", "5c0501005fc10a530101", SW_WRONG_DATA],
    ["no data", "", SW_WRONG_DATA],
    ["a tag without content", "5c035fc10a", SW_WRONG_DATA],
    ["content without a tag", "530101", SW_WRONG_DATA],
    ["a third field", "5c035fc10a530101fe00", SW_WRONG_DATA],
    ["two contents", "530101530101", SW_WRONG_DATA],
    ["content cut short", "5c035fc10a530201", SW_WRONG_DATA],
  ])("%s", (_what, hex, sw) => {
    refused(ready(), { ins: INS_PUT_DATA, p1: 0x3f, p2: 0xff, data: hexToBytes(hex) }, sw);
  });
});

describe("a memory full of data objects", () => {
  test("refuses more with 6A84, keeps what it has, and takes more again once something is removed", () => {
    const token = ready();
    fillMemory(token);
    expect(token.sw(putData(0x5fc1ff, content(1)))).toBe(SW_NOT_ENOUGH_MEMORY);
    expect(parseOneTlv(token.data(getData(0x5fc100)), TAG_DATA)).toEqual(new Uint8Array(230));
    expect(token.sw(putData(0x5fc100, EMPTY_BYTES))).toBe(SW_OK);
    expect(token.sw(putData(0x5fc1ff, content(200)))).toBe(SW_OK);
    expect(token.reopened().sw(getData(0x5fc1ff))).toBe(SW_OK);
  });

  test("still counts tries, takes a new PIN, and signs", () => {
    const made = new TestToken().initialise();
    made.makeKey(SLOT_SIGNATURE);
    fillMemory(made.authenticate());
    let token = made;
    for (let i = 0; i < 600; i++) {
      expect(token.sw(verifyPin(i % 3 === 2 ? PIN : WRONG_PIN))).toBe([0x63c2, 0x63c1, SW_OK][i % 3]);
      if (i % 50 === 0) token = token.reopened();
    }
    token.data(changePin(PIN, "7294816"));
    token.data(verifyPin("7294816"));
    expect(token.sw(signCommand(SLOT_SIGNATURE))).toBe(SW_OK);
    expect(parseOneTlv(token.data(getData(0x5fc100)), TAG_DATA)).toEqual(new Uint8Array(230));
  });

  test("of objects that fill little more than half a page still counts tries", () => {
    const token = ready();
    for (let id = 0x5fc100; token.sw(putData(id, content(2100))) === SW_OK; ) id++;
    for (let i = 0; i < 600; i++) token.sw(verifyPin(i % 3 === 2 ? PIN : WRONG_PIN));
    expect(token.sw(ASK_TRIES)).toBe(SW_OK);
    expect(parseOneTlv(token.reopened().data(getData(0x5fc100)), TAG_DATA)).toEqual(content(2100));
  });
});

test("an object written in a chain that is cut off stays as it was", () => {
  const token = ready();
  token.data(putData(OBJECT_CHUID, content(20)));
  const [first = EMPTY_BYTES, , third = EMPTY_BYTES] = chainCommandApdu(parseCommandApdu(apdu(putData(OBJECT_CHUID, content(600)))), 255);
  token.raw(first, token.channel);
  token.token.powerOff(token.channel);
  expect(token.authenticate().raw(third, token.channel)?.sw).toBe(SW_WRONG_DATA);
  expect(parseOneTlv(token.data(getData(OBJECT_CHUID)), TAG_DATA)).toEqual(content(20));
  expect(encodeCommandApdu(parseCommandApdu(first))).toEqual(first);
});
