// The token's commands as functions, over one channel. Every function that the token refuses throws TokenError with the status word; a
// cable that fails throws TransportError; an answer that has not the form it should throws MalformedAnswerError.

import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { encodeCommandApdu, INS_GET_RESPONSE, parseResponseApdu, type ResponseApdu } from "../../protocol/apdu.ts";
import { encodeTlv, findTlv } from "../../protocol/ber-tlv.ts";
import { concatBytes, equalBytes, hexToBytes } from "../../protocol/bytes.ts";
import {
  ALG_AES_128,
  ALG_AES_192,
  ALG_AES_256,
  ALG_P256,
  BUTTON_POLICY_DEFAULT,
  INS_CHANGE_REFERENCE_DATA,
  INS_GENERAL_AUTHENTICATE,
  INS_GENERATE_KEY_PAIR,
  INS_GET_DATA,
  INS_GET_METADATA,
  INS_PUT_DATA,
  INS_RESET_RETRY_COUNTER,
  INS_SELECT,
  INS_SET_MANAGEMENT_KEY,
  INS_VERIFY,
  KEY_REF_PIV_PIN,
  KEY_REF_PUK,
  META_IS_DEFAULT,
  META_POLICY,
  META_PUBLIC_KEY,
  PIN_FILLER,
  PIN_POLICY_DEFAULT,
  PIV_AID,
  REFERENCE_DATA_BYTES,
  SLOT_MANAGEMENT,
  TAG_ALGORITHM,
  TAG_BUTTON_POLICY,
  TAG_CERT_INFO,
  TAG_CERTIFICATE,
  TAG_CHALLENGE,
  TAG_DATA,
  TAG_DATA_OBJECT_ID,
  TAG_DYNAMIC_AUTH,
  TAG_EC_POINT,
  TAG_ERROR_DETECTION,
  TAG_KEY_TEMPLATE,
  TAG_PIN_POLICY,
  TAG_PUBLIC_KEY,
  TAG_RESPONSE,
  TAG_WITNESS,
} from "../../protocol/piv.ts";
import {
  SW_AUTH_METHOD_BLOCKED,
  SW_MORE_DATA,
  SW_NOT_FOUND,
  SW_OK,
  SW_REFERENCE_NOT_FOUND,
  triesLeftOf,
} from "../../protocol/status-words.ts";
import { CLA_VENDOR, INS_VENDOR, VENDOR_DEVICE_INFO } from "../../protocol/vendor.ts";
import type { TokenChannel, TransmitOptions } from "../transport/transport.ts";
import { type DeviceInfo, parseDeviceInfo } from "./device-info.ts";
import { answerTlv, answerTlvs, fromToken } from "./malformed-answer.ts";
import { PinLengthError } from "./pin-length.ts";
import { TokenError } from "./token-error.ts";

const MAX_LE = 65536;
const AES_BLOCK_BYTES = 16;

export interface KeyPolicies {
  /** PIN_POLICY_* of protocol/piv.ts. */
  readonly pin: number;
  /** BUTTON_POLICY_*. */
  readonly button: number;
}

export interface KeyMetadata {
  readonly policies: KeyPolicies;
  /** Uncompressed point, 65 bytes. */
  readonly publicKey: Uint8Array;
}

interface Command {
  readonly name: string;
  readonly cla?: number;
  readonly ins: number;
  readonly p1?: number;
  readonly p2?: number;
  readonly data?: Uint8Array;
}

function aesAlgorithm(keyBytes: number): number {
  return keyBytes === 16 ? ALG_AES_128 : keyBytes === 24 ? ALG_AES_192 : ALG_AES_256;
}

/**
 * A PIN or PUK as reference data: filled up with FF to 8 bytes.
 * @throws PinLengthError when it is longer: the token would never see it
 */
export function padPin(pin: Uint8Array): Uint8Array {
  if (pin.length > REFERENCE_DATA_BYTES) throw new PinLengthError("PIN of more than 8 characters");
  const padded = new Uint8Array(REFERENCE_DATA_BYTES).fill(PIN_FILLER);
  padded.set(pin);
  return padded;
}

