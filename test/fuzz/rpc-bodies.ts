// Bodies of RPC calls for the fuzzer: valid ones of every call that the table knows, in the form of each version, and mutations of them.

import { type RpcCall, signatureParts } from "../../host-bridge/pkcs11/rpc/rpc-calls.ts";
import { ay, fu, mechanism, rooms, string, type TemplateRow, template, u, y } from "../support/rpc-client.ts";
import type { SeededRandom } from "../support/seeded-random.ts";
import { mutate } from "./mutate.ts";

/** What a call may name so that it comes past the door. */
export interface Handles {
  readonly slot: number;
  readonly session: number;
  readonly key: number;
}

const MECHANISMS = [0x1041, 0x1041, 0x1041, 0x1042, 0x1044, 0x1050, 0x0d, 0x09, 0x250, 0x1040];
const NUMBERS = [0, 1, 2, 4, 6, 0x1041, 0xffffffff, 0xffffffffffffffffn, 0x7fffffffffffffffn];
const ATTRIBUTE_TYPES = [0x00, 0x01, 0x02, 0x03, 0x11, 0x100, 0x102, 0x180, 0x181, 0x202, 0x40000211, 0x40000600];
const LENGTHS = [0, 1, 0x7f, 0x80, 0xff, 0x100, 0x101, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffff0, 0xfffffffe, 0xffffffff];
// Not 6 to 8: a PIN of that length spends a try.
const BYTE_COUNTS = [0, 1, 4, 20, 32, 32, 48, 64, 65];

const uint32 = fu;

function attributeRow(random: SeededRandom): TemplateRow {
  const value = random.pick([true, random.below(5), random.bytes(random.below(9))]);
  return [random.pick(ATTRIBUTE_TYPES), value];
}

/** A template within templates, of any depth. */
function nested(depth: number): Buffer {
  const inner = depth === 0 ? template([]) : nested(depth - 1);
  return Buffer.concat([uint32(1), uint32(0x40000211), y(1), uint32(0), inner]);
}

function attributes(random: SeededRandom): Buffer {
  if (random.below(8) === 0) return nested(random.below(12));
  return template(Array.from({ length: random.below(4) }, () => attributeRow(random)));
}

function argument(part: string, version: number, random: SeededRandom, { slot, key }: Handles): Buffer {
  switch (part) {
    case "y":
      return y(random.below(3));
    case "u":
      return u(random.below(3) === 0 ? random.pick([slot, ...NUMBERS]) : key);
    case "ay":
      return random.below(8) === 0 ? ay(null) : ay(random.bytes(random.pick(BYTE_COUNTS)));
    case "au":
      return Buffer.concat([y(1), uint32(2), u(1), u(2)]);
    case "s":
    case "z":
      return string(random.bytes(32));
    case "aA":
      return attributes(random);
    case "fA":
      return rooms(Array.from({ length: random.below(6) }, () => [random.pick(ATTRIBUTE_TYPES), random.pick([0, 1, 8, 300])] as const));
    case "M":
      return mechanism(random.pick(MECHANISMS), version);
    default: // fu, fy
      return uint32(random.pick([0, 1, 20, 64, 200, 0xffffffff]));
  }
}

/** A body that the bridge should be able to read. */
export function validBody(call: RpcCall, version: number, random: SeededRandom, handles: Handles): Buffer {
  const args = signatureParts(call.request).map((part, index) => {
    if (index > 0 || part !== "u" || random.below(10) === 0) return argument(part, version, random, handles);
    return u(call.name.includes("Slot") || call.name.includes("Token") || call.name.includes("Mechanism") ? handles.slot : handles.session);
  });
  return Buffer.concat([uint32(call.id), string(Buffer.from(call.request)), ...args]);
}

/** One that it perhaps should not: lengths that lie, bytes that are missing, doubled, or others. */
export function mutatedBody(body: Uint8Array, random: SeededRandom, other: Uint8Array): Buffer {
  if (random.below(2) === 0) return Buffer.from(mutate(body, random, other));
  const lying = Buffer.from(body);
  if (lying.length >= 4) lying.writeUInt32BE(random.pick(LENGTHS), random.below(lying.length - 3));
  return lying;
}
