import { describe, expect, test } from "vitest";
import { encodeTlv } from "../../protocol/ber-tlv.ts";
import { ALG_P256, INS_IMPORT_KEY, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { SW_CONDITIONS_NOT_SATISFIED, SW_FUNCTION_NOT_SUPPORTED } from "../../protocol/status-words.ts";
import { COMPAT_PROFILE } from "../../simulator/compat-profile.ts";
import type { CommandParts } from "../../test/firmware/card-commands.ts";
import { TestToken } from "../../test/firmware/test-token.ts";

const IMPORT: CommandParts = {
  ins: INS_IMPORT_KEY,
  p1: ALG_P256,
  p2: SLOT_SIGNATURE,
  data: encodeTlv(0x06, [new Uint8Array(32).fill(1)]),
};

describe("IMPORT ASYMMETRIC KEY", () => {
  test.each([
    ["a strict token with the management key proved", () => new TestToken().initialise().authenticate(), SW_FUNCTION_NOT_SUPPORTED],
    ["a compat token", () => new TestToken({ profile: COMPAT_PROFILE }), SW_FUNCTION_NOT_SUPPORTED],
    ["anybody, who learns why", () => new TestToken().initialise(), SW_FUNCTION_NOT_SUPPORTED],
    ["a blank token", () => new TestToken(), SW_CONDITIONS_NOT_SATISFIED],
  ])("is refused on %s, and writes nothing", (_what, make, sw) => {
    const token = make();
    expect(token.imagesDuring(() => expect(token.sw(IMPORT)).toBe(sw))).toEqual([]);
    expect(token.token.card.keys.info(SLOT_SIGNATURE)).toBeNull();
  });
});
