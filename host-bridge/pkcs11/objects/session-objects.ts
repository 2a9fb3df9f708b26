// Objects with CKA_TOKEN false: they live in the bridge, as long as the session that made them (PKCS#11 2.40 §4.4, §5.7).

import { parseOneTlv } from "../../../protocol/ber-tlv.ts";
import { equalBytes } from "../../../protocol/bytes.ts";
import { MalformedError } from "../../../protocol/malformed.ts";
import { publicKeyOf, subjectPublicKeyInfo } from "../../token/ec-public-key.ts";
import { type Attribute, boolAttribute, ulongAttribute } from "../ck/attribute.ts";
import * as ck from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";
import { ecAlgorithmOn } from "./ec-algorithm.ts";
import { parseCertificate } from "./objects.ts";
import { type Field, SESSION_OBJECT_FIELDS } from "./session-object-fields.ts";
import type { Template } from "./template.ts";
import { isTrue, matchesTemplate, type TokenObject } from "./token-object.ts";

const OCTET_STRING = 0x04;
const AES_KEY_BYTES = [16, 24, 32];

/** The value in the form that it is kept in. @throws CkError CKR_ATTRIBUTE_VALUE_INVALID */
function given({ type, kind }: Field, template: Template): Uint8Array | undefined {
  if (kind === "bool") template.bool(type);
  if (kind === "ulong") template.ulong(type);
  return template.bytes(type);
}

function initialValue({ type, initial }: Field): Uint8Array | undefined {
  if (initial === null) throw new CkError(ck.CKR_TEMPLATE_INCOMPLETE);
  if (typeof initial === "boolean") return boolAttribute(type, initial).value;
  return typeof initial === "number" ? ulongAttribute(type, initial).value : initial;
}

function fieldValue(field: Field, template: Template): Uint8Array | undefined {
  const value = given(field, template);
  if (value === undefined) return initialValue(field);
  if (field.isFixed === true && field.initial !== null && !equalBytes(value, initialValue(field) ?? value)) {
    throw new CkError(ck.CKR_TEMPLATE_INCONSISTENT);
  }
  return value;
}

type Values = Map<number, Uint8Array>;

const ulongOf = (values: Values, type: number): number => Number(Buffer.from(values.get(type) ?? new Uint8Array(8)).readBigUInt64LE());

function checkKeyType(values: Values, allowed: readonly number[]): void {
  if (!allowed.includes(ulongOf(values, ck.CKA_KEY_TYPE))) throw new CkError(ck.CKR_ATTRIBUTE_VALUE_INVALID);
}

/** Puts what follows from other attributes; what the application says of it must be the same. @throws CkError CKR_TEMPLATE_INCONSISTENT */
function settle(values: Values, type: number, value: Uint8Array): void {
  const before = values.get(type);
  if (before !== undefined && !equalBytes(before, value)) throw new CkError(ck.CKR_TEMPLATE_INCONSISTENT);
  values.set(type, value);
}

function completeCertificate(values: Values): void {
  if (ulongOf(values, ck.CKA_CERTIFICATE_TYPE) !== ck.CKC_X_509) throw new CkError(ck.CKR_ATTRIBUTE_VALUE_INVALID);
  const certificate = parseCertificate(values.get(ck.CKA_VALUE) ?? new Uint8Array(0));
  if (certificate === null) throw new CkError(ck.CKR_ATTRIBUTE_VALUE_INVALID);
  settle(values, ck.CKA_SUBJECT, certificate.parts.subject);
  settle(values, ck.CKA_ISSUER, certificate.parts.issuer);
  settle(values, ck.CKA_SERIAL_NUMBER, certificate.parts.serialNumber);
}

/** CKA_EC_POINT: an uncompressed point in an OCTET STRING (2.40 §2.3.3). */
function pointIn(value: Uint8Array): Uint8Array {
  try {
    return parseOneTlv(value, OCTET_STRING);
  } catch (cause) {
    if (cause instanceof MalformedError) throw new CkError(ck.CKR_ATTRIBUTE_VALUE_INVALID, { cause });
    throw cause;
  }
}

function completePublicKey(values: Values): void {
  checkKeyType(values, [ck.CKK_EC]);
  const algorithm = ecAlgorithmOn(values.get(ck.CKA_EC_PARAMS) ?? new Uint8Array(0));
  if (algorithm === null) throw new CkError(ck.CKR_CURVE_NOT_SUPPORTED);
  const point = pointIn(values.get(ck.CKA_EC_POINT) ?? new Uint8Array(0));
  const isOnCurve = point.length === 1 + 2 * algorithm.fieldBytes && publicKeyOf(point) !== null;
  if (!isOnCurve) throw new CkError(ck.CKR_ATTRIBUTE_VALUE_INVALID);
  settle(values, ck.CKA_PUBLIC_KEY_INFO, subjectPublicKeyInfo(point));
}

