// A PIV card with RSA keys beside those on curves: a simulated token, in front of which this file answers what is about them, as SP 800-73-5 Part 2 §3.2.4 and
// §3.3.2 say. node:crypto holds the keys. Commands in chained pieces, answers in pieces of 256 bytes.

import "reflect-metadata"; // before @peculiar/x509, which needs it
import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  privateDecrypt,
  webcrypto,
  type X509Certificate,
} from "node:crypto";
import { KeyUsageFlags, KeyUsagesExtension } from "@peculiar/x509";
import { initialiseToken } from "../../host-bridge/token/initialise.ts";
import type { TokenChannel, TransmitOptions } from "../../host-bridge/transport/transport.ts";
import {
  CLA_CHAINING,
  type CommandApdu,
  encodeResponseApdu,
  INS_GET_RESPONSE,
  parseCommandApdu,
  parseResponseApdu,
} from "../../protocol/apdu.ts";
import { encodeTlv, findTlv, parseOneTlv, parseTlvs } from "../../protocol/ber-tlv.ts";
import { concatBytes, EMPTY_BYTES } from "../../protocol/bytes.ts";
import {
  ALG_P256,
  ALG_RSA_1024,
  ALG_RSA_2048,
  ALG_RSA_3072,
  BUTTON_POLICY_NEVER,
  INS_GENERAL_AUTHENTICATE,
  INS_GENERATE_KEY_PAIR,
  INS_GET_METADATA,
  INS_VERIFY,
  isRetiredSlot,
  KEY_SLOTS,
  META_ALGORITHM,
  META_ORIGIN,
  META_POLICY,
  META_PUBLIC_KEY,
  PIN_POLICY_ALWAYS,
  PIN_POLICY_NEVER,
  PIN_POLICY_ONCE,
  retiredKeySlot,
  SLOT_AUTHENTICATION,
  SLOT_CARD_AUTHENTICATION,
  SLOT_FIRST_RETIRED,
  SLOT_SIGNATURE,
  TAG_ALGORITHM,
  TAG_CHALLENGE,
  TAG_DYNAMIC_AUTH,
  TAG_KEY_TEMPLATE,
  TAG_MODULUS,
  TAG_PUBLIC_EXPONENT,
  TAG_PUBLIC_KEY,
  TAG_RESPONSE,
} from "../../protocol/piv.ts";
import { SW_MORE_DATA, SW_OK, SW_SECURITY_STATUS_NOT_SATISFIED, SW_WRONG_DATA } from "../../protocol/status-words.ts";
import { ascii, PIN, SECRETS, SimulatedToken } from "./simulated-token.ts";
import { type Issued, issue } from "./test-certificates.ts";

const BITS = new Map([
  [ALG_RSA_1024, 1024],
  [ALG_RSA_2048, 2048],
  [ALG_RSA_3072, 3072],
]);
/** Of the others: keyEncipherment. */
const USAGES = new Map([
  [SLOT_AUTHENTICATION, KeyUsageFlags.digitalSignature],
  [SLOT_SIGNATURE, KeyUsageFlags.digitalSignature | KeyUsageFlags.nonRepudiation],
  [SLOT_CARD_AUTHENTICATION, KeyUsageFlags.digitalSignature],
]);
const IMPORTED = 2;
const PIECE_BYTES = 256;

interface RsaKey {
  readonly algorithm: number;
  readonly privateKey: KeyObject;
  /** PIN_POLICY_*: as metadata tell it, too. */
  readonly pin: number;
}

export function newRsaKey(bits = 2048): KeyObject {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: bits });
  return createPrivateKey(privateKey.export({ format: "pem", type: "pkcs8" }));
}

function numbersOf({ privateKey }: RsaKey): Uint8Array[] {
  const { n = "", e = "" } = privateKey.export({ format: "jwk" });
  return [encodeTlv(TAG_MODULUS, [Buffer.from(n, "base64url")]), encodeTlv(TAG_PUBLIC_EXPONENT, [Buffer.from(e, "base64url")])];
}

export class RsaToken extends SimulatedToken {
  readonly keys = new Map<number, RsaKey>();
  /** What the key makes of a block is spoiled by a fault. */
  isFaulty = false;
  /** RSA operations that were carried out. */
  operations = 0;

  static override async initialised(): Promise<RsaToken> {
    const token = new RsaToken();
    const client = token.client();
    await initialiseToken(client, ascii(PIN), () => SECRETS);
    client.close();
    return token;
  }

  /** @param pin PIN_POLICY_*; absent: what the standard has for the slot */
  setKey(slot: number, privateKey: KeyObject, pin?: number): void {
    const bits = privateKey.asymmetricKeyDetails?.modulusLength;
    const standard = slot === SLOT_SIGNATURE ? PIN_POLICY_ALWAYS : slot === SLOT_CARD_AUTHENTICATION ? PIN_POLICY_NEVER : PIN_POLICY_ONCE;
    this.keys.set(slot, { algorithm: [...BITS].find(([, each]) => each === bits)?.[0] ?? 0, privateKey, pin: pin ?? standard });
  }

  /** With a certificate, by which cards tell their keys. */
  async certifyKey(slot: number, privateKey: KeyObject, issuedBy?: Issued): Promise<X509Certificate> {
    this.setKey(slot, privateKey);
    const issuer = issuedBy ?? (await issue({ name: "CN=Root" }));
    const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
    const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
    const publicKey = await webcrypto.subtle.importKey("spki", new Uint8Array(spki), algorithm, true, ["verify"]);
    const extensions = [new KeyUsagesExtension(USAGES.get(slot) ?? KeyUsageFlags.keyEncipherment, true)];
    const keys = { publicKey, privateKey: issuer.keys.privateKey };
    const issued = await issue({ name: `CN=Key ${slot.toString(16)}`, issuer, keys, extensions });
    const place = isRetiredSlot(slot) ? retiredKeySlot(slot - SLOT_FIRST_RETIRED) : KEY_SLOTS.find((each) => each.slot === slot);
    await this.writeCertificate(place?.certificate ?? 0, issued.der);
    return issued.certificate;
  }

