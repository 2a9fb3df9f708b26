// PKCS#11 2.40 §5.13 C_GenerateKeyPair: a key is made on the token, in an empty slot, and stays there.

import {
  ALG_RSA_1024,
  BUTTON_POLICY_DEFAULT,
  PIN_POLICY_ALWAYS,
  PIN_POLICY_DEFAULT,
  PIN_POLICY_ONCE,
  SLOT_CARD_AUTHENTICATION,
} from "../../../protocol/piv.ts";
import { SW_FUNCTION_NOT_SUPPORTED, SW_INCORRECT_P1_P2, SW_WRONG_DATA } from "../../../protocol/status-words.ts";
import { USUAL_EXPONENT } from "../../rsa/rsa-public-key.ts";
import { rsaAlgorithmOf, rsaBitsOf } from "../../token/key-metadata.ts";
import type { TokenClient } from "../../token/token-client.ts";
import { TokenError } from "../../token/token-error.ts";
import { withManagement } from "../application/management.ts";
import { ulongAttribute } from "../ck/attribute.ts";
import * as ck from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";
import { ecAlgorithmOn } from "../objects/ec-algorithm.ts";
import { NUMBERED_SLOTS, type NumberedSlot } from "../objects/key-ids.ts";
import { Template } from "../objects/template.ts";
import { matchesTemplate, type TokenObject } from "../objects/token-object.ts";
import { mechanismAt, numberAt, templateAt } from "./arguments.ts";
import { mechanismsOf } from "./mechanisms.ts";
import type { PkcsFunction } from "./pkcs-function.ts";

/** SP 800-73-5 Part 2 §3.3.2 has the first; the others are how cards say it, too. */
const UNKNOWN_ALGORITHM = [SW_WRONG_DATA, SW_INCORRECT_P1_P2, SW_FUNCTION_NOT_SUPPORTED];
/** What the token has no room for, or decides itself: taken, and not kept. */
const NOT_KEPT = [
  ck.CKA_LABEL,
  ck.CKA_SUBJECT,
  ck.CKA_START_DATE,
  ck.CKA_END_DATE,
  ck.CKA_MODIFIABLE,
  ck.CKA_COPYABLE,
  ck.CKA_DESTROYABLE,
  ck.CKA_DERIVE,
];
const OF_BOTH = [...NOT_KEPT, ck.CKA_CLASS, ck.CKA_KEY_TYPE, ck.CKA_TOKEN, ck.CKA_PRIVATE, ck.CKA_ID];
/** What a key of a PIV card never does. */
const NEVER_PUBLIC = [ck.CKA_TRUSTED, ck.CKA_PRIVATE];
const NEVER_PRIVATE = [ck.CKA_WRAP_WITH_TRUSTED, ck.CKA_EXTRACTABLE];
/** What an EC key never does either, and of an RSA key software asks all at once: there the slot decides (CKA_DECRYPT), and the rest is not kept. */
const RSA_USES_PUBLIC = [ck.CKA_ENCRYPT, ck.CKA_WRAP, ck.CKA_VERIFY_RECOVER];
const RSA_USES_PRIVATE = [ck.CKA_DECRYPT, ck.CKA_UNWRAP, ck.CKA_SIGN_RECOVER];
const KNOWN_PUBLIC = [...OF_BOTH, ...NEVER_PUBLIC, ...RSA_USES_PUBLIC, ck.CKA_VERIFY];
const KNOWN_PRIVATE = [...OF_BOTH, ...NEVER_PRIVATE, ...RSA_USES_PRIVATE, ck.CKA_SIGN, ck.CKA_SENSITIVE, ck.CKA_ALWAYS_AUTHENTICATE];
/** By CKM_*: what names the new key's size, and its CKA_KEY_TYPE. */
const KINDS: ReadonlyMap<number, KeyKind> = new Map([
  [
    ck.CKM_EC_KEY_PAIR_GEN,
    { keyType: ck.CKK_EC, sizes: [ck.CKA_EC_PARAMS], algorithm: curveOf, uses: [RSA_USES_PUBLIC, RSA_USES_PRIVATE] },
  ],
  [
    ck.CKM_RSA_PKCS_KEY_PAIR_GEN,
    { keyType: ck.CKK_RSA, sizes: [ck.CKA_MODULUS_BITS, ck.CKA_PUBLIC_EXPONENT], algorithm: rsaOf, uses: [[], []] },
  ],
]);

