import { describe, expect, test } from "vitest";
import { findTlv, parseOneTlv, parseTlvs } from "../../protocol/ber-tlv.ts";
import { bytesToHex, EMPTY_BYTES, hexToBytes } from "../../protocol/bytes.ts";
import { INS_GET_VERSION, INS_SELECT, OBJECT_CHUID, PIV_AID, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { SW_INCORRECT_P1_P2, SW_NOT_FOUND, SW_OK, SW_SECURITY_STATUS_NOT_SATISFIED, SW_TRIES_LEFT } from "../../protocol/status-words.ts";
import { ASK_TRIES, type CommandParts, putData, signCommand, verifyPin } from "../../test/firmware/card-commands.ts";
import { PIN, TestToken } from "../../test/firmware/test-token.ts";
import { Channel } from "../channel.ts";

const select = (aid: string): CommandParts => ({ ins: INS_SELECT, p1: 0x04, data: hexToBytes(aid), le: 256 });
const PUT_CHUID = putData(OBJECT_CHUID, new Uint8Array([1]));
const OTHERS = [
  ["another application of the same issuer", "a000000308000020000100"],
  ["another issuer", "a000000397425446590201"],
  ["OpenPGP", "d27600012401"],
  ["the AID and a byte more", `${PIV_AID}00`],
  ["less than the registered identifier", PIV_AID.slice(0, 8)],
] as const;

describe("SELECT of PIV", () => {
  test.each([22, 18, 10])("by the first %i digits of its AID gives the property template", (digits) => {
    const fields = parseTlvs(parseOneTlv(new TestToken().data(select(PIV_AID.slice(0, digits))), 0x61));
    expect(fields.map(({ tag }) => tag)).toEqual([0x4f, 0x79, 0x50, 0xac]);
    expect(bytesToHex(findTlv(fields, 0x4f) ?? EMPTY_BYTES)).toBe(PIV_AID.slice(10));
    expect(bytesToHex(findTlv(fields, 0x79) ?? EMPTY_BYTES)).toBe(`4f05${PIV_AID.slice(0, 10)}`);
    expect(Buffer.from(findTlv(fields, 0x50) ?? EMPTY_BYTES).toString()).toBe("Sceau PIV");
    expect(bytesToHex(findTlv(fields, 0xac) ?? EMPTY_BYTES)).toBe("800111800114060100");
  });

  test("forgets PIN and management key on this channel, and on no other", () => {
    const token = new TestToken().initialise();
    const other = new Channel();
    for (const channel of [token.channel, other]) {
      token.authenticate(undefined, undefined, channel);
      token.data(verifyPin(PIN), channel);
    }
    token.data(select(PIV_AID));
    expect(token.sw(ASK_TRIES)).toBe(SW_TRIES_LEFT + 3);
    expect(token.sw(PUT_CHUID)).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
    expect(token.sw(ASK_TRIES, other)).toBe(SW_OK);
    expect(token.sw(PUT_CHUID, other)).toBe(SW_OK);
  });

  test("right after VERIFY leaves nothing for a PIN-always key", () => {
    const token = new TestToken().initialise();
    token.makeKey(SLOT_SIGNATURE);
    token.data(verifyPin(PIN));
    token.data(select(PIV_AID));
    expect(token.sw(signCommand(SLOT_SIGNATURE))).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
  });

  test("is not needed: PIV is selected at power-on (SP 800-73-5 Part 2 §2.2)", () => {
    expect(new TestToken().sw({ ins: INS_GET_VERSION, le: 256 })).toBe(SW_OK);
  });
});

describe("SELECT of anything else", () => {
  test.each(OTHERS)("(%s) is not found, and leaves the channel as it is", (_what, aid) => {
    const token = new TestToken().initialise().authenticate();
    token.data(verifyPin(PIN));
    expect(token.send(select(aid))).toEqual({ data: EMPTY_BYTES, sw: SW_NOT_FOUND });
    expect(token.sw(ASK_TRIES)).toBe(SW_OK);
    expect(token.sw(PUT_CHUID)).toBe(SW_OK);
  });

  test("(an empty name) is not found", () => {
    expect(new TestToken().sw(select(""))).toBe(SW_NOT_FOUND);
  });

  test.each([
    [0x00, 0x00],
    [0x04, 0x02],
    [0x04, 0x0c],
    [0x02, 0x00],
  ])("(P1 P2 = %i %i) is refused", (p1, p2) => {
    expect(new TestToken().sw({ ...select(PIV_AID), p1, p2 })).toBe(SW_INCORRECT_P1_P2);
  });
});
