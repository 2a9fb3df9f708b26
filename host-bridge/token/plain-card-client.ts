// The token client on a PIV card that is no token of ours: SP 800-73-5 alone, and the YubiKey extension where the card has it.

import { gunzipSync } from "node:zlib";
import type { ResponseApdu } from "../../protocol/apdu.ts";
import { findTlv, type Tlv } from "../../protocol/ber-tlv.ts";
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
  META_ORIGIN,
  META_POLICY,
  META_PUBLIC_KEY,
  ORIGIN_GENERATED,
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
  SW_NOT_FOUND,
  SW_OK,
  SW_REFERENCE_NOT_FOUND,
  SW_SECURITY_STATUS_NOT_SATISFIED,
  SW_WRONG_DATA,
} from "../../protocol/status-words.ts";
import { certifiedRsaKey, modulusBits, type RsaPublicKey } from "../rsa/rsa-public-key.ts";
import { PIN_OBJECTS } from "../transport/card-status.ts";
import type { TokenChannel } from "../transport/transport.ts";
import type { DeviceInfo } from "./device-info.ts";
import { certifiedPoint } from "./ec-public-key.ts";
import { type EcKeyMetadata, type KeyMetadata, type KeyPolicies, type RsaKeyMetadata, rsaAlgorithmOf, rsaKeyIn } from "./key-metadata.ts";
import { answerTlvs, MalformedAnswerError } from "./malformed-answer.ts";
import { proveManagementKey, TRIPLE_DES } from "./management-key.ts";
import type { PlainCard } from "./plain-card.ts";
import { type AlgorithmOption, TokenClient, type Tries } from "./token-client.ts";
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

/** How they say that there is no key in a slot, or no such slot. */
const NO_KEY = [...OTHER_KEY_KIND, SW_NOT_FOUND];

/** What SP 800-73-5 Part 1 table 5 lays down for a slot. A card may have been set up otherwise; then it refuses. */
function standardPolicies(slot: number): KeyPolicies {
  const pin = slot === SLOT_SIGNATURE ? PIN_POLICY_ALWAYS : slot === SLOT_CARD_AUTHENTICATION ? PIN_POLICY_NEVER : PIN_POLICY_ONCE;
  return { pin, button: BUTTON_POLICY_NEVER };
}

/** Public keys as cards have them. */
type CardKey = Pick<EcKeyMetadata, "kind" | "algorithm" | "publicKey"> | Pick<RsaKeyMetadata, "kind" | "algorithm" | "rsa">;

const onCurve = (publicKey: Uint8Array): CardKey => ({
  kind: "ec",
  algorithm: publicKey.length === P256_POINT_BYTES ? ALG_P256 : ALG_P384,
  publicKey,
});

/** The key of a certificate; null: of a kind that PIV has no number for. */
function certifiedKey(certificate: Uint8Array): CardKey | null {
  const point = certifiedPoint(certificate);
  if (point !== null) return onCurve(point);
  const rsa = certifiedRsaKey(certificate);
  const algorithm = rsa === null ? null : rsaAlgorithmOf(modulusBits(rsa));
  return rsa === null || algorithm === null ? null : { kind: "rsa", algorithm, rsa };
}

/** What metadata hold; null: they are malformed, which hides no other slot's key. */
function fieldsIn(metadata: Uint8Array): readonly Tlv[] | null {
  try {
    return answerTlvs(metadata);
  } catch (error) {
    if (error instanceof MalformedAnswerError) return null;
    throw error;
  }
}

