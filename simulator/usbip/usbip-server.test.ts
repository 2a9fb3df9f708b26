// The USB/IP server: who gets the device, what is taken back, unplugging, and what hosts send that are none.

import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { PacketPort } from "../../firmware/packet-port.ts";
import { USB_PRODUCT_ID, USB_VENDOR_ID } from "../../protocol/usb.ts";
import { PIN, SimulatedToken } from "../../test/support/simulated-token.ts";
import { UsbBench } from "../../test/support/usb-host.ts";
import { importRequest, opRequest, type SubmitFields, submitCommand, UsbipClient } from "../../test/support/usbip-client.ts";
import { isLoopback, plugIntoUsbip } from "./usbip-server.ts";

const BUSY = 2;
const NO_DEVICE = 4;
const UNLINKED = -104;
const VERIFY = `0020008008${Buffer.from(PIN).toString("hex")}`;
const WAIT = { interval: 1, timeout: 2000 };

let simulated: SimulatedToken;
let bench: UsbBench;

beforeAll(async () => {
  simulated = await SimulatedToken.initialised();
  bench = await UsbBench.open(simulated, { requestLimitMs: 300 });
});

afterAll(() => bench.close());

const connect = (): Promise<UsbipClient> => UsbipClient.connect(bench.plug.port);
const isFree = async (): Promise<boolean> => (await (await connect()).list()).length === 1;

beforeEach(() => {
  bench.plug.replug();
  return async () => {
    await expect.poll(isFree, WAIT).toBe(true);
  };
});

describe("a host", () => {
  test("finds the device, with its numbers and the classes of its interfaces", async () => {
    const [device] = await (await connect()).list();
    expect(device?.toString("latin1", 256, 259)).toBe("1-1");
    expect([device?.readUInt32BE(296), device?.readUInt16BE(300), device?.readUInt16BE(302)]).toEqual([2, USB_VENDOR_ID, USB_PRODUCT_ID]);
    expect([...(device?.subarray(306) ?? [])]).toEqual([0, 0, 0, 0, 1, 2, 0x0b, 0, 0, 0, 0x03, 0, 0, 0]);
  });

  test("that only asks what there is, or asks in vain, is let go", async () => {
    const [lister, stranger] = [await connect(), await connect()];
    await lister.list();
    expect((await stranger.import("1-2")).status).toBe(NO_DEVICE);
    await Promise.all([lister.closed, stranger.closed]);
  });

  test("has the device alone: to a second one it is busy, and not in the list; when the first goes it is free", async () => {
    const first = await connect();
    expect(await first.import()).toMatchObject({ status: 0, device: expect.anything() });
    const second = await connect();
    expect((await second.import()).status).toBe(BUSY);
    expect(await isFree()).toBe(false);
    first.close();
    await expect.poll(isFree, WAIT).toBe(true);
    const third = await connect();
    expect((await third.import()).status).toBe(0);
    third.close();
  });

  test("that says nothing is let go in time, and the device with it never", async () => {
    const silent = await connect();
    const holder = await connect();
    await holder.import();
    await silent.closed;
    expect((await holder.controlIn([0x80, 8, 0, 0], 1)).status).toBe(0);
    holder.close();
  });

  test("that goes on talking after its answer is not heard, and let go in time", async () => {
    const talker = await connect();
    await talker.list();
    const chatter = setInterval(() => talker.socket.write(Buffer.alloc(1000)), 20);
    await talker.closed;
    clearInterval(chatter);
  });

  test("is one of sixteen at most", async () => {
    const patient = await UsbBench.open(simulated);
    const clients = await Promise.all(Array.from({ length: 18 }, () => UsbipClient.connect(patient.plug.port)));
    await expect.poll(() => clients.filter(({ isClosed }) => isClosed).length, WAIT).toBe(2);
    for (const client of clients) client.close();
    await patient.close();
  });

  test("that goes in the middle of a transfer leaves the device free", async () => {
    const command = submitCommand({ seqnum: 1, endpoint: 1, isIn: false, lengthBytes: 100, data: Buffer.alloc(100) });
    for (const cut of [1, 47, 48, 147]) {
      const client = await connect();
      await client.import();
      client.socket.end(command.subarray(0, cut));
      await client.closed;
      await expect.poll(isFree, WAIT).toBe(true);
    }
  });
});

describe("a transfer", () => {
  test("that waits can be taken back, once; one that is over, or never was, can't", async () => {
    const host = await bench.attach();
    await host.client.in(2, 8); // the card was inserted
    const waiting = host.client.submit({ endpoint: 2, isIn: true, lengthBytes: 8 });
    expect(await host.client.unlink(waiting.seqnum)).toBe(UNLINKED);
    expect(await host.client.unlink(waiting.seqnum)).toBe(0);
    expect(await host.client.unlink(1)).toBe(0);
    expect(await host.client.unlink(4_000_000_000)).toBe(0);
    for (let i = 0; i < 300; i++) {
      const next = host.client.submit({ endpoint: 2, isIn: true, lengthBytes: 8 });
      void host.client.unlink(next.seqnum);
    }
    const [first, second] = [1, 2].map(() => host.client.submit({ endpoint: 1, isIn: true, lengthBytes: 64 }));
    expect(await host.client.unlink(first?.seqnum ?? 0)).toBe(UNLINKED);
    await host.send(0x65, { seq: 5 });
    expect((await second?.result)?.data[6]).toBe(5);
    host.close();
  });
});