interface KeyKind {
  /** CKK_*. */
  readonly keyType: number;
  /** The attributes by which it is asked for. */
  readonly sizes: readonly number[];
  /** ALG_*. @throws CkError */
  readonly algorithm: (forPublic: Template, forPrivate: Template) => number;
  /** What keys of this kind never do: of the public and of the private half. */
  readonly uses: readonly [readonly number[], readonly number[]];
}

interface KeyRequest {
  /** ALG_*. */
  readonly algorithm: number;
  /** null: the first empty slot. */
  readonly slot: NumberedSlot | null;
  /** CKA_ALWAYS_AUTHENTICATE and CKA_PRIVATE, as asked for. */
  readonly always: boolean | undefined;
  readonly isPrivate: boolean | undefined;
}

/**
 * One byte names a slot. Anything longer is a name of the application's own (p11tool sends 20 random bytes, NSS a digest of the key), and is not kept.
 */
export function slotOfId(id: Uint8Array | undefined): NumberedSlot | null {
  if (id === undefined || id.length !== 1) return null;
  const named = NUMBERED_SLOTS.find((candidate) => candidate.id === id[0]);
  if (named === undefined) throw new CkError(ck.CKR_ATTRIBUTE_VALUE_INVALID);
  return named;
}

function sameInBoth(type: number, one: Template, other: Template): Uint8Array | undefined {
  const [first, second] = [one.bytes(type), other.bytes(type)];
  if (first !== undefined && second !== undefined && !Buffer.from(first).equals(second)) throw new CkError(ck.CKR_TEMPLATE_INCONSISTENT);
  return first ?? second;
}

/** @throws CkError CKR_TEMPLATE_INCOMPLETE, CKR_CURVE_NOT_SUPPORTED */
function curveOf(forPublic: Template, forPrivate: Template): number {
  const params = sameInBoth(ck.CKA_EC_PARAMS, forPublic, forPrivate);
  if (params === undefined) throw new CkError(ck.CKR_TEMPLATE_INCOMPLETE);
  const algorithm = ecAlgorithmOn(params);
  if (algorithm === null) throw new CkError(ck.CKR_CURVE_NOT_SUPPORTED);
  return algorithm.id;
}

/** Keys of less than 2048 bits are not made (SP 800-78-5 table 3-1). @throws CkError CKR_TEMPLATE_INCOMPLETE, CKR_ATTRIBUTE_VALUE_INVALID */
function rsaOf(forPublic: Template): number {
  const bits = forPublic.ulong(ck.CKA_MODULUS_BITS);
  if (bits === undefined) throw new CkError(ck.CKR_TEMPLATE_INCOMPLETE);
  const algorithm = rsaAlgorithmOf(bits);
  if (algorithm === null || algorithm === ALG_RSA_1024) throw new CkError(ck.CKR_ATTRIBUTE_VALUE_INVALID);
  const exponent = Buffer.from(forPublic.bytes(ck.CKA_PUBLIC_EXPONENT) ?? USUAL_EXPONENT).toString("hex");
  if (!/^(00)*010001$/.test(exponent)) throw new CkError(ck.CKR_ATTRIBUTE_VALUE_INVALID);
  return algorithm;
}

/** @throws CkError */
function parseRequest(kind: KeyKind, forPublic: Template, forPrivate: Template): KeyRequest {
  forPublic.checkTypes(new Set([...KNOWN_PUBLIC, ...kind.sizes]));
  forPrivate.checkTypes(new Set([...KNOWN_PRIVATE, ...kind.sizes]));
  forPublic.expectUlong(ck.CKA_CLASS, ck.CKO_PUBLIC_KEY);
  forPrivate.expectUlong(ck.CKA_CLASS, ck.CKO_PRIVATE_KEY);
  for (const template of [forPublic, forPrivate]) template.expectUlong(ck.CKA_KEY_TYPE, kind.keyType);
  // A key is where it is made. Without the attribute it would be a session's (§4.4), and end with it.
  if (forPrivate.bool(ck.CKA_TOKEN) !== true) throw new CkError(ck.CKR_TEMPLATE_INCONSISTENT);
  forPublic.expectBool(ck.CKA_TOKEN, true);
  for (const type of [...NEVER_PUBLIC, ...kind.uses[0]]) forPublic.expectBool(type, false);
  for (const type of [...NEVER_PRIVATE, ...kind.uses[1]]) forPrivate.expectBool(type, false);
  forPrivate.expectBool(ck.CKA_SENSITIVE, true);
  const algorithm = kind.algorithm(forPublic, forPrivate);
  const slot = slotOfId(sameInBoth(ck.CKA_ID, forPublic, forPrivate));
  return { algorithm, slot, always: forPrivate.bool(ck.CKA_ALWAYS_AUTHENTICATE), isPrivate: forPrivate.bool(ck.CKA_PRIVATE) };
}