const objectId = (tag: number): Uint8Array => hexToBytes(tag.toString(16));
const byte = (value: number): Uint8Array => new Uint8Array([value]);

export class TokenClient {
  private readonly channel: TokenChannel;

  constructor(channel: TokenChannel) {
    this.channel = channel;
  }

  close(): void {
    this.channel.close();
  }

  /** Gives up the wait for the button. */
  cancel(): void {
    this.channel.cancel();
  }

  /** SELECT of the PIV application; forgets what this channel had verified. */
  async select(): Promise<void> {
    await this.run({ name: "SELECT", ins: INS_SELECT, p1: 0x04, data: hexToBytes(PIV_AID) });
  }

  async deviceInfo(): Promise<DeviceInfo> {
    return parseDeviceInfo(await this.run({ name: "DEVICE INFO", cla: CLA_VENDOR, ins: INS_VENDOR, p1: VENDOR_DEVICE_INFO }));
  }

  /** @throws TokenError with `triesLeft` when the PIN is wrong or blocked */
  async verifyPin(pin: Uint8Array): Promise<void> {
    const data = padPin(pin);
    try {
      await this.run({ name: "VERIFY", ins: INS_VERIFY, p2: KEY_REF_PIV_PIN, data });
    } finally {
      data.fill(0);
    }
  }

  async forgetPin(): Promise<void> {
    await this.run({ name: "VERIFY", ins: INS_VERIFY, p1: 0xff, p2: KEY_REF_PIV_PIN });
  }

  /** Tries left of the PIN, or null while it is verified on this channel (the token then does not tell). */
  async pinTriesLeft(): Promise<number | null> {
    const { sw } = await this.transmit({ name: "VERIFY", ins: INS_VERIFY, p2: KEY_REF_PIV_PIN });
    if (sw === SW_OK) return null;
    const left = triesLeftOf(sw);
    if (left === null) throw new TokenError(sw, "VERIFY");
    return left;
  }

  async isPinBlocked(): Promise<boolean> {
    const { sw } = await this.transmit({ name: "VERIFY", ins: INS_VERIFY, p2: KEY_REF_PIV_PIN });
    return sw === SW_AUTH_METHOD_BLOCKED;
  }

  async changePin(oldPin: Uint8Array, newPin: Uint8Array): Promise<void> {
    await this.changeReference("CHANGE PIN", KEY_REF_PIV_PIN, oldPin, newPin);
  }

  async changePuk(oldPuk: Uint8Array, newPuk: Uint8Array): Promise<void> {
    await this.changeReference("CHANGE PUK", KEY_REF_PUK, oldPuk, newPuk);
  }

  /** Sets a new PIN with the PUK. */
  async unblockPin(puk: Uint8Array, newPin: Uint8Array): Promise<void> {
    const data = concatBytes([padPin(puk), padPin(newPin)]);
    try {
      await this.run({ name: "RESET RETRY COUNTER", ins: INS_RESET_RETRY_COUNTER, p2: KEY_REF_PIV_PIN, data });
    } finally {
      data.fill(0);
    }
  }

  /** Mutual authentication with the management key (SP 800-73-5 Part 2 appendix A.1). */
  async authenticateManagement(key: Uint8Array): Promise<void> {
    const algorithm = aesAlgorithm(key.length);
    const cipher = `aes-${key.length * 8}-ecb`;
    const exchange = async (fields: Uint8Array[]): Promise<Uint8Array> => {
      const data = encodeTlv(TAG_DYNAMIC_AUTH, fields);
      return this.run({ name: "GENERAL AUTHENTICATE", ins: INS_GENERAL_AUTHENTICATE, p1: algorithm, p2: SLOT_MANAGEMENT, data });
    };
    const encryptedWitness = findTlv(answerTlvs(answerTlv(await exchange([encodeTlv(TAG_WITNESS, [])]), TAG_DYNAMIC_AUTH)), TAG_WITNESS);
    const decipher = createDecipheriv(cipher, key, null).setAutoPadding(false);
    const witness = decipher.update(encryptedWitness ?? new Uint8Array(AES_BLOCK_BYTES));
    const challenge = randomBytes(AES_BLOCK_BYTES);
    const answer = await exchange([encodeTlv(TAG_WITNESS, [witness]), encodeTlv(TAG_CHALLENGE, [challenge])]);
    const response = findTlv(answerTlvs(answerTlv(answer, TAG_DYNAMIC_AUTH)), TAG_RESPONSE);
    const expected = createCipheriv(cipher, key, null).setAutoPadding(false).update(challenge);
    if (response === null || !equalBytes(response, expected)) throw new Error("the token does not know its own management key");
  }

