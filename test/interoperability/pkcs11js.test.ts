// pkcs11js over p11-kit-client.so, the bridge and the simulated token, call by call: 9A (PIN once) and 9C (PIN always, by a context login),
// wrong PINs, and a token that goes in the middle of a session. openssl verifies what it signs.

import { createHash, randomBytes, type X509Certificate } from "node:crypto";
import pkcs11js, { type Handle, type TokenInfo } from "pkcs11js";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SLOT_AUTHENTICATION, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { opensslOnDigest } from "../support/openssl-judge.ts";
import { Pkcs11Program } from "../support/pkcs11-program.ts";
import { bytes, PIN, Workbench } from "../support/workbench.ts";

const {
  CKA_CLASS,
  CKA_ID,
  CKF_SERIAL_SESSION,
  CKF_USER_PIN_COUNT_LOW,
  CKF_USER_PIN_FINAL_TRY,
  CKO_CERTIFICATE,
  CKO_PRIVATE_KEY,
  CKO_PUBLIC_KEY,
  CKU_CONTEXT_SPECIFIC,
  CKU_USER,
} = pkcs11js;
const ECDSA = { mechanism: pkcs11js.CKM_ECDSA, parameter: null };
const WRONG_PIN = "11223399";
const AUTHENTICATION = Buffer.of(1);
const SIGNATURE = Buffer.of(2);

let bench: Workbench;
let authentication: X509Certificate;
let signature: X509Certificate;
let program: Pkcs11Program;
let slot: Handle;
let session: Handle;

beforeAll(async () => {
  bench = await Workbench.open();
  await bench.initialise();
  authentication = await bench.certify(SLOT_AUTHENTICATION);
  signature = await bench.certify(SLOT_SIGNATURE);
});

afterAll(() => bench.close());

beforeEach(async () => {
  const client = await bench.client();
  await client.verifyPin(bytes(PIN)); // all tries, whatever the test before left
  client.close();
  program = new Pkcs11Program(bench, "pkcs11js-program");
  await program.call("C_Initialize", { flags: pkcs11js.CKF_OS_LOCKING_OK });
  const slots = await program.call<Handle[]>("C_GetSlotList", true);
  expect(slots).toHaveLength(1);
  slot = slots[0] as Handle;
  session = await openSession();
});

afterEach(async () => {
  await program.call("C_Finalize");
  expect(await program.end()).toEqual([0, null]);
});

const openSession = () => program.call<Handle>("C_OpenSession", slot, CKF_SERIAL_SESSION);
const login = (pin: string) => program.ckr("C_Login", session, CKU_USER, pin);
const contextLogin = (pin: string) => program.ckr("C_Login", session, CKU_CONTEXT_SPECIFIC, pin);
const tokenFlags = async () => (await program.call<TokenInfo>("C_GetTokenInfo", slot)).flags;

async function find(objectClass: number, id?: Buffer): Promise<Handle[]> {
  const template = [{ type: CKA_CLASS, value: objectClass }, ...(id ? [{ type: CKA_ID, value: id }] : [])];
  await program.call("C_FindObjectsInit", session, template);
  const found = await program.call<Handle[]>("C_FindObjects", session, 100);
  await program.call("C_FindObjectsFinal", session);
  return found;
}

async function privateKey(id: Buffer): Promise<Handle> {
  const [key] = await find(CKO_PRIVATE_KEY, id);
  if (key === undefined) throw new Error(`no private key ${id.toString("hex")}`);
  return key;
}

const newDigest = () => createHash("sha256").update(randomBytes(16)).digest();
const sign = (digest: Buffer) => program.call<Buffer>("C_Sign", session, digest, Buffer.alloc(128));
const signCkr = (digest: Buffer) => program.ckr("C_Sign", session, digest, Buffer.alloc(128));

