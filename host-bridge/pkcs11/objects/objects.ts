// What a token shows as PKCS#11 objects: for each slot with a key its private and public key, for each certificate a certificate, all three
// with the slot's CKA_ID; and the profile that says that certificates are seen without login.

import { X509Certificate } from "node:crypto";
import { encodeTlv, findTlv } from "../../../protocol/ber-tlv.ts";
import { MalformedError } from "../../../protocol/malformed.ts";
import { OBJECT_KEY_HISTORY, PIN_POLICY_ALWAYS, PIN_POLICY_NEVER } from "../../../protocol/piv.ts";
import { subjectPublicKeyInfo } from "../../token/ec-public-key.ts";
import { TAG_KEYS_WITH_ON_CARD_CERTIFICATES } from "../../token/key-history.ts";
import { answerTlvs, MalformedAnswerError } from "../../token/malformed-answer.ts";
import type { KeyMetadata, TokenClient } from "../../token/token-client.ts";
import { type Attribute, boolAttribute, bytesAttribute, textAttribute, ulongAttribute } from "../ck/attribute.ts";
import * as ck from "../ck/ck.ts";
import { type CertificateParts, certificateParts } from "./certificate-parts.ts";
import { type EcAlgorithm, ecAlgorithm } from "./ec-algorithm.ts";
import { derives, NUMBERED_SLOTS, type NumberedSlot, retiredIndex } from "./key-ids.ts";
import type { TokenObject } from "./token-object.ts";

const OCTET_STRING = 0x04;

export interface ReadableCertificate {
  readonly der: Uint8Array;
  readonly parts: CertificateParts;
}

interface SlotContents {
  readonly slot: NumberedSlot;
  readonly certificate: ReadableCertificate | null;
}

type Extra = Pick<TokenObject, "key" | "certificateOf">;

function object(attributes: readonly Attribute[], isPrivate: boolean, extra: Extra = {}): TokenObject {
  return { attributes: new Map(attributes.map(({ type, value }) => [type, value])), isPrivate, ...extra };
}

/** @param isDestroyable by C_DestroyObject, where CKF_WRITE_PROTECTED is not set */
function tokenAttributes(objectClass: number, isPrivate: boolean, isDestroyable: boolean): Attribute[] {
  return [
    ulongAttribute(ck.CKA_CLASS, objectClass),
    boolAttribute(ck.CKA_TOKEN, true),
    boolAttribute(ck.CKA_PRIVATE, isPrivate),
    boolAttribute(ck.CKA_MODIFIABLE, false),
    boolAttribute(ck.CKA_COPYABLE, false),
    boolAttribute(ck.CKA_DESTROYABLE, isDestroyable),
  ];
}

function common({ slot }: SlotContents, objectClass: number, isPrivate: boolean): Attribute[] {
  return [
    ...tokenAttributes(objectClass, isPrivate, objectClass === ck.CKO_CERTIFICATE),
    textAttribute(ck.CKA_LABEL, slot.label),
    bytesAttribute(ck.CKA_ID, new Uint8Array([slot.id])),
  ];
}

/** PKCS#11 3.0 §4.13: software that knows it looks for certificates without asking for the PIN first. */
function publicCertificatesProfile(): TokenObject {
  const profile = ulongAttribute(ck.CKA_PROFILE_ID, ck.CKP_PUBLIC_CERTIFICATES_TOKEN);
  return object([...tokenAttributes(ck.CKO_PROFILE, false, false), profile], false);
}

function certificateObject(contents: SlotContents, { der, parts }: ReadableCertificate): TokenObject {
  return object(
    [
      ...common(contents, ck.CKO_CERTIFICATE, false),
      ulongAttribute(ck.CKA_CERTIFICATE_TYPE, ck.CKC_X_509),
      ulongAttribute(ck.CKA_CERTIFICATE_CATEGORY, ck.CK_CERTIFICATE_CATEGORY_TOKEN_USER),
      boolAttribute(ck.CKA_TRUSTED, false),
      bytesAttribute(ck.CKA_SUBJECT, parts.subject),
      bytesAttribute(ck.CKA_ISSUER, parts.issuer),
      bytesAttribute(ck.CKA_SERIAL_NUMBER, parts.serialNumber),
      bytesAttribute(ck.CKA_VALUE, der),
    ],
    false,
    { certificateOf: contents.slot },
  );
}

function keyAttributes(contents: SlotContents, algorithm: EcAlgorithm, point: Uint8Array): Attribute[] {
  const subject = contents.certificate?.parts.subject ?? new Uint8Array(0);
  return [
    ulongAttribute(ck.CKA_KEY_TYPE, ck.CKK_EC),
    bytesAttribute(ck.CKA_EC_PARAMS, algorithm.params),
    bytesAttribute(ck.CKA_PUBLIC_KEY_INFO, subjectPublicKeyInfo(point)),
    bytesAttribute(ck.CKA_SUBJECT, subject),
    boolAttribute(ck.CKA_LOCAL, true),
    ulongAttribute(ck.CKA_KEY_GEN_MECHANISM, ck.CKM_EC_KEY_PAIR_GEN),
    boolAttribute(ck.CKA_DERIVE, derives(contents.slot.slot)),
  ];
}

