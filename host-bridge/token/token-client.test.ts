// Every function of the client, against the firmware in memory.

import { createHash, randomBytes, verify } from "node:crypto";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { hexToBytes } from "../../protocol/bytes.ts";
import {
  ALG_P256,
  BUTTON_POLICY_ALWAYS,
  BUTTON_POLICY_CACHED,
  BUTTON_POLICY_NEVER,
  FACTORY_MANAGEMENT_KEY,
  KEY_REF_PIV_PIN,
  KEY_REF_PUK,
  OBJECT_AUTH_CERTIFICATE,
  OBJECT_SIGNATURE_CERTIFICATE,
  PIN_POLICY_ALWAYS,
  PIN_POLICY_NEVER,
  PIN_POLICY_ONCE,
  SLOT_AUTHENTICATION,
  SLOT_CARD_AUTHENTICATION,
  SLOT_KEY_MANAGEMENT,
  SLOT_MANAGEMENT,
  SLOT_SIGNATURE,
} from "../../protocol/piv.ts";
import { p256Point } from "../../test/support/ec-keys.ts";
import { ascii, MANAGEMENT_KEY, PIN, PUK, SERIAL, SimulatedToken, WRONG_PIN } from "../../test/support/simulated-token.ts";
import type { TokenChannel } from "../transport/transport.ts";
import { padPin } from "./reference-data.ts";
import { TokenClient } from "./token-client.ts";

const NEW_PIN = "55667788";
const MESSAGE = randomBytes(50);
const DIGEST = createHash("sha256").update(MESSAGE).digest();

let simulated: SimulatedToken;
let client: TokenClient;

beforeEach(async () => {
  simulated = await SimulatedToken.initialised();
  client = simulated.client();
});

const isSigned = (point: Uint8Array, signature: Uint8Array): boolean => verify("sha256", MESSAGE, p256Point(point), signature);

describe("device information", () => {
  test("tells model, serial number, firmware, and what kind of token it is", async () => {
    expect(await client.deviceInfo()).toMatchObject({
      model: "Sceau unit test",
      serial: String(SERIAL),
      firmware: [0, 1, 0],
      isInitialised: true,
      isSimulated: true,
    });
    expect((await new SimulatedToken().client().deviceInfo()).isInitialised).toBe(false);
  });

  test("has a revision that goes up with every key and every data object, and with nothing else", async () => {
    const revision = async (): Promise<number> => (await client.deviceInfo()).revision;
    const before = await revision();
    await client.verifyPin(ascii(PIN));
    await client.changePin(ascii(PIN), ascii(NEW_PIN));
    expect(await revision()).toBe(before);
    await simulated.makeKey(SLOT_SIGNATURE);
    const withKey = await revision();
    await simulated.writeCertificate(OBJECT_AUTH_CERTIFICATE, Uint8Array.of(1));
    expect([withKey > before, (await revision()) > withKey]).toEqual([true, true]);
  });
});

describe("the PIN", () => {
  test("opens, and is forgotten by forgetPin, select and close", async () => {
    for (const forget of [() => client.forgetPin(), () => client.select(), async () => client.close()]) {
      await client.verifyPin(ascii(PIN));
      expect(await client.pinTriesLeft()).toBeNull();
      await forget();
      expect(await client.pinTriesLeft()).toBe(3);
    }
  });

  test("of one channel opens nothing on another", async () => {
    await client.verifyPin(ascii(PIN));
    expect(await simulated.client().pinTriesLeft()).toBe(3);
  });

  test("that is wrong costs a try each time, until it is blocked", async () => {
    for (const triesLeft of [2, 1, 0]) {
      await expect(client.verifyPin(ascii(WRONG_PIN))).rejects.toMatchObject({ name: "TokenError", triesLeft });
    }
    expect(await client.pinTriesLeft()).toBe(0);
    await expect(client.verifyPin(ascii(PIN))).rejects.toMatchObject({ sw: 0x6983, triesLeft: 0 });
  });

  test("of more than eight characters never reaches the token", async () => {
    await expect(client.verifyPin(ascii("123456789"))).rejects.toThrow(RangeError);
    await expect(client.changePin(ascii(PIN), ascii("123456789"))).rejects.toThrow(RangeError);
    expect(await client.pinTriesLeft()).toBe(3);
  });

  test("is changed with the old one alone", async () => {
    await expect(client.changePin(ascii(WRONG_PIN), ascii(NEW_PIN))).rejects.toMatchObject({ triesLeft: 2 });
    await client.changePin(ascii(PIN), ascii(NEW_PIN));
    await expect(client.verifyPin(ascii(PIN))).rejects.toMatchObject({ triesLeft: 2 });
    await client.verifyPin(ascii(NEW_PIN));
  });

  test.each(["12345", "abcdef", "12 456"])("cannot become %s; no try is spent on that", async (bad) => {
    await expect(client.changePin(ascii(PIN), ascii(bad))).rejects.toMatchObject({ sw: 0x6a80 });
    expect(await client.pinTriesLeft()).toBe(3);
  });

  test("is filled up with FF to eight bytes", () => {
    expect(padPin(ascii("123456"))).toEqual(Uint8Array.of(0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0xff, 0xff));
  });
});

