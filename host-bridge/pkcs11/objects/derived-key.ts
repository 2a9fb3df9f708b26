// The secret key that C_DeriveKey makes: from the template what it shall be, then its value, then an object of the session.

import { type Attribute, boolAttribute, bytesAttribute, ulongAttribute } from "../ck/attribute.ts";
import * as ck from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";
import { Template } from "./template.ts";
import type { TokenObject } from "./token-object.ts";

const AES_LENGTHS = [16, 24, 32];

/**
 * Booleans that the template may set, with what holds when it does not (2.40 §4.10). The bridge does nothing with a secret key but show it
 * and digest it, and whoever may use the private key can derive it again: hidden by default it would be of no use, and no safer.
 */
const BOOLS: readonly (readonly [type: number, value: boolean])[] = [
  [ck.CKA_MODIFIABLE, true],
  [ck.CKA_COPYABLE, true],
  [ck.CKA_DESTROYABLE, true],
  [ck.CKA_SENSITIVE, false],
  [ck.CKA_EXTRACTABLE, true],
  [ck.CKA_ENCRYPT, false],
  [ck.CKA_DECRYPT, false],
  [ck.CKA_SIGN, false],
  [ck.CKA_VERIFY, false],
  [ck.CKA_WRAP, false],
  [ck.CKA_UNWRAP, false],
  [ck.CKA_DERIVE, false],
  [ck.CKA_WRAP_WITH_TRUSTED, false],
];
const BYTES = [ck.CKA_LABEL, ck.CKA_ID];
/** The bridge's to say. */
const READ_ONLY = [ck.CKA_LOCAL, ck.CKA_ALWAYS_SENSITIVE, ck.CKA_NEVER_EXTRACTABLE, ck.CKA_TRUSTED, ck.CKA_KEY_GEN_MECHANISM];
const SETTABLE: ReadonlySet<number> = new Set([
  ...BOOLS.map(([type]) => type),
  ...BYTES,
  ck.CKA_CLASS,
  ck.CKA_KEY_TYPE,
  ck.CKA_TOKEN,
  ck.CKA_PRIVATE,
  ck.CKA_VALUE_LEN,
]);

/** What a template asks for. */
export interface DerivedKeyPlan {
  readonly attributes: readonly Attribute[];
  readonly isPrivate: boolean;
  readonly isSensitive: boolean;
  readonly isExtractable: boolean;
  readonly lengthBytes: number;
}

/** @param asked CKA_VALUE_LEN, where the template has it */
function lengthOf(keyType: number, asked: number | undefined, secretBytes: number): number {
  const lengthBytes = asked ?? secretBytes;
  if (lengthBytes === 0 || lengthBytes > secretBytes) throw new CkError(ck.CKR_ATTRIBUTE_VALUE_INVALID);
  if (keyType === ck.CKK_AES && !AES_LENGTHS.includes(lengthBytes))
    throw new CkError(asked === undefined ? ck.CKR_TEMPLATE_INCOMPLETE : ck.CKR_ATTRIBUTE_VALUE_INVALID);
  return lengthBytes;
}

/**
 * Reads the template, before the token is asked.
 * @param secretBytes length of what the token and the other side agree on
 * @param isBasePrivate CKA_PRIVATE of the private key, for a template that does not say
 * @throws CkError CKR_TEMPLATE_INCONSISTENT (no secret key, CKA_TOKEN true, CKA_VALUE), CKR_TEMPLATE_INCOMPLETE (AES, and the secret is of no
 *   AES key's length), CKR_ATTRIBUTE_VALUE_INVALID, CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_READ_ONLY
 */
export function planDerivedKey(rows: readonly Attribute[], secretBytes: number, isBasePrivate: boolean): DerivedKeyPlan {
  const template = new Template(rows);
  if (template.bytes(ck.CKA_VALUE) !== undefined) throw new CkError(ck.CKR_TEMPLATE_INCONSISTENT);
  if (template.types.some((type) => READ_ONLY.includes(type))) throw new CkError(ck.CKR_ATTRIBUTE_READ_ONLY);
  template.checkTypes(SETTABLE);
  template.expectUlong(ck.CKA_CLASS, ck.CKO_SECRET_KEY);
  template.expectBool(ck.CKA_TOKEN, false); // the token keeps no secret keys
  const keyType = template.ulong(ck.CKA_KEY_TYPE) ?? ck.CKK_GENERIC_SECRET;
  if (keyType !== ck.CKK_GENERIC_SECRET && keyType !== ck.CKK_AES) throw new CkError(ck.CKR_TEMPLATE_INCONSISTENT);
  const isPrivate = template.bool(ck.CKA_PRIVATE) ?? isBasePrivate;
  return {
    attributes: [
      ulongAttribute(ck.CKA_CLASS, ck.CKO_SECRET_KEY),
      ulongAttribute(ck.CKA_KEY_TYPE, keyType),
      boolAttribute(ck.CKA_TOKEN, false),
      boolAttribute(ck.CKA_PRIVATE, isPrivate),
      ...BYTES.map((type) => bytesAttribute(type, template.bytes(type) ?? new Uint8Array(0))),
      ...BOOLS.map(([type, value]) => boolAttribute(type, template.bool(type) ?? value)),
    ],
    isPrivate,
    isSensitive: template.bool(ck.CKA_SENSITIVE) ?? false,
    isExtractable: template.bool(ck.CKA_EXTRACTABLE) ?? true,
    lengthBytes: lengthOf(keyType, template.ulong(ck.CKA_VALUE_LEN), secretBytes),
  };
}

/** @param secret its last bytes count: «the truncation removes bytes from the leading end» (2.40 Current Mechanisms §2.3.9) */
export function derivedKey(plan: DerivedKeyPlan, secret: Uint8Array): TokenObject {
  const { isPrivate, isSensitive, isExtractable, lengthBytes } = plan;
  const attributes = [
    ...plan.attributes,
    ulongAttribute(ck.CKA_VALUE_LEN, lengthBytes),
    bytesAttribute(ck.CKA_VALUE, secret.slice(-lengthBytes)),
    boolAttribute(ck.CKA_LOCAL, false),
    // The private key always was sensitive and never extractable, so only the new key's own attributes count (§2.3.9).
    boolAttribute(ck.CKA_ALWAYS_SENSITIVE, isSensitive),
    boolAttribute(ck.CKA_NEVER_EXTRACTABLE, !isExtractable),
  ];
  const isHidden = isSensitive || !isExtractable;
  return { attributes: new Map(attributes.map(({ type, value }) => [type, value])), isPrivate, ...(isHidden && { isSensitive: true }) };
}
