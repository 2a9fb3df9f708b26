// The data model: every object of SP 800-73-5 Part 1 table 3 that this token keeps, and those of the YubiKey PIV extension.

import { describe, expect, test } from "vitest";
import { chainCommandApdu, parseCommandApdu } from "../../protocol/apdu.ts";
import { parseOneTlv } from "../../protocol/ber-tlv.ts";
import { bytesToHex, EMPTY_BYTES, hexToBytes } from "../../protocol/bytes.ts";
import {
  INS_GET_DATA,
  INS_PUT_DATA,
  OBJECT_ATTESTATION_CERTIFICATE,
  OBJECT_AUTH_CERTIFICATE,
  OBJECT_CARD_AUTH_CERTIFICATE,
  OBJECT_CCC,
  OBJECT_CHUID,
  OBJECT_KEY_HISTORY,
  OBJECT_KEY_MANAGEMENT_CERTIFICATE,
  OBJECT_PRINTED_INFORMATION,
  OBJECT_SIGNATURE_CERTIFICATE,
  RETIRED_SLOTS,
  retiredKeySlot,
  TAG_DATA,
} from "../../protocol/piv.ts";
import { SW_NOT_FOUND, SW_OK, SW_SECURITY_STATUS_NOT_SATISFIED, SW_WRONG_DATA } from "../../protocol/status-words.ts";
import { apdu, getData, putData, verifyPin } from "../../test/firmware/card-commands.ts";
import { seal } from "../../test/firmware/sealed-token.ts";
import { PIN, TestToken } from "../../test/firmware/test-token.ts";
import { Channel } from "../channel.ts";

const RETIRED = Array.from({ length: RETIRED_SLOTS }, (_, index) => retiredKeySlot(index).certificate);
const FREE_TO_READ: readonly [string, number][] = [
  ["CHUID", OBJECT_CHUID],
  ["CCC", OBJECT_CCC],
  ["certificate of 9A", OBJECT_AUTH_CERTIFICATE],
  ["certificate of 9C", OBJECT_SIGNATURE_CERTIFICATE],
  ["certificate of 9D", OBJECT_KEY_MANAGEMENT_CERTIFICATE],
  ["certificate of 9E", OBJECT_CARD_AUTH_CERTIFICATE],
  ["Key History", OBJECT_KEY_HISTORY],
  ["security object", 0x5fc106],
  ["extension, lowest", 0x5fff00],
  ["extension, pivman data", 0x5fff10],
  ["extension, highest", 0x5fffff],
];

const ready = (): TestToken => new TestToken().initialise().authenticate();
const content = (lengthBytes: number, seed = 0): Uint8Array => Uint8Array.from({ length: lengthBytes }, (_, i) => (i * 7 + seed) & 0xff);
const read = (token: TestToken, tag: number): Uint8Array => parseOneTlv(token.data(getData(tag)), TAG_DATA);

test("the 20 certificates of the retired keys are 5FC10D to 5FC120", () => {
  expect(RETIRED[0]).toBe(0x5fc10d);
  expect(RETIRED).toEqual(Array.from({ length: 20 }, (_, i) => 0x5fc10d + i));
});

describe.each(FREE_TO_READ)("%s (%i)", (_what, tag) => {
  test("is written with the management key alone, read by anybody, kept over a power-off, and removed", () => {
    const token = ready();
    expect(token.sw(getData(tag))).toBe(SW_NOT_FOUND);
    expect(token.sw(putData(tag, content(300)), new Channel())).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
    expect(token.sw(putData(tag, content(300)))).toBe(SW_OK);
    expect(read(token.reopened(), tag)).toEqual(content(300));
    expect(token.sw(putData(tag, EMPTY_BYTES))).toBe(SW_OK);
    expect(token.reopened().sw(getData(tag))).toBe(SW_NOT_FOUND);
  });

  test("goes in by chaining and in one extended APDU alike", () => {
    const token = ready();
    for (const piece of chainCommandApdu(parseCommandApdu(apdu(putData(tag, content(1000)))), 255)) {
      expect(token.raw(piece, token.channel)?.sw).toBe(SW_OK);
    }
    expect(read(token, tag)).toEqual(content(1000));
    expect(token.sw(putData(tag, content(1000, 5)))).toBe(SW_OK);
    expect(read(token, tag)).toEqual(content(1000, 5));
  });
});

