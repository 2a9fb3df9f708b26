// The commands of the card as its unit tests send them.

import { createHash } from "node:crypto";
import { padReferenceData } from "../../firmware/reference-data.ts";
import { type CommandApdu, encodeCommandApdu } from "../../protocol/apdu.ts";
import { encodeTlv, findTlv, parseOneTlv, parseTlvs } from "../../protocol/ber-tlv.ts";
import { concatBytes, EMPTY_BYTES } from "../../protocol/bytes.ts";
import { CborMap, type CborValue, encodeCbor } from "../../protocol/cbor.ts";
import {
  ALG_P256,
  INS_CHANGE_REFERENCE_DATA,
  INS_GENERAL_AUTHENTICATE,
  INS_GENERATE_KEY_PAIR,
  INS_GET_DATA,
  INS_PUT_DATA,
  INS_RESET,
  INS_RESET_RETRY_COUNTER,
  INS_SET_MANAGEMENT_KEY,
  INS_SET_TRIES,
  INS_VERIFY,
  KEY_REF_PIV_PIN,
  KEY_REF_PUK,
  SLOT_MANAGEMENT,
  TAG_ALGORITHM,
  TAG_BUTTON_POLICY,
  TAG_CHALLENGE,
  TAG_DATA,
  TAG_DATA_OBJECT_ID,
  TAG_DYNAMIC_AUTH,
  TAG_EXPONENTIATION,
  TAG_KEY_TEMPLATE,
  TAG_PIN_POLICY,
  TAG_RESPONSE,
} from "../../protocol/piv.ts";
import { CLA_VENDOR, INS_VENDOR, REQUEST_DIGESTS, REQUEST_SLOT, VENDOR_BATCH_BEGIN, VENDOR_BATCH_END } from "../../protocol/vendor.ts";

/** The parts of a command that are not zero or empty. */
export type CommandParts = Partial<CommandApdu> & { readonly ins: number };

export function apdu(parts: CommandParts): Uint8Array {
  return encodeCommandApdu({ cla: 0, p1: 0, p2: 0, data: EMPTY_BYTES, le: 0, ...parts });
}

export function verifyPin(pin: string): CommandParts {
  return { ins: INS_VERIFY, p2: KEY_REF_PIV_PIN, data: padReferenceData(pin) };
}

export const ASK_TRIES: CommandParts = { ins: INS_VERIFY, p2: KEY_REF_PIV_PIN };
export const FORGET_PIN: CommandParts = { ins: INS_VERIFY, p1: 0xff, p2: KEY_REF_PIV_PIN };

function twoValues(ins: number, p2: number, first: string, second: string | Uint8Array): CommandParts {
  const value = typeof second === "string" ? padReferenceData(second) : second;
  return { ins, p2, data: concatBytes([padReferenceData(first), value]) };
}

export function changePin(old: string, fresh: string | Uint8Array): CommandParts {
  return twoValues(INS_CHANGE_REFERENCE_DATA, KEY_REF_PIV_PIN, old, fresh);
}

export function changePuk(old: string, fresh: string | Uint8Array): CommandParts {
  return twoValues(INS_CHANGE_REFERENCE_DATA, KEY_REF_PUK, old, fresh);
}

export function resetPin(puk: string, fresh: string | Uint8Array): CommandParts {
  return twoValues(INS_RESET_RETRY_COUNTER, KEY_REF_PIV_PIN, puk, fresh);
}

/** GENERAL AUTHENTICATE of the management key with these fields in its template. */
export function authenticate(algorithm: number, fields: readonly (readonly [number, Uint8Array])[]): CommandParts {
  const inside = fields.map(([tag, value]) => encodeTlv(tag, [value]));
  return { ins: INS_GENERAL_AUTHENTICATE, p1: algorithm, p2: SLOT_MANAGEMENT, data: encodeTlv(TAG_DYNAMIC_AUTH, inside), le: 256 };
}

