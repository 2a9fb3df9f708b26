// What a token shows as PKCS#11 objects: for each slot with a key its private and public key, for each certificate a certificate, all
// three with the same CKA_ID (1 for 9A, 2 for 9C, 3 for 9D, 4 for 9E, as OpenSC and ykcs11 number them).

import { X509Certificate } from "node:crypto";
import { encodeTlv } from "../../protocol/ber-tlv.ts";
import { MalformedError } from "../../protocol/malformed.ts";
import { KEY_SLOTS, PIN_POLICY_ALWAYS, PIN_POLICY_NEVER } from "../../protocol/piv.ts";
import { subjectPublicKeyInfo } from "../token/ec-public-key.ts";
import { MalformedAnswerError } from "../token/malformed-answer.ts";
import type { KeyMetadata, TokenClient } from "../token/token-client.ts";
import { type Attribute, boolAttribute, bytesAttribute, textAttribute, ulongAttribute } from "./attribute.ts";
import { type CertificateParts, certificateParts } from "./certificate-parts.ts";
import * as ck from "./ck.ts";
import { type EcAlgorithm, ecAlgorithm } from "./ec-algorithm.ts";

const OCTET_STRING = 0x04;
const SLOT_LABELS = ["PIV authentication", "PIV signature", "PIV key management", "PIV card authentication"];

export interface TokenObject {
  readonly attributes: ReadonlyMap<number, Uint8Array>;
  /** CKA_PRIVATE: seen only when logged in. */
  readonly isPrivate: boolean;
  /** Set for a private key. */
  readonly key?: { readonly slot: number; readonly algorithm: EcAlgorithm; readonly alwaysAuthenticate: boolean };
}

interface ReadableCertificate {
  readonly der: Uint8Array;
  readonly parts: CertificateParts;
}

interface SlotContents {
  readonly index: number;
  readonly slot: number;
  readonly certificate: ReadableCertificate | null;
}

function object(attributes: readonly Attribute[], isPrivate: boolean, key?: TokenObject["key"]): TokenObject {
  const map = new Map(attributes.map(({ type, value }) => [type, value]));
  return { attributes: map, isPrivate, ...(key && { key }) };
}

function common(contents: SlotContents, objectClass: number, isPrivate: boolean): Attribute[] {
  return [
    ulongAttribute(ck.CKA_CLASS, objectClass),
    boolAttribute(ck.CKA_TOKEN, true),
    boolAttribute(ck.CKA_PRIVATE, isPrivate),
    boolAttribute(ck.CKA_MODIFIABLE, false),
    boolAttribute(ck.CKA_COPYABLE, false),
    boolAttribute(ck.CKA_DESTROYABLE, false),
    textAttribute(ck.CKA_LABEL, SLOT_LABELS[contents.index] ?? "PIV"),
    bytesAttribute(ck.CKA_ID, new Uint8Array([contents.index + 1])),
  ];
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
    boolAttribute(ck.CKA_DERIVE, false),
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
    { slot: contents.slot, algorithm, alwaysAuthenticate },
  );
}

/** The certificate in an object; null: there is none, or what is there is not one (garbage, nothing, gzip). The keys are usable without. */
async function readableCertificate(client: TokenClient, container: number): Promise<ReadableCertificate | null> {
  try {
    const der = await client.readCertificate(container);
    if (der === null || !isX509(der)) return null;
    return { der, parts: certificateParts(der) };
  } catch (error) {
    if (error instanceof MalformedAnswerError || error instanceof MalformedError) return null;
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

/** True when the token shows the same object as before: every attribute, CKA_CLASS and CKA_ID among them, has the same bytes. */
function isSameObject(one: TokenObject, other: TokenObject): boolean {
  if (one.attributes.size !== other.attributes.size) return false;
  return matchesTemplate(
    one,
    [...other.attributes].map(([type, value]) => ({ type, value })),
  );
}

/** `now`, with what was there before left in place: applications know an object by its identity. */
export function keepKnownObjects(before: readonly TokenObject[], now: readonly TokenObject[]): TokenObject[] {
  return now.map((candidate) => before.find((known) => isSameObject(known, candidate)) ?? candidate);
}

/** Reads keys and certificates off the token; no PIN is needed for that. */
export async function readTokenObjects(client: TokenClient): Promise<TokenObject[]> {
  const objects: TokenObject[] = [];
  for (const [index, { slot, certificate: container }] of KEY_SLOTS.entries()) {
    const key = await client.keyMetadata(slot);
    const certificate = await readableCertificate(client, container);
    const contents = { index, slot, certificate };
    if (certificate !== null) objects.push(certificateObject(contents, certificate));
    const algorithm = key === null ? null : ecAlgorithm(key.algorithm);
    if (key === null || algorithm === null) continue;
    objects.push(publicKeyObject(contents, algorithm, key.publicKey), privateKeyObject(contents, algorithm, key));
  }
  return objects;
}

/** True when every attribute of the template has the very value that the object has (PKCS#11 2.40 §5.7 C_FindObjectsInit). */
export function matchesTemplate(candidate: TokenObject, template: readonly Attribute[]): boolean {
  return template.every(({ type, value }) => {
    const own = candidate.attributes.get(type);
    return own !== undefined && Buffer.from(own).equals(value);
  });
}
