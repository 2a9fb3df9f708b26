// The token client on a PIV card that is no token of ours: SP 800-73-5 alone, and the YubiKey extension where the card has it.

import { gunzipSync } from "node:zlib";
import { findTlv } from "../../protocol/ber-tlv.ts";
import { equalBytes } from "../../protocol/bytes.ts";
import {
  ALG_P256,
  ALG_P384,
  BUTTON_POLICY_DEFAULT,
  BUTTON_POLICY_NEVER,
  INS_GET_METADATA,
  isRetiredSlot,
  KEY_REF_PIV_PIN,
  KEY_SLOTS,
  META_ALGORITHM,
  META_POLICY,
  META_PUBLIC_KEY,
  P256_POINT_BYTES,
  PIN_POLICY_ALWAYS,
  PIN_POLICY_DEFAULT,
  PIN_POLICY_NEVER,
  PIN_POLICY_ONCE,
  retiredKeySlot,
  SLOT_CARD_AUTHENTICATION,
  SLOT_FIRST_RETIRED,
  SLOT_SIGNATURE,
  TAG_CERT_INFO,
  TAG_CERTIFICATE,
  TAG_EC_POINT,
} from "../../protocol/piv.ts";
import {
  SW_FUNCTION_NOT_SUPPORTED,
  SW_INCORRECT_P1_P2,
  SW_OK,
  SW_REFERENCE_NOT_FOUND,
  SW_SECURITY_STATUS_NOT_SATISFIED,
  SW_WRONG_DATA,
} from "../../protocol/status-words.ts";
import { PIN_OBJECTS } from "../transport/card-status.ts";
import type { TokenChannel } from "../transport/transport.ts";
import type { DeviceInfo } from "./device-info.ts";
import { certifiedPoint } from "./ec-public-key.ts";
import { answerTlvs, MalformedAnswerError } from "./malformed-answer.ts";
import { proveManagementKey, TRIPLE_DES } from "./management-key.ts";
import type { PlainCard } from "./plain-card.ts";
import { type AlgorithmOption, type KeyMetadata, type KeyPolicies, TokenClient, type Tries } from "./token-client.ts";
import { TokenError } from "./token-error.ts";

/** A certificate that is compressed (SP 800-73-5 Part 1 appendix A table 12). */
const CERT_INFO_GZIP = 0x01;
const MOST_CERTIFICATE_BYTES = 1 << 16;
const TRIPLE_DES_KEY_BYTES = 24;
/** How they refuse an object that they could not give to anybody here. */
const REFUSALS_OF_OBJECTS = [SW_SECURITY_STATUS_NOT_SATISFIED, SW_WRONG_DATA, SW_FUNCTION_NOT_SUPPORTED, SW_REFERENCE_NOT_FOUND];
/** Uncompressed points. */
const POINT_BYTES = new Map<number, number>([
  [ALG_P256, P256_POINT_BYTES],
  [ALG_P384, 97],
]);
/** How cards refuse a kind of key that their management key is not of. */
const OTHER_KEY_KIND = [SW_INCORRECT_P1_P2, SW_WRONG_DATA, SW_FUNCTION_NOT_SUPPORTED, SW_REFERENCE_NOT_FOUND];

/** What SP 800-73-5 Part 1 table 5 lays down for a slot. A card may have been set up otherwise; then it refuses. */
function standardPolicies(slot: number): KeyPolicies {
  const pin = slot === SLOT_SIGNATURE ? PIN_POLICY_ALWAYS : slot === SLOT_CARD_AUTHENTICATION ? PIN_POLICY_NEVER : PIN_POLICY_ONCE;
  return { pin, button: BUTTON_POLICY_NEVER };
}

function metadataOf(slot: number, publicKey: Uint8Array): KeyMetadata {
  return { algorithm: publicKey.length === P256_POINT_BYTES ? ALG_P256 : ALG_P384, policies: standardPolicies(slot), publicKey };
}

const isSame = (one: Uint8Array | null, other: Uint8Array | null): boolean =>
  one === null || other === null ? one === other : equalBytes(one, other);

function certificateObjectOf(slot: number): number | null {
  const place = isRetiredSlot(slot) ? retiredKeySlot(slot - SLOT_FIRST_RETIRED) : KEY_SLOTS.find((candidate) => candidate.slot === slot);
  return place?.certificate ?? null;
}

export class PlainCardClient extends TokenClient {
  private readonly card: PlainCard;

  constructor(channel: TokenChannel, card: PlainCard) {
    super(channel, false);
    this.card = card;
  }

  override get tellsKeys(): boolean {
    return this.card.hasMetadata;
  }

  override async deviceInfo(): Promise<DeviceInfo> {
    await this.card.notice(); // whose changes nothing else would tell
    return this.card.info;
  }

