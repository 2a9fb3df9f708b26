// Command and response APDUs, short and extended (ISO 7816-4 §5.1), command chaining (§5.1.1.1) and GET RESPONSE (61xx).

import { concatBytes, copyBytes, EMPTY_BYTES } from "./bytes.ts";
import { MalformedError } from "./malformed.ts";

/** CLA bit 5: the command goes on in the next APDU. */
export const CLA_CHAINING = 0x10;
export const INS_GET_RESPONSE = 0xc0;

const SHORT_MAX = 256;
const EXTENDED_MAX = 65536;

export interface CommandApdu {
  readonly cla: number;
  readonly ins: number;
  readonly p1: number;
  readonly p2: number;
  readonly data: Uint8Array;
  /** The most bytes that the answer may have: Ne. 0: none are expected. */
  readonly le: number;
}

export interface ResponseApdu {
  readonly data: Uint8Array;
  readonly sw: number;
}

/** What stands behind the zero byte of extended length (cases 2, 3 and 4 extended). */
function extendedBody(bytes: Uint8Array): { data: Uint8Array; le: number } {
  if (bytes.length < 7) throw new MalformedError("extended length cut short");
  const orMax = (value: number): number => (value === 0 ? EXTENDED_MAX : value);
  const length = (bytes[5] << 8) | bytes[6];
  if (bytes.length === 7) return { data: EMPTY_BYTES, le: orMax(length) };
  const end = 7 + length;
  if (length === 0 || (bytes.length !== end && bytes.length !== end + 2)) throw new MalformedError("Lc and the data disagree");
  const data = bytes.subarray(7, end);
  return { data, le: bytes.length === end ? 0 : orMax((bytes[end] << 8) | bytes[end + 1]) };
}

/**
 * The seven forms of ISO 7816-4 §5.1 (case 1; 2, 3, 4 short and extended). The data are a view of `bytes`.
 * @throws MalformedError when the length fields and the bytes disagree
 */
export function parseCommandApdu(bytes: Uint8Array): CommandApdu {
  const length = bytes.length;
  if (length < 4) throw new MalformedError("APDU shorter than its header");
  let data = EMPTY_BYTES;
  let le = 0;
  if (length > 5 && bytes[4] !== 0) {
    const end = 5 + bytes[4];
    if (length !== end && length !== end + 1) throw new MalformedError("Lc and the data disagree");
    data = bytes.subarray(5, end);
    if (length !== end) le = bytes[end] === 0 ? SHORT_MAX : bytes[end];
  } else if (length > 5) {
    const body = extendedBody(bytes);
    data = body.data;
    le = body.le;
  } else if (length === 5) {
    le = bytes[4] === 0 ? SHORT_MAX : bytes[4];
  }
  return { cla: bytes[0], ins: bytes[1], p1: bytes[2], p2: bytes[3], data, le };
}

/** Short form whenever it fits, else extended. `data` at most 65,535 bytes, `le` at most 65,536. */
export function encodeCommandApdu(command: CommandApdu): Uint8Array {
  const header = new Uint8Array([command.cla, command.ins, command.p1, command.p2]);
  const length = command.data.length;
  if (length <= 255 && command.le <= SHORT_MAX) {
    const lc = length === 0 ? EMPTY_BYTES : new Uint8Array([length]);
    const le = command.le === 0 ? EMPTY_BYTES : new Uint8Array([command.le & 0xff]);
    return concatBytes([header, lc, command.data, le]);
  }
  const lc = length === 0 ? new Uint8Array([0]) : new Uint8Array([0, length >> 8, length & 0xff]);
  const le = command.le === 0 ? EMPTY_BYTES : new Uint8Array([(command.le >> 8) & 0xff, command.le & 0xff]);
  return concatBytes([header, lc, command.data, le]);
}

/**
 * The same command as short APDUs that chain, each with at most `pieceBytes` (≤ 255) of data; one APDU when it fits.
 * For readers and cards that have no extended length.
 */
export function chainCommandApdu(command: CommandApdu, pieceBytes: number): Uint8Array[] {
  const chain: Uint8Array[] = [];
  const le = Math.min(command.le, SHORT_MAX);
  let offset = 0;
  do {
    const end = Math.min(offset + pieceBytes, command.data.length);
    const last = end === command.data.length;
    chain.push(
      encodeCommandApdu({
        cla: last ? command.cla : command.cla | CLA_CHAINING,
        ins: command.ins,
        p1: command.p1,
        p2: command.p2,
        data: copyBytes(command.data, offset, end),
        le: last ? le : 0,
      }),
    );
    offset = end;
  } while (offset < command.data.length);
  return chain;
}

/** @throws MalformedError when shorter than its status word */
export function parseResponseApdu(bytes: Uint8Array): ResponseApdu {
  const end = bytes.length - 2;
  if (end < 0) throw new MalformedError("response shorter than its status word");
  return { data: copyBytes(bytes, 0, end), sw: (bytes[end] << 8) | bytes[end + 1] };
}

export function encodeResponseApdu(data: Uint8Array, sw: number): Uint8Array {
  const length = data.length;
  const response = new Uint8Array(length + 2);
  response.set(data, 0);
  response.set([sw >> 8, sw & 0xff], length);
  return response;
}
