// The token client on a PIV card that knows SP 800-73-5 alone, and on one that speaks the YubiKey extension, in a reader in memory.

import {
  constants,
  createECDH,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  publicEncrypt,
  X509Certificate,
} from "node:crypto";
import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
import { encodeTlv } from "../../protocol/ber-tlv.ts";
import { concatBytes, hexToBytes } from "../../protocol/bytes.ts";
import {
  ALG_P384,
  FACTORY_MANAGEMENT_KEY,
  OBJECT_AUTH_CERTIFICATE,
  OBJECT_CARD_AUTH_CERTIFICATE,
  OBJECT_CHUID,
  PIN_POLICY_ALWAYS,
  PIN_POLICY_NEVER,
  PIN_POLICY_ONCE,
  TAG_CERT_INFO,
  TAG_CERTIFICATE,
} from "../../protocol/piv.ts";
import { COMPAT_PROFILE } from "../../simulator/compat-profile.ts";
import { p256Point } from "../../test/support/ec-keys.ts";
import { FakePcsc } from "../../test/support/fake-pcsc.ts";
import { certify } from "../../test/support/plain-card-bench.ts";
import { newRsaKey, RsaToken } from "../../test/support/rsa-token.ts";
import { mustRun } from "../../test/support/run.ts";
import { ascii, MANAGEMENT_KEY, PIN, PUK, SimulatedToken, WRONG_PIN } from "../../test/support/simulated-token.ts";
import { issue, newKeys } from "../../test/support/test-certificates.ts";
import { readTokenObjects } from "../pkcs11/objects/objects.ts";
import { openPcscTransport } from "../transport/pcsc.ts";
import { blockAndReset } from "./block-and-reset.ts";
import { initialiseToken } from "./initialise.ts";
import { accessToken } from "./token-access.ts";
import { TokenClient } from "./token-client.ts";

const NOT_HERE = { sw: 0x6d00 };
const GET_METADATA = 0xf7;
const GET_SERIAL = 0xf8;
const DIGEST = new Uint8Array(32).fill(3);

let token: SimulatedToken;
let pcsc: FakePcsc;

async function open(): Promise<TokenClient> {
  return (await accessToken(await openPcscTransport(pcsc, pcsc.name))).openClient();
}

beforeEach(async () => {
  token = await SimulatedToken.initialised();
  pcsc = new FakePcsc(token);
});

