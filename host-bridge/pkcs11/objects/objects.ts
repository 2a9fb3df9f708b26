// What a token shows as PKCS#11 objects: for each slot with a key its private and public key, for each certificate a certificate, all three
// with the slot's CKA_ID; and the profile that says that certificates are seen without login.

import { X509Certificate } from "node:crypto";
import { findTlv } from "../../../protocol/ber-tlv.ts";
import { MalformedError } from "../../../protocol/malformed.ts";
import { OBJECT_KEY_HISTORY, PIN_POLICY_ALWAYS, PIN_POLICY_NEVER } from "../../../protocol/piv.ts";
import { TAG_KEYS_WITH_ON_CARD_CERTIFICATES } from "../../token/key-history.ts";
import type { KeyMetadata } from "../../token/key-metadata.ts";
import { answerTlvs, MalformedAnswerError } from "../../token/malformed-answer.ts";
import type { TokenClient } from "../../token/token-client.ts";
import { type Attribute, boolAttribute, bytesAttribute, textAttribute, ulongAttribute } from "../ck/attribute.ts";
import * as ck from "../ck/ck.ts";
import { type CertificateParts, certificateParts } from "./certificate-parts.ts";
import { ecAlgorithm } from "./ec-algorithm.ts";
import { ecAttributes, type KeyAttributes, originAttributes, publicKeyInfoAttribute, rsaAttributes } from "./key-attributes.ts";
import { NUMBERED_SLOTS, type NumberedSlot, retiredIndex } from "./key-ids.ts";
import type { TokenKey, TokenObject } from "./token-object.ts";

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

/** A key, with what is told of it by its kind and what the bridge does with it. */
interface ShownKey {
  readonly metadata: KeyMetadata;
  readonly attributes: KeyAttributes;
  readonly key: TokenKey;
}

/** null: of a kind that is not shown. */
function shownKey(metadata: KeyMetadata, slot: number): ShownKey | null {
  const use = { slot, alwaysAuthenticate: metadata.policies.pin === PIN_POLICY_ALWAYS };
  if (metadata.kind === "rsa") {
    const key = { ...use, kind: metadata.kind, algorithm: metadata.algorithm, publicKey: metadata.rsa };
    return { metadata, attributes: rsaAttributes(metadata, slot), key };
  }
  const algorithm = ecAlgorithm(metadata.algorithm);
  if (algorithm === null) return null;
  return { metadata, attributes: ecAttributes(metadata, algorithm, slot), key: { ...use, kind: metadata.kind, algorithm } };
}

function keyAttributes(contents: SlotContents, { metadata, attributes }: ShownKey): Attribute[] {
  return [
    ...attributes.ofBoth,
    publicKeyInfoAttribute(metadata),
    bytesAttribute(ck.CKA_SUBJECT, contents.certificate?.parts.subject ?? new Uint8Array(0)),
    ...originAttributes(metadata),
  ];
}

function publicKeyObject(contents: SlotContents, shown: ShownKey): TokenObject {
  return object(
    [
      ...common(contents, ck.CKO_PUBLIC_KEY, false),
      ...keyAttributes(contents, shown),
      ...shown.attributes.ofPublic,
      boolAttribute(ck.CKA_VERIFY, true),
      boolAttribute(ck.CKA_VERIFY_RECOVER, false),
      boolAttribute(ck.CKA_ENCRYPT, false),
      boolAttribute(ck.CKA_WRAP, false),
    ],
    false,
  );
}

function privateKeyObject(contents: SlotContents, shown: ShownKey): TokenObject {
  const { policies, isMadeInside } = shown.metadata;
  const isPrivate = policies.pin !== PIN_POLICY_NEVER;
  return object(
    [
      ...common(contents, ck.CKO_PRIVATE_KEY, isPrivate),
      ...keyAttributes(contents, shown),
      ...shown.attributes.ofPrivate,
      boolAttribute(ck.CKA_SIGN, true),
      boolAttribute(ck.CKA_SIGN_RECOVER, false),
      boolAttribute(ck.CKA_UNWRAP, false),
      boolAttribute(ck.CKA_SENSITIVE, true),
      boolAttribute(ck.CKA_ALWAYS_SENSITIVE, isMadeInside),
      boolAttribute(ck.CKA_EXTRACTABLE, false),
      boolAttribute(ck.CKA_NEVER_EXTRACTABLE, isMadeInside),
      boolAttribute(ck.CKA_WRAP_WITH_TRUSTED, false),
      boolAttribute(ck.CKA_ALWAYS_AUTHENTICATE, shown.key.alwaysAuthenticate),
    ],
    isPrivate,
    { key: shown.key },
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
  const metadata = await client.keyInSlot(slot.slot);
  const mayHaveCertificate = metadata !== null || (retiredIndex(slot.slot) ?? -1) < retiredWithCertificate;
  const certificate = mayHaveCertificate ? await readableCertificate(client, slot.certificate) : null;
  const contents = { slot, certificate };
  const objects = certificate === null ? [] : [certificateObject(contents, certificate)];
  const shown = metadata === null ? null : shownKey(metadata, slot.slot);
  return shown === null ? objects : [...objects, publicKeyObject(contents, shown), privateKeyObject(contents, shown)];
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
