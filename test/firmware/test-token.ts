// A token in memory for the unit tests of the firmware: simulator parts under it, APDUs in, data and status word out. Time is Date.now and
// setTimeout, so that vi.useFakeTimers() drives it.

import { createCipheriv, createDecipheriv, createHash, createPublicKey, type KeyObject } from "node:crypto";
import { Channel } from "../../firmware/channel.ts";
import type { Curve, Hal } from "../../firmware/hal.ts";
import { ID_KEY } from "../../firmware/journal-ids.ts";
import { type Profile, STRICT_PROFILE } from "../../firmware/profile.ts";
import { padReferenceData } from "../../firmware/reference-data.ts";
import { Token } from "../../firmware/token.ts";
import { type CommandApdu, encodeCommandApdu, parseResponseApdu, type ResponseApdu } from "../../protocol/apdu.ts";
import { encodeTlv, findTlv, parseOneTlv, parseTlvs } from "../../protocol/ber-tlv.ts";
import { concatBytes, EMPTY_BYTES, hexToBytes } from "../../protocol/bytes.ts";
import { CborMap, type CborValue, decodeCbor, encodeCbor } from "../../protocol/cbor.ts";
import {
  ALG_AES_192,
  ALG_AES_256,
  ALG_P256,
  ALG_P384,
  FACTORY_MANAGEMENT_KEY,
  FACTORY_PIN,
  FACTORY_PUK,
  INS_CHANGE_REFERENCE_DATA,
  INS_GENERAL_AUTHENTICATE,
  INS_GENERATE_KEY_PAIR,
  INS_GET_DATA,
  INS_PUT_DATA,
  INS_RESET,
  INS_RESET_RETRY_COUNTER,
  INS_SET_MANAGEMENT_KEY,
  INS_SET_TRIES,
  INS_VERIFY,
  KEY_REF_PIV_PIN,
  KEY_REF_PUK,
  P256_POINT_BYTES,
  SLOT_MANAGEMENT,
  TAG_ALGORITHM,
  TAG_BUTTON_POLICY,
  TAG_CHALLENGE,
  TAG_DATA,
  TAG_DATA_OBJECT_ID,
  TAG_DYNAMIC_AUTH,
  TAG_EC_POINT,
  TAG_EXPONENTIATION,
  TAG_KEY_TEMPLATE,
  TAG_PIN_POLICY,
  TAG_PUBLIC_KEY,
  TAG_RESPONSE,
  TAG_WITNESS,
} from "../../protocol/piv.ts";
import { SW_OK } from "../../protocol/status-words.ts";
import { CLA_VENDOR, INS_VENDOR, REQUEST_DIGESTS, REQUEST_SLOT, VENDOR_BATCH_BEGIN, VENDOR_BATCH_END } from "../../protocol/vendor.ts";
import { blankImage, type FlashGeometry, type FlashImage, ModelledFlash, NRF52_GEOMETRY } from "../../simulator/modelled-flash.ts";
import { createNodeHal } from "../../simulator/node-hal.ts";
import { PRESSED_AT_ONCE, ScriptedButton } from "../../simulator/scripted-button.ts";

export const PIN = "482913";
export const PUK = "k7Rz!2pQ";
export const MANAGEMENT_KEY = hexToBytes("8f1d02c7a4b963e05518cc7e2f90ab3449d6e1107b5a2c93f8046dbe71a5390c");
export const WRONG_PIN = "000000";
export const WRONG_PUK = "wrongPUK";
export const TEST_SERIAL = 0xfedcba98;

/** The parts of a command that are not zero or empty. */
export type CommandParts = Partial<CommandApdu> & { readonly ins: number };

export function apdu(parts: CommandParts): Uint8Array {
  return encodeCommandApdu({ cla: 0, p1: 0, p2: 0, data: EMPTY_BYTES, le: 0, ...parts });
}

export function copyImage(image: FlashImage): FlashImage {
  return { bytes: new Uint8Array(image.bytes), writes: new Uint8Array(image.writes) };
}

export interface TestTokenOptions {
  readonly geometry?: FlashGeometry;
  readonly image?: FlashImage;
  /** The world, changed before the token sees it. */
  readonly changeHal?: (hal: Hal) => Hal;
  readonly profile?: Profile;
  /** What the flash holds after each of its operations, from the token's power-on to the first `imagesDuring`. */
  readonly watch?: (image: FlashImage) => void;
}

export class TestToken {
  readonly image: FlashImage;
  readonly button = new ScriptedButton(PRESSED_AT_ONCE);
  readonly token: Token;
  /** The channel of a client; made anew by `newChannel`. */
  readonly channel = new Channel();
  /** How often a private key has signed. */
  signatures = 0;
  /** How often one has agreed on a key. */
  agreements = 0;
  private readonly geometry: FlashGeometry;
  private readonly profile: Profile;
  private watch: ((image: FlashImage) => void) | null = null;