describe("a card that knows PIV alone", () => {
  test("is told apart from a token of ours, by its GUID", async () => {
    const info = await (await open()).deviceInfo();
    expect(info).toMatchObject({ isPlainCard: true, isInitialised: true, serial: expect.stringMatching(/^[0-9a-f]{16}$/) as string });
    pcsc.isPlain = false;
    expect((await (await open()).deviceInfo()).isPlainCard).toBeUndefined();
  });

  test("shows its keys by their certificates, each with the policy that the standard has for it", async () => {
    await certify(token, 0x9a);
    await certify(token, 0x9c, ALG_P384);
    await certify(token, 0x9e);
    const client = await open();
    expect(await client.keyMetadata(0x9a)).toMatchObject({ algorithm: 0x11, policies: { pin: PIN_POLICY_ONCE } });
    expect(await client.keyMetadata(0x9c)).toMatchObject({ algorithm: ALG_P384, policies: { pin: PIN_POLICY_ALWAYS } });
    expect(await client.keyMetadata(0x9e)).toMatchObject({ policies: { pin: PIN_POLICY_NEVER } });
    expect(await client.keyMetadata(0x9d)).toBeNull();
    expect(await client.keyMetadata(0x82)).toBeNull();
  });

  test("has certificates that are compressed or garbage", async () => {
    const point = await token.makeKey(0x9a);
    const { privateKey } = await newKeys();
    const publicKey = await crypto.subtle.importKey("raw", new Uint8Array(point), { name: "ECDSA", namedCurve: "P-256" }, true, ["verify"]);
    const packed = await issue({ name: "CN=Packed", keys: { publicKey, privateKey } });
    const officer = await token.officer();
    const compressed = [encodeTlv(TAG_CERTIFICATE, [gzipSync(packed.der)]), encodeTlv(TAG_CERT_INFO, [Uint8Array.of(1)])];
    await officer.writeObject(OBJECT_AUTH_CERTIFICATE, concatBytes(compressed));
    const garbage = [encodeTlv(TAG_CERTIFICATE, [DIGEST]), encodeTlv(TAG_CERT_INFO, [Uint8Array.of(1)])];
    await officer.writeObject(OBJECT_CARD_AUTH_CERTIFICATE, concatBytes(garbage));
    const client = await open();
    expect(await client.readCertificate(OBJECT_AUTH_CERTIFICATE)).toEqual(packed.der);
    expect((await client.keyMetadata(0x9a))?.publicKey).toEqual(point);
    expect(await client.keyMetadata(0x9e)).toBeNull();
  });

  test("keeps some certificates to itself, as cards do without contacts: the others are shown", async () => {
    await certify(token, 0x9e);
    pcsc.refused.set("5fc105", 0x6982).set("5fc10a", 0x6a81).set("5fc10c", 0x6a80);
    const client = await open();
    expect(await readTokenObjects(client)).toHaveLength(4); // certificate, two keys, profile
    expect(await client.keyMetadata(0x9e)).not.toBeNull();
    await expect(client.readObject(0x5fc109)).rejects.toMatchObject({ sw: 0x6982 }); // with the PIN
  });

  test("makes keys, agrees on keys, takes objects; a new key is known before it has a certificate", async () => {
    const client = await open();
    await client.authenticateManagement(hexToBytes(MANAGEMENT_KEY));
    const before = (await client.deviceInfo()).revision;
    const first = await client.generateKey(0x9d);
    expect((await client.keyMetadata(0x9d))?.publicKey).toEqual(first);
    expect((await client.deviceInfo()).revision).toBeGreaterThan(before);
    const replaced = await certify(token, 0x9d); // by another program
    pcsc.otherResets();
    await expect.poll(async () => (await client.deviceInfo()).revision).toBeGreaterThan(before + 1);
    expect(replaced.publicKey.equals(p256Point((await client.keyMetadata(0x9d))?.publicKey ?? new Uint8Array(0)))).toBe(true);
    await client.authenticateManagement(hexToBytes(MANAGEMENT_KEY));
    const point = await client.generateKey(0x9d);
    const peer = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const other = createECDH("prime256v1");
    other.setPrivateKey(Buffer.from(String(peer.privateKey.export({ format: "jwk" }).d), "base64url"));
    await client.verifyPin(ascii(PIN));
    const secret = await client.agreeOnKey(0x9d, new Uint8Array(other.getPublicKey()));
    expect(Buffer.from(secret)).toEqual(diffieHellman({ privateKey: peer.privateKey, publicKey: p256Point(point) }));
    expect(pcsc.seen.filter((command) => command.startsWith("5c"))).toHaveLength(1); // one question at the beginning, and no vendor command after it
  });

  test("tells the tries of its PIN, and keeps silent about its PUK's", async () => {
    const client = await open();
    expect(await client.tries(0x80)).toEqual({ total: 3, left: 3 });
    await expect(client.verifyPin(ascii(WRONG_PIN))).rejects.toMatchObject({ triesLeft: 2 });
    expect(await client.tries(0x80)).toEqual({ total: 3, left: 2 });
    await client.unblockPin(ascii(PUK), ascii("91827364"));
    await client.changePin(ascii("91827364"), ascii("82736451"));
    await client.verifyPin(ascii("82736451"));
    expect(await client.tries(0x80)).toEqual({ total: 3, left: 3 });
    expect(await client.tries(0x81)).toEqual({ total: 3, left: 3 });
  });

  test("reads a certificate once, and again after somebody else was at the card", async () => {
    await certify(token, 0x9a);
    const client = await open();
    await client.keyMetadata(0x9a);
    pcsc.seen.length = 0;
    await client.keyMetadata(0x9a);
    await client.readCertificate(OBJECT_AUTH_CERTIFICATE);
    expect(pcsc.seen).toEqual([]);
    const renewed = await certify(token, 0x9a);
    pcsc.otherResets();
    await client.tries(0x80);
    expect(await client.readCertificate(OBJECT_AUTH_CERTIFICATE)).toEqual(new Uint8Array(renewed.raw));
  });

  test("is not begun to be initialised or reset: it would stay blocked", async () => {
    const client = await open();
    pcsc.seen.length = 0;
    await expect(blockAndReset(client)).rejects.toMatchObject(NOT_HERE);
    const keep = () => ({ puk: PUK, managementKey: MANAGEMENT_KEY, keptIn: "" });
    await expect(initialiseToken(client, ascii(PIN), keep)).rejects.toMatchObject(NOT_HERE);
    for (const call of [client.vendor.readJournal(), client.vendor.beginBatch(0x9a, [DIGEST]), client.vendor.eraseKey(0x9a)]) {
      await expect(call).rejects.toMatchObject(NOT_HERE);
    }
    expect(pcsc.seen).toEqual([]);
    await expect(client.attest(0x9a)).rejects.toMatchObject(NOT_HERE);
  });
});

