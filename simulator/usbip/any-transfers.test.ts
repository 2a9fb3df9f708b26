// The device under any transfers: each is completed once at most, and never with more than there is room for.

import fc from "fast-check";
import { expect, test } from "vitest";
import { PacketPort } from "../../firmware/packet-port.ts";
import { SimulatedToken } from "../../test/support/simulated-token.ts";
import { CcidFunction } from "./ccid-function.ts";
import { HidFunction } from "./hid-function.ts";
import { UsbDevice } from "./usb-device.ts";

const EMPTY = new Uint8Array(0);
const CONFIGURE = Uint8Array.of(0, 9, 1, 0, 0, 0, 0, 0);
const SECOND_MS = 1000;

/** A request type, request, value, index and length as drivers send them, or nearly. */
const setup = fc
  .tuple(fc.constantFrom(0x00, 0x01, 0x02, 0x21, 0x80, 0x81, 0x82, 0xa1, 0xc0), fc.nat(12), fc.constantFrom(0, 1, 2, 0x21, 0x22), fc.nat(3))
  .map(([type, request, valueHigh, index]) => Uint8Array.of(type, request, 0, valueHigh, index, 0, 255, 0));

const ccidMessage = fc
  .tuple(
    fc.constantFrom(0x61, 0x62, 0x63, 0x65, 0x6b, 0x6c, 0x6f, 0x6f, 0x72),
    fc.nat(2),
    fc.nat(20),
    fc.constantFrom(0, 0, 1, 2, 3, 0x10),
    fc.uint8Array({ maxLength: 90 }),
  )
  .map(([type, slot, seq, level, data]) => Uint8Array.of(type, data.length, 0, 0, 0, slot >> 1, seq, 0, level, 0, ...data));

const transfer = fc.oneof(
  fc.record({ address: fc.constantFrom(0x00, 0x80), setup, lengthBytes: fc.nat(300), data: fc.uint8Array({ maxLength: 64 }) }),
  fc.record({
    address: fc.constant(0x01),
    setup: fc.constant(EMPTY),
    lengthBytes: fc.constant(0),
    data: fc.oneof(ccidMessage, fc.uint8Array({ maxLength: 130 })),
  }),
  fc.record({
    address: fc.constant(0x03),
    setup: fc.constant(EMPTY),
    lengthBytes: fc.constant(0),
    data: fc.uint8Array({ maxLength: 130 }),
  }),
  fc.record({
    address: fc.constantFrom(0x81, 0x82, 0x83, 0x84),
    setup: fc.constant(EMPTY),
    lengthBytes: fc.nat(300),
    data: fc.constant(EMPTY),
  }),
);

test("no transfer, or order of them, is too much for the device", async () => {
  const simulated = await SimulatedToken.initialised();
  const port = new PacketPort(simulated.token);
  fc.assert(
    fc.property(fc.array(transfer, { maxLength: 30 }), (transfers) => {
      const device = new UsbDevice("1", [new CcidFunction(simulated.token, SECOND_MS), new HidFunction(port)]);
      const completed = new Map<number, number>();
      device.submit(0, CONFIGURE, { seqnum: 0, lengthBytes: 0, data: EMPTY, complete: () => {} });
      for (const [seqnum, { address, setup, lengthBytes, data }] of transfers.entries()) {
        const complete = (status: number, answer: Uint8Array): void => {
          completed.set(seqnum, (completed.get(seqnum) ?? 0) + 1);
          expect(answer.length).toBeLessThanOrEqual(address >= 0x80 ? lengthBytes : 0);
          expect([0, -32, -75]).toContain(status);
        };
        device.submit(address, setup, { seqnum, lengthBytes, data, complete });
      }
      for (const seqnum of transfers.keys()) {
        const isWaiting = device.unlink(seqnum);
        expect((completed.get(seqnum) ?? 0) + (isWaiting ? 1 : 0)).toBe(1);
      }
      device.powerOff();
      expect(simulated.token.isBusy()).toBe(false);
    }),
    { numRuns: 400 },
  );
  expect(await simulated.client().pinTriesLeft()).toBe(3);
});
