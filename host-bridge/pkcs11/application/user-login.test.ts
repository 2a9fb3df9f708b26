// A login that ends while a PIN for one signature waits for its turn.

import { expect, test } from "vitest";
import { FakePcsc } from "../../../test/support/fake-pcsc.ts";
import { ascii, PIN, SimulatedToken } from "../../../test/support/simulated-token.ts";
import { accessToken } from "../../token/token-access.ts";
import { openPcscTransport } from "../../transport/pcsc.ts";
import { UserLogin } from "./user-login.ts";

test("after the logout no PIN is tried, neither on the login's channel nor on one of its own", async () => {
  const pcsc = new FakePcsc(await SimulatedToken.initialised());
  const access = await accessToken(await openPcscTransport(pcsc, pcsc.name));
  for (const openClient of [null, () => access.openClient()]) {
    const login = new UserLogin(await access.openClient(), openClient);
    login.end();
    pcsc.seen.length = 0;
    await expect(login.verifyContext(ascii(PIN))).rejects.toMatchObject({ rv: 0x101 });
    expect(pcsc.seen).toEqual([]);
  }
});
