// The device as a kernel meets it: enumeration, standard requests, halted endpoints.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { HID_USAGE, HID_USAGE_PAGE, USB_PRODUCT_ID, USB_VENDOR_ID } from "../../protocol/usb.ts";
import { SERIAL, SimulatedToken } from "../../test/support/simulated-token.ts";
import { UsbBench, type UsbHost } from "../../test/support/usb-host.ts";
import { UsbipClient } from "../../test/support/usbip-client.ts";

const STALL = -32;
const OVERFLOW = -75;
const FROM_DEVICE = 0x80;
const FROM_INTERFACE = 0x81;
const FROM_ENDPOINT = 0x82;
const GET_DESCRIPTOR = 6;
const DEVICE = 0x0100;
const CONFIGURATION = 0x0200;
const ENGLISH = 0x0409;

let bench: UsbBench;
let host: UsbHost;

beforeAll(async () => {
  bench = await UsbBench.open(new SimulatedToken());
});

afterAll(() => bench.close());

beforeEach(async () => {
  host?.close();
  await expect.poll(() => bench.changes.at(-1), { interval: 1 }).not.toBe("attached");
  host = await bench.attach();
  return () => host.close();
});

async function descriptor(value: number, index = 0, lengthBytes = 255): Promise<Buffer> {
  const { status, data } = await host.client.controlIn([FROM_DEVICE, GET_DESCRIPTOR, value, index], lengthBytes);
  expect(status).toBe(0);
  return data;
}

/** The parts of a configuration descriptor. */
function partsOf(configuration: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < configuration.length; at += configuration[at] ?? 0) {
    const length = configuration[at] ?? 0;
    expect(length).toBeGreaterThan(1);
    parts.push(configuration.subarray(at, at + length));
  }
  return parts;
}