test("a card of before AES has a management key of 3DES", async () => {
  pcsc = new FakePcsc(new SimulatedToken(40_000_001, COMPAT_PROFILE));
  const client = await open();
  await client.authenticateManagement(hexToBytes(FACTORY_MANAGEMENT_KEY));
  await client.writeObject(OBJECT_CHUID, DIGEST);
  await expect(client.authenticateManagement(hexToBytes(MANAGEMENT_KEY))).rejects.toMatchObject({ sw: 0x6982 });
});

describe("RSA keys", () => {
  const keys = [newRsaKey(1024), newRsaKey(2048)] as const;
  const modulusOf = (key: KeyObject): Uint8Array => new Uint8Array(Buffer.from(String(key.export({ format: "jwk" }).n), "base64url"));
  let card: RsaToken;
  let client: TokenClient;

  beforeEach(async () => {
    card = await RsaToken.initialised();
    await card.certifyKey(0x9a, keys[0]);
    await card.certifyKey(0x9d, keys[1]);
    pcsc = new FakePcsc(card);
    client = await open();
  });

  test("are told by their certificates, and no P-256 key is taken for one; what takes a curve says what is there", async () => {
    expect(await client.keyInSlot(0x9a)).toMatchObject({ kind: "rsa", algorithm: 0x06, rsa: { modulus: modulusOf(keys[0]) } });
    expect(await client.keyInSlot(0x9d)).toMatchObject({ algorithm: 0x07, policies: { pin: PIN_POLICY_ONCE }, isMadeInside: false });
    await expect(client.keyMetadata(0x9d)).rejects.toMatchObject({ name: "RsaKeyError", slot: 0x9d, algorithm: 0x07 });
    expect([await client.hasKey(0x9d), await client.hasKey(0x9c)]).toEqual([true, false]);
  });

  test("of lengths that PIV has no number for, or bound to PSS, are none", async () => {
    const args = [
      "req",
      "-x509",
      "-newkey",
      "rsa-pss",
      "-pkeyopt",
      "rsa_keygen_bits:2048",
      "-nodes",
      "-keyout",
      "/dev/null",
      "-subj",
      "/CN=PSS",
    ];
    await card.writeCertificate(OBJECT_AUTH_CERTIFICATE, new X509Certificate(mustRun("openssl", args)).raw);
    await card.certifyKey(0x9c, newRsaKey(1280));
    client = await open();
    expect([await client.keyInSlot(0x9a), await client.keyInSlot(0x9c)]).toEqual([null, null]);
  });

  test("are applied to a block as long as the modulus, in chained pieces without extended APDUs", async () => {
    await client.verifyPin(ascii(PIN));
    const block = new Uint8Array(256).fill(7).with(0, 0);
    const options = { algorithm: 0x07 };
    pcsc.lengths.length = 0;
    const result = await client.applyRsaKey(0x9d, block, options);
    expect(publicEncrypt({ key: createPublicKey(keys[1]), padding: constants.RSA_NO_PADDING }, result)).toEqual(Buffer.from(block));
    expect(pcsc.lengths).toEqual([260, 17, 5]); // two pieces, and GET RESPONSE
    await expect(client.applyRsaKey(0x9a, block, options)).rejects.toMatchObject({ sw: 0x6a80 });
    const short = new TokenClient({ transmit: async () => hexToBytes("7c04820212349000"), cancel: () => {}, close: () => {} });
    await expect(short.applyRsaKey(0x9d, block, options)).rejects.toThrow("as long as the modulus");
  });

  test("are made where the card can, and known before they have a certificate", async () => {
    await client.authenticateManagement(hexToBytes(MANAGEMENT_KEY));
    const made = await client.generateRsaKey(0x9c, { pin: 0, button: 0 }, 0x07);
    expect(await client.keyInSlot(0x9c)).toMatchObject({ kind: "rsa", isMadeInside: true, rsa: made });
    await expect(client.generateRsaKey(0x9c, { pin: 0, button: 0 }, 0x16)).rejects.toMatchObject({ sw: 0x6a80 });
  });

  test("are told by the card where it has the YubiKey extension, with their policies and where they are from", async () => {
    pcsc.extraCommands = [GET_METADATA];
    card.setKey(0x9e, keys[1], PIN_POLICY_ALWAYS);
    client = await open();
    expect(await client.keyInSlot(0x9e)).toMatchObject({ kind: "rsa", policies: { pin: PIN_POLICY_ALWAYS }, isMadeInside: false });
    pcsc.nextAnswer = async () => hexToBytes("0101e09000"); // Ed25519, and no more
    expect(await client.keyInSlot(0x9c)).toBeNull();
    pcsc.nextAnswer = async () => hexToBytes("0101e09000");
    expect(await client.hasKey(0x9c)).toBe(true);
    pcsc.nextAnswer = async () => hexToBytes("020202020301009000"); // as PivApplet answers of an empty slot
    expect(await client.hasKey(0x9c)).toBe(false);
    for (const malformed of ["01059000", "010107048605c09000"]) {
      pcsc.nextAnswer = async () => hexToBytes(malformed); // it hides no other slot's key
      expect(await client.keyInSlot(0x9c)).toBeNull();
    }
    pcsc.nextAnswer = async () => hexToBytes("01059000");
    expect(await client.hasKey(0x9c)).toBe(true);
    for (const [sw, mayHaveOne] of Object.entries({ "6a86": false, "6a88": false, "6f00": true, "6982": true })) {
      pcsc.nextAnswer = async () => hexToBytes(sw);
      expect(await client.hasKey(0x9c), sw).toBe(mayHaveOne);
    }
  });
});

