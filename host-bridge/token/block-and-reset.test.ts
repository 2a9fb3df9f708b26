// A token is made new on purpose: what goes, what stays.

import { describe, expect, test } from "vitest";
import { KEY_REF_PIV_PIN, KEY_REF_PUK, SLOT_AUTHENTICATION, SLOT_CARD_AUTHENTICATION } from "../../protocol/piv.ts";
import { ascii, PIN, SimulatedToken } from "../../test/support/simulated-token.ts";
import { blockAndReset } from "./block-and-reset.ts";

describe("blockAndReset", () => {
  test("empties the token, with its tries as new; the signature journal goes on", async () => {
    const simulated = await SimulatedToken.initialised();
    await simulated.makeKey(SLOT_AUTHENTICATION);
    await simulated.makeKey(SLOT_CARD_AUTHENTICATION);
    const client = simulated.client();
    await client.sign(SLOT_CARD_AUTHENTICATION, new Uint8Array(32).fill(1));
    const { counter } = await client.deviceInfo();
    expect(counter).toBeGreaterThan(0);
    await blockAndReset(client);
    const info = await client.deviceInfo();
    expect(info.isInitialised).toBe(false);
    expect(info.counter).toBeGreaterThanOrEqual(counter);
    expect(await client.keyMetadata(SLOT_AUTHENTICATION)).toBeNull();
    for (const reference of [KEY_REF_PIV_PIN, KEY_REF_PUK]) expect(await client.tries(reference)).toEqual({ total: 3, left: 3 });
  });

  test("spends as many tries as there are, up to 15", async () => {
    const simulated = await SimulatedToken.initialised();
    const officer = await simulated.officer();
    await officer.verifyPin(ascii(PIN));
    await officer.setTries(15, 15);
    await blockAndReset(officer);
    expect((await officer.deviceInfo()).isInitialised).toBe(false);
  });

  test("ends for a token that counts no tries", async () => {
    const simulated = await SimulatedToken.initialised();
    const client = simulated.client();
    client.changePin = async () => {};
    await expect(blockAndReset(client)).rejects.toMatchObject({ sw: 0x6985 });
  });
});