function publicKeyObject(contents: SlotContents, algorithm: EcAlgorithm, point: Uint8Array): TokenObject {
  return object(
    [
      ...common(contents, ck.CKO_PUBLIC_KEY, false),
      ...keyAttributes(contents, algorithm, point),
      bytesAttribute(ck.CKA_EC_POINT, encodeTlv(OCTET_STRING, [point])),
      boolAttribute(ck.CKA_VERIFY, true),
      boolAttribute(ck.CKA_VERIFY_RECOVER, false),
      boolAttribute(ck.CKA_ENCRYPT, false),
      boolAttribute(ck.CKA_WRAP, false),
    ],
    false,
  );
}

function privateKeyObject(contents: SlotContents, algorithm: EcAlgorithm, key: KeyMetadata): TokenObject {
  const alwaysAuthenticate = key.policies.pin === PIN_POLICY_ALWAYS;
  const isPrivate = key.policies.pin !== PIN_POLICY_NEVER;
  return object(
    [
      ...common(contents, ck.CKO_PRIVATE_KEY, isPrivate),
      ...keyAttributes(contents, algorithm, key.publicKey),
      boolAttribute(ck.CKA_SIGN, true),
      boolAttribute(ck.CKA_SIGN_RECOVER, false),
      boolAttribute(ck.CKA_DECRYPT, false),
      boolAttribute(ck.CKA_UNWRAP, false),
      boolAttribute(ck.CKA_SENSITIVE, true),
      boolAttribute(ck.CKA_ALWAYS_SENSITIVE, true),
      boolAttribute(ck.CKA_EXTRACTABLE, false),
      boolAttribute(ck.CKA_NEVER_EXTRACTABLE, true),
      boolAttribute(ck.CKA_WRAP_WITH_TRUSTED, false),
      boolAttribute(ck.CKA_ALWAYS_AUTHENTICATE, alwaysAuthenticate),
    ],
    isPrivate,
    { key: { slot: contents.slot.slot, algorithm, alwaysAuthenticate } },
  );
}

/** The certificate in an object; null: there is none, or what is there is not one (garbage, nothing, gzip). The keys are usable without. */
async function readableCertificate(client: TokenClient, container: number): Promise<ReadableCertificate | null> {
  try {
    const der = await client.readCertificate(container);
    return der === null ? null : parseCertificate(der);
  } catch (error) {
    if (error instanceof MalformedAnswerError) return null;
    throw error;
  }
}

/** null: no X.509 certificate, and nothing else. */
export function parseCertificate(der: Uint8Array): ReadableCertificate | null {
  if (!isX509(der)) return null;
  try {
    return { der, parts: certificateParts(der) };
  } catch (error) {
    if (error instanceof MalformedError) return null;
    throw error;
  }
}

/** Applications trip over a certificate that OpenSSL cannot read. */
function isX509(der: Uint8Array): boolean {
  try {
    return new X509Certificate(der).raw.length === der.length;
  } catch {
    return false;
  }
}

/** How many retired slots may hold a certificate, by the Key History object (SP 800-73-5 Part 1 §3.3.3). What it says wrong hides no key. */
async function retiredCertificates(client: TokenClient): Promise<number> {
  try {
    const content = await client.readObject(OBJECT_KEY_HISTORY);
    return content === null ? 0 : (findTlv(answerTlvs(content), TAG_KEYS_WITH_ON_CARD_CERTIFICATES)?.[0] ?? 0);
  } catch (error) {
    if (error instanceof MalformedAnswerError) return 0;
    throw error;
  }
}

async function readSlot(client: TokenClient, slot: NumberedSlot, retiredWithCertificate: number): Promise<TokenObject[]> {
  const key = await client.keyMetadata(slot.slot);
  const mayHaveCertificate = key !== null || (retiredIndex(slot.slot) ?? -1) < retiredWithCertificate;
  const certificate = mayHaveCertificate ? await readableCertificate(client, slot.certificate) : null;
  const contents = { slot, certificate };
  const objects = certificate === null ? [] : [certificateObject(contents, certificate)];
  const algorithm = key === null ? null : ecAlgorithm(key.algorithm);
  if (key === null || algorithm === null) return objects;
  return [...objects, publicKeyObject(contents, algorithm, key.publicKey), privateKeyObject(contents, algorithm, key)];
}

/**
 * Reads keys and certificates off the token; no PIN is needed for that. An exchange for each of the 24 slots and one for the Key History, and
 * certificates only where there is a key, in the slots that are no retired ones, and as far as the Key History goes.
 */
export async function readTokenObjects(client: TokenClient): Promise<TokenObject[]> {
  const retired = await retiredCertificates(client);
  const objects: TokenObject[] = [];
  for (const slot of NUMBERED_SLOTS) objects.push(...(await readSlot(client, slot, retired)));
  return [...objects, publicCertificatesProfile()];
}