test("a card with the YubiKey extension tells its serial number, its keys and their policies itself", async () => {
  pcsc.extraCommands = [GET_METADATA, GET_SERIAL];
  await token.makeKey(0x9a, { pin: PIN_POLICY_ALWAYS, button: 1 });
  const client = await open();
  expect((await client.deviceInfo()).serial).toBe("40718225");
  expect(await client.keyMetadata(0x9a)).toMatchObject({ policies: { pin: PIN_POLICY_ALWAYS } });
  expect(await client.keyMetadata(0x9c)).toBeNull();
  expect(await client.tries(0x81)).toEqual({ total: 3, left: 3 });
  expect(client.tellsKeys).toBe(true);
  expect(await client.isFactory(0x80)).toBe(false); // which no token of ours would be
  for (const other of ["01010702020201030101040a8103c0ffee82030100019000", "01011104058603c0ffee9000"]) {
    pcsc.nextAnswer = async () => hexToBytes(other); // an RSA key, a point of a curve that there is not
    expect(await client.keyMetadata(0x9c)).toBeNull();
  }
});

test("a card whose number is 0 has none: its GUID tells it from others", async () => {
  pcsc = new FakePcsc(new SimulatedToken(0));
  pcsc.extraCommands = [GET_METADATA, GET_SERIAL];
  expect((await (await open()).deviceInfo()).serial).toMatch(/^[0-9a-f]{16}$/);
});

test("an object that was removed is none, though a card may show an empty one", async () => {
  const client = await open();
  pcsc.nextAnswer = async () => hexToBytes("53009000");
  expect(await client.readObject(OBJECT_AUTH_CERTIFICATE)).toBeNull();
});