test("all objects stand side by side: none is another under a second name", () => {
  const token = ready();
  const tags = [...FREE_TO_READ.map(([, tag]) => tag), ...RETIRED, OBJECT_PRINTED_INFORMATION, 0x5fff02, 0x5fff05, 0x5fff0a];
  for (const [i, tag] of tags.entries()) token.data(putData(tag, Uint8Array.of(0x53, i)));
  const again = token.reopened();
  again.data(verifyPin(PIN));
  for (const [i, tag] of tags.entries()) expect([tag, ...read(again, tag)]).toEqual([tag, 0x53, i]);
});

describe("printed information (5FC109)", () => {
  test("is read with the PIN, on the channel where it was verified, and written without it", () => {
    const token = ready();
    expect(token.sw(putData(OBJECT_PRINTED_INFORMATION, content(40)))).toBe(SW_OK);
    expect(token.sw(getData(OBJECT_PRINTED_INFORMATION))).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
    token.data(verifyPin(PIN));
    expect(read(token, OBJECT_PRINTED_INFORMATION)).toEqual(content(40));
    expect(token.sw(getData(OBJECT_PRINTED_INFORMATION), new Channel())).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
  });

  test("keeps what is left of a long answer for the channel that asked", () => {
    const token = ready();
    token.data(putData(OBJECT_PRINTED_INFORMATION, content(600)));
    token.data(verifyPin(PIN));
    expect(token.sw(getData(OBJECT_PRINTED_INFORMATION, 256))).toBe(0x6100);
    expect(token.sw({ ins: 0xc0, le: 256 }, new Channel())).toBe(0x6985);
  });
});

describe("the discovery object (7E)", () => {
  test("is read by its tag and can't be written, by its tag or inside another", () => {
    const token = ready();
    const read7e = { ins: INS_GET_DATA, p1: 0x3f, p2: 0xff, data: hexToBytes("5c017e"), le: 256 };
    const before = bytesToHex(token.data(read7e));
    for (const data of ["5c017e530101", "5c017e7e0101", "7e124f0ba0000003080000100001005f2f024000"]) {
      const put = { ins: INS_PUT_DATA, p1: 0x3f, p2: 0xff, data: hexToBytes(data) };
      const images = token.imagesDuring(() => expect([SW_NOT_FOUND, SW_WRONG_DATA]).toContain(token.sw(put)));
      expect(images).toEqual([]);
    }
    expect(bytesToHex(token.data(read7e))).toBe(before);
  });
});

describe("the attestation key's certificate (5FFF01)", () => {
  test("can't be written, replaced or removed by PUT DATA", () => {
    const sealed = new TestToken();
    seal(sealed);
    for (const token of [ready(), sealed.initialise().authenticate()]) {
      const before = token.send(getData(OBJECT_ATTESTATION_CERTIFICATE));
      for (const fresh of [content(20), EMPTY_BYTES]) {
        const images = token.imagesDuring(() => expect(token.sw(putData(OBJECT_ATTESTATION_CERTIFICATE, fresh))).toBe(SW_NOT_FOUND));
        expect(images).toEqual([]);
      }
      expect(token.send(getData(OBJECT_ATTESTATION_CERTIFICATE))).toEqual(before);
    }
  });

  test("is not 5FC101, and is not touched by it", () => {
    const token = new TestToken();
    seal(token);
    token.initialise().authenticate();
    const before = token.data(getData(OBJECT_ATTESTATION_CERTIFICATE));
    expect(token.sw(getData(OBJECT_CARD_AUTH_CERTIFICATE))).toBe(SW_NOT_FOUND);
    token.data(putData(OBJECT_CARD_AUTH_CERTIFICATE, content(20)));
    token.data(putData(OBJECT_CARD_AUTH_CERTIFICATE, EMPTY_BYTES));
    expect(token.data(getData(OBJECT_ATTESTATION_CERTIFICATE))).toEqual(before);
  });
});

describe("tags beside the data model are not found, and can't be written:", () => {
  test.each([0x5fc000, 0x5fc0ff, 0x5fc200, 0x5ffe01, 0x600001, 0x5fc1, 0x5fff, 0x01, 0x7f61])("%i", (tag) => {
    const token = ready();
    expect(token.sw(getData(tag))).toBe(SW_NOT_FOUND);
    expect(token.imagesDuring(() => expect(token.sw(putData(tag, content(3)))).toBe(SW_NOT_FOUND))).toEqual([]);
  });
});
