// p11-kit's own client, loaded by an application in another process, when it sends more than the bridge takes: the call fails, and neither the
// connection nor (by SIGPIPE) the application ends.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findP11KitClient, p11KitAddress } from "../../host-bridge/signing/pkcs11-module.ts";
import { SLOT_CARD_AUTHENTICATION } from "../../protocol/piv.ts";
import { RpcBench, SLOT_ID } from "../support/rpc-bench.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const PKCS11JS = createRequire(import.meta.url).resolve("pkcs11js");
const MODULE = findP11KitClient();
/** A template of 3 MB, then the slots, as CKR and ids. */
const APPLICATION = `
  const { PKCS11 } = require(${JSON.stringify(PKCS11JS)});
  const pkcs11 = new PKCS11();
  pkcs11.load(${JSON.stringify(MODULE)});
  pkcs11.C_Initialize({ flags: 2 });
  const session = pkcs11.C_OpenSession(pkcs11.C_GetSlotList(true)[0], 4);
  let rv = 0;
  try {
    pkcs11.C_FindObjectsInit(session, [{ type: 0x102, value: Buffer.alloc(3 << 20) }]);
  } catch (error) {
    rv = error.code;
  }
  const slots = pkcs11.C_GetSlotList(true).map((slot) => slot.readUInt32LE());
  process.stdout.write(JSON.stringify({ rv, slots }));
  pkcs11.C_CloseSession(session);
  pkcs11.C_Finalize();
`;

let bench: RpcBench;

beforeAll(async () => {
  bench = await RpcBench.open(temporaryFolder(), async (simulated) => void (await simulated.makeKey(SLOT_CARD_AUTHENTICATION)));
});

afterAll(() => bench.close());

test("an application that sends 3 MB is told CKR_HOST_MEMORY, and goes on with the same connection", async () => {
  if (MODULE === null) throw new Error("p11-kit-client.so is missing: npm test installs p11-kit-modules");
  const env = { ...process.env, P11_KIT_SERVER_ADDRESS: p11KitAddress(bench.path) };
  const application = spawn(process.execPath, ["-e", APPLICATION], { env, stdio: ["ignore", "pipe", "pipe"] });
  const exit = once(application, "exit");
  const [output, errors] = await Promise.all([text(application.stdout), text(application.stderr)]);
  expect(await exit, errors).toEqual([0, null]);
  expect(JSON.parse(output)).toEqual({ rv: 0x02, slots: [SLOT_ID] });
});