  /** After authenticateManagement. @param key 16, 24 or 32 bytes of AES */
  async setManagementKey(key: Uint8Array): Promise<void> {
    const data = concatBytes([new Uint8Array([aesAlgorithm(key.length), SLOT_MANAGEMENT, key.length]), key]);
    try {
      await this.run({ name: "SET MANAGEMENT KEY", ins: INS_SET_MANAGEMENT_KEY, p1: 0xff, p2: 0xff, data });
    } finally {
      data.fill(0);
    }
  }

  /** Makes a P-256 key on the token, after authenticateManagement. The answer is its point, 65 bytes. */
  async generateKey(slot: number, policies: KeyPolicies = { pin: PIN_POLICY_DEFAULT, button: BUTTON_POLICY_DEFAULT }): Promise<Uint8Array> {
    const fields = [encodeTlv(TAG_ALGORITHM, [byte(ALG_P256)])];
    if (policies.pin !== PIN_POLICY_DEFAULT) fields.push(encodeTlv(TAG_PIN_POLICY, [byte(policies.pin)]));
    if (policies.button !== BUTTON_POLICY_DEFAULT) fields.push(encodeTlv(TAG_BUTTON_POLICY, [byte(policies.button)]));
    const data = encodeTlv(TAG_KEY_TEMPLATE, fields);
    const answer = await this.run({ name: "GENERATE KEY PAIR", ins: INS_GENERATE_KEY_PAIR, p2: slot, data });
    const point = findTlv(answerTlvs(answerTlv(answer, TAG_PUBLIC_KEY)), TAG_EC_POINT);
    if (point === null) throw new Error("the token made a key and did not tell its public part");
    return point;
  }

  /** What the token tells of the key in a slot; null: there is none. */
  async keyMetadata(slot: number): Promise<KeyMetadata | null> {
    const { sw, data } = await this.transmit({ name: "GET METADATA", ins: INS_GET_METADATA, p2: slot });
    if (sw === SW_REFERENCE_NOT_FOUND) return null;
    if (sw !== SW_OK) throw new TokenError(sw, "GET METADATA");
    const fields = answerTlvs(data);
    const [pin = PIN_POLICY_DEFAULT, button = BUTTON_POLICY_DEFAULT] = findTlv(fields, META_POLICY) ?? [];
    const publicKey = findTlv(answerTlvs(findTlv(fields, META_PUBLIC_KEY) ?? new Uint8Array(0)), TAG_EC_POINT);
    if (publicKey === null) throw new Error("the token tells no public key for a key that it has");
    return { policies: { pin, button }, publicKey };
  }

  /** Whether the PIN (80), the PUK (81) or the management key (9B) is still the factory's. */
  async isFactory(keyReference: number): Promise<boolean> {
    const fields = answerTlvs(await this.run({ name: "GET METADATA", ins: INS_GET_METADATA, p2: keyReference }));
    return findTlv(fields, META_IS_DEFAULT)?.[0] === 1;
  }

