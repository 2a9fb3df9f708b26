// Signing data instead of digests, and in parts: PKCS#11 2.40 §5.11 with CKM_ECDSA_SHA224 to SHA512.

import { execFileSync } from "node:child_process";
import { createHash, type KeyObject, randomBytes, verify } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { SLOT_AUTHENTICATION, SLOT_SIGNATURE } from "../../../protocol/piv.ts";
import { p256Point } from "../../../test/support/ec-keys.ts";
import { CKU_CONTEXT_SPECIFIC, type RpcApplication, RpcBench } from "../../../test/support/rpc-bench.ts";
import { ay, fy, type RpcAnswer, u } from "../../../test/support/rpc-client.ts";
import { PIN } from "../../../test/support/simulated-token.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { derSignature } from "../../signing/pkcs11-signer.ts";

const CKR_OPERATION_ACTIVE = 0x90;
const CKR_OPERATION_NOT_INITIALIZED = 0x91;
const CKR_USER_NOT_LOGGED_IN = 0x101;
const AUTHENTICATION = 1;
const SIGNING = 2;

const MESSAGE = randomBytes(100);
const DIGEST = createHash("sha256").update(MESSAGE).digest();
/** Mechanisms that digest. */
const DIGESTING: readonly (readonly [type: number, digest: string])[] = [
  [0x1043, "sha224"],
  [0x1044, "sha256"],
  [0x1045, "sha384"],
  [0x1046, "sha512"],
];
const CKM_ECDSA_SHA256 = 0x1044;

const folder = temporaryFolder();
let bench: RpcBench;
const publicKeys = new Map<number, KeyObject>();

beforeAll(async () => {
  bench = await RpcBench.open(folder, async (simulated) => {
    publicKeys.set(AUTHENTICATION, p256Point(await simulated.makeKey(SLOT_AUTHENTICATION)));
    publicKeys.set(SIGNING, p256Point(await simulated.makeKey(SLOT_SIGNATURE)));
  });
});

afterAll(() => bench.close());

function isBy(answer: RpcAnswer, id: number, digestName = "sha256"): boolean {
  const signature = answer.byteArray();
  const key = publicKeys.get(id);
  if (typeof signature === "number" || key === undefined) throw new Error("no signature");
  return verify(digestName, MESSAGE, { key, dsaEncoding: "ieee-p1363" }, signature);
}

function signUpdate(application: RpcApplication, session: number, part: Uint8Array): Promise<RpcAnswer> {
  return application.rpc.call("C_SignUpdate", u(session), ay(part));
}

function signFinal(application: RpcApplication, session: number, room = 64): Promise<RpcAnswer> {
  return application.rpc.call("C_SignFinal", u(session), fy(room));
}