  constructor(options: TestTokenOptions = {}) {
    this.geometry = options.geometry ?? NRF52_GEOMETRY;
    this.profile = options.profile ?? STRICT_PROFILE;
    this.image = options.image ?? blankImage(this.geometry);
    const { watch } = options;
    if (watch) this.watch = (image) => watch(copyImage(image));
    const flash = new ModelledFlash(this.geometry, this.image, (image) => this.watch?.(image));
    const device = { model: "Sceau test", serial: TEST_SERIAL, simulated: true };
    const nodeHal = createNodeHal({ device, flash, button: this.button });
    const { p256, p384 } = nodeHal.crypto;
    const hal: Hal = {
      ...nodeHal,
      clock: { ...nodeHal.clock, nowMs: () => Date.now() },
      crypto: {
        ...nodeHal.crypto,
        p256: this.counted(p256),
        p384: p384 && this.counted(p384),
      },
    };
    this.token = new Token(options.changeHal?.(hal) ?? hal, this.profile);
  }

  private counted(curve: Curve): Curve {
    return {
      ...curve,
      signAttempt: (key, digest, attempt) => {
        this.signatures += attempt === 0 ? 1 : 0;
        return curve.signAttempt(key, digest, attempt);
      },
      sharedSecret: (key, point) => {
        this.agreements += 1;
        return curve.sharedSecret(key, point);
      },
    };
  }

  /** What the flash holds as the private key of a slot. */
  privateKey(slot: number): Uint8Array {
    const record = this.token.card.journal.read(ID_KEY | slot);
    if (record === null) throw new Error("no key in this slot");
    const fieldBytes = record[0] === ALG_P384 ? 48 : 32;
    return record.slice(4, 4 + fieldBytes);
  }

  /** The same flash after a power-off. */
  reopened(changeHal?: (hal: Hal) => Hal): TestToken {
    return this.reopenedOn(this.image, changeHal);
  }

  /** A token of the same kind on a copy of another image. */
  reopenedOn(image: FlashImage, changeHal?: (hal: Hal) => Hal): TestToken {
    const { geometry, profile } = this;
    return new TestToken({ geometry, profile, image: copyImage(image), ...(changeHal && { changeHal }) });
  }

  /** What the flash held after each of its operations in `run`: what a cut of the power may leave. */
  imagesDuring(run: () => void): FlashImage[] {
    const images: FlashImage[] = [];
    this.watch = (image) => images.push(copyImage(image));
    try {
      run();
    } finally {
      this.watch = null;
    }
    return images;
  }

  /** The answer to an APDU as it is, or null while the token waits for the button; then `later` gets it. */
  raw(bytes: Uint8Array, channel: Channel, later: (response: ResponseApdu) => void = () => {}): ResponseApdu | null {
    let response: ResponseApdu | null = null;
    let isLate = false;
    this.token.transmit(channel, bytes, (encoded) => {
      response = parseResponseApdu(encoded);
      if (isLate) later(response);
    });
    isLate = true;
    return response;
  }

  /** One command that does not ask for the button. */
  send(parts: CommandParts, channel = this.channel): ResponseApdu {
    const response = this.raw(apdu(parts), channel);
    if (response === null) throw new Error("the token waits for the button");
    return response;
  }

  /** One command that asks for the button, which is pressed. */
  sendPressed(parts: CommandParts, channel = this.channel): ResponseApdu {
    const { script } = this.button;
    this.button.script = { kind: "never" };
    let response: ResponseApdu | undefined;
    const atOnce = this.raw(apdu(parts), channel, (later) => {
      response = later;
    });
    this.button.pressNow();
    this.button.script = script;
    if (atOnce !== null) throw new Error(`the token did not ask for the button: ${atOnce.sw.toString(16)}`);
    if (response === undefined) throw new Error("the press had no answer");
    return response;
  }

  /** Its status word. */
  sw(parts: CommandParts, channel = this.channel): number {
    return this.send(parts, channel).sw;
  }

  /** Its data; the command must succeed. */
  data(parts: CommandParts, channel = this.channel): Uint8Array {
    const { data, sw } = this.send(parts, channel);
    if (sw !== SW_OK) throw new Error(`${parts.ins.toString(16)} answered ${sw.toString(16)}`);
    return data;
  }