describe("enumeration, as Linux does it", () => {
  test("before the address: the first 8 bytes of the device descriptor tell endpoint 0's packets", async () => {
    const client = host.client;
    const { data } = await client.controlIn([FROM_DEVICE, GET_DESCRIPTOR, DEVICE, 0], 8);
    expect(data).toHaveLength(8);
    expect(data[7]).toBe(64);
  });

  test("the device is the token's vendor and product, with names and its serial number", async () => {
    const device = await descriptor(DEVICE, 0, 18);
    expect(device).toHaveLength(18);
    expect([device.readUInt16LE(2), device.readUInt16LE(8), device.readUInt16LE(10)]).toEqual([0x0200, USB_VENDOR_ID, USB_PRODUCT_ID]);
    expect((await descriptor(0x0300)).readUInt16LE(2)).toBe(ENGLISH);
    const texts = await Promise.all([...device.subarray(14, 17)].map((index) => descriptor(0x0300 | index, ENGLISH)));
    expect(texts.map((text) => text.toString("utf16le", 2))).toEqual(["Sceau", "Sceau token (simulated)", String(SERIAL)]);
  });

  test("the configuration has a smart card and a HID interface, each with its endpoints, and the lengths add up", async () => {
    const header = await descriptor(CONFIGURATION, 0, 9);
    const whole = await descriptor(CONFIGURATION, 0, header.readUInt16LE(2));
    expect(whole).toHaveLength(header.readUInt16LE(2));
    const parts = partsOf(whole);
    const interfaces = parts.filter((part) => part[1] === 4);
    expect(interfaces.map((part) => [part[2], part[4], part[5]])).toEqual([
      [0, 3, 0x0b],
      [1, 2, 0x03],
    ]);
    const endpoints = parts.filter((part) => part[1] === 5);
    expect(endpoints.map((part) => [part[2], part[3], part.readUInt16LE(4)])).toEqual([
      [0x01, 2, 64],
      [0x81, 2, 64],
      [0x82, 3, 8],
      [0x03, 3, 64],
      [0x83, 3, 64],
    ]);
    const strings = await Promise.all(interfaces.map((part) => descriptor(0x0300 | (part[8] ?? 0), ENGLISH)));
    expect(strings.map((text) => text.toString("utf16le", 2))).toEqual(["PIV", "packets"]);
  });

  test("the smart card interface offers T=1, extended APDUs, and messages that hold 3,072 bytes with headers (CCID 1.1 §5.1)", async () => {
    const [ccid] = partsOf(await descriptor(CONFIGURATION)).filter((part) => part[0] === 54);
    if (ccid === undefined) throw new Error("no CCID descriptor");
    expect([ccid[1], ccid.readUInt16LE(2), ccid.readUInt32LE(6)]).toEqual([0x21, 0x0110, 2]);
    const features = ccid.readUInt32LE(40);
    expect(features & 0x00070000).toBe(0x00040000);
    expect(features & 0xc0, "one way of negotiating, not both").toBe(0x40);
    expect(ccid.readUInt32LE(44)).toBeGreaterThanOrEqual(3072 + 10);
    const [frequencies, rates] = await Promise.all([2, 3].map((request) => host.client.controlIn([0xa1, request, 0, 0], 4)));
    expect(frequencies?.data).toEqual(ccid.subarray(10, 14));
    expect(rates?.data).toEqual(ccid.subarray(19, 23));
  });

  test("the HID interface describes two reports of 64 bytes without a number, on the token's usage page", async () => {
    const [hid] = partsOf(await descriptor(CONFIGURATION)).filter((part) => part[0] === 9 && part[1] === 0x21);
    const { data: alone } = await host.client.controlIn([FROM_INTERFACE, GET_DESCRIPTOR, 0x2100, 1], 9);
    expect(alone).toEqual(hid);
    const { data: report } = await host.client.controlIn([FROM_INTERFACE, GET_DESCRIPTOR, 0x2200, 1], 255);
    expect(report).toHaveLength(hid?.readUInt16LE(7) ?? 0);
    const items = new Map([...hidItems(report)].reverse()); // of several usages the first one: the collection's
    expect([items.get(0x04), items.get(0x08)]).toEqual([HID_USAGE_PAGE, HID_USAGE]);
    expect([items.get(0x74), items.get(0x94), items.has(0x80), items.has(0x90), items.has(0x84)]).toEqual([8, 64, true, true, false]);
  });

  test.each([
    ["a device qualifier: there is no high speed", FROM_DEVICE, GET_DESCRIPTOR, 0x0600, 0],
    ["a second configuration", FROM_DEVICE, GET_DESCRIPTOR, 0x0201, 0],
    ["an unknown string", FROM_DEVICE, GET_DESCRIPTOR, 0x0309, ENGLISH],
    ["a string in German", FROM_DEVICE, GET_DESCRIPTOR, 0x0301, 0x0407],
    ["the status of a third interface", FROM_INTERFACE, 0, 0, 2],
    ["the status of an endpoint that is not there", FROM_ENDPOINT, 0, 0, 0x04],
    ["a report descriptor of the smart card interface", FROM_INTERFACE, GET_DESCRIPTOR, 0x2200, 0],
    ["a class request of a third interface", 0xa1, 1, 0x0100, 2],
    ["a vendor request", 0xc0, 1, 0, 0],
    ["a feature report", 0xa1, 1, 0x0300, 1],
  ])("%s is refused", async (_, requestType, request, value, index) => {
    expect((await host.client.controlIn([requestType, request, value, index], 64)).status).toBe(STALL);
  });
});

/** Short items: tag and type without the size, and the value (HID 1.11 §6.2.2.2). */
function* hidItems(report: Buffer): Generator<[number, number]> {
  for (let at = 0; at < report.length; ) {
    const head = report[at] ?? 0;
    const size = head & 3;
    yield [head & 0xfc, size === 0 ? 0 : report.readUIntLE(at + 1, size)];
    at += 1 + size;
  }
}

test("a control transfer whose two directions disagree is refused, and does nothing", async () => {
  const unconfigure = Uint8Array.of(0x00, 9, 0, 0, 0, 0, 4, 0);
  expect(await host.client.submit({ endpoint: 0, isIn: true, lengthBytes: 4, setup: unconfigure }).result).toMatchObject({ status: STALL });
  const status = Uint8Array.of(0x80, 0, 0, 0, 0, 0, 2, 0);
  const written = host.client.submit({ endpoint: 0, isIn: false, lengthBytes: 2, setup: status, data: Buffer.alloc(2) });
  expect(await written.result).toMatchObject({ status: STALL, actualBytes: 0 });
  expect((await host.client.controlIn([FROM_DEVICE, 8, 0, 0], 1)).data[0]).toBe(1);
});

