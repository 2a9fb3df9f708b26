// The token's commands as functions, over one channel. Every function that the token refuses throws TokenError with the status word; a
// cable that fails throws TransportError; an answer that has not the form it should throws MalformedAnswerError.

import { encodeTlv, findTlv, type Tlv } from "../../protocol/ber-tlv.ts";
import { concatBytes, hexToBytes } from "../../protocol/bytes.ts";
import {
  ALG_P256,
  BUTTON_POLICY_DEFAULT,
  INS_ATTEST,
  INS_CHANGE_REFERENCE_DATA,
  INS_GENERAL_AUTHENTICATE,
  INS_GENERATE_KEY_PAIR,
  INS_GET_METADATA,
  INS_PUT_DATA,
  INS_RESET,
  INS_RESET_RETRY_COUNTER,
  INS_SELECT,
  INS_SET_TRIES,
  INS_VERIFY,
  KEY_REF_PIV_PIN,
  KEY_REF_PUK,
  META_ALGORITHM,
  META_IS_DEFAULT,
  META_POLICY,
  META_PUBLIC_KEY,
  META_TRIES,
  PIN_POLICY_DEFAULT,
  PIV_AID,
  TAG_ALGORITHM,
  TAG_BUTTON_POLICY,
  TAG_CERT_INFO,
  TAG_CERTIFICATE,
  TAG_CHALLENGE,
  TAG_DATA,
  TAG_DYNAMIC_AUTH,
  TAG_EC_POINT,
  TAG_ERROR_DETECTION,
  TAG_EXPONENTIATION,
  TAG_KEY_TEMPLATE,
  TAG_PIN_POLICY,
  TAG_PUBLIC_KEY,
  TAG_RESPONSE,
} from "../../protocol/piv.ts";
import { SW_OK, SW_REFERENCE_NOT_FOUND, triesLeftOf } from "../../protocol/status-words.ts";
import type { RsaPublicKey } from "../rsa/rsa-public-key.ts";
import type { TokenChannel, TransmitOptions } from "../transport/transport.ts";
import { CommandChannel } from "./command-channel.ts";
import { objectIdentifier, readDataObject } from "./data-object.ts";
import type { DeviceInfo } from "./device-info.ts";
import { type EcKeyMetadata, type KeyMetadata, type KeyPolicies, RsaKeyError, rsaKeyIn } from "./key-metadata.ts";
import { answerTlv, answerTlvs, MalformedAnswerError } from "./malformed-answer.ts";
import { proveManagementKey, replaceManagementKey } from "./management-key.ts";
import { askRandomBytes } from "./random-bytes.ts";
import { padPin, padPins } from "./reference-data.ts";
import { TokenError } from "./token-error.ts";
import { VendorClient } from "./vendor-client.ts";

/** Which of the key algorithms; absent: P-256. */
export interface AlgorithmOption {
  /** ALG_P256 or ALG_P384. */
  readonly algorithm?: number;
}

export interface Tries {
  readonly total: number;
  readonly left: number;
}

const byte = (value: number): Uint8Array => new Uint8Array([value]);

export class TokenClient {
  /** What PIV has no words for: signature journal, batch consent, destruction receipt. */
  readonly vendor: VendorClient;
  protected readonly channel: CommandChannel;
  /** The token has had of this computer's randomness on this channel. */
  private hasStirred = false;

  /** @param isOwn false: a card that knows none of our own commands, and is sent none */
  constructor(channel: TokenChannel, isOwn = true) {
    this.channel = new CommandChannel(channel);
    this.vendor = new VendorClient(this.channel, isOwn);
  }

  /** For what is done in several commands, of which the first must not be if the last can't. @throws TokenError 6D00: this card is no token of ours */
  checkIsOwn(command: string): void {
    this.vendor.checkIsThere(command);
  }

  /** It tells of each key that it has, with or without a certificate. */
  get tellsKeys(): boolean {
    return true;
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
    await this.channel.run({ name: "SELECT", ins: INS_SELECT, p1: 0x04, data: hexToBytes(PIV_AID) });
  }

  /** The first one on a channel is how a token is opened: it is given of this computer's randomness, too. */
  async deviceInfo(): Promise<DeviceInfo> {
    const info = await this.vendor.deviceInfo();
    if (!this.hasStirred) {
      this.hasStirred = true;
      await this.vendor.stir();
    }
    return info;
  }

  /** So many bytes of the token's own generator, by askRandomBytes (random-bytes.ts). @throws TokenError, MalformedAnswerError, RangeError */
  randomBytes(count: number): Promise<Uint8Array> {
    return askRandomBytes(this.channel, count);
  }

  /** @throws TokenError with `triesLeft` when the PIN is wrong or blocked */
  async verifyPin(pin: Uint8Array): Promise<void> {
    const data = padPin(pin);
    try {
      await this.channel.run({ name: "VERIFY", ins: INS_VERIFY, p2: KEY_REF_PIV_PIN, data });
    } finally {
      data.fill(0);
    }
  }