/** The key that metadata tell; null: of another kind, or none of its kind. */
function toldKey(fields: readonly Tlv[]): CardKey | null {
  const algorithm = findTlv(fields, META_ALGORITHM)?.[0] ?? 0;
  const told = fieldsIn(findTlv(fields, META_PUBLIC_KEY) ?? new Uint8Array(0)) ?? [];
  const rsa = rsaKeyIn(told, algorithm);
  if (rsa !== null) return { kind: "rsa", algorithm, rsa };
  const publicKey = findTlv(told, TAG_EC_POINT);
  return publicKey !== null && publicKey.length === POINT_BYTES.get(algorithm) ? { kind: "ec", algorithm, publicKey } : null;
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

  /** As the card tells it, or by the certificate's public key; null: no key on P-256 or P-384, and no RSA key, that anybody could know of. */
  override async keyInSlot(slot: number): Promise<KeyMetadata | null> {
    if (this.card.hasMetadata) return this.toldMetadata(slot);
    const certificate = await this.certificateIfSound(slot);
    const made = this.card.made.get(slot);
    if (made !== undefined && isSame(certificate, made.oldCertificate)) return made.key;
    const key = certificate === null ? null : certifiedKey(certificate);
    return key === null ? null : { ...key, policies: standardPolicies(slot), isMadeInside: false };
  }

  /**
   * Where the card tells of its keys, it is asked: there may be one that is of no kind that is served, and has no certificate. Some cards tell
   * policies of empty slots, too.
   */
  override async hasKey(slot: number): Promise<boolean> {
    if (!this.card.hasMetadata) return super.hasKey(slot);
    const { sw, data } = await this.metadata(slot);
    const fields = sw === SW_OK ? fieldsIn(data) : null;
    if (fields === null) return !NO_KEY.includes(sw); // who fails to tell may have one
    return findTlv(fields, META_ALGORITHM) !== null;
  }

  /** Never: a PIN that its maker gave it is no reason to begin as with a new token of ours, and PIN and PUK are as good as any others. */
  override async isFactory(): Promise<boolean> {
    return false;
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
    try {
      const point = await super.generateKey(slot, policies, options);
      this.remember(slot, onCurve(point), oldCertificate);
      return point;
    } finally {
      this.card.changed(); // as below
    }
  }

  override async generateRsaKey(slot: number, policies: KeyPolicies, algorithm: number): Promise<RsaPublicKey> {
    const oldCertificate = await this.certificateIfSound(slot);
    try {
      const rsa = await super.generateRsaKey(slot, policies, algorithm);
      this.remember(slot, { kind: "rsa", algorithm, rsa }, oldCertificate);
      return rsa;
    } finally {
      this.card.changed(); // also when its answer was no key: there is one now
    }
  }

  override async writeObject(tag: number, content: Uint8Array): Promise<void> {
    try {
      await super.writeObject(tag, content);
    } finally {
      this.card.changed(); // one that was cut short may have been written
    }
  }

  override readObject(tag: number): Promise<Uint8Array | null> {
    return this.card.object(tag, async () => {
      const content = await super.readObject(tag).catch((error: unknown) => absentIfRefused(tag, error));
      return content?.length === 0 ? null : content; // as some cards show one that was removed
    });
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

  private remember(slot: number, key: CardKey, oldCertificate: Uint8Array | null): void {
    this.card.made.set(slot, { key: { ...key, policies: standardPolicies(slot), isMadeInside: true }, oldCertificate });
  }

  private metadata(slot: number): Promise<ResponseApdu> {
    return this.channel.transmit({ name: "GET METADATA", ins: INS_GET_METADATA, p2: slot });
  }

  private async toldMetadata(slot: number): Promise<KeyMetadata | null> {
    const { sw, data } = await this.metadata(slot);
    const fields = sw === SW_OK ? fieldsIn(data) : null;
    const key = fields === null ? null : toldKey(fields);
    if (fields === null || key === null) return null;
    const standard = standardPolicies(slot);
    const [pin = PIN_POLICY_DEFAULT, button = BUTTON_POLICY_DEFAULT] = findTlv(fields, META_POLICY) ?? [];
    const policies = { pin: pin || standard.pin, button: button || standard.button };
    return { ...key, policies, isMadeInside: findTlv(fields, META_ORIGIN)?.[0] === ORIGIN_GENERATED };
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
