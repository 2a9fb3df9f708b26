// Batch consent, erasing keys, and the commands of the YubiKey extension, against the firmware in memory.

import { createECDH, createHash, randomBytes, verify } from "node:crypto";
import { beforeEach, describe, expect, test, vi } from "vitest";
import {
  ALG_P256,
  ALG_P384,
  BUTTON_POLICY_ALWAYS,
  KEY_REF_PIV_PIN,
  KEY_REF_PUK,
  OBJECT_SIGNATURE_CERTIFICATE,
  PIN_POLICY_ALWAYS,
  PIN_POLICY_NEVER,
  SLOT_AUTHENTICATION,
  SLOT_CARD_AUTHENTICATION,
  SLOT_FIRST_RETIRED,
  SLOT_KEY_MANAGEMENT,
  SLOT_SIGNATURE,
} from "../../protocol/piv.ts";
import { MAX_BATCH_DIGESTS } from "../../protocol/vendor.ts";
import { p256Point, p384Point } from "../../test/support/ec-keys.ts";
import { type SealedToken, sealedToken } from "../../test/support/sealed-token.ts";
import { ascii, PIN, SimulatedToken, WRONG_PIN } from "../../test/support/simulated-token.ts";
import { publicKeyOf } from "./ec-public-key.ts";
import type { Destruction } from "./statement.ts";
import type { TokenClient } from "./token-client.ts";
import { verifyStatement } from "./verify-statement.ts";

const DEFAULT_POLICIES = { pin: 0, button: 0 };
const letters = (count: number): Uint8Array[] => Array.from({ length: count }, (_, index) => ascii(`letter ${index}`));
const digestOf = (letter: Uint8Array, hash = "sha256"): Uint8Array => new Uint8Array(createHash(hash).update(letter).digest());

let sealed: SealedToken;
let token: SimulatedToken;
let client: TokenClient;
let officer: TokenClient;

beforeEach(async () => {
  sealed = await sealedToken();
  ({ token } = sealed);
  client = token.client();
  officer = await token.officer();
});