describe("the PUK", () => {
  test("sets a new PIN when the old one is blocked", async () => {
    for (let round = 0; round < 3; round++) await client.verifyPin(ascii(WRONG_PIN)).catch(() => {});
    await client.unblockPin(ascii(PUK), ascii(NEW_PIN));
    expect(await client.pinTriesLeft()).toBe(3);
    await client.verifyPin(ascii(NEW_PIN));
  });

  test("that is wrong costs a try of its own", async () => {
    await expect(client.unblockPin(ascii("00000000"), ascii(NEW_PIN))).rejects.toMatchObject({ triesLeft: 2 });
    expect(await client.pinTriesLeft()).toBe(3);
  });

  test("is changed with the old one alone", async () => {
    await expect(client.changePuk(ascii("00000000"), ascii("87654312"))).rejects.toMatchObject({ triesLeft: 2 });
    await client.changePuk(ascii(PUK), ascii("87654312"));
    await client.unblockPin(ascii("87654312"), ascii(NEW_PIN));
  });
});

describe("the management key", () => {
  test.each([16, 24, 32])("of %i bytes is set and proved", async (length) => {
    const key = randomBytes(length);
    const officer = await simulated.officer();
    await officer.setManagementKey(key);
    await client.authenticateManagement(key);
    await expect(client.authenticateManagement(hexToBytes(MANAGEMENT_KEY))).rejects.toMatchObject({ name: "TokenError" });
  });

  test("that is wrong is refused by the token", async () => {
    await expect(client.authenticateManagement(new Uint8Array(24).fill(7))).rejects.toMatchObject({ sw: 0x6982 });
  });

  test("must be known to the token, too: one that only repeats is found out", async () => {
    const channel = simulated.channel();
    const impostor: TokenChannel = {
      ...channel,
      transmit: async (apdu) => {
        const answer = await channel.transmit(apdu);
        const last = answer.length - 3;
        if (answer[2] === 0x82) answer.fill((answer[last] ?? 0) ^ 1, last, last + 1);
        return answer;
      },
    };
    await expect(new TokenClient(impostor).authenticateManagement(hexToBytes(MANAGEMENT_KEY))).rejects.toThrow(/own management key/);
  });

  test("is asked for before a key or an object is written", async () => {
    await expect(client.generateKey(SLOT_SIGNATURE)).rejects.toMatchObject({ sw: 0x6982 });
    await expect(client.writeObject(OBJECT_AUTH_CERTIFICATE, Uint8Array.of(1))).rejects.toMatchObject({ sw: 0x6982 });
    await expect(client.setManagementKey(new Uint8Array(24))).rejects.toMatchObject({ sw: 0x6982 });
  });
});

describe("factory values", () => {
  test("are told one by one", async () => {
    const blank = new SimulatedToken().client();
    for (const reference of [KEY_REF_PIV_PIN, KEY_REF_PUK, SLOT_MANAGEMENT]) {
      expect([await blank.isFactory(reference), await client.isFactory(reference)]).toEqual([true, false]);
    }
    await blank.authenticateManagement(hexToBytes(FACTORY_MANAGEMENT_KEY));
    await expect(blank.generateKey(SLOT_SIGNATURE)).rejects.toMatchObject({ sw: 0x6985 });
  });
});

