// A token in memory for the unit tests of the firmware: simulator parts under it, APDUs in, data and status word out. Time is Date.now and
// setTimeout, so that vi.useFakeTimers() drives it.

import { Channel } from "../../firmware/channel.ts";
import type { Curve, Hal } from "../../firmware/hal.ts";
import { ID_KEY } from "../../firmware/journal-ids.ts";
import { type Profile, STRICT_PROFILE } from "../../firmware/profile.ts";
import { Token } from "../../firmware/token.ts";
import { parseResponseApdu, type ResponseApdu } from "../../protocol/apdu.ts";
import { parseOneTlv } from "../../protocol/ber-tlv.ts";
import { EMPTY_BYTES, hexToBytes } from "../../protocol/bytes.ts";
import { CborMap, decodeCbor } from "../../protocol/cbor.ts";
import {
  ALG_AES_192,
  ALG_AES_256,
  ALG_P384,
  FACTORY_MANAGEMENT_KEY,
  FACTORY_PIN,
  FACTORY_PUK,
  TAG_CHALLENGE,
  TAG_EC_POINT,
  TAG_PUBLIC_KEY,
  TAG_RESPONSE,
  TAG_WITNESS,
} from "../../protocol/piv.ts";
import { SW_OK } from "../../protocol/status-words.ts";
import { blankImage, type FlashGeometry, type FlashImage, ModelledFlash, NRF52_GEOMETRY } from "../../simulator/modelled-flash.ts";
import { createNodeHal } from "../../simulator/node-hal.ts";
import { PRESSED_AT_ONCE, ScriptedButton } from "../../simulator/scripted-button.ts";
import { aesDecrypt, aesEncrypt } from "./aes-block.ts";
import {
  apdu,
  authenticate,
  authField,
  type CommandParts,
  changePin,
  changePuk,
  generateKey,
  type KeyTemplate,
  putData,
  setManagementKey,
  vendorCommand,
  verifyPin,
} from "./card-commands.ts";

export const PIN = "482913";
export const PUK = "k7Rz!2pQ";
export const MANAGEMENT_KEY = hexToBytes("8f1d02c7a4b963e05518cc7e2f90ab3449d6e1107b5a2c93f8046dbe71a5390c");
export const WRONG_PIN = "000000";
export const WRONG_PUK = "wrongPUK";
export const TEST_SERIAL = 0xfedcba98;

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
      sign: (key, point, digest) => {
        this.signatures += 1;
        return curve.sign(key, point, digest);
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

/** Fills the memory with data objects from 5FC100 on, the last ones of a byte, until none is taken. The management key must be proved. */
export function fillMemory(token: TestToken): void {
  let id = 0x5fc100;
  for (const lengthBytes of [230, 30, 1]) {
    while (token.sw(putData(id, new Uint8Array(lengthBytes).fill(id & 0xff))) === SW_OK) id++;
  }
}
