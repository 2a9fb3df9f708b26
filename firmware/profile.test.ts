import { describe, expect, test } from "vitest";
import { FACTORY_PIN, SLOT_SIGNATURE } from "../protocol/piv.ts";
import { SW_CONDITIONS_NOT_SATISFIED, SW_OK } from "../protocol/status-words.ts";
import { INFO_INITIALISED, INFO_PROFILE, INFO_SIMULATED, VENDOR_DEVICE_INFO } from "../protocol/vendor.ts";
import { COMPAT_PROFILE } from "../simulator/compat-profile.ts";
import { generateKey, signCommand, verifyPin } from "../test/firmware/card-commands.ts";
import { TestToken } from "../test/firmware/test-token.ts";
import type { Hal } from "./hal.ts";
import { STRICT_PROFILE } from "./profile.ts";
import { createToken, ProfileError } from "./token.ts";

const asBoard = (hal: Hal): Hal => ({ ...hal, device: { ...hal.device, simulated: false } });

describe("a device that is not simulated", () => {
  test.each([
    ["compat", COMPAT_PROFILE],
    ["any profile that is not strict, by whatever name", { ...STRICT_PROFILE, isStrict: false }],
  ])("refuses %s before it touches the flash", (_what, profile) => {
    let touched = false;
    const changeHal = (hal: Hal): Hal => {
      const touch = (): never => {
        touched = true;
        throw new Error("the flash was touched");
      };
      return { ...asBoard(hal), flash: { ...hal.flash, pages: hal.flash.pages, read: touch, program: touch, erase: touch } };
    };
    let refusal: unknown;
    try {
      new TestToken({ profile, changeHal });
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(ProfileError);
    expect(touched).toBe(false);
  });

  test("takes strict, and tells so", () => {
    const info = new TestToken({ changeHal: asBoard }).vendor(VENDOR_DEVICE_INFO);
    expect([info.get(INFO_PROFILE), info.get(INFO_SIMULATED), info.get(INFO_INITIALISED)]).toEqual(["strict", false, false]);
  });
});

test("createToken, which boards call, makes a strict token", () => {
  let profile: unknown;
  new TestToken({
    changeHal: (hal) => {
      profile = createToken(hal).card.profile;
      return hal;
    },
  });
  expect(profile).toBe(STRICT_PROFILE);
});

describe("a compat token", () => {
  test("tells its profile, and is never blank", () => {
    const info = new TestToken({ profile: COMPAT_PROFILE }).vendor(VENDOR_DEVICE_INFO);
    expect([info.get(INFO_PROFILE), info.get(INFO_SIMULATED), info.get(INFO_INITIALISED)]).toEqual(["compat", true, true]);
  });

  test("makes a key and signs with the factory's secrets, which a strict one does not", () => {
    for (const [profile, made] of [
      [COMPAT_PROFILE, SW_OK],
      [STRICT_PROFILE, SW_CONDITIONS_NOT_SATISFIED],
    ] as const) {
      const token = new TestToken({ profile });
      token.channel.managementWasVerified(token.token.card);
      expect(token.sw(generateKey(SLOT_SIGNATURE))).toBe(made);
      token.data(verifyPin(FACTORY_PIN));
      expect(token.sw(signCommand(SLOT_SIGNATURE))).toBe(made);
    }
  });
});
