// The arguments of calls, as p11-kit's rpc-message.c writes them: every version, every form, and what is cut short.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ay, ecdhMechanism, fu, fy, mechanism, rooms, string, template, u, y } from "../../../test/support/rpc-client.ts";
import { CKR_ARGUMENTS_BAD } from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";
import { type Argument, RpcReader } from "./rpc-reader.ts";

const CKM_ECDSA = 0x1041;
const CKM_RSA_PKCS_PSS = 0x0d;
const CKM_RSA_PKCS_OAEP = 0x09;
const CKM_ECDH1_DERIVE = 0x1050;
const CKA_WRAP_TEMPLATE = 0x40000211;
const CKA_ALLOWED_MECHANISMS = 0x40000600;

function read(signature: string, bytes: Uint8Array, version = 1): Argument[] {
  return new RpcReader(bytes, version).arguments(signature);
}

const uint32 = fu;

function expectBad(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(CkError);
    expect((error as CkError).rv).toBe(CKR_ARGUMENTS_BAD);
    return;
  }
  throw new Error("it was accepted");
}

describe("one argument of each kind", () => {
  test("y, u, fu, fy are numbers", () => {
    expect(read("yufufy", Buffer.concat([y(7), u(2 ** 40), fu(5), fy(0xffffffff)]))).toEqual([7, 2 ** 40, 5, 0xffffffff]);
  });

  test("a u beyond what a number holds is the largest that one holds, so that it matches nothing", () => {
    expect(read("u", u(2n ** 64n - 1n))).toEqual([Number.MAX_SAFE_INTEGER]);
  });

  test("ay is bytes; null when it says so in either of its two ways", () => {
    expect(read("ayayay", Buffer.concat([ay(Uint8Array.of(1, 2)), ay(null), y(0), uint32(9)]))).toEqual([Uint8Array.of(1, 2), null, null]);
  });

  test("s and z are strings, or null", () => {
    expect(read("sz", Buffer.concat([string(Buffer.from("ab")), uint32(0xffffffff)]))).toEqual([Uint8Array.of(97, 98), null]);
  });

  test("fA is types with the room for each", () => {
    const asked = rooms([
      [0x11, 100],
      [0x102, 0],
    ]);
    expect(read("fA", asked)).toEqual([
      [
        { type: 0x11, lengthBytes: 100 },
        { type: 0x102, lengthBytes: 0 },
      ],
    ]);
  });

  test("aA is attributes, each as a 64-bit client has it in memory", () => {
    const rows = template([
      [0x00, 3],
      [0x01, true],
      [0x102, Uint8Array.of(2)],
    ]);
    expect(read("aA", rows)).toEqual([
      [
        { type: 0x00, value: Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 0) },
        { type: 0x01, value: Uint8Array.of(1) },
        { type: 0x102, value: Uint8Array.of(2) },
      ],
    ]);
  });

  test("an attribute without a value is an empty one, whatever its kind", () => {
    const none = (type: number): Buffer => Buffer.concat([uint32(type), y(0)]);
    const empty = [Buffer.concat([uint32(0x01), y(1), uint32(0), y(0)]), Buffer.concat([uint32(0x00), y(1), uint32(0), u(0)])];
    const [attributes] = read("aA", Buffer.concat([uint32(5), none(0x00), none(0x01), none(0x102), ...empty]));
    expect(attributes).toEqual([0x00, 0x01, 0x102, 0x01, 0x00].map((type) => ({ type, value: new Uint8Array(0) })));
  });

  test("an attribute that is a template or a list of mechanisms is stepped over", () => {
    const nested = Buffer.concat([uint32(CKA_WRAP_TEMPLATE), y(1), uint32(24), template([[0x01, true]])]);
    const mechanisms = Buffer.concat([uint32(CKA_ALLOWED_MECHANISMS), y(1), uint32(16), uint32(2), u(1), u(2)]);
    const [attributes] = read("aA", Buffer.concat([uint32(3), nested, mechanisms, template([[0x03, Buffer.from("x")]]).subarray(4)]));
    expect(attributes).toEqual([
      { type: CKA_WRAP_TEMPLATE, value: new Uint8Array(0) },
      { type: CKA_ALLOWED_MECHANISMS, value: new Uint8Array(0) },
      { type: 0x03, value: Uint8Array.of(120) },
    ]);
  });
});

const LABEL = Uint8Array.of(1, 2, 3);