  override channel(): TokenChannel {
    return new RsaChannel(this, super.channel());
  }
}

class RsaChannel implements TokenChannel {
  private readonly token: RsaToken;
  private readonly curves: TokenChannel;
  private isVerified = false;
  /** The PIN right before: what a PIN-always key wants. */
  private isFresh = false;
  private chained: Uint8Array[] = [];
  private rest = EMPTY_BYTES;

  constructor(token: RsaToken, curves: TokenChannel) {
    this.token = token;
    this.curves = curves;
  }

  cancel(): void {
    this.curves.cancel();
  }

  close(): void {
    this.curves.close();
  }

  async transmit(apdu: Uint8Array, options?: TransmitOptions): Promise<Uint8Array> {
    const command = parseCommandApdu(new Uint8Array(apdu));
    const wasFresh = this.isFresh;
    this.isFresh = false;
    if (command.ins === INS_GET_RESPONSE && this.rest.length > 0) return this.piece(this.rest, PIECE_BYTES);
    if (command.ins === INS_GENERAL_AUTHENTICATE && BITS.has(command.p1)) return this.authenticate(command, wasFresh);
    if (command.ins === INS_GENERATE_KEY_PAIR) return this.generate(apdu, command, options);
    const key = this.token.keys.get(command.p2);
    if (command.ins === INS_GET_METADATA && key !== undefined) return this.piece(this.metadata(key), command.le);
    const answer = await this.curves.transmit(apdu, options);
    if (command.ins === INS_VERIFY && (command.data.length > 0 || command.p1 === 0xff)) {
      this.isVerified = command.p1 === 0 && parseResponseApdu(answer).sw === SW_OK;
      this.isFresh = this.isVerified;
    }
    return answer;
  }

  private authenticate({ cla, p1, p2, data, le }: CommandApdu, wasFresh: boolean): Uint8Array {
    this.chained.push(data);
    this.isFresh = wasFresh;
    if ((cla & CLA_CHAINING) !== 0) return encodeResponseApdu(EMPTY_BYTES, SW_OK);
    const whole = concatBytes(this.chained);
    this.chained = [];
    this.isFresh = false;
    const key = this.token.keys.get(p2);
    const block = findTlv(parseTlvs(parseOneTlv(whole, TAG_DYNAMIC_AUTH)), TAG_CHALLENGE);
    if (key?.algorithm !== p1 || block?.length !== (BITS.get(p1) ?? 0) / 8) return encodeResponseApdu(EMPTY_BYTES, SW_WRONG_DATA);
    const isAllowed = key.pin === PIN_POLICY_NEVER || (key.pin === PIN_POLICY_ALWAYS ? wasFresh : this.isVerified);
    if (!isAllowed) return encodeResponseApdu(EMPTY_BYTES, SW_SECURITY_STATUS_NOT_SATISFIED);
    this.token.operations += 1;
    const result = new Uint8Array(privateDecrypt({ key: key.privateKey, padding: constants.RSA_NO_PADDING }, block));
    if (this.token.isFaulty) result[100] = (result[100] ?? 0) ^ 1;
    return this.piece(encodeTlv(TAG_DYNAMIC_AUTH, [encodeTlv(TAG_RESPONSE, [result])]), le);
  }

  /** The token makes a key on a curve, if it may; for an RSA key that is only whether it may. */
  private async generate(apdu: Uint8Array, { data, p2, le }: CommandApdu, options?: TransmitOptions): Promise<Uint8Array> {
    const fields = parseTlvs(parseOneTlv(data, TAG_KEY_TEMPLATE));
    const algorithm = findTlv(fields, TAG_ALGORITHM)?.[0] ?? 0;
    const bits = BITS.get(algorithm);
    if (bits === undefined) return this.curves.transmit(apdu, options);
    const probe = Buffer.from(apdu);
    probe[probe.indexOf(Buffer.of(TAG_ALGORITHM, 1, algorithm)) + 2] = ALG_P256;
    const answer = await this.curves.transmit(new Uint8Array(probe), options);
    if (parseResponseApdu(answer).sw !== SW_OK) return answer;
    this.token.setKey(p2, newRsaKey(bits));
    const key = this.token.keys.get(p2);
    return this.piece(encodeTlv(TAG_PUBLIC_KEY, key === undefined ? [] : numbersOf(key)), le);
  }

  private metadata(key: RsaKey): Uint8Array {
    const byte = (tag: number, ...values: number[]): Uint8Array => encodeTlv(tag, [new Uint8Array(values)]);
    return concatBytes([
      byte(META_ALGORITHM, key.algorithm),
      byte(META_POLICY, key.pin, BUTTON_POLICY_NEVER),
      byte(META_ORIGIN, IMPORTED),
      encodeTlv(META_PUBLIC_KEY, numbersOf(key)),
    ]);
  }

  private piece(data: Uint8Array, le: number): Uint8Array {
    const room = Math.max(le, PIECE_BYTES);
    this.rest = data.slice(room);
    const sw = this.rest.length === 0 ? SW_OK : SW_MORE_DATA | (Math.min(this.rest.length, PIECE_BYTES) % PIECE_BYTES);
    return encodeResponseApdu(data.slice(0, room), sw);
  }
}