/** One field of an answer of GENERAL AUTHENTICATE. */
export function authField(answer: Uint8Array, tag: number): Uint8Array {
  const value = findTlv(parseTlvs(parseOneTlv(answer, TAG_DYNAMIC_AUTH)), tag);
  if (value === null) throw new Error(`no ${tag.toString(16)} in the answer`);
  return value;
}

export function setManagementKey(algorithm: number, key: Uint8Array): CommandParts {
  const header = new Uint8Array([algorithm, SLOT_MANAGEMENT, key.length]);
  return { ins: INS_SET_MANAGEMENT_KEY, p1: 0xff, p2: 0xff, data: concatBytes([header, key]) };
}

/** What a new key shall be; P-256 and the slot's policies where nothing is said. */
export interface KeyTemplate {
  readonly algorithm?: number;
  readonly pin?: number;
  readonly button?: number;
}

export function generateKey(slot: number, policies: KeyTemplate = {}): CommandParts {
  const fields = [encodeTlv(TAG_ALGORITHM, [new Uint8Array([policies.algorithm ?? ALG_P256])])];
  if (policies.pin !== undefined) fields.push(encodeTlv(TAG_PIN_POLICY, [new Uint8Array([policies.pin])]));
  if (policies.button !== undefined) fields.push(encodeTlv(TAG_BUTTON_POLICY, [new Uint8Array([policies.button])]));
  return { ins: INS_GENERATE_KEY_PAIR, p2: slot, data: encodeTlv(TAG_KEY_TEMPLATE, fields), le: 256 };
}

export const DIGEST = new Uint8Array(createHash("sha256").update("a document").digest());

export function signCommand(slot: number, digest: Uint8Array = DIGEST, algorithm: number = ALG_P256): CommandParts {
  return privateKeyCommand(slot, algorithm, TAG_CHALLENGE, digest);
}

/** ECDH with the other side's point. */
export function agreeCommand(slot: number, point: Uint8Array, algorithm: number = ALG_P256): CommandParts {
  return privateKeyCommand(slot, algorithm, TAG_EXPONENTIATION, point);
}

function privateKeyCommand(slot: number, algorithm: number, tag: number, value: Uint8Array): CommandParts {
  const fields = [encodeTlv(TAG_RESPONSE, [EMPTY_BYTES]), encodeTlv(tag, [value])];
  return { ins: INS_GENERAL_AUTHENTICATE, p1: algorithm, p2: slot, data: encodeTlv(TAG_DYNAMIC_AUTH, fields), le: 256 };
}

export function setTries(pin: number, puk: number): CommandParts {
  return { ins: INS_SET_TRIES, p1: pin, p2: puk };
}

export const RESET: CommandParts = { ins: INS_RESET };

/** A vendor command; its whole answer in one APDU. */
export function vendorCommand(p1: number, request?: CborValue): CommandParts {
  return { cla: CLA_VENDOR, ins: INS_VENDOR, p1, data: request === undefined ? EMPTY_BYTES : encodeCbor(request), le: 65536 };
}

/** Asks for the button. */
export function batchBegin(slot: number, digests: readonly Uint8Array[]): CommandParts {
  return { ...vendorCommand(VENDOR_BATCH_BEGIN, new CborMap().put(REQUEST_SLOT, slot).put(REQUEST_DIGESTS, digests)), le: 0 };
}

export const BATCH_END: CommandParts = { ...vendorCommand(VENDOR_BATCH_END), le: 0 };

const objectId = (tag: number): Uint8Array => encodeTlv(TAG_DATA_OBJECT_ID, [new Uint8Array([tag >> 16, (tag >> 8) & 0xff, tag & 0xff])]);

export function getData(tag: number, le = 65536): CommandParts {
  return { ins: INS_GET_DATA, p1: 0x3f, p2: 0xff, data: objectId(tag), le };
}

export function putData(tag: number, content: Uint8Array): CommandParts {
  return { ins: INS_PUT_DATA, p1: 0x3f, p2: 0xff, data: concatBytes([objectId(tag), encodeTlv(TAG_DATA, [content])]) };
}