function completeSecretKey(values: Values): void {
  checkKeyType(values, [ck.CKK_GENERIC_SECRET, ck.CKK_AES]);
  const value = values.get(ck.CKA_VALUE) ?? new Uint8Array(0);
  const isAes = ulongOf(values, ck.CKA_KEY_TYPE) === ck.CKK_AES;
  if (value.length === 0 || (isAes && !AES_KEY_BYTES.includes(value.length))) throw new CkError(ck.CKR_ATTRIBUTE_VALUE_INVALID);
  settle(values, ck.CKA_VALUE_LEN, ulongAttribute(ck.CKA_VALUE_LEN, value.length).value);
}

const COMPLETE: ReadonlyMap<number, (values: Values) => void> = new Map([
  [ck.CKO_CERTIFICATE, completeCertificate],
  [ck.CKO_PUBLIC_KEY, completePublicKey],
  [ck.CKO_SECRET_KEY, completeSecretKey],
]);

function objectOf(values: Values): TokenObject {
  const isSecret = ulongOf(values, ck.CKA_CLASS) === ck.CKO_SECRET_KEY;
  const own = { attributes: values };
  const isSensitive = isSecret && (isTrue(own, ck.CKA_SENSITIVE) || !isTrue(own, ck.CKA_EXTRACTABLE));
  return { ...own, isPrivate: isTrue(own, ck.CKA_PRIVATE), ...(isSensitive && { isSensitive: true }) };
}

function fieldsOf(objectClass: number): readonly Field[] {
  const fields = SESSION_OBJECT_FIELDS.get(objectClass);
  if (fields === undefined) throw new CkError(ck.CKR_TEMPLATE_INCONSISTENT);
  return fields;
}

/**
 * @throws CkError CKR_TEMPLATE_INCOMPLETE, CKR_TEMPLATE_INCONSISTENT (a private key, too: they are made on the token), CKR_ATTRIBUTE_TYPE_INVALID,
 *   CKR_ATTRIBUTE_VALUE_INVALID, CKR_CURVE_NOT_SUPPORTED
 */
export function newSessionObject(template: Template): TokenObject {
  const objectClass = template.ulong(ck.CKA_CLASS);
  if (objectClass === undefined) throw new CkError(ck.CKR_TEMPLATE_INCOMPLETE);
  const fields = fieldsOf(objectClass);
  template.checkTypes(new Set(fields.map(({ type }) => type)));
  const values: Values = new Map();
  for (const field of fields) {
    const value = fieldValue(field, template);
    if (value !== undefined) values.set(field.type, value);
  }
  COMPLETE.get(objectClass)?.(values);
  return objectOf(values);
}

function mayBecome(field: Field | undefined, value: Uint8Array, isCopy: boolean): boolean {
  switch (field?.change) {
    case "set":
      return true;
    case "copy":
      return isCopy;
    case "raise":
      return value[0] === 1;
    case "lower":
      return value[0] === 0;
    default:
      return false;
  }
}

/**
 * The object with some attributes changed, for C_SetAttributeValue and C_CopyObject; a value that it has already is no change.
 * @throws CkError CKR_ATTRIBUTE_READ_ONLY, CKR_ATTRIBUTE_VALUE_INVALID, CKR_TEMPLATE_INCONSISTENT
 */
export function changedSessionObject(before: TokenObject, template: Template, isCopy: boolean): TokenObject {
  const values: Values = new Map(before.attributes);
  const fields = fieldsOf(ulongOf(values, ck.CKA_CLASS));
  for (const type of template.types) {
    const field = fields.find((candidate) => candidate.type === type);
    const value = field === undefined ? template.bytes(type) : given(field, template);
    if (value === undefined || isSame(before, { type, value })) continue;
    if (!mayBecome(field, value, isCopy)) throw new CkError(ck.CKR_ATTRIBUTE_READ_ONLY);
    values.set(type, value);
  }
  return objectOf(values);
}

/** Of what is hidden nothing is told, not even that a guess is right. */
function isSame(before: TokenObject, attribute: Attribute): boolean {
  return matchesTemplate(before, [attribute]);
}
