// Where `sceau sim --usb` listens, and what it tells.

import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { PacketPort } from "../firmware/packet-port.ts";
import { plugIntoUsbip, type UsbAddress, type UsbPlug } from "../simulator/usbip/usbip-server.ts";
import { SimulatedToken } from "../test/support/simulated-token.ts";
import { temporaryFolder } from "../test/support/temporary-folder.ts";
import type { CliContext } from "./context.ts";
import { en } from "./messages/en.ts";
import { StateFolder } from "./state-folder.ts";
import { commandUsbPlug, offerOnUsb, usbAddress } from "./usb-plug.ts";

describe("the address", () => {
  test.each([
    ["127.0.0.1:3240", { host: "127.0.0.1", port: 3240 }],
    ["127.83.67.69:1", { host: "127.83.67.69", port: 1 }],
    ["[::1]:0", { host: "::1", port: 0 }],
  ])("%s", (text, address) => {
    expect(usbAddress(text)).toEqual(address);
  });

  test("is usbip's own port on this machine when none is told", () => {
    expect(usbAddress(true)).toEqual({ host: "127.0.0.1", port: 3240 });
  });

  test.each(["0.0.0.0:3240", "192.168.1.7:3240", "[::]:3240", "localhost:3240", "3240", "127.0.0.1", "127.0.0.1:", "127.0.0.1:usb", ""])(
    "«%s» is refused: not this machine's alone, or no address",
    (text) => {
      expect(() => usbAddress(text)).toThrow(expect.objectContaining({ problem: "bad-usb-address" }));
    },
  );

  test("a port is at most 65535", () => {
    expect(() => usbAddress("127.0.0.1:65536")).toThrow(expect.objectContaining({ problem: "bad-number" }));
  });
});

const state = new StateFolder(temporaryFolder(), {});
const told: unknown[] = [];
const context: CliContext = {
  say: en,
  state,
  isJson: false,
  now: () => new Date(),
  print: (line) => told.push(line),
  report: (result, lines) => told.push(result, ...lines),
};

describe("offered on USB", () => {
  test("it tells the one line that attaches it, takes commands, and tells what becomes of it", async () => {
    const changes: string[] = [];
    const plugIn = async ({ port, tell }: UsbAddress): Promise<UsbPlug> => ({
      port: port === 0 ? 40_001 : port,
      unplug: () => tell?.("unplugged"),
      replug: () => tell?.("replugged"),
      close: async () => void changes.push("closed"),
    });
    mkdirSync(state.token("sim"), { recursive: true });
    const usual = await offerOnUsb(context, "sim", usbAddress(true), plugIn);
    usual.tell();
    expect(told).toContain("  sudo modprobe vhci-hcd && sudo usbip attach -r 127.0.0.1 -b 1-1");
    await usual.close();
    const other = await offerOnUsb(context, "sim", usbAddress("127.0.0.1:0"), plugIn);
    other.tell();
    expect(told).toContain("  sudo modprobe vhci-hcd && sudo usbip --tcp-port 40001 attach -r 127.0.0.1 -b 1-1");
    told.length = 0;
    await commandUsbPlug(context, "sim", "unplug");
    await commandUsbPlug(context, "sim", "replug");
    const { unplugged, replugged } = en.sim.usb.change;
    const byCommand = (change: string): unknown => ({ event: `usb-${change}`, name: "sim" });
    expect(told).toEqual([unplugged, byCommand("unplugged"), unplugged, replugged, byCommand("replugged"), replugged]);
    await other.close();
    expect(changes).toEqual(["closed", "closed"]);
    await expect(commandUsbPlug(context, "sim", "unplug")).rejects.toMatchObject({ problem: "not-on-usb" });
  });

  test("when it can take no commands it is not offered either", async () => {
    let isClosed = false;
    const plug: UsbPlug = {
      port: 1,
      unplug: () => {},
      replug: () => {},
      close: async () => {
        isClosed = true;
      },
    };
    writeFileSync(state.token("not-a-folder"), "");
    await expect(offerOnUsb(context, "not-a-folder", usbAddress(true), async () => plug)).rejects.toMatchObject({ code: "EEXIST" });
    expect(isClosed).toBe(true);
  });

  test("a port that another program has is told", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const { token } = new SimulatedToken();
    const plugIn = (address: UsbAddress): Promise<UsbPlug> =>
      plugIntoUsbip({ ...address, token, packets: new PacketPort(token), serial: "1" });
    const offered = offerOnUsb(context, "sim", { host: "127.0.0.1", port }, plugIn);
    await expect(offered).rejects.toMatchObject({ problem: "usb-port-taken", detail: `127.0.0.1:${port}` });
    await new Promise((resolve) => server.close(resolve));
  });
});
