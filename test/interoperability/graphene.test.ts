// graphene-pk11 over p11-kit-client.so, the bridge and the simulated token: 9A (PIN once) by its own sign object; 9C (PIN always) only with
// the context login that its sign object leaves no room for. openssl verifies what it signs.

import { createHash, randomBytes, type X509Certificate } from "node:crypto";
import pkcs11js from "pkcs11js";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SLOT_AUTHENTICATION, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { publicKeyOf } from "../support/ec-keys.ts";
import { keepManagementKey } from "../support/kept-management-key.ts";
import { opensslOnDigest } from "../support/openssl-judge.ts";
import { Pkcs11Program } from "../support/pkcs11-program.ts";
import { PIN, Workbench } from "../support/workbench.ts";

const WRONG_PIN = "11223399";
const AUTHENTICATION = Buffer.of(1);
const SIGNATURE = Buffer.of(2);
const KEY_MANAGEMENT = Buffer.of(3);

let bench: Workbench;
let authentication: X509Certificate;
let signature: X509Certificate;
let graphene: Pkcs11Program;

beforeAll(async () => {
  bench = await Workbench.open();
  await bench.initialise();
  authentication = await bench.certify(SLOT_AUTHENTICATION);
  signature = await bench.certify(SLOT_SIGNATURE);
  await keepManagementKey(bench);
});

afterAll(() => bench.close());

beforeEach(async () => {
  graphene = new Pkcs11Program(bench, "graphene-program");
  await graphene.call("initialize");
  await graphene.call("open", false);
});

afterEach(async () => {
  await graphene.call("finalize");
  expect(await graphene.end()).toEqual([0, null]);
});

const newDigest = () => createHash("sha256").update(randomBytes(16)).digest();
const judged = ({ publicKey }: X509Certificate, digest: Buffer, raw: Buffer) => opensslOnDigest(bench, { publicKey, digest, raw });
const objectNames = async () => {
  const objects = await graphene.call<{ class: string; id: Buffer; label: string }[]>("objects");
  return objects.map((each) => `${each.class} ${each.id.toString("hex")} ${each.label}`);
};

describe("graphene-pk11 over the bridge", () => {
  it("lists the token and its objects; private keys after the login", async () => {
    const [token, ...others] = await graphene.call<{ label: string; manufacturer: string }[]>("tokens");
    expect(token).toMatchObject({ label: expect.stringMatching(/^Sceau \d{8}$/), manufacturer: "Sceau" });
    expect(others).toEqual([]);
    expect(await graphene.call("mechanisms")).toContain("ECDSA");
    const before = await objectNames();
    expect(before).toEqual(expect.arrayContaining(["CERTIFICATE 01 PIV authentication", "PUBLIC_KEY 02 PIV signature"]));
    expect(before.join()).not.toContain("PRIVATE_KEY");
    expect(await graphene.call("certificate", SIGNATURE)).toEqual(signature.raw);
    await graphene.call("login", PIN);
    expect(await objectNames()).toEqual(expect.arrayContaining(["PRIVATE_KEY 01 PIV authentication", "PRIVATE_KEY 02 PIV signature"]));
    expect(await graphene.call("alwaysAuthenticate", AUTHENTICATION)).toBe(false);
    expect(await graphene.call("alwaysAuthenticate", SIGNATURE)).toBe(true);
  });

  it("signs with 9A, PIN once, by createSign().once()", async () => {
    await graphene.call("login", PIN);
    for (let round = 0; round < 3; round++) {
      const digest = newDigest();
      const raw = await graphene.call<Buffer>("sign", AUTHENTICATION, digest);
      expect(judged(authentication, digest, raw)).toBe("Signature Verified Successfully");
      expect(judged(authentication, newDigest(), raw)).toContain("Signature Verification Failure");
    }
  });

  it("cannot sign with 9C, PIN always, by createSign().once(); with a context login it can", async () => {
    await graphene.call("login", PIN);
    const digest = newDigest();
    expect(await graphene.ckr("sign", SIGNATURE, digest)).toBe(pkcs11js.CKR_USER_NOT_LOGGED_IN);
    const raw = await graphene.call<Buffer>("signInContext", SIGNATURE, digest, PIN);
    expect(judged(signature, digest, raw)).toBe("Signature Verified Successfully");
  });

  it("makes a key in 9D, PIN once, and signs with it; only in a read-write session", async () => {
    await graphene.call("login", PIN);
    expect(await graphene.ckr("generate", KEY_MANAGEMENT)).toBe(pkcs11js.CKR_SESSION_READ_ONLY);
    await graphene.call("open", true);
    const point = await graphene.call<Buffer>("generate", KEY_MANAGEMENT);
    expect(await graphene.ckr("generate", KEY_MANAGEMENT)).toBe(pkcs11js.CKR_DEVICE_MEMORY);
    const digest = newDigest();
    const raw = await graphene.call<Buffer>("sign", KEY_MANAGEMENT, digest);
    const publicKey = publicKeyOf(new Uint8Array(point.subarray(2)));
    expect(opensslOnDigest(bench, { publicKey, digest, raw })).toBe("Signature Verified Successfully");
  });

  it("verifies signatures, makes digests and draws random bytes", async () => {
    await graphene.call("login", PIN);
    const digest = newDigest();
    const raw = await graphene.call<Buffer>("sign", AUTHENTICATION, digest);
    expect(await graphene.call("verify", AUTHENTICATION, digest, raw)).toBe(true);
    expect(await graphene.call("verify", AUTHENTICATION, newDigest(), raw)).toBe(false);
    const data = randomBytes(100_000);
    expect(await graphene.call("digest", "SHA256", data)).toEqual(createHash("sha256").update(data).digest());
    const drawn = await graphene.call<Buffer>("random", 300);
    expect(drawn).toHaveLength(300);
    expect(await graphene.call("random", 300)).not.toEqual(drawn);
  });

  it("is told of a wrong PIN, and logs in with the right one", async () => {
    expect(await graphene.ckr("login", WRONG_PIN)).toBe(pkcs11js.CKR_PIN_INCORRECT);
    const [low] = await graphene.call<{ flags: number }[]>("tokens");
    expect((low?.flags ?? 0) & pkcs11js.CKF_USER_PIN_COUNT_LOW).not.toBe(0);
    expect(await graphene.ckr("login", PIN)).toBe(pkcs11js.CKR_OK);
    const [full] = await graphene.call<{ flags: number }[]>("tokens");
    expect((full?.flags ?? 0) & pkcs11js.CKF_USER_PIN_COUNT_LOW).toBe(0);
  });

  it("lives on when the token goes, and opens it again when it is back", async () => {
    await graphene.call("login", PIN);
    await bench.stop("sim");
    const gone = [pkcs11js.CKR_DEVICE_REMOVED, pkcs11js.CKR_SESSION_HANDLE_INVALID];
    expect(gone).toContain(await graphene.ckr("sign", AUTHENTICATION, newDigest()));
    expect(await graphene.call("tokens")).toEqual([]);
    await bench.plugIn();
    await expect.poll(() => graphene.call("tokens"), { timeout: 5000 }).toHaveLength(1);
    await graphene.call("open", false);
    await graphene.call("login", PIN);
    const digest = newDigest();
    const raw = await graphene.call<Buffer>("sign", AUTHENTICATION, digest);
    expect(judged(authentication, digest, raw)).toBe("Signature Verified Successfully");
  });
});