describe("pkcs11js over the bridge", () => {
  it("shows certificates and public keys without login, private keys with it", async () => {
    expect((await program.call<TokenInfo>("C_GetTokenInfo", slot)).label).toMatch(/^Sceau \d{8} *$/);
    expect(await find(CKO_CERTIFICATE)).toHaveLength(2);
    expect(await find(CKO_PUBLIC_KEY)).toHaveLength(2);
    expect(await find(CKO_PRIVATE_KEY)).toEqual([]);
    const [certificate] = await find(CKO_CERTIFICATE, SIGNATURE);
    const [value] = await program.call<{ value: Buffer }[]>("C_GetAttributeValue", session, certificate, [{ type: pkcs11js.CKA_VALUE }]);
    expect(value?.value).toEqual(signature.raw);
    expect(await login(PIN)).toBe(pkcs11js.CKR_OK);
    expect(await find(CKO_PRIVATE_KEY)).toHaveLength(2);
  });

  it("signs with 9A, PIN once, again and again after one login", async () => {
    await login(PIN);
    const key = await privateKey(AUTHENTICATION);
    for (let round = 0; round < 3; round++) {
      const digest = newDigest();
      await program.call("C_SignInit", session, ECDSA, key);
      const raw = await sign(digest);
      expect(opensslOnDigest(bench, { publicKey: authentication.publicKey, digest, raw })).toBe("Signature Verified Successfully");
      expect(opensslOnDigest(bench, { publicKey: authentication.publicKey, digest: newDigest(), raw })).toContain(
        "Signature Verification Failure",
      );
    }
  });

  it("signs with 9C, PIN always, each time after a context login, and never without", async () => {
    await login(PIN);
    const key = await privateKey(SIGNATURE);
    for (let round = 0; round < 3; round++) {
      const digest = newDigest();
      await program.call("C_SignInit", session, ECDSA, key);
      expect(await contextLogin(PIN)).toBe(pkcs11js.CKR_OK);
      const raw = await sign(digest);
      expect(opensslOnDigest(bench, { publicKey: signature.publicKey, digest, raw })).toBe("Signature Verified Successfully");
      await program.call("C_SignInit", session, ECDSA, key);
      expect(await signCkr(digest)).toBe(pkcs11js.CKR_USER_NOT_LOGGED_IN);
    }
    expect(await contextLogin(PIN)).toBe(pkcs11js.CKR_OPERATION_NOT_INITIALIZED);
  });

  it("is told of a wrong PIN; a wrong one for a signature takes nothing from the login", async () => {
    expect(await login(WRONG_PIN)).toBe(pkcs11js.CKR_PIN_INCORRECT);
    expect((await tokenFlags()) & CKF_USER_PIN_COUNT_LOW).not.toBe(0);
    expect(await login(PIN)).toBe(pkcs11js.CKR_OK);
    expect((await tokenFlags()) & CKF_USER_PIN_COUNT_LOW).toBe(0);
    await program.call("C_SignInit", session, ECDSA, await privateKey(SIGNATURE));
    expect(await contextLogin(WRONG_PIN)).toBe(pkcs11js.CKR_PIN_INCORRECT);
    expect(await signCkr(newDigest())).toBe(pkcs11js.CKR_USER_NOT_LOGGED_IN);
    await program.call("C_SignInit", session, ECDSA, await privateKey(AUTHENTICATION));
    const digest = newDigest();
    const raw = await sign(digest);
    expect(opensslOnDigest(bench, { publicKey: authentication.publicKey, digest, raw })).toBe("Signature Verified Successfully");
    await program.call("C_SignInit", session, ECDSA, await privateKey(SIGNATURE));
    expect(await contextLogin(PIN)).toBe(pkcs11js.CKR_OK);
    expect((await tokenFlags()) & CKF_USER_PIN_COUNT_LOW).toBe(0);
  });

  it("does not spend the last try before it has asked how many there are", async () => {
    expect([await login(WRONG_PIN), await login(WRONG_PIN)]).toEqual([pkcs11js.CKR_PIN_INCORRECT, pkcs11js.CKR_PIN_INCORRECT]);
    expect([await login(WRONG_PIN), await login(PIN)]).toEqual([pkcs11js.CKR_PIN_LOCKED, pkcs11js.CKR_PIN_LOCKED]);
    expect((await tokenFlags()) & CKF_USER_PIN_FINAL_TRY).not.toBe(0);
    expect(await login(PIN)).toBe(pkcs11js.CKR_OK);
    expect((await tokenFlags()) & (CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_COUNT_LOW)).toBe(0);
  });

  it("verifies signatures, makes digests in parts and draws random bytes", async () => {
    await login(PIN);
    const digest = newDigest();
    await program.call("C_SignInit", session, ECDSA, await privateKey(AUTHENTICATION));
    const raw = await sign(digest);
    const [key] = await find(CKO_PUBLIC_KEY, AUTHENTICATION);
    const verify = async (data: Buffer): Promise<number> => {
      await program.call("C_VerifyInit", session, ECDSA, key);
      return program.ckr("C_Verify", session, data, raw);
    };
    expect([await verify(digest), await verify(newDigest())]).toEqual([pkcs11js.CKR_OK, pkcs11js.CKR_SIGNATURE_INVALID]);
    await program.call("C_DigestInit", session, { mechanism: pkcs11js.CKM_SHA384, parameter: null });
    const parts = [randomBytes(1), randomBytes(70_000), randomBytes(64)];
    for (const part of parts) await program.call("C_DigestUpdate", session, part);
    const made = await program.call("C_DigestFinal", session, Buffer.alloc(64));
    expect(made).toEqual(createHash("sha384").update(Buffer.concat(parts)).digest());
    const drawn = await program.call<Buffer>("C_GenerateRandom", session, Buffer.alloc(300));
    expect(drawn).not.toEqual(await program.call("C_GenerateRandom", session, Buffer.alloc(300)));
    expect(drawn.equals(Buffer.alloc(300))).toBe(false);
  });

  it("lives on when the token goes in the middle of a session, and logs in anew when it is back", async () => {
    await login(PIN);
    await program.call("C_SignInit", session, ECDSA, await privateKey(AUTHENTICATION));
    await bench.stop("sim");
    expect([pkcs11js.CKR_DEVICE_REMOVED, pkcs11js.CKR_SESSION_HANDLE_INVALID]).toContain(await signCkr(newDigest()));
    expect(await signCkr(newDigest())).toBe(pkcs11js.CKR_SESSION_HANDLE_INVALID);
    expect(await program.call("C_GetSlotList", true)).toEqual([]);
    expect(await program.ckr("C_OpenSession", slot, CKF_SERIAL_SESSION)).toBe(pkcs11js.CKR_TOKEN_NOT_PRESENT);
    await bench.plugIn();
    await expect.poll(() => program.call("C_GetSlotList", true), { timeout: 5000 }).toEqual([slot]);
    expect(await signCkr(newDigest())).toBe(pkcs11js.CKR_SESSION_HANDLE_INVALID);
    session = await openSession();
    expect(await find(CKO_PRIVATE_KEY)).toEqual([]);
    expect(await login(PIN)).toBe(pkcs11js.CKR_OK);
    await program.call("C_SignInit", session, ECDSA, await privateKey(SIGNATURE));
    await contextLogin(PIN);
    const digest = newDigest();
    expect(opensslOnDigest(bench, { publicKey: signature.publicKey, digest, raw: await sign(digest) })).toBe(
      "Signature Verified Successfully",
    );
  });
});