describe("a mechanism that digests", () => {
  test.each(DIGESTING)("%i signs data of any length, with one use of the token", async (type, digestName) => {
    const { application, session } = await bench.loggedIn(PIN);
    const key = await application.privateKey(session, AUTHENTICATION);
    const transmit = vi.spyOn(bench.simulated.token, "transmit");
    await application.signInit(session, key, type);
    for (const part of [MESSAGE.subarray(0, 50), MESSAGE.subarray(50)]) await signUpdate(application, session, part);
    expect((await signFinal(application, session, 0)).byteArray()).toBe(64);
    const inParts = await signFinal(application, session);
    expect(transmit).toHaveBeenCalledTimes(1);
    transmit.mockRestore();
    expect(isBy(inParts, AUTHENTICATION, digestName)).toBe(true);
    await application.signInit(session, key, type);
    expect(isBy(await application.sign(session, MESSAGE), AUTHENTICATION, digestName)).toBe(true);
    await application.signInit(session, key, type);
    const empty = (await application.sign(session, new Uint8Array(0))).byteArray() as Buffer;
    const publicKey = publicKeys.get(AUTHENTICATION) as KeyObject;
    expect(verify(digestName, new Uint8Array(0), { key: publicKey, dsaEncoding: "ieee-p1363" }, empty)).toBe(true);
  });

  test("signs the same however the data is cut into parts", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    const key = await application.privateKey(session, AUTHENTICATION);
    const parts = fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(parts, fc.constantFrom(...DIGESTING), async (data, [type, digestName]) => {
        expect(await application.signInit(session, key, type)).toBe(0);
        for (const part of data) expect((await signUpdate(application, session, part)).rv).toBe(0);
        const signature = (await signFinal(application, session)).byteArray() as Buffer;
        expect(signature.length).toBe(64);
        const publicKey = publicKeys.get(AUTHENTICATION) as KeyObject;
        expect(verify(digestName, Buffer.concat(data), { key: publicKey, dsaEncoding: "ieee-p1363" }, signature)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test("in parts is verified by openssl", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    await application.signInit(session, await application.privateKey(session, AUTHENTICATION), CKM_ECDSA_SHA256);
    for (const part of [MESSAGE.subarray(0, 1), MESSAGE.subarray(1, 99), MESSAGE.subarray(99)])
      await signUpdate(application, session, part);
    const signature = (await signFinal(application, session)).byteArray() as Buffer;
    const path = (name: string): string => join(folder, name);
    writeFileSync(path("key.pem"), (publicKeys.get(AUTHENTICATION) as KeyObject).export({ type: "spki", format: "pem" }));
    writeFileSync(path("signature"), derSignature(signature));
    writeFileSync(path("message"), MESSAGE);
    const said = execFileSync("openssl", ["dgst", "-sha256", "-verify", path("key.pem"), "-signature", path("signature"), path("message")]);
    expect(said.toString()).toContain("Verified OK");
  });

  test("C_SignFinal, told its length or given too little room, goes on; then the operation is over", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    await application.signInit(session, await application.privateKey(session, AUTHENTICATION), CKM_ECDSA_SHA256);
    await signUpdate(application, session, MESSAGE);
    for (const room of [0, 63, 0xffffffff]) expect((await signFinal(application, session, room)).byteArray()).toBe(64);
    expect(isBy(await signFinal(application, session), AUTHENTICATION)).toBe(true);
    expect((await signFinal(application, session)).rv).toBe(CKR_OPERATION_NOT_INITIALIZED);
  });

  test.each([0, 64])("C_Sign (room %i) after C_SignUpdate answers CKR_OPERATION_ACTIVE, and ends the operation", async (room) => {
    const { application, session } = await bench.loggedIn(PIN);
    await application.signInit(session, await application.privateKey(session, AUTHENTICATION), CKM_ECDSA_SHA256);
    await signUpdate(application, session, MESSAGE);
    expect((await application.sign(session, MESSAGE, room)).rv).toBe(CKR_OPERATION_ACTIVE);
    expect((await signFinal(application, session)).rv).toBe(CKR_OPERATION_NOT_INITIALIZED);
  });

  test("a length that was asked of C_Sign leaves C_SignUpdate open", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    await application.signInit(session, await application.privateKey(session, AUTHENTICATION), CKM_ECDSA_SHA256);
    expect((await application.sign(session, MESSAGE, 0)).byteArray()).toBe(64);
    await signUpdate(application, session, MESSAGE);
    expect(isBy(await signFinal(application, session), AUTHENTICATION)).toBe(true);
  });
});

describe("CKM_ECDSA comes in one part:", () => {
  test.each(["C_SignUpdate", "C_SignFinal"] as const)("%s answers CKR_OPERATION_NOT_INITIALIZED, and ends the operation", async (name) => {
    const { application, session } = await bench.loggedIn(PIN);
    await application.signInit(session, await application.privateKey(session, AUTHENTICATION));
    const answer = name === "C_SignFinal" ? signFinal(application, session) : signUpdate(application, session, DIGEST);
    expect((await answer).rv).toBe(CKR_OPERATION_NOT_INITIALIZED);
    expect(await application.signInit(session, await application.privateKey(session, AUTHENTICATION))).toBe(0);
  });
});

describe("a key with CKA_ALWAYS_AUTHENTICATE", () => {
  test("signs in parts for a PIN that is given anywhere between C_SignInit and C_SignFinal, once", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    const key = await application.privateKey(session, SIGNING);
    for (const place of [0, 1, 2]) {
      await application.signInit(session, key, CKM_ECDSA_SHA256);
      for (const [index, part] of [MESSAGE.subarray(0, 7), MESSAGE.subarray(7)].entries()) {
        if (index === place) expect(await application.login(session, PIN, CKU_CONTEXT_SPECIFIC)).toBe(0);
        await signUpdate(application, session, part);
      }
      if (place === 2) expect(await application.login(session, PIN, CKU_CONTEXT_SPECIFIC)).toBe(0);
      expect(isBy(await signFinal(application, session), SIGNING)).toBe(true);
    }
    await application.signInit(session, key, CKM_ECDSA_SHA256);
    await signUpdate(application, session, MESSAGE);
    expect(await application.signInit(session, key)).toBe(CKR_OPERATION_ACTIVE); // its parts would be lost
    expect((await signFinal(application, session)).rv).toBe(CKR_USER_NOT_LOGGED_IN);
  });
});