  /** As the card tells it, or by the certificate's public key; null: no key on P-256 or P-384 that anybody could know of. RSA keys are none of ours. */
  override async keyMetadata(slot: number): Promise<KeyMetadata | null> {
    if (this.card.hasMetadata) return this.toldMetadata(slot);
    const certificate = await this.certificateIfSound(slot);
    const made = this.card.made.get(slot);
    if (made !== undefined && isSame(certificate, made.oldCertificate)) return made.key;
    const point = certificate === null ? null : certifiedPoint(certificate);
    return point === null ? null : metadataOf(slot, point);
  }

  override async isFactory(keyReference: number): Promise<boolean> {
    return this.card.hasMetadata && super.isFactory(keyReference);
  }

  /** Of the PIN by a VERIFY without one. Nothing asks for those of the PUK without spending one: they count as whole. */
  override async tries(keyReference: number): Promise<Tries> {
    if (this.card.hasMetadata) return super.tries(keyReference);
    if (keyReference !== KEY_REF_PIV_PIN) return { total: this.card.mostTries, left: this.card.mostTries };
    const left = (await this.pinTriesLeft()) ?? this.card.mostTries; // the PIN that was given last was right: none is spent
    this.card.mostTries = Math.max(this.card.mostTries, left);
    return { total: this.card.mostTries, left };
  }

  override async authenticateManagement(key: Uint8Array): Promise<void> {
    try {
      await super.authenticateManagement(key);
    } catch (error) {
      const mayBeTripleDes = key.length === TRIPLE_DES_KEY_BYTES && error instanceof TokenError && OTHER_KEY_KIND.includes(error.sw);
      if (!mayBeTripleDes) throw error;
      await proveManagementKey(this.channel, key, TRIPLE_DES);
    }
  }

  override async generateKey(slot: number, policies?: KeyPolicies, options?: AlgorithmOption): Promise<Uint8Array> {
    const oldCertificate = await this.certificateIfSound(slot);
    const point = await super.generateKey(slot, policies, options);
    this.card.made.set(slot, { key: metadataOf(slot, point), oldCertificate });
    this.card.changed();
    return point;
  }

  override async writeObject(tag: number, content: Uint8Array): Promise<void> {
    try {
      await super.writeObject(tag, content);
    } finally {
      this.card.changed(); // one that was cut short may have been written
    }
  }

  override readObject(tag: number): Promise<Uint8Array | null> {
    return this.card.object(tag, () => super.readObject(tag).catch((error: unknown) => absentIfRefused(tag, error)));
  }

  override async readCertificate(object: number): Promise<Uint8Array | null> {
    const content = await this.readObject(object);
    if (content === null) return null;
    const fields = answerTlvs(content);
    const certificate = findTlv(fields, TAG_CERTIFICATE);
    const isCompressed = ((findTlv(fields, TAG_CERT_INFO)?.[0] ?? 0) & CERT_INFO_GZIP) !== 0;
    return certificate === null || !isCompressed ? certificate : inflate(certificate);
  }

  /** The certificate of a slot; null: none, or something else, which hides no other key. */
  private async certificateIfSound(slot: number): Promise<Uint8Array | null> {
    const object = certificateObjectOf(slot);
    try {
      return object === null ? null : await this.readCertificate(object);
    } catch (error) {
      if (error instanceof MalformedAnswerError) return null;
      throw error;
    }
  }

  private async toldMetadata(slot: number): Promise<KeyMetadata | null> {
    const { sw, data } = await this.channel.transmit({ name: "GET METADATA", ins: INS_GET_METADATA, p2: slot });
    if (sw !== SW_OK) return null;
    const fields = answerTlvs(data);
    const publicKey = findTlv(answerTlvs(findTlv(fields, META_PUBLIC_KEY) ?? new Uint8Array(0)), TAG_EC_POINT);
    const algorithm = findTlv(fields, META_ALGORITHM)?.[0];
    if (publicKey === null || algorithm === undefined || publicKey.length !== POINT_BYTES.get(algorithm)) return null;
    const standard = standardPolicies(slot);
    const [pin = PIN_POLICY_DEFAULT, button = BUTTON_POLICY_DEFAULT] = findTlv(fields, META_POLICY) ?? [];
    const policies = { pin: pin || standard.pin, button: button || standard.button };
    return { algorithm, policies, publicKey };
  }
}

/** One object that a card does not know, or does not give without contacts (SP 800-73-5 Part 1 table 2), does not hide the others. @throws the error */
function absentIfRefused(tag: number, error: unknown): null {
  if (error instanceof TokenError && REFUSALS_OF_OBJECTS.includes(error.sw) && !PIN_OBJECTS.has(tag)) return null;
  throw error;
}

/** @throws MalformedAnswerError */
function inflate(compressed: Uint8Array): Uint8Array {
  try {
    return new Uint8Array(gunzipSync(compressed, { maxOutputLength: MOST_CERTIFICATE_BYTES }));
  } catch (cause) {
    throw new MalformedAnswerError("a compressed certificate that can't be inflated", { cause });
  }
}