  async forgetPin(): Promise<void> {
    await this.channel.run({ name: "VERIFY", ins: INS_VERIFY, p1: 0xff, p2: KEY_REF_PIV_PIN });
  }

  /** Tries left of the PIN, or null while it is verified on this channel (the token then does not tell). */
  async pinTriesLeft(): Promise<number | null> {
    const { sw } = await this.channel.transmit({ name: "VERIFY", ins: INS_VERIFY, p2: KEY_REF_PIV_PIN });
    if (sw === SW_OK) return null;
    const left = triesLeftOf(sw);
    if (left === null) throw new TokenError(sw, "VERIFY");
    return left;
  }

  async changePin(oldPin: Uint8Array, newPin: Uint8Array): Promise<void> {
    await this.changeReference("CHANGE PIN", KEY_REF_PIV_PIN, oldPin, newPin);
  }

  async changePuk(oldPuk: Uint8Array, newPuk: Uint8Array): Promise<void> {
    await this.changeReference("CHANGE PUK", KEY_REF_PUK, oldPuk, newPuk);
  }

  /** Sets a new PIN with the PUK. */
  async unblockPin(puk: Uint8Array, newPin: Uint8Array): Promise<void> {
    const data = padPins(puk, newPin);
    try {
      await this.channel.run({ name: "RESET RETRY COUNTER", ins: INS_RESET_RETRY_COUNTER, p2: KEY_REF_PIV_PIN, data });
    } finally {
      data.fill(0);
    }
  }

  /** Mutual authentication with the management key: 16, 24 or 32 bytes of AES. */
  async authenticateManagement(key: Uint8Array): Promise<void> {
    await proveManagementKey(this.channel, key);
  }

  /** After authenticateManagement. @param key 16, 24 or 32 bytes of AES */
  async setManagementKey(key: Uint8Array): Promise<void> {
    await replaceManagementKey(this.channel, key);
  }

  /** Makes a key on the token, after authenticateManagement. The answer is its uncompressed point. */
  async generateKey(slot: number, policies?: KeyPolicies, { algorithm = ALG_P256 }: AlgorithmOption = {}): Promise<Uint8Array> {
    const point = findTlv(await this.makeKey(slot, policies, algorithm), TAG_EC_POINT);
    if (point === null) throw new Error("the token made a key and did not tell its public part");
    return point;
  }

  /**
   * The same for an RSA key (ALG_RSA_*), on cards that make them.
   * @throws TokenError 6A80 of a token of ours
   */
  async generateRsaKey(slot: number, policies: KeyPolicies, algorithm: number): Promise<RsaPublicKey> {
    const key = rsaKeyIn(await this.makeKey(slot, policies, algorithm), algorithm);
    if (key === null) throw new MalformedAnswerError("the card made an RSA key and tells another one");
    return key;
  }

  /** @returns the fields of 7F49 */
  private async makeKey(
    slot: number,
    policies: KeyPolicies = { pin: PIN_POLICY_DEFAULT, button: BUTTON_POLICY_DEFAULT },
    algorithm: number,
  ): Promise<Tlv[]> {
    const fields = [encodeTlv(TAG_ALGORITHM, [byte(algorithm)])];
    if (policies.pin !== PIN_POLICY_DEFAULT) fields.push(encodeTlv(TAG_PIN_POLICY, [byte(policies.pin)]));
    if (policies.button !== BUTTON_POLICY_DEFAULT) fields.push(encodeTlv(TAG_BUTTON_POLICY, [byte(policies.button)]));
    const data = encodeTlv(TAG_KEY_TEMPLATE, fields);
    await this.vendor.stir();
    const answer = await this.channel.run({ name: "GENERATE KEY PAIR", ins: INS_GENERATE_KEY_PAIR, p2: slot, data });
    return answerTlvs(answerTlv(answer, TAG_PUBLIC_KEY));
  }

  /**
   * What the token tells of the key in a slot, for what takes a key on a curve; null: there is none.
   * @throws RsaKeyError
   */
  async keyMetadata(slot: number): Promise<EcKeyMetadata | null> {
    const key = await this.keyInSlot(slot);
    if (key?.kind === "rsa") throw new RsaKeyError(key, slot);
    return key;
  }

  /** The same of a key of whatever kind. */
  async keyInSlot(slot: number): Promise<KeyMetadata | null> {
    const { sw, data } = await this.channel.transmit({ name: "GET METADATA", ins: INS_GET_METADATA, p2: slot });
    if (sw === SW_REFERENCE_NOT_FOUND) return null;
    if (sw !== SW_OK) throw new TokenError(sw, "GET METADATA");
    const fields = answerTlvs(data);
    const [pin = PIN_POLICY_DEFAULT, button = BUTTON_POLICY_DEFAULT] = findTlv(fields, META_POLICY) ?? [];
    const publicKey = findTlv(answerTlvs(findTlv(fields, META_PUBLIC_KEY) ?? new Uint8Array(0)), TAG_EC_POINT);
    if (publicKey === null) throw new Error("the token tells no public key for a key that it has");
    return {
      kind: "ec",
      algorithm: findTlv(fields, META_ALGORITHM)?.[0] ?? ALG_P256,
      policies: { pin, button },
      isMadeInside: true,
      publicKey,
    };
  }

