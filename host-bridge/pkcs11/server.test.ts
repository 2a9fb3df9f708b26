// The socket where applications find the bridge.

import { once } from "node:events";
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ay, fu, RpcClient, y } from "../../test/support/rpc-client.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { BridgeRunningError } from "./bridge-running.ts";
import { servePkcs11 } from "./server.ts";
import { SlotTable } from "./slots/slot-table.ts";

const folder = temporaryFolder();
const SILENT = { log: () => {}, managementKeys: null, pinPrompt: null };
const noSlots = new SlotTable();
const mode = (path: string): number => statSync(path).mode & 0o777;

test("nobody but the user reaches it: mode 0600 in a folder of mode 0700", async () => {
  const path = join(folder, "made", "pkcs11");
  const server = await servePkcs11(path, noSlots, SILENT);
  expect([mode(path), mode(join(folder, "made"))]).toEqual([0o600, 0o700]);
  await server.close();
});

test("a socket that a killed bridge left behind is replaced", async () => {
  const path = join(folder, "left");
  writeFileSync(path, "");
  const server = await servePkcs11(path, noSlots, SILENT);
  const rpc = await RpcClient.connect(path);
  await rpc.call("C_Initialize", ay(null), y(0), ay(null));
  expect((await rpc.call("C_GetSlotList", y(1), fu(1))).ulongArray()).toEqual([]);
  rpc.close();
  await server.close();
});

test("where another bridge answers, there is no second one, and the first goes on", async () => {
  const path = join(folder, "taken");
  const first = await servePkcs11(path, noSlots, SILENT);
  await expect(servePkcs11(path, noSlots, SILENT)).rejects.toBeInstanceOf(BridgeRunningError);
  (await RpcClient.connect(path)).close();
  await first.close();
  expect(existsSync(path)).toBe(false);
});

test("closing removes its own socket, never that of another bridge, and leaves nothing else behind", async () => {
  const path = join(folder, "own", "pkcs11");
  const first = await servePkcs11(path, noSlots, SILENT);
  rmSync(path); // as somebody may who clears the folder
  const second = await servePkcs11(path, noSlots, SILENT);
  await first.close();
  (await RpcClient.connect(path)).close();
  await second.close();
  expect(readdirSync(join(folder, "own"))).toEqual([]);
});

test("a folder that there cannot be is told at once", async () => {
  writeFileSync(join(folder, "file"), "");
  await expect(servePkcs11(join(folder, "file", "pkcs11"), noSlots, SILENT)).rejects.toThrow(/ENOTDIR|EEXIST/);
});

test("closing ends the connections that are open", async () => {
  const path = join(folder, "closing");
  const server = await servePkcs11(path, noSlots, SILENT);
  const rpc = await RpcClient.connect(path);
  const closed = once(rpc.socket, "close");
  await server.close();
  await closed;
  await expect(RpcClient.connect(path)).rejects.toThrow();
});
