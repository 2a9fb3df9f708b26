import { describe, expect, test } from "vitest";
import { bytesToHex, EMPTY_BYTES } from "../../protocol/bytes.ts";
import {
  ALG_AES_192,
  ALG_AES_256,
  BUTTON_POLICY_CACHED,
  FACTORY_MANAGEMENT_KEY,
  FACTORY_PIN,
  FACTORY_PUK,
  INS_RESET,
  OBJECT_ATTESTATION_CERTIFICATE,
  PIN_POLICY_NEVER,
  SLOT_ATTESTATION,
  SLOT_CARD_AUTHENTICATION,
  SLOT_SIGNATURE,
  TAG_CHALLENGE,
  TAG_WITNESS,
} from "../../protocol/piv.ts";
import {
  SW_CONDITIONS_NOT_SATISFIED,
  SW_INCORRECT_P1_P2,
  SW_OK,
  SW_SECURITY_STATUS_NOT_SATISFIED,
  SW_TRIES_LEFT,
  SW_WRONG_DATA,
} from "../../protocol/status-words.ts";
import { ENTRY_ERASURE } from "../../protocol/vendor.ts";
import { COMPAT_PROFILE } from "../../simulator/compat-profile.ts";
import { aesDecrypt } from "../../test/firmware/aes-block.ts";
import {
  ASK_TRIES,
  apdu,
  authenticate,
  authField,
  changePin,
  changePuk,
  getData,
  putData,
  RESET,
  setManagementKey,
  signCommand,
  verifyPin,
} from "../../test/firmware/card-commands.ts";
import { fillMemory, MANAGEMENT_KEY, PIN, PUK, TestToken, WRONG_PIN, WRONG_PUK } from "../../test/firmware/test-token.ts";
import { expectBlank, USED_SLOTS, used } from "../../test/firmware/used-token.ts";
import { Channel } from "../channel.ts";
import { currentRevision } from "../revision.ts";