describe("batch consent", () => {
  test("signs each digest of the list once, in any order, with one PIN and one press", async () => {
    const point = await officer.generateKey(SLOT_SIGNATURE, { pin: PIN_POLICY_ALWAYS, button: BUTTON_POLICY_ALWAYS });
    const list = letters(5);
    const onButton = vi.fn();
    await client.verifyPin(ascii(PIN));
    await client.vendor.beginBatch(
      SLOT_SIGNATURE,
      list.map((letter) => digestOf(letter)),
      { onButton },
    );
    expect(onButton).toHaveBeenCalledOnce();
    for (const letter of [...list].reverse()) {
      const signature = await client.sign(SLOT_SIGNATURE, digestOf(letter), { onButton });
      expect(verify("sha256", letter, p256Point(point), signature)).toBe(true);
    }
    expect(onButton).toHaveBeenCalledOnce();
    await expect(client.sign(SLOT_SIGNATURE, digestOf(list[0] as Uint8Array))).rejects.toMatchObject({ sw: 0x6982 });
  });

  test("refuses a digest outside the list, and one of it a second time", async () => {
    await officer.generateKey(SLOT_AUTHENTICATION);
    const [first, second, third] = letters(3).map((letter) => digestOf(letter)) as [Uint8Array, Uint8Array, Uint8Array];
    await client.verifyPin(ascii(PIN));
    await client.vendor.beginBatch(SLOT_AUTHENTICATION, [first, second]);
    await expect(client.sign(SLOT_AUTHENTICATION, third)).rejects.toMatchObject({ sw: 0x6985 });
    await client.sign(SLOT_AUTHENTICATION, first);
    await expect(client.sign(SLOT_AUTHENTICATION, first)).rejects.toMatchObject({ sw: 0x6985 });
    await client.sign(SLOT_AUTHENTICATION, second);
  });

  test("is forgotten on endBatch, and counts on its own channel and for its own slot alone", async () => {
    await officer.generateKey(SLOT_SIGNATURE);
    const digest = digestOf(ascii("a letter"));
    await client.verifyPin(ascii(PIN));
    await client.vendor.beginBatch(SLOT_SIGNATURE, [digest]);
    await expect(token.client().sign(SLOT_SIGNATURE, digest)).rejects.toMatchObject({ sw: 0x6982 });
    await client.vendor.endBatch();
    await expect(client.sign(SLOT_SIGNATURE, digest)).rejects.toMatchObject({ sw: 0x6982 });
  });

  test("needs the PIN and the button, and takes no press that does not come", async () => {
    await officer.generateKey(SLOT_CARD_AUTHENTICATION, { pin: PIN_POLICY_NEVER, button: 0 });
    const digest = digestOf(ascii("a letter"));
    await expect(client.vendor.beginBatch(SLOT_CARD_AUTHENTICATION, [digest])).rejects.toMatchObject({ sw: 0x6982 });
    await client.verifyPin(ascii(PIN));
    token.button.script = { kind: "never" };
    const consent = client.vendor.beginBatch(SLOT_CARD_AUTHENTICATION, [digest]);
    client.cancel();
    await expect(consent).rejects.toMatchObject({ sw: 0x6985 });
  });

  test.each([ALG_P256, ALG_P384])("takes 64 digests of algorithm %i, and no more", async (algorithm) => {
    const point = await officer.generateKey(SLOT_AUTHENTICATION, DEFAULT_POLICIES, { algorithm });
    const hash = algorithm === ALG_P256 ? "sha256" : "sha384";
    const list = letters(MAX_BATCH_DIGESTS + 1);
    const digests = list.map((letter) => digestOf(letter, hash));
    await client.verifyPin(ascii(PIN));
    await expect(client.vendor.beginBatch(SLOT_AUTHENTICATION, digests)).rejects.toMatchObject({ name: "TokenError" });
    await client.vendor.beginBatch(SLOT_AUTHENTICATION, digests.slice(0, MAX_BATCH_DIGESTS));
    for (const letter of list.slice(0, MAX_BATCH_DIGESTS)) {
      const signature = await client.sign(SLOT_AUTHENTICATION, digestOf(letter, hash), { algorithm });
      const key = publicKeyOf(point);
      expect(key !== null && verify(hash, letter, key, signature)).toBe(true);
    }
  });
});

describe("a key that is erased", () => {
  test("is gone, and the receipt says so, as often as it is asked for", async () => {
    const point = await officer.generateKey(SLOT_FIRST_RETIRED, DEFAULT_POLICIES, { algorithm: ALG_P384 });
    const receipt = await officer.vendor.eraseKey(SLOT_FIRST_RETIRED);
    expect(await officer.keyMetadata(SLOT_FIRST_RETIRED)).toBeNull();
    const { statement, problems } = verifyStatement(receipt, sealed.certificate, sealed.trust);
    expect({ statement, problems }).toMatchObject({
      statement: { slot: SLOT_FIRST_RETIRED, algorithm: ALG_P384, publicKey: point },
      problems: [],
    });
    const again = await officer.vendor.erasureReceipt(SLOT_FIRST_RETIRED);
    expect(again.statement).toEqual(receipt.statement);
    expect(verifyStatement(again, sealed.certificate, sealed.trust).problems).toEqual([]);
  });

  test("stands in the journal under the counter that its receipt names", async () => {
    const point = await officer.generateKey(SLOT_SIGNATURE);
    const receipt = await officer.vendor.eraseKey(SLOT_SIGNATURE);
    const { counter } = verifyStatement(receipt, sealed.certificate, sealed.trust).statement as Destruction;
    const { first, entries } = await officer.vendor.readJournal();
    expect(entries[counter - first]).toEqual({ counter, slot: SLOT_SIGNATURE, kind: 3, digest: digestOf(point) });
  });

  test("is erased by nobody but the office, and only where a receipt can be signed", async () => {
    await officer.generateKey(SLOT_SIGNATURE);
    await client.verifyPin(ascii(PIN));
    await expect(client.vendor.eraseKey(SLOT_SIGNATURE)).rejects.toMatchObject({ sw: 0x6982 });
    await expect(officer.vendor.eraseKey(SLOT_AUTHENTICATION)).rejects.toMatchObject({ sw: 0x6a88 });
    await expect(officer.vendor.erasureReceipt(SLOT_AUTHENTICATION)).rejects.toMatchObject({ sw: 0x6a82 });
    const unsealed = await SimulatedToken.initialised();
    await unsealed.makeKey(SLOT_SIGNATURE);
    const other = await unsealed.officer();
    await expect(other.vendor.eraseKey(SLOT_SIGNATURE)).rejects.toMatchObject({ sw: 0x6a88 });
    expect(await other.keyMetadata(SLOT_SIGNATURE)).not.toBeNull();
  });
});

