// The Key History object follows the retired certificates.

import { expect, test, vi } from "vitest";
import { bytesToHex } from "../../protocol/bytes.ts";
import { OBJECT_KEY_HISTORY, retiredKeySlot } from "../../protocol/piv.ts";
import { SimulatedToken } from "../../test/support/simulated-token.ts";
import { updateKeyHistory } from "./key-history.ts";
import { TokenError } from "./token-error.ts";

test("tells how many retired slots have a certificate, a gap counted, and goes with the last of them", async () => {
  const client = await (await SimulatedToken.initialised()).officer();
  const history = async (): Promise<string | null> => {
    await updateKeyHistory(client);
    const content = await client.readObject(OBJECT_KEY_HISTORY);
    return content === null ? null : bytesToHex(content);
  };
  expect(await history()).toBe(null);
  await client.writeCertificate(retiredKeySlot(0).certificate, new Uint8Array([0x30, 0]));
  expect(await history()).toBe("c10101c20100fe00");
  await client.writeCertificate(retiredKeySlot(19).certificate, new Uint8Array([0x30, 0]));
  expect(await history()).toBe("c10114c20100fe00");
  for (const index of [0, 19]) await client.writeObject(retiredKeySlot(index).certificate, new Uint8Array(0));
  expect(await history()).toBe(null);
});

test("is left alone on a card that has no such object; another refusal is told", async () => {
  const client = await (await SimulatedToken.initialised()).officer();
  const write = vi.spyOn(client, "writeObject").mockRejectedValueOnce(new TokenError(0x6a82, "PUT DATA"));
  await updateKeyHistory(client);
  write.mockRejectedValueOnce(new TokenError(0x6982, "PUT DATA"));
  await expect(updateKeyHistory(client)).rejects.toMatchObject({ sw: 0x6982 });
});