describe("RESET", () => {
  test("makes the token blank: no key, no object, the factory's three secrets and tries", () => {
    const token = used().block();
    expect(token.sw(RESET)).toBe(SW_OK);
    expectBlank(token);
    expectBlank(token.reopened());
  });

  test("lets it be initialised and used again", () => {
    const token = used().block();
    token.data(RESET);
    token.initialise();
    token.makeKey(SLOT_SIGNATURE);
    token.data(verifyPin(PIN));
    expect(token.sw(signCommand(SLOT_SIGNATURE))).toBe(SW_OK);
  });

  test("leaves nothing of the old secrets in the flash that counts: old PIN, PUK and management key open nothing", () => {
    const token = used().block();
    token.data(RESET);
    expect(token.sw(verifyPin(PIN))).toBe(SW_TRIES_LEFT + 2);
    expect(token.sw(changePuk(PUK, "otherPUK"))).toBe(SW_TRIES_LEFT + 2);
    expect(() => token.authenticate(ALG_AES_192, MANAGEMENT_KEY.slice(0, 24))).toThrow();
    expect(token.sw(verifyPin(FACTORY_PIN))).toBe(SW_OK);
    expect(token.sw(changePuk(FACTORY_PUK, PUK))).toBe(SW_OK);
    expect(() => token.authenticate(ALG_AES_192, Buffer.from(FACTORY_MANAGEMENT_KEY, "hex"))).not.toThrow();
  });

  test("zeroises the private keys", () => {
    const token = used();
    const keys = USED_SLOTS.map((slot) => Buffer.from(token.privateKey(slot)));
    for (const key of keys) expect(Buffer.from(token.image.bytes).includes(key)).toBe(true);
    token.block().data(RESET);
    for (const key of keys) expect(Buffer.from(token.image.bytes).includes(key.subarray(0, 8))).toBe(false);
  });

  test("keeps the attestation key and its certificate", () => {
    const token = used();
    const [key, certificate] = [bytesToHex(token.privateKey(SLOT_ATTESTATION)), token.data(getData(OBJECT_ATTESTATION_CERTIFICATE))];
    token.block().data(RESET);
    for (const one of [token, token.reopened()]) {
      expect(bytesToHex(one.privateKey(SLOT_ATTESTATION))).toBe(key);
      expect(one.data(getData(OBJECT_ATTESTATION_CERTIFICATE))).toEqual(certificate);
    }
  });

  test("tells each erasure in the signature journal, which goes on where it was, and keeps what the receipts need", () => {
    const token = used();
    const points = USED_SLOTS.map((slot) => token.token.card.keys.info(slot)?.publicKey ?? new Uint8Array(0));
    token.data(signCommand(SLOT_SIGNATURE), withPin(token));
    const { log, keys, hal } = token.token.card;
    const before = log.counter();
    token.block().data(RESET);
    expect(log.counter()).toBe(before + USED_SLOTS.length);
    const told = log.read(before + 1, 32).entries.map(bytesToHex);
    const expected = USED_SLOTS.map((slot, i) =>
      bytesToHex(Uint8Array.of(slot, ENTRY_ERASURE, ...hal.crypto.sha256(points[i] ?? new Uint8Array(0)))),
    );
    expect([...told].sort()).toEqual([...expected].sort());
    for (const [i, slot] of USED_SLOTS.entries()) {
      const erased = keys.erased(slot);
      expect(erased?.publicKey).toEqual(points[i]);
      expect(told[(erased?.counter ?? 0) - before - 1]).toBe(expected[i]);
    }
  });

  test("makes the revision go up", () => {
    const token = used().block();
    const before = currentRevision(token.token.card.journal);
    token.data(RESET);
    expect(currentRevision(token.token.card.journal)).toBeGreaterThan(before);
  });

  test("works in a memory that is full, of small objects and of great ones", () => {
    for (const lengthBytes of [1, 2100]) {
      const token = used();
      token.authenticate();
      for (const prefix of [0x5fc100, 0x5fff02]) {
        for (let id = 0; id < 0xfd && token.sw(putData(prefix + id, new Uint8Array(lengthBytes).fill(1))) === SW_OK; ) id++;
      }
      fillMemory(token);
      expect(token.block().sw(RESET)).toBe(SW_OK);
      expectBlank(token.reopened());
    }
  });

  test("ends PIN and management key on every channel, and a challenge under way", () => {
    const token = used();
    const other = new Channel();
    token.data(verifyPin(PIN), other);
    const third = new Channel();
    const witness = authField(token.data(authenticate(ALG_AES_256, [[TAG_WITNESS, EMPTY_BYTES]]), third), TAG_WITNESS);
    token.authenticate(undefined, undefined, other).block().data(RESET);
    for (const channel of [token.channel, other]) {
      expect(token.sw(ASK_TRIES, channel)).toBe(SW_TRIES_LEFT + 3);
      expect(token.sw(setManagementKey(ALG_AES_256, MANAGEMENT_KEY), channel)).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
    }
    const answer = authenticate(ALG_AES_192, [
      [TAG_WITNESS, aesDecrypt(MANAGEMENT_KEY, witness)],
      [TAG_CHALLENGE, new Uint8Array(16)],
    ]);
    expect(token.sw(answer, third)).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
  });

  test("ends a cached press: the next key in the slot asks for the button", () => {
    const token = used();
    const asks = (channel: Channel): boolean => token.raw(apdu(signCommand(SLOT_CARD_AUTHENTICATION)), channel) === null;
    const other = new Channel();
    expect(token.sendPressed(signCommand(SLOT_CARD_AUTHENTICATION), other).sw).toBe(SW_OK);
    expect(asks(other)).toBe(false);
    token.block().data(RESET);
    token.initialise();
    token.makeKey(SLOT_CARD_AUTHENTICATION, { pin: PIN_POLICY_NEVER, button: BUTTON_POLICY_CACHED });
    expect(asks(other)).toBe(true);
    token.token.cancel(other);
  });

  test("works on a blank token that has lost its tries", () => {
    const token = new TestToken().block();
    expect(token.sw(RESET)).toBe(SW_OK);
    expectBlank(token);
    expect(token.sw(verifyPin(FACTORY_PIN))).toBe(SW_OK);
  });

  test("works on a compat token", () => {
    const token = new TestToken({ profile: COMPAT_PROFILE });
    token.data(changePin(FACTORY_PIN, PIN));
    expect(token.block().sw(RESET)).toBe(SW_OK);
    expect(token.reopened().sw(verifyPin(FACTORY_PIN))).toBe(SW_OK);
  });
});

/** A channel on which the PIN was verified just before. */
function withPin(token: TestToken): Channel {
  const channel = new Channel();
  token.data(verifyPin(PIN), channel);
  return channel;
}

describe("RESET refuses, and writes nothing,", () => {
  const refused = (token: TestToken, parts: object, sw: number): void => {
    expect(token.imagesDuring(() => expect(token.sw({ ...RESET, ...parts })).toBe(sw))).toEqual([]);
  };
  const wrongPins = (token: TestToken, count: number): void => {
    for (let i = 0; i < count; i++) token.sw(verifyPin(WRONG_PIN));
  };
  const wrongPuks = (token: TestToken, count: number): void => {
    for (let i = 0; i < count; i++) token.sw(changePuk(WRONG_PUK, "otherPUK"));
  };

  test.each([
    [0, 0],
    [4, 0],
    [0, 4],
    [3, 4],
    [4, 3],
  ])("while PIN and PUK are not both blocked (%i and %i of 4 spent)", (pin, puk) => {
    const token = used();
    wrongPins(token, pin);
    wrongPuks(token, puk);
    token.authenticate(); // which changes nothing
    refused(token, {}, SW_CONDITIONS_NOT_SATISFIED);
  });

  test("other P1 P2, or data", () => {
    const token = used().block();
    refused(token, { p1: 1 }, SW_INCORRECT_P1_P2);
    refused(token, { p2: 1 }, SW_INCORRECT_P1_P2);
    refused(token, { data: Uint8Array.of(0) }, SW_WRONG_DATA);
    expect(token.sw({ cla: 0, ins: INS_RESET })).toBe(SW_OK);
  });
});