describe("a P-384 key", () => {
  test("signs SHA-384 as node:crypto understands it, and says what it is", async () => {
    const point = await officer.generateKey(SLOT_AUTHENTICATION, DEFAULT_POLICIES, { algorithm: ALG_P384 });
    expect(await client.keyMetadata(SLOT_AUTHENTICATION)).toMatchObject({ algorithm: ALG_P384, publicKey: point });
    await client.verifyPin(ascii(PIN));
    const letter = ascii("a letter");
    const signature = await client.sign(SLOT_AUTHENTICATION, digestOf(letter, "sha384"), { algorithm: ALG_P384 });
    expect(verify("sha384", letter, p384Point(point), signature)).toBe(true);
    await expect(client.sign(SLOT_AUTHENTICATION, digestOf(letter))).rejects.toMatchObject({ sw: 0x6a86 });
  });
});

describe("key agreement", () => {
  test.each([
    [ALG_P256, "prime256v1"],
    [ALG_P384, "secp384r1"],
  ])("of algorithm %i gives what the other side has", async (algorithm, curve) => {
    const point = await officer.generateKey(SLOT_KEY_MANAGEMENT, DEFAULT_POLICIES, { algorithm });
    const other = createECDH(curve);
    other.generateKeys();
    await client.verifyPin(ascii(PIN));
    const secret = await client.agreeOnKey(SLOT_KEY_MANAGEMENT, new Uint8Array(other.getPublicKey()), { algorithm });
    expect(Buffer.from(secret)).toEqual(other.computeSecret(point));
    await expect(client.agreeOnKey(SLOT_KEY_MANAGEMENT, randomBytes(point.length), { algorithm })).rejects.toMatchObject({ sw: 0x6a80 });
  });
});

describe("tries and reset", () => {
  test("are set with PIN and management key, and told", async () => {
    expect([await client.tries(KEY_REF_PIV_PIN), await client.tries(KEY_REF_PUK)]).toEqual([
      { total: 3, left: 3 },
      { total: 3, left: 3 },
    ]);
    await expect(officer.setTries(5, 10)).rejects.toMatchObject({ sw: 0x6982 });
    await officer.verifyPin(ascii(PIN));
    await officer.setTries(5, 10);
    await client.verifyPin(ascii(WRONG_PIN)).catch(() => {});
    expect([await client.tries(KEY_REF_PIV_PIN), await client.tries(KEY_REF_PUK)]).toEqual([
      { total: 5, left: 4 },
      { total: 10, left: 10 },
    ]);
  });

  test("a reset needs PIN and PUK blocked, then makes all new but the attestation key and the journal", async () => {
    await officer.generateKey(SLOT_SIGNATURE);
    await officer.writeCertificate(OBJECT_SIGNATURE_CERTIFICATE, Uint8Array.of(0x30, 0));
    await expect(client.reset()).rejects.toMatchObject({ sw: 0x6985 });
    for (let round = 0; round < 3; round++) {
      await client.verifyPin(ascii(WRONG_PIN)).catch(() => {});
      await client.unblockPin(ascii("00000000"), ascii(PIN)).catch(() => {});
    }
    const { counter } = await client.deviceInfo();
    await client.reset();
    const info = await client.deviceInfo();
    expect(info).toMatchObject({ isInitialised: false, isSealed: true });
    expect(info.counter).toBe(counter + 1);
    expect([await client.keyMetadata(SLOT_SIGNATURE), await client.readObject(OBJECT_SIGNATURE_CERTIFICATE)]).toEqual([null, null]);
  });
});