  /** Whether a new key in the slot would replace one, also one of a kind that is not shown here. */
  async hasKey(slot: number): Promise<boolean> {
    return (await this.keyInSlot(slot)) !== null;
  }

  /** Whether the PIN (80), the PUK (81) or the management key (9B) is still the factory's. */
  async isFactory(keyReference: number): Promise<boolean> {
    const fields = answerTlvs(await this.channel.run({ name: "GET METADATA", ins: INS_GET_METADATA, p2: keyReference }));
    return findTlv(fields, META_IS_DEFAULT)?.[0] === 1;
  }

  /** Tries of the PIN (80) or the PUK (81). */
  async tries(keyReference: number): Promise<Tries> {
    const fields = answerTlvs(await this.channel.run({ name: "GET METADATA", ins: INS_GET_METADATA, p2: keyReference }));
    const [total, left] = findTlv(fields, META_TRIES) ?? [];
    if (total === undefined || left === undefined) throw new Error("the token does not tell the tries that are left");
    return { total, left };
  }

  /** How many tries PIN and PUK have, 1 to 15 each; after verifyPin and authenticateManagement. */
  async setTries(pin: number, puk: number): Promise<void> {
    await this.channel.run({ name: "SET TRIES", ins: INS_SET_TRIES, p1: pin, p2: puk });
  }

  /** Makes the token new again. @throws TokenError 6985 unless PIN and PUK are both blocked */
  async reset(): Promise<void> {
    await this.channel.run({ name: "RESET", ins: INS_RESET });
  }

  /** Signs a digest no longer than the curve's field. The answer is Ecdsa-Sig-Value in DER. The PIN must have been verified as the key's policy asks. */
  sign(slot: number, digest: Uint8Array, options: AlgorithmOption & TransmitOptions = {}): Promise<Uint8Array> {
    return this.usePrivateKey(slot, encodeTlv(TAG_CHALLENGE, [digest]), options);
  }

  /**
   * Applies an RSA key to a block as long as its modulus (RFC 8017 §5.1.2, §5.2.1): a signature of what is encoded, or what is to be decoded.
   * PIN and button as for `sign`.
   * @param algorithm ALG_RSA_*
   */
  async applyRsaKey(slot: number, block: Uint8Array, options: Required<AlgorithmOption> & TransmitOptions): Promise<Uint8Array> {
    const result = await this.usePrivateKey(slot, encodeTlv(TAG_CHALLENGE, [block]), options);
    if (result.length !== block.length) throw new MalformedAnswerError("an RSA operation's result that is not as long as the modulus");
    return result;
  }

  /** ECDH (9D and retired slots): the x-coordinate of the common point with the other side's uncompressed one. PIN and button as for `sign`. */
  agreeOnKey(slot: number, point: Uint8Array, options: AlgorithmOption & TransmitOptions = {}): Promise<Uint8Array> {
    return this.usePrivateKey(slot, encodeTlv(TAG_EXPONENTIATION, [point]), options);
  }

  /**
   * The certificate by which the attestation key tells of the key in a slot, DER; after verifyPin or authenticateManagement.
   * @throws TokenError 6A82: no key in this slot; 6A88: the token is not sealed
   */
  async attest(slot: number): Promise<Uint8Array> {
    return this.channel.run({ name: "ATTEST", ins: INS_ATTEST, p1: slot });
  }

  /** The content of a data object, without its 53 wrapper; null: absent. */
  async readObject(tag: number): Promise<Uint8Array | null> {
    return readDataObject(this.channel, tag);
  }

  /** Writes a data object, after authenticateManagement; empty content removes it. */
  async writeObject(tag: number, content: Uint8Array): Promise<void> {
    const data = concatBytes([objectIdentifier(tag), encodeTlv(TAG_DATA, [content])]);
    await this.channel.run({ name: "PUT DATA", ins: INS_PUT_DATA, p1: 0x3f, p2: 0xff, data });
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

  private async usePrivateKey(slot: number, input: Uint8Array, options: AlgorithmOption & TransmitOptions): Promise<Uint8Array> {
    const data = encodeTlv(TAG_DYNAMIC_AUTH, [encodeTlv(TAG_RESPONSE, []), input]);
    const p1 = options.algorithm ?? ALG_P256;
    const answer = await this.channel.run({ name: "GENERAL AUTHENTICATE", ins: INS_GENERAL_AUTHENTICATE, p1, p2: slot, data }, options);
    const result = findTlv(answerTlvs(answerTlv(answer, TAG_DYNAMIC_AUTH)), TAG_RESPONSE);
    if (result === null) throw new Error("the token used its key and did not give the result");
    return result;
  }

  private async changeReference(name: string, p2: number, oldValue: Uint8Array, newValue: Uint8Array): Promise<void> {
    const data = padPins(oldValue, newValue);
    try {
      await this.channel.run({ name, ins: INS_CHANGE_REFERENCE_DATA, p2, data });
    } finally {
      data.fill(0);
    }
  }
}
