// The form of every standard attribute on the wire, as p11-kit's map_attribute_to_value_type has it (rpc-message.c). One that is taken
// for another form shifts everything behind it.

import { expect, test } from "vitest";
import { type AttributeKind, attributeKind, boolAttribute, textAttribute, ulongAttribute } from "./attribute.ts";

const AS_IN_P11_KIT: readonly (readonly [AttributeKind, string])[] = [
  ["bool", "001 002 086 103 104 105 106 107 108 109 10a 10b 10c 162 163 164 165 170 171 200 202 210 301 302 405"],
  ["ulong", "000 080 087 088 100 121 133 134 160 161 166 201 300 400 401 402 403 404 406 500"],
  ["bytes", "003 010 011 012 081 082 083 084 085 089 08a 08b 090 101 102 110 111 120 122 123 124 125 126 127 128 129 130 131 132"],
  ["bytes", "172 180 181 480 481 482 501 502 503 80000001"],
  ["attributes", "40000211 40000212 40000213"],
  ["mechanisms", "40000600"],
];

test.each(AS_IN_P11_KIT)("%s: %s", (kind, types) => {
  const others = types.split(" ").filter((type) => attributeKind(Number.parseInt(type, 16)) !== kind);
  expect(others).toEqual([]);
});

test("values lie as a 64-bit client has them in memory", () => {
  expect(boolAttribute(1, true).value).toEqual(Uint8Array.of(1));
  expect(ulongAttribute(0, 0x1041).value).toEqual(Uint8Array.of(0x41, 0x10, 0, 0, 0, 0, 0, 0));
  expect(textAttribute(3, "é").value).toEqual(Uint8Array.of(0xc3, 0xa9));
});