  /** Gives the token its three secrets (PIN, PUK, MANAGEMENT_KEY) and ends with a channel as after power-on. */
  initialise(): this {
    this.data(changePin(FACTORY_PIN, PIN));
    this.data(changePuk(FACTORY_PUK, PUK));
    this.authenticate(ALG_AES_192, hexToBytes(FACTORY_MANAGEMENT_KEY));
    this.data(setManagementKey(ALG_AES_256, MANAGEMENT_KEY));
    this.token.powerOff(this.channel);
    return this;
  }

  /** Proves the management key, mutually. */
  authenticate(algorithm = ALG_AES_256, key = MANAGEMENT_KEY, channel = this.channel): this {
    const witness = authField(this.data(authenticate(algorithm, [[TAG_WITNESS, EMPTY_BYTES]]), channel), TAG_WITNESS);
    const plain = aesDecrypt(key, witness);
    const challenge = hexToBytes("00112233445566778899aabbccddeeff");
    const answer = this.data(
      authenticate(algorithm, [
        [TAG_WITNESS, plain],
        [TAG_CHALLENGE, challenge],
      ]),
      channel,
    );
    if (Buffer.compare(authField(answer, TAG_RESPONSE), aesEncrypt(key, challenge)) !== 0) throw new Error("the token has another key");
    return this;
  }

  /** The map that a vendor command answers. */
  vendor(p1: number, request?: CborMap, channel = this.channel): CborMap {
    const map = decodeCbor(this.data(vendorCommand(p1, request), channel));
    if (!(map instanceof CborMap)) throw new Error("the answer is no map");
    return map;
  }

  /** Spends all tries of PIN and PUK. */
  block(pin = WRONG_PIN, puk = WRONG_PUK): this {
    while (this.token.card.pin.triesLeft() > 0) this.sw(verifyPin(pin));
    while (this.token.card.puk.triesLeft() > 0) this.sw(changePuk(puk, "otherPUK"));
    return this;
  }

  /** A key in `slot`, made with the management key proved and then forgotten again; its public point. */
  makeKey(slot: number, policies: KeyTemplate = {}): Uint8Array {
    const channel = new Channel();
    this.authenticate(ALG_AES_256, MANAGEMENT_KEY, channel);
    const answer = this.data(generateKey(slot, policies), channel);
    return parseOneTlv(parseOneTlv(answer, TAG_PUBLIC_KEY), TAG_EC_POINT);
  }
}

export function aesEncrypt(key: Uint8Array, block: Uint8Array): Uint8Array {
  return new Uint8Array(createCipheriv(`aes-${key.length * 8}-ecb`, key, null).update(block));
}

export function aesDecrypt(key: Uint8Array, block: Uint8Array): Uint8Array {
  return new Uint8Array(
    createDecipheriv(`aes-${key.length * 8}-ecb`, key, null)
      .setAutoPadding(false)
      .update(block),
  );
}

export function verifyPin(pin: string): CommandParts {
  return { ins: INS_VERIFY, p2: KEY_REF_PIV_PIN, data: padReferenceData(pin) };
}

export const ASK_TRIES: CommandParts = { ins: INS_VERIFY, p2: KEY_REF_PIV_PIN };
export const FORGET_PIN: CommandParts = { ins: INS_VERIFY, p1: 0xff, p2: KEY_REF_PIV_PIN };

function twoValues(ins: number, p2: number, first: string, second: string | Uint8Array): CommandParts {
  const value = typeof second === "string" ? padReferenceData(second) : second;
  return { ins, p2, data: concatBytes([padReferenceData(first), value]) };
}

export function changePin(old: string, fresh: string | Uint8Array): CommandParts {
  return twoValues(INS_CHANGE_REFERENCE_DATA, KEY_REF_PIV_PIN, old, fresh);
}

export function changePuk(old: string, fresh: string | Uint8Array): CommandParts {
  return twoValues(INS_CHANGE_REFERENCE_DATA, KEY_REF_PUK, old, fresh);
}

export function resetPin(puk: string, fresh: string | Uint8Array): CommandParts {
  return twoValues(INS_RESET_RETRY_COUNTER, KEY_REF_PIV_PIN, puk, fresh);
}

/** GENERAL AUTHENTICATE of the management key with these fields in its template. */
export function authenticate(algorithm: number, fields: readonly (readonly [number, Uint8Array])[]): CommandParts {
  const inside = fields.map(([tag, value]) => encodeTlv(tag, [value]));
  return { ins: INS_GENERAL_AUTHENTICATE, p1: algorithm, p2: SLOT_MANAGEMENT, data: encodeTlv(TAG_DYNAMIC_AUTH, inside), le: 256 };
}

export function authField(answer: Uint8Array, tag: number): Uint8Array {
  const value = findTlv(parseTlvs(parseOneTlv(answer, TAG_DYNAMIC_AUTH)), tag);
  if (value === null) throw new Error(`no ${tag.toString(16)} in the answer`);
  return value;
}

