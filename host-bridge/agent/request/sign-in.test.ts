// Signing in that the holder gives up while the office is asked.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { SLOT_AUTHENTICATION } from "../../../protocol/piv.ts";
import { ascii, PIN, SimulatedToken } from "../../../test/support/simulated-token.ts";
import { DeskError } from "../tokens/desk-error.ts";
import { signInAt } from "./sign-in.ts";

test("given up while the office makes a challenge: nothing is signed, and nothing answered", async () => {
  const token = await SimulatedToken.initialised();
  await token.makeKey(SLOT_AUTHENTICATION);
  const giveUp = new AbortController();
  const asked: string[] = [];
  let address = "";
  const office = createServer(({ url = "" }, answer) => {
    asked.push(url);
    giveUp.abort(new DeskError("cancelled"));
    answer.end(JSON.stringify({ challenge: "A".repeat(43), publicUrl: address }));
  });
  await new Promise<void>((resolve) => office.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(office.address() as AddressInfo).port}`;
  const client = token.client();
  const before = (await client.deviceInfo()).counter;
  const request = {
    kind: "sign-in" as const,
    office: address,
    publicUrl: address,
    officeName: "Office",
    returnTo: `${address}/`,
    expiresAt: new Date(),
    person: null,
    challenge: null,
  };
  const progress = { step: () => {}, onButton: () => {}, signal: giveUp.signal };
  try {
    await expect(signInAt(request, client, ascii(PIN), progress)).rejects.toMatchObject({ refusal: "cancelled" });
    expect([(await client.deviceInfo()).counter, asked]).toEqual([before, ["/api/sign-in/challenge"]]);
  } finally {
    client.close();
    office.closeAllConnections();
    office.close();
  }
});