describe("a mechanism", () => {
  test.each([0, 1, 2])("without parameters, of version %i, leaves what follows in its place", (version) => {
    const bytes = Buffer.concat([u(1), mechanism(CKM_ECDSA, version), u(99)]);
    expect(read("uMu", bytes, version)).toEqual([1, { type: CKM_ECDSA, hasParameter: false }, 99]);
  });

  test.each([0, 1, 2])("that is none is null (version %i)", (version) => {
    expect(read("Mu", Buffer.concat([uint32(0xffffffff), u(99)]), version)).toEqual([null, 99]);
  });

  test.each([
    ["PSS", CKM_RSA_PKCS_PSS, Buffer.concat([u(0x250), u(2), u(32)]), { pss: { hash: 0x250, mgf: 2, saltBytes: 32 } }],
    [
      "OAEP",
      CKM_RSA_PKCS_OAEP,
      Buffer.concat([u(0x250), u(2), u(1), string(LABEL)]),
      { oaep: { hash: 0x250, mgf: 2, source: 1, label: LABEL } },
    ],
  ])("of %s comes with its parameters and leaves what follows in its place, in both forms", (_, type, parameters, parsed) => {
    const whole = { type, hasParameter: true, ...parsed };
    expect(read("Mu", Buffer.concat([uint32(type), parameters, u(99)]), 1)).toEqual([whole, 99]);
    expect(read("Mu", Buffer.concat([uint32(type), y(1), parameters, u(99)]), 2)).toEqual([whole, 99]);
    expect(read("Mu", Buffer.concat([uint32(type), y(0), u(99)]), 2)).toEqual([{ type, hasParameter: false }, 99]);
  });

  test.each([0, 1, 2])("CKM_ECDH1_DERIVE, of version %i, comes with its parameters; null pointers are empty", (version) => {
    const publicData = new Uint8Array(65).fill(7);
    const type = CKM_ECDH1_DERIVE;
    const parsed = (sharedData: Uint8Array) => ({ type, hasParameter: true, ecdh: { kdf: 5, sharedData, publicData } });
    const bytes = (shared: Uint8Array | null) => Buffer.concat([ecdhMechanism(publicData, version, 5, shared), u(99)]);
    expect(read("Mu", bytes(null), version)).toEqual([parsed(new Uint8Array(0)), 99]);
    expect(read("Mu", bytes(Uint8Array.of(1, 2)), version)).toEqual([parsed(Uint8Array.of(1, 2)), 99]);
  });

  test("CKM_ECDH1_DERIVE without parameters, of version 2, has none", () => {
    const bytes = Buffer.concat([uint32(CKM_ECDH1_DERIVE), y(0), u(99)]);
    expect(read("Mu", bytes, 2)).toEqual([{ type: CKM_ECDH1_DERIVE, hasParameter: false }, 99]);
  });

  test("with parameters of a form that is not known, in versions 0 and 1, is stepped over", () => {
    const bytes = Buffer.concat([uint32(0x1082), string(new Uint8Array(16)), u(99)]);
    expect(read("Mu", bytes, 0)).toEqual([{ type: 0x1082, hasParameter: true }, 99]);
  });
});

describe("what does not fit is refused with CKR_ARGUMENTS_BAD", () => {
  test("a string that is longer than the frame", () => {
    expectBad(() => read("ay", Buffer.concat([y(1), uint32(0xfffffffe), Buffer.alloc(20)])));
  });

  test.each(["aA", "fA"])("%s with more entries than anyone has", (signature) => {
    expectBad(() => read(signature, Buffer.concat([uint32(257), Buffer.alloc(257 * 8)])));
    expectBad(() => read(signature, uint32(0xffffffff)));
  });

  test("a list of more mechanisms than there are bytes", () => {
    expectBad(() => read("aA", Buffer.concat([uint32(1), uint32(CKA_ALLOWED_MECHANISMS), y(1), uint32(8), uint32(0xffffffff)])));
  });

  test("templates nested without end", () => {
    const level = Buffer.concat([uint32(1), uint32(CKA_WRAP_TEMPLATE), y(1), uint32(24)]);
    expectBad(() => read("aA", Buffer.concat(Array.from({ length: 100_000 }, () => level))));
  });

  test("anything that is cut short", () => {
    const whole = Buffer.concat([
      u(1),
      mechanism(CKM_ECDSA, 1),
      ay(new Uint8Array(3)),
      template([[0x00, 1]]),
      rooms([[1, 2]]),
      y(1),
      fu(2),
    ]);
    for (let length = 0; length < whole.length; length++) expectBad(() => read("uMayaAfAyfu", whole.subarray(0, length)));
  });

  test("random bytes end in arguments or in CKR_ARGUMENTS_BAD, nothing else", () => {
    const parts = fc.array(fc.constantFrom("y", "u", "fu", "fy", "ay", "au", "s", "z", "aA", "fA", "M"), { maxLength: 6 });
    fc.assert(
      fc.property(parts, fc.uint8Array({ maxLength: 120 }), fc.constantFrom(0, 1, 2), (signature, bytes, version) => {
        try {
          read(signature.join(""), bytes, version);
        } catch (error) {
          expect(error).toMatchObject({ name: "CkError", rv: CKR_ARGUMENTS_BAD });
        }
      }),
      { numRuns: 500 },
    );
  });
});

test("a template comes back as it was written", () => {
  const row = fc.oneof(
    fc.tuple(fc.constantFrom(0x00, 0x80, 0x100), fc.nat(0xffffffff)),
    fc.tuple(fc.constantFrom(0x01, 0x02, 0x108), fc.boolean()),
    fc.tuple(fc.constantFrom(0x03, 0x11, 0x102, 0x181), fc.uint8Array({ maxLength: 40 })),
  );
  const inMemory = (value: number | boolean | Uint8Array): Uint8Array => {
    if (typeof value === "boolean") return Uint8Array.of(value ? 1 : 0);
    return typeof value === "number" ? new Uint8Array(u(value)).reverse() : value;
  };
  fc.assert(
    fc.property(fc.array(row, { maxLength: 10 }), (rows) => {
      expect(read("aAu", Buffer.concat([template(rows), u(5)]))).toEqual([
        rows.map(([type, value]) => ({ type, value: inMemory(value) })),
        5,
      ]);
    }),
  );
});