describe("unplugged", () => {
  test("the host finds the device gone, and there is none to attach; in again it is there, under new power", async () => {
    const host = await bench.attach();
    await host.powerOn();
    expect(await host.transmit(VERIFY)).toBe("9000");
    bench.changes.length = 0;
    bench.plug.unplug();
    await host.client.closed;
    bench.plug.unplug();
    const other = await connect();
    expect(await other.list()).toHaveLength(0);
    expect((await (await connect()).import()).status).toBe(NO_DEVICE);
    bench.plug.replug();
    expect(await isFree()).toBe(true);
    const next = await bench.attach();
    await next.powerOn();
    expect(await next.transmit("00200080")).toBe("63c3");
    expect(bench.changes).toEqual(["unplugged", "detached", "replugged", "attached"]);
    next.close();
  });

  test("the plug that is closed leaves nothing behind", async () => {
    const other = await UsbBench.open(simulated);
    const host = await other.attach();
    const lister = await UsbipClient.connect(other.plug.port);
    await other.close();
    await Promise.all([host.client.closed, lister.closed]);
    await expect(UsbipClient.connect(other.plug.port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});

describe("where it listens", () => {
  test.each(["127.0.0.1", "127.83.67.69", "::1"])("%s is this machine's alone", (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  test.each(["0.0.0.0", "::", "192.168.1.2", "::ffff:192.168.1.2", "localhost", "128.0.0.1", "fe80::1", ""])(
    "«%s» is refused",
    async (host) => {
      expect(isLoopback(host)).toBe(false);
      const refused = plugIntoUsbip({ host, port: 0, token: simulated.token, packets: new PacketPort(simulated.token), serial: "1" });
      await expect(refused).rejects.toThrow(RangeError);
    },
  );
});

describe("what no host sends", () => {
  test.each([
    ["another version", opRequest(0x8005, new Uint8Array(0), 0x0106)],
    ["an unknown request", opRequest(0x8001)],
    ["a web browser", Buffer.from("POST / HTTP/1.1\r\nHost: localhost:3240\r\n\r\n")],
  ])("%s ends the connection", async (_, bytes) => {
    const client = await connect();
    client.socket.write(bytes);
    await client.closed;
  });

  const read: SubmitFields = { seqnum: 1, endpoint: 1, isIn: true, lengthBytes: 64 };
  test.each([
    ["an unknown command", Buffer.alloc(48, 9)],
    ["a transfer to another device", submitCommand({ ...read, deviceId: 7 })],
    ["an isochronous transfer", submitCommand({ ...read, packets: 3 })],
    ["an endpoint over 15", submitCommand({ ...read, endpoint: 16 })],
    ["a transfer over 64 KB", submitCommand({ ...read, isIn: false, lengthBytes: 65_537 })],
    ["a transfer of 4 GB", submitCommand({ ...read, isIn: false, lengthBytes: 0xffffffff })],
    ["a number twice", Buffer.concat([submitCommand({ ...read, endpoint: 3 }), submitCommand({ ...read, endpoint: 3 })])],
    ["257 transfers at a time", Buffer.concat(Array.from({ length: 257 }, (_, i) => submitCommand({ ...read, endpoint: 3, seqnum: i })))],
  ])("%s ends the connection, and frees the device", async (_, bytes) => {
    const host = await bench.attach();
    host.client.socket.write(bytes);
    await host.client.closed;
  });

  test("a host that does not read is cut off", async () => {
    const client = await connect();
    await client.import();
    client.socket.pause();
    const setup = Uint8Array.of(0x80, 6, 0, 2, 0, 0, 0xff, 0);
    const command = submitCommand({ seqnum: 1, endpoint: 0, isIn: true, lengthBytes: 255, setup });
    const many = Buffer.concat(Array.from({ length: 1000 }, () => command));
    await expect
      .poll(() => {
        if (!client.isClosed) client.socket.write(many);
        return bench.changes.at(-1);
      }, WAIT)
      .toBe("detached");
    client.close();
  });

  test("transfers of 64 KB, and as much room, are taken or refused, and the device goes on", async () => {
    const host = await bench.attach();
    for (const endpoint of [0, 1, 3, 5]) await host.client.out(endpoint, Buffer.alloc(65_536, 0x41));
    const answers = await Promise.all([0, 4, 15].map((endpoint) => host.client.in(endpoint, 0xffffffff)));
    expect(answers.map(({ status }) => status)).toEqual([-32, -32, -32]);
    while ((await host.receive()).seq !== 0x41);
    expect(await host.ask(0x65)).toMatchObject({ status: 0 });
    host.close();
  });

  test("any bytes, at any moment, never take the simulator with them", async () => {
    const anyCommand = fc.record({
      seqnum: fc.nat(3),
      endpoint: fc.nat(16),
      isIn: fc.boolean(),
      lengthBytes: fc.nat(300),
      setup: fc.uint8Array({ minLength: 8, maxLength: 8 }),
    });
    const anyBytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      anyCommand.map((fields) =>
        submitCommand({ ...fields, data: fields.isIn ? new Uint8Array(0) : Buffer.alloc(fields.lengthBytes, 0x6f) }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(anyBytes, { maxLength: 12 }), fc.boolean(), async (pieces, isImported) => {
        const client = await connect();
        const begun = isImported ? importRequest("1-1") : Buffer.alloc(0);
        client.socket.write(Buffer.concat([begun, ...pieces]));
        client.socket.end();
        client.socket.resume();
        await client.closed;
        await expect.poll(isFree, WAIT).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});
