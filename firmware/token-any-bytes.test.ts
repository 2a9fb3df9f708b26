import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeTlv } from "../protocol/ber-tlv.ts";
import { concatBytes, EMPTY_BYTES } from "../protocol/bytes.ts";
import { OBJECT_CHUID, SLOT_AUTHENTICATION, SLOT_SIGNATURE } from "../protocol/piv.ts";
import { ASK_TRIES, apdu, authenticate, generateKey, getData, putData, signCommand } from "../test/firmware/card-commands.ts";
import { TestToken } from "../test/firmware/test-token.ts";
import { COMMANDS } from "./token.ts";

const GET_RESPONSE = { ins: 0xc0, le: 256 };

describe("for any bytes", () => {
  const bytes = fc.uint8Array({ maxLength: 40 });
  const known = fc.constantFrom(...COMMANDS);
  const someTlv = fc.tuple(fc.constantFrom(0x5c, 0x53, 0x7c, 0xac, 0x80, 0x81, 0x82), bytes).map(([tag, value]) => encodeTlv(tag, [value]));
  const someTlvs = fc.array(someTlv, { maxLength: 3 }).map(concatBytes);
  const data = fc.oneof(
    bytes,
    someTlvs,
    someTlvs.map((inside) => encodeTlv(0x7c, [inside])),
    someTlvs.map((inside) => encodeTlv(0xac, [inside])),
  );
  const p = fc.oneof(fc.constantFrom(0x00, 0x04, 0x0c, 0x11, 0x3f, 0x80, 0x81, 0x9a, 0x9b, 0x9c, 0xff), fc.nat({ max: 255 }));
  const shaped = fc
    .record({ command: known, chained: fc.boolean(), p1: p, p2: p, data, le: fc.constantFrom(0, 1, 256, 65536) })
    .map(({ command, chained, ...rest }) => apdu({ cla: command.cla | (chained ? 0x10 : 0), ins: command.ins, ...rest }));
  const valid = fc.constantFrom(
    ...[
      signCommand(SLOT_SIGNATURE),
      signCommand(SLOT_AUTHENTICATION),
      getData(OBJECT_CHUID, 256),
      GET_RESPONSE,
      generateKey(SLOT_SIGNATURE),
    ],
    ...[authenticate(0x0c, [[0x80, EMPTY_BYTES]]), putData(OBJECT_CHUID, new Uint8Array(3)), ASK_TRIES],
  );
  const flipped = fc.tuple(valid, fc.nat(), fc.nat({ max: 7 })).map(([parts, at, bit]) => {
    const whole = apdu(parts);
    return whole.map((byte, i) => (i === at % whole.length ? byte ^ (1 << bit) : byte));
  });
  const anything = fc.oneof(fc.uint8Array({ maxLength: 300 }), shaped, shaped, flipped);

  test("transmit answers once, with a status word, throws nothing, and opens nothing", () => {
    const made = new TestToken().initialise();
    made.makeKey(SLOT_SIGNATURE);
    made.makeKey(SLOT_AUTHENTICATION);
    made.authenticate().data(putData(OBJECT_CHUID, new Uint8Array(700)));
    fc.assert(
      fc.property(fc.array(anything, { minLength: 10, maxLength: 30, size: "max" }), (apdus) => {
        const token = made.reopenedOn(made.image);
        for (const one of apdus) {
          let answers = 0;
          token.token.transmit(token.channel, one, (response) => {
            answers++;
            expect(response.length).toBeGreaterThanOrEqual(2);
            const sw1 = response[response.length - 2] ?? 0;
            expect([0x61, 0x63, 0x67, 0x68, 0x69, 0x6a, 0x6d, 0x6e, 0x90]).toContain(sw1);
          });
          expect(answers).toBe(1);
        }
        expect(token.signatures).toBe(0);
        expect(token.reopened().data(getData(OBJECT_CHUID))).toEqual(made.data(getData(OBJECT_CHUID)));
      }),
      { numRuns: 200 },
    );
  });
});
