// The HID transport over a device in memory: what node-hid's HIDAsync would do with a token behind it.

import { EventEmitter } from "node:events";
import { describe, expect, test } from "vitest";
import { PacketPort } from "../../firmware/packet-port.ts";
import { FakeHidDevice } from "../../test/support/fake-hid.ts";
import { SimulatedToken } from "../../test/support/simulated-token.ts";
import { hidTransport, openHidTransport } from "./hid.ts";
import type { HidDevice } from "./hid-library.ts";
import { loadNodeHid } from "./hid-library.ts";
import { PortBusyError } from "./port-error.ts";

const GET_VERSION = Uint8Array.of(0x00, 0xfd, 0, 0);
const VERSION = Uint8Array.of(5, 4, 3, 0x90, 0x00);

const fakeDevice = (): FakeHidDevice => new FakeHidDevice(new PacketPort(new SimulatedToken().token));

describe("a HID transport", () => {
  test("sends reports of 64 bytes behind report number 0, and takes those that come", async () => {
    const device = fakeDevice();
    const transport = hidTransport(device, "hidraw0");
    const channel = await transport.openChannel();
    expect(await channel.transmit(GET_VERSION)).toEqual(VERSION);
    expect(device.reports.every((report) => report.length === 65 && report[0] === 0)).toBe(true);
  });

  test("writes one report after the other, in order, though the library writes from a pool of threads", async () => {
    const device = fakeDevice();
    const channel = await hidTransport(device, "x").openChannel();
    device.writeDelaysMs = [20, 1, 10, 0];
    const long = new Uint8Array([0x00, 0xcb, 0x3f, 0xff, 200, ...new Uint8Array(200)]);
    const answer = await channel.transmit(long);
    expect(answer.subarray(-2)[0]).toBe(0x6a); // understood as one command, and refused as such
    expect(device.mostAtOnce).toBe(1);
  });

  test("ignores reports of another length", async () => {
    const device = fakeDevice();
    const channel = await hidTransport(device, "x").openChannel();
    device.emit("data", Buffer.alloc(8));
    expect(await channel.transmit(GET_VERSION)).toEqual(VERSION);
  });

  test.each(["read", "write"])("has gone when a %s fails, and closes the device", async (what) => {
    const device = fakeDevice();
    const transport = hidTransport(device, "x");
    const channel = await transport.openChannel();
    device.isSilent = true;
    const answered = channel.transmit(GET_VERSION);
    if (what === "read") device.emit("error", new Error("could not read from HID device"));
    else {
      device.isUnplugged = true;
      channel.cancel();
    }
    await expect(answered).rejects.toMatchObject({ failure: "gone" });
    await transport.gone;
    expect(device.isClosed).toBe(true);
    await expect(transport.openChannel()).rejects.toMatchObject({ failure: "gone" });
  });

  test("that is closed has gone, even when closing fails", async () => {
    const device: HidDevice = Object.assign(new EventEmitter(), {
      write: async () => 65,
      close: () => Promise.reject(new Error("device is gone")),
    });
    const transport = hidTransport(device, "x");
    transport.close();
    await expect(transport.gone).resolves.toBeUndefined();
  });
});

test("a device that cannot be opened is busy: nothing was sent, it may be tried again", async () => {
  const library = { list: async () => [], open: () => Promise.reject(new Error("cannot open device with path /dev/hidraw9")) };
  await expect(openHidTransport(library, "/dev/hidraw9")).rejects.toBeInstanceOf(PortBusyError);
});

test("node-hid itself loads here, lists devices, and tells of one that is not there", async () => {
  const library = loadNodeHid();
  expect(Array.isArray(await library.list())).toBe(true);
  await expect(openHidTransport(library, "/dev/no-such-hidraw")).rejects.toBeInstanceOf(PortBusyError);
});