  /** Signs a digest of up to 32 bytes with P-256. The answer is Ecdsa-Sig-Value in DER. The PIN must have been verified as the key's policy asks. */
  async sign(slot: number, digest: Uint8Array, options?: TransmitOptions): Promise<Uint8Array> {
    const data = encodeTlv(TAG_DYNAMIC_AUTH, [encodeTlv(TAG_RESPONSE, []), encodeTlv(TAG_CHALLENGE, [digest])]);
    const answer = await this.run({ name: "GENERAL AUTHENTICATE", ins: INS_GENERAL_AUTHENTICATE, p1: ALG_P256, p2: slot, data }, options);
    const signature = findTlv(answerTlvs(answerTlv(answer, TAG_DYNAMIC_AUTH)), TAG_RESPONSE);
    if (signature === null) throw new Error("the token signed and did not give the signature");
    return signature;
  }

  /** The content of a data object, without its 53 wrapper; null: absent. */
  async readObject(tag: number): Promise<Uint8Array | null> {
    const data = encodeTlv(TAG_DATA_OBJECT_ID, [objectId(tag)]);
    const answer = await this.transmit({ name: "GET DATA", ins: INS_GET_DATA, p1: 0x3f, p2: 0xff, data });
    if (answer.sw === SW_NOT_FOUND) return null;
    if (answer.sw !== SW_OK) throw new TokenError(answer.sw, "GET DATA");
    return answerTlv(answer.data, TAG_DATA);
  }

  /** Writes a data object, after authenticateManagement; empty content removes it. */
  async writeObject(tag: number, content: Uint8Array): Promise<void> {
    const data = concatBytes([encodeTlv(TAG_DATA_OBJECT_ID, [objectId(tag)]), encodeTlv(TAG_DATA, [content])]);
    await this.run({ name: "PUT DATA", ins: INS_PUT_DATA, p1: 0x3f, p2: 0xff, data });
  }

  /** The certificate in a certificate object, in DER; null: absent. */
  async readCertificate(object: number): Promise<Uint8Array | null> {
    const content = await this.readObject(object);
    return content === null ? null : findTlv(answerTlvs(content), TAG_CERTIFICATE);
  }

  /** Writes a certificate (DER) into its object, uncompressed (SP 800-73-5 Part 1 appendix A). */
  async writeCertificate(object: number, certificate: Uint8Array): Promise<void> {
    await this.writeObject(
      object,
      concatBytes([encodeTlv(TAG_CERTIFICATE, [certificate]), encodeTlv(TAG_CERT_INFO, [byte(0)]), encodeTlv(TAG_ERROR_DETECTION, [])]),
    );
  }

  private async changeReference(name: string, p2: number, oldValue: Uint8Array, newValue: Uint8Array): Promise<void> {
    const data = concatBytes([padPin(oldValue), padPin(newValue)]);
    try {
      await this.run({ name, ins: INS_CHANGE_REFERENCE_DATA, p2, data });
    } finally {
      data.fill(0);
    }
  }

  /** The data of a command that must end in 9000. */
  private async run(command: Command, options?: TransmitOptions): Promise<Uint8Array> {
    const { sw, data } = await this.transmit(command, options);
    if (sw !== SW_OK) throw new TokenError(sw, command.name);
    return data;
  }

  private async transmit(command: Command, options?: TransmitOptions): Promise<ResponseApdu> {
    const { cla = 0, ins, p1 = 0, p2 = 0, data = new Uint8Array(0) } = command;
    const apdu = encodeCommandApdu({ cla, ins, p1, p2, data, le: MAX_LE });
    let response = await this.exchange(apdu, options);
    const parts = [response.data];
    while ((response.sw & 0xff00) === SW_MORE_DATA) {
      const more = encodeCommandApdu({ cla: 0, ins: INS_GET_RESPONSE, p1: 0, p2: 0, data: new Uint8Array(0), le: MAX_LE });
      response = await this.exchange(more, options);
      parts.push(response.data);
    }
    return { data: concatBytes(parts), sw: response.sw };
  }

  private async exchange(apdu: Uint8Array, options?: TransmitOptions): Promise<ResponseApdu> {
    try {
      const answer = await this.channel.transmit(apdu, options);
      return fromToken(() => parseResponseApdu(answer));
    } finally {
      apdu.fill(0); // it may have carried a PIN, answered or not
    }
  }
}
