// The way to a signature in each version of p11-kit's RPC protocol: 0 (p11-kit 0.24.1 and before), 1 (to 0.25.5), 2 (later).

import { createHash, type KeyObject, verify } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SLOT_AUTHENTICATION } from "../../protocol/piv.ts";
import { p256Point } from "../../test/support/ec-keys.ts";
import { RpcBench } from "../../test/support/rpc-bench.ts";
import { fu, u } from "../../test/support/rpc-client.ts";
import { PIN } from "../../test/support/simulated-token.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";

const CKR_ARGUMENTS_BAD = 0x07;
const CKR_KEY_HANDLE_INVALID = 0x60;
const CKA_KEY_TYPE = 0x100;
const CKA_ID = 0x102;
const CKA_SIGN = 0x108;
const CKK_EC = 3;
const CKM_ECDSA = 0x1041;
const AUTHENTICATION_ID = 1;
const MESSAGE = Buffer.from("a message");
const DIGEST = createHash("sha256").update(MESSAGE).digest();
const NO_BYTES = fu(0xffffffff);

let bench: RpcBench;
let publicKey: KeyObject;

beforeAll(async () => {
  bench = await RpcBench.open(temporaryFolder(), async (simulated) => {
    publicKey = p256Point(await simulated.makeKey(SLOT_AUTHENTICATION));
  });
});

afterAll(() => bench.close());

describe.each([0, 1, 2])("a client of version %i", (version) => {
  test("logs in, finds a key, reads it, and signs with it", async () => {
    const application = await bench.application(version);
    expect(application.rpc.version).toBe(version);
    const session = await application.openSession();
    expect(await application.login(session, PIN)).toBe(0);
    const key = await application.privateKey(session, AUTHENTICATION_ID);
    const read = await application.attributes(session, key, [
      [CKA_KEY_TYPE, 8],
      [CKA_ID, 20],
      [CKA_SIGN, 1],
    ]);
    expect(read.attributes().map(({ value }) => value)).toEqual([CKK_EC, Buffer.of(AUTHENTICATION_ID), true]);
    expect(await application.signInit(session, key)).toBe(0);
    const signature = (await application.sign(session, DIGEST)).byteArray();
    expect(verify("sha256", MESSAGE, { key: publicKey, dsaEncoding: "ieee-p1363" }, signature as Buffer)).toBe(true);
    expect(await application.logout(session)).toBe(0);
    expect(await application.closeSession(session)).toBe(0);
    expect((await application.rpc.call("C_Finalize")).rv).toBe(0);
  });

  test("sends mechanisms in the form of its version; in another's they are refused, and the connection goes on", async () => {
    const application = await bench.application(version);
    const session = await application.openSession();
    expect(await application.login(session, PIN)).toBe(0);
    const key = await application.privateKey(session, AUTHENTICATION_ID);
    const type = fu(CKM_ECDSA);
    const ofAnother = version < 2 ? [type, u(key)] : [type, NO_BYTES, u(key)];
    const answer = await application.rpc.call("C_SignInit", u(session), ...ofAnother);
    // With the length of its parameters missing, a version 0 or 1 mechanism takes the key's first half for it (0: empty), and the key ends
    // early; in version 2 what was ffffffff is the key's first half, a handle that nobody has.
    expect(answer.rv).toBe(version < 2 ? CKR_ARGUMENTS_BAD : CKR_KEY_HANDLE_INVALID);
    expect(await application.signInit(session, key)).toBe(0);
  });
});
