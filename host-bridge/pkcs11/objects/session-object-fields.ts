// The attributes of the objects that applications keep in the bridge (CKA_TOKEN false), a table for each class (PKCS#11 2.40 §4): what each is
// when it is not given, and when it may change.

import * as ck from "../ck/ck.ts";

/**
 * When an attribute may get another value: never; when the object is copied; always (C_SetAttributeValue); always, but only to true
 * (CKA_SENSITIVE), or to false (CKA_EXTRACTABLE).
 */
export type Change = "never" | "copy" | "set" | "raise" | "lower";

export interface Field {
  readonly type: number;
  readonly kind: "bool" | "ulong" | "bytes";
  /** Its value when none is given; null: there must be one; undefined: then the object has no such attribute. */
  readonly initial?: boolean | number | Uint8Array | null;
  /** It may be given with its initial value only. */
  readonly isFixed?: true;
  readonly change: Change;
}

const NOTHING = new Uint8Array(0);

const flag = (type: number, initial: boolean, change: Change = "set"): Field => ({ type, kind: "bool", initial, change });
const never = (type: number): Field => ({ type, kind: "bool", initial: false, isFixed: true, change: "never" });
const bytes = (type: number, change: Change = "set"): Field => ({ type, kind: "bytes", initial: NOTHING, change });
const optional = (type: number): Field => ({ type, kind: "bytes", change: "set" });
const required = (type: number, kind: Field["kind"] = "bytes", change: Change = "never"): Field => ({ type, kind, initial: null, change });
const only = (type: number, initial: number): Field => ({ type, kind: "ulong", initial, isFixed: true, change: "never" });

const COMMON: readonly Field[] = [
  required(ck.CKA_CLASS, "ulong"),
  never(ck.CKA_TOKEN),
  flag(ck.CKA_PRIVATE, false, "copy"),
  flag(ck.CKA_MODIFIABLE, true, "copy"),
  flag(ck.CKA_COPYABLE, true, "lower"),
  flag(ck.CKA_DESTROYABLE, true, "copy"),
  bytes(ck.CKA_LABEL),
];

const DATA: readonly Field[] = [bytes(ck.CKA_APPLICATION), bytes(ck.CKA_OBJECT_ID), bytes(ck.CKA_VALUE)];

const CERTIFICATE: readonly Field[] = [
  { ...only(ck.CKA_CERTIFICATE_TYPE, ck.CKC_X_509), initial: null },
  never(ck.CKA_TRUSTED),
  { type: ck.CKA_CERTIFICATE_CATEGORY, kind: "ulong", initial: 0, change: "never" },
  required(ck.CKA_VALUE),
  { type: ck.CKA_SUBJECT, kind: "bytes", change: "never" },
  bytes(ck.CKA_ID),
  { type: ck.CKA_ISSUER, kind: "bytes", change: "never" },
  { type: ck.CKA_SERIAL_NUMBER, kind: "bytes", change: "never" },
  optional(ck.CKA_CHECK_VALUE),
  optional(ck.CKA_START_DATE),
  optional(ck.CKA_END_DATE),
  optional(ck.CKA_URL),
];

const KEY: readonly Field[] = [
  bytes(ck.CKA_ID),
  bytes(ck.CKA_START_DATE),
  bytes(ck.CKA_END_DATE),
  flag(ck.CKA_DERIVE, false),
  never(ck.CKA_LOCAL),
];

const PUBLIC_KEY: readonly Field[] = [
  { type: ck.CKA_KEY_TYPE, kind: "ulong", initial: null, change: "never" },
  ...KEY,
  bytes(ck.CKA_SUBJECT),
  flag(ck.CKA_VERIFY, true),
  never(ck.CKA_VERIFY_RECOVER),
  never(ck.CKA_ENCRYPT),
  never(ck.CKA_WRAP),
  never(ck.CKA_TRUSTED),
  required(ck.CKA_EC_PARAMS),
  required(ck.CKA_EC_POINT),
  { type: ck.CKA_PUBLIC_KEY_INFO, kind: "bytes", change: "never" },
];

const SECRET_KEY: readonly Field[] = [
  { type: ck.CKA_KEY_TYPE, kind: "ulong", initial: null, change: "never" },
  ...KEY,
  flag(ck.CKA_SENSITIVE, false, "raise"),
  flag(ck.CKA_EXTRACTABLE, true, "lower"),
  never(ck.CKA_ALWAYS_SENSITIVE),
  never(ck.CKA_NEVER_EXTRACTABLE),
  flag(ck.CKA_ENCRYPT, false),
  flag(ck.CKA_DECRYPT, false),
  flag(ck.CKA_SIGN, false),
  flag(ck.CKA_VERIFY, false),
  flag(ck.CKA_WRAP, false),
  flag(ck.CKA_UNWRAP, false),
  flag(ck.CKA_WRAP_WITH_TRUSTED, false, "raise"),
  never(ck.CKA_TRUSTED),
  required(ck.CKA_VALUE),
  { type: ck.CKA_VALUE_LEN, kind: "ulong", change: "never" },
];

/** By CKA_CLASS. Private keys are made on the token, and nowhere else. */
export const SESSION_OBJECT_FIELDS: ReadonlyMap<number, readonly Field[]> = new Map([
  [ck.CKO_DATA, [...COMMON, ...DATA]],
  [ck.CKO_CERTIFICATE, [...COMMON, ...CERTIFICATE]],
  [ck.CKO_PUBLIC_KEY, [...COMMON, ...PUBLIC_KEY]],
  [ck.CKO_SECRET_KEY, [...COMMON, ...SECRET_KEY]],
]);