export function setManagementKey(algorithm: number, key: Uint8Array): CommandParts {
  const header = new Uint8Array([algorithm, SLOT_MANAGEMENT, key.length]);
  return { ins: INS_SET_MANAGEMENT_KEY, p1: 0xff, p2: 0xff, data: concatBytes([header, key]) };
}

/** What a new key shall be; P-256 and the slot's policies where nothing is said. */
export interface KeyTemplate {
  readonly algorithm?: number;
  readonly pin?: number;
  readonly button?: number;
}

export function generateKey(slot: number, policies: KeyTemplate = {}): CommandParts {
  const fields = [encodeTlv(TAG_ALGORITHM, [new Uint8Array([policies.algorithm ?? ALG_P256])])];
  if (policies.pin !== undefined) fields.push(encodeTlv(TAG_PIN_POLICY, [new Uint8Array([policies.pin])]));
  if (policies.button !== undefined) fields.push(encodeTlv(TAG_BUTTON_POLICY, [new Uint8Array([policies.button])]));
  return { ins: INS_GENERATE_KEY_PAIR, p2: slot, data: encodeTlv(TAG_KEY_TEMPLATE, fields), le: 256 };
}

export const DIGEST = new Uint8Array(createHash("sha256").update("a document").digest());

export function signCommand(slot: number, digest: Uint8Array = DIGEST, algorithm: number = ALG_P256): CommandParts {
  return privateKeyCommand(slot, algorithm, TAG_CHALLENGE, digest);
}

/** ECDH with the other side's point. */
export function agreeCommand(slot: number, point: Uint8Array, algorithm: number = ALG_P256): CommandParts {
  return privateKeyCommand(slot, algorithm, TAG_EXPONENTIATION, point);
}

function privateKeyCommand(slot: number, algorithm: number, tag: number, value: Uint8Array): CommandParts {
  const fields = [encodeTlv(TAG_RESPONSE, [EMPTY_BYTES]), encodeTlv(tag, [value])];
  return { ins: INS_GENERAL_AUTHENTICATE, p1: algorithm, p2: slot, data: encodeTlv(TAG_DYNAMIC_AUTH, fields), le: 256 };
}

export function setTries(pin: number, puk: number): CommandParts {
  return { ins: INS_SET_TRIES, p1: pin, p2: puk };
}

export const RESET: CommandParts = { ins: INS_RESET };

/** A vendor command; its whole answer in one APDU. */
export function vendorCommand(p1: number, request?: CborValue): CommandParts {
  return { cla: CLA_VENDOR, ins: INS_VENDOR, p1, data: request === undefined ? EMPTY_BYTES : encodeCbor(request), le: 65536 };
}

/** Asks for the button. */
export function batchBegin(slot: number, digests: readonly Uint8Array[]): CommandParts {
  return { ...vendorCommand(VENDOR_BATCH_BEGIN, new CborMap().put(REQUEST_SLOT, slot).put(REQUEST_DIGESTS, digests)), le: 0 };
}

export const BATCH_END: CommandParts = { ...vendorCommand(VENDOR_BATCH_END), le: 0 };

const objectId = (tag: number): Uint8Array => encodeTlv(TAG_DATA_OBJECT_ID, [new Uint8Array([tag >> 16, (tag >> 8) & 0xff, tag & 0xff])]);

export function getData(tag: number, le = 65536): CommandParts {
  return { ins: INS_GET_DATA, p1: 0x3f, p2: 0xff, data: objectId(tag), le };
}

export function putData(tag: number, content: Uint8Array): CommandParts {
  return { ins: INS_PUT_DATA, p1: 0x3f, p2: 0xff, data: concatBytes([objectId(tag), encodeTlv(TAG_DATA, [content])]) };
}

/** Fills the memory with data objects from 5FC100 on, the last ones of a byte, until none is taken. The management key must be proved. */
export function fillMemory(token: TestToken): void {
  let id = 0x5fc100;
  for (const lengthBytes of [230, 30, 1]) {
    while (token.sw(putData(id, new Uint8Array(lengthBytes).fill(id & 0xff))) === SW_OK) id++;
  }
}

const SPKI_HEAD_P256 = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
const SPKI_HEAD_P384 = "3076301006072a8648ce3d020106052b81040022036200";

/** SubjectPublicKeyInfo of a point of P-256 or P-384 (RFC 5480), as OpenSSL takes it. */
export function publicKeyOf(point: Uint8Array): KeyObject {
  const head = Buffer.from(point.length === P256_POINT_BYTES ? SPKI_HEAD_P256 : SPKI_HEAD_P384, "hex");
  return createPublicKey({ key: Buffer.concat([head, point]), format: "der", type: "spki" });
}