describe("a key", () => {
  test.each([
    [SLOT_AUTHENTICATION, PIN_POLICY_ONCE],
    [SLOT_SIGNATURE, PIN_POLICY_ALWAYS],
    [SLOT_KEY_MANAGEMENT, PIN_POLICY_ONCE],
    [SLOT_CARD_AUTHENTICATION, PIN_POLICY_NEVER],
  ])("in slot %x has that slot's PIN policy, and tells its point", async (slot, pin) => {
    expect(await client.keyMetadata(slot)).toBeNull();
    const publicKey = await simulated.makeKey(slot);
    expect(await client.keyMetadata(slot)).toEqual({
      kind: "ec",
      algorithm: ALG_P256,
      publicKey,
      policies: { pin, button: BUTTON_POLICY_NEVER },
      isMadeInside: true,
    });
    p256Point(publicKey);
  });

  test("may be given policies of its own", async () => {
    const policies = { pin: PIN_POLICY_NEVER, button: BUTTON_POLICY_CACHED };
    await simulated.makeKey(SLOT_SIGNATURE, policies);
    expect((await client.keyMetadata(SLOT_SIGNATURE))?.policies).toEqual(policies);
  });

  test("with PIN once signs as often as one likes after it", async () => {
    const point = await simulated.makeKey(SLOT_AUTHENTICATION);
    await expect(client.sign(SLOT_AUTHENTICATION, DIGEST)).rejects.toMatchObject({ sw: 0x6982 });
    await client.verifyPin(ascii(PIN));
    for (let round = 0; round < 3; round++) expect(isSigned(point, await client.sign(SLOT_AUTHENTICATION, DIGEST))).toBe(true);
  });

  test("with PIN always signs once for each", async () => {
    const point = await simulated.makeKey(SLOT_SIGNATURE);
    await client.verifyPin(ascii(PIN));
    expect(isSigned(point, await client.sign(SLOT_SIGNATURE, DIGEST))).toBe(true);
    await expect(client.sign(SLOT_SIGNATURE, DIGEST)).rejects.toMatchObject({ sw: 0x6982 });
  });

  test("with a button signs when it is pressed, and tells that it waits", async () => {
    const point = await simulated.makeKey(SLOT_CARD_AUTHENTICATION, { pin: PIN_POLICY_NEVER, button: BUTTON_POLICY_ALWAYS });
    const onButton = vi.fn();
    expect(isSigned(point, await client.sign(SLOT_CARD_AUTHENTICATION, DIGEST, { onButton }))).toBe(true);
    expect(onButton).toHaveBeenCalledOnce();
  });

  test("whose button wait is cancelled does not sign", async () => {
    await simulated.makeKey(SLOT_CARD_AUTHENTICATION, { pin: PIN_POLICY_NEVER, button: BUTTON_POLICY_ALWAYS });
    simulated.button.script = { kind: "never" };
    const signing = client.sign(SLOT_CARD_AUTHENTICATION, DIGEST);
    client.cancel();
    await expect(signing).rejects.toMatchObject({ sw: 0x6985 });
  });

  test("that there is not answers 6A88", async () => {
    await expect(client.sign(SLOT_AUTHENTICATION, DIGEST)).rejects.toMatchObject({ sw: 0x6a88 });
  });
});

describe("a data object", () => {
  test.each([0, 1, 127, 128, 255, 256, 257, 3000])("of %i bytes comes back as it was written", async (length) => {
    const content = randomBytes(length);
    const officer = await simulated.officer();
    await officer.writeObject(OBJECT_AUTH_CERTIFICATE, content);
    const read = await client.readObject(OBJECT_AUTH_CERTIFICATE);
    expect(read).toEqual(length === 0 ? null : new Uint8Array(content));
  });

  test("that is too long is refused, and the one before stays", async () => {
    const officer = await simulated.officer();
    await officer.writeObject(OBJECT_AUTH_CERTIFICATE, Uint8Array.of(1));
    await expect(officer.writeObject(OBJECT_AUTH_CERTIFICATE, new Uint8Array(3100))).rejects.toMatchObject({ sw: 0x6a84 });
    expect(await client.readObject(OBJECT_AUTH_CERTIFICATE)).toEqual(Uint8Array.of(1));
  });

  test("with a certificate has it in tag 70, uncompressed, as PIV has it", async () => {
    await simulated.writeCertificate(OBJECT_SIGNATURE_CERTIFICATE, Uint8Array.of(0x30, 0x01, 0x00));
    expect(await client.readObject(OBJECT_SIGNATURE_CERTIFICATE)).toEqual(hexToBytes("7003300100710100fe00"));
    expect(await client.readCertificate(OBJECT_SIGNATURE_CERTIFICATE)).toEqual(Uint8Array.of(0x30, 0x01, 0x00));
    expect(await client.readCertificate(OBJECT_AUTH_CERTIFICATE)).toBeNull();
  });

  test("is joined from its parts when the token gives it in several (61xx)", async () => {
    const parts = ["5305aabb6103", "ccddee9000"].map(hexToBytes);
    const sent: number[] = [];
    const channel: TokenChannel = {
      transmit: async (apdu) => {
        sent.push(apdu[1] ?? 0);
        return parts.shift() ?? hexToBytes("6f00");
      },
      cancel: () => {},
      close: () => {},
    };
    expect(await new TokenClient(channel).readObject(OBJECT_AUTH_CERTIFICATE)).toEqual(hexToBytes("aabbccddee"));
    expect(sent).toEqual([0xcb, 0xc0]);
  });

  test("is given up when it never ends, also when its pieces are empty", async () => {
    const endless = (piece: string): TokenChannel => ({ transmit: async () => hexToBytes(piece), cancel: () => {}, close: () => {} });
    for (const piece of ["6100", `${"00".repeat(256)}6100`]) {
      await expect(new TokenClient(endless(piece)).readObject(OBJECT_AUTH_CERTIFICATE)).rejects.toThrow("never ends");
    }
  });
});