describe("configuration", () => {
  const configuration = async (): Promise<number | undefined> => (await host.client.controlIn([FROM_DEVICE, 8, 0, 0], 1)).data[0];

  test("is told; only 0 and 1 can be set; interfaces have one setting", async () => {
    expect(await configuration()).toBe(1);
    expect((await host.client.controlOut([0x00, 9, 2, 0])).status).toBe(STALL);
    expect(await configuration()).toBe(1);
    expect((await host.client.controlIn([FROM_INTERFACE, 10, 0, 1], 1)).data[0]).toBe(0);
    expect((await host.client.controlOut([0x01, 11, 1, 1])).status).toBe(STALL);
    expect((await host.client.controlOut([0x01, 11, 0, 1])).status).toBe(0);
    const statuses = await Promise.all(
      [FROM_DEVICE, FROM_INTERFACE, FROM_ENDPOINT].map((from) => host.client.controlIn([from, 0, 0, 0], 2)),
    );
    expect(statuses.map(({ data }) => data.toString("hex"))).toEqual(["0000", "0000", "0000"]);
  });

  test("without it no endpoint but the first answers, and no interface", async () => {
    expect((await host.client.controlOut([0x00, 9, 0, 0])).status).toBe(0);
    expect(await configuration()).toBe(0);
    expect((await host.client.in(3, 64)).status).toBe(STALL);
    expect((await host.client.out(1, Buffer.alloc(10))).status).toBe(STALL);
    expect((await host.client.controlIn([FROM_INTERFACE, 10, 0, 0], 1)).status).toBe(STALL);
    expect((await host.client.controlIn([0xa1, 2, 0, 0], 4)).status).toBe(STALL);
    expect((await host.client.controlIn([FROM_ENDPOINT, 0, 0, 0x81], 2)).status).toBe(STALL);
  });

  test("a device under new power is not configured", async () => {
    host.close();
    await expect.poll(() => bench.changes.at(-1), { interval: 1 }).toBe("detached");
    const client = await UsbipClient.connect(bench.plug.port);
    await client.import();
    expect((await client.controlIn([FROM_DEVICE, 8, 0, 0], 1)).data[0]).toBe(0);
    client.close();
  });
});

describe("an endpoint", () => {
  const isHalted = async (address: number): Promise<number | undefined> =>
    (await host.client.controlIn([FROM_ENDPOINT, 0, 0, address], 2)).data[0];

  test.each([0x81, 0x03])("%i that is halted stalls, what waits there too, until that is cleared (USB 2.0 §9.4.5)", async (address) => {
    const transfer = (): Promise<{ status: number }> =>
      address > 0x80 ? host.client.in(address & 0x7f, 64) : host.client.out(address, Buffer.alloc(64));
    const waiting = address > 0x80 ? transfer() : null;
    expect((await host.client.controlOut([0x02, 3, 0, address])).status).toBe(0);
    if (waiting !== null) expect((await waiting).status).toBe(STALL);
    expect(await isHalted(address)).toBe(1);
    expect((await transfer()).status).toBe(STALL);
    expect((await host.client.controlOut([0x02, 1, 0, address])).status).toBe(0);
    expect(await isHalted(address)).toBe(0);
    await host.send(0x65);
    expect((await transfer()).status).toBe(0);
  });

  test("that is not there stalls, in both directions", async () => {
    expect((await host.client.in(4, 64)).status).toBe(STALL);
    expect((await host.client.in(15, 64)).status).toBe(STALL);
    expect((await host.client.out(2, Buffer.alloc(64))).status).toBe(STALL);
  });

  test("gives a long message in as many transfers as it takes, when they end with whole packets", async () => {
    await host.powerOn();
    const whole = await host.transmit("805c010000");
    await host.send(0x6f, { data: "805c010000" });
    const first = await host.client.in(1, 64);
    const rest = await host.client.in(1, 4096);
    expect(Buffer.concat([first.data, rest.data]).toString("hex", 10)).toBe(whole);
  });

  test("says so when the host has no room for a packet (USB 2.0 §8.7.4: babble)", async () => {
    await host.send(0x62);
    expect(await host.client.in(1, 10)).toMatchObject({ status: OVERFLOW, actualBytes: 10 });
    await host.send(0x65, { seq: 77 });
    expect((await host.receive()).seq).toBe(77);
  });
});