/** Only the card authentication key (9E) is made for use without PIN: for who names its slot, and does not ask for a private one. */
function pinPolicy({ always, isPrivate, slot: named }: KeyRequest, { slot }: NumberedSlot): number {
  const isCardAuthentication = slot === SLOT_CARD_AUTHENTICATION;
  const isWithoutPin = isCardAuthentication && named !== null && isPrivate !== true;
  if (isPrivate === false && (always === true || !isWithoutPin)) throw new CkError(ck.CKR_TEMPLATE_INCONSISTENT);
  if (always === true) return PIN_POLICY_ALWAYS;
  if (always === false) return isWithoutPin ? PIN_POLICY_DEFAULT : PIN_POLICY_ONCE;
  return isCardAuthentication && !isWithoutPin ? PIN_POLICY_ONCE : PIN_POLICY_DEFAULT;
}

/** Asks the token itself: another process may have made a key. @throws CkError CKR_DEVICE_MEMORY: what was asked for is taken, or all is */
async function emptySlot(client: TokenClient, wanted: NumberedSlot | null): Promise<NumberedSlot> {
  for (const candidate of wanted === null ? NUMBERED_SLOTS : [wanted]) {
    const isEmpty = !(await client.hasKey(candidate.slot)) && (await client.readObject(candidate.certificate)) === null;
    if (isEmpty) return candidate;
  }
  throw new CkError(ck.CKR_DEVICE_MEMORY);
}

async function generate(client: TokenClient, request: KeyRequest): Promise<NumberedSlot> {
  // What can't be in the slot that was asked for is said before the token is asked whether it is empty.
  if (request.slot !== null) pinPolicy(request, request.slot);
  else if (request.isPrivate === false) throw new CkError(ck.CKR_TEMPLATE_INCONSISTENT);
  const slot = await emptySlot(client, request.slot);
  try {
    const policies = { pin: pinPolicy(request, slot), button: BUTTON_POLICY_DEFAULT };
    if (rsaBitsOf(request.algorithm) === null) await client.generateKey(slot.slot, policies, { algorithm: request.algorithm });
    else await client.generateRsaKey(slot.slot, policies, request.algorithm);
  } catch (cause) {
    // A board without P-384, a card without RSA of this length.
    const rv = rsaBitsOf(request.algorithm) === null ? ck.CKR_CURVE_NOT_SUPPORTED : ck.CKR_ATTRIBUTE_VALUE_INVALID;
    if (cause instanceof TokenError && UNKNOWN_ALGORITHM.includes(cause.sw)) throw new CkError(rv, { cause });
    throw cause;
  }
  return slot;
}

/** @throws CkError CKR_DEVICE_ERROR: the token made a key and does not show it */
function objectOf(objects: readonly TokenObject[], objectClass: number, { id }: NumberedSlot): TokenObject {
  const template = [ulongAttribute(ck.CKA_CLASS, objectClass), { type: ck.CKA_ID, value: new Uint8Array([id]) }];
  const found = objects.find((candidate) => matchesTemplate(candidate, template));
  if (found === undefined) throw new CkError(ck.CKR_DEVICE_ERROR);
  return found;
}

const generateKeyPair: PkcsFunction = async (application, args) => {
  const session = application.session(numberAt(args, 0));
  const mechanism = mechanismAt(args, 1);
  if (mechanism === null) throw new CkError(ck.CKR_ARGUMENTS_BAD);
  const kind = mechanismsOf(session.slot).has(mechanism.type) ? KINDS.get(mechanism.type) : undefined;
  if (kind === undefined) throw new CkError(ck.CKR_MECHANISM_INVALID);
  if (mechanism.hasParameter) throw new CkError(ck.CKR_MECHANISM_PARAM_INVALID);
  const request = parseRequest(kind, new Template(templateAt(args, 2)), new Template(templateAt(args, 3)));
  const made = await withManagement(application, session, (client) => generate(client, request));
  const { objects } = session.slot;
  return [ck.CKO_PUBLIC_KEY, ck.CKO_PRIVATE_KEY].map((objectClass) => application.handleOf(objectOf(objects, objectClass, made)));
};

export const generateFunctions: Record<string, PkcsFunction> = { C_GenerateKeyPair: generateKeyPair };
