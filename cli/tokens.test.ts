// Which token a command reaches.

import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PacketPort } from "../firmware/packet-port.ts";
import type { TokenPort, TokenSource } from "../host-bridge/sources/token-source.ts";
import { hidTransport } from "../host-bridge/transport/hid.ts";
import { LibraryMissingError, NoPortError, PortBusyError, PortForbiddenError } from "../host-bridge/transport/port-error.ts";
import { FakeHidDevice } from "../test/support/fake-hid.ts";
import { SimulatedToken } from "../test/support/simulated-token.ts";
import { temporaryFolder } from "../test/support/temporary-folder.ts";
import { StateFolder } from "./state-folder.ts";
import { connectToken } from "./tokens.ts";

const base = temporaryFolder();
const SIMULATED = 40_000_001;
const ON_USB = 40_000_002;

let state: StateFolder;
let ports: TokenPort[];
let looks: number;
let failure: Error | null;
let unplug: (() => Promise<void>)[];

const usb: TokenSource = {
  kind: "hid",
  look: async () => {
    looks++;
    if (failure !== null) throw failure;
    return ports;
  },
};

async function simulate(name: string): Promise<void> {
  mkdirSync(state.tokenSockets, { recursive: true });
  const { close } = await new SimulatedToken(SIMULATED).plugIn(state.tokenSocket(name));
  unplug.push(close);
}

function plugIn(path: string, open: TokenPort["open"] = async () => hidTransport(device(), path)): FakeHidDevice[] {
  ports.push({ id: path, name: path, mark: "", retryMs: null, open });
  return devices;
}

const devices: FakeHidDevice[] = [];
function device(): FakeHidDevice {
  const made = new FakeHidDevice(new PacketPort(new SimulatedToken(ON_USB).token));
  devices.push(made);
  return made;
}

beforeEach(() => {
  state = new StateFolder(mkdtempSync(join(base, "s-")), {});
  [ports, looks, failure, unplug] = [[], 0, null, []];
  devices.length = 0;
});

afterEach(async () => {
  for (const close of unplug) await close();
});

test("the only token is found, whether it is simulated or on USB", async () => {
  plugIn("/dev/hidraw7");
  const alone = await connectToken(state, undefined, usb);
  expect([alone.name, alone.info.serial]).toEqual(["/dev/hidraw7", String(ON_USB)]);
  alone.close();
  ports = [];
  await simulate("desk");
  const simulated = await connectToken(state, undefined, usb);
  expect(simulated.info.serial).toBe(String(SIMULATED));
  simulated.close();
});

test("one of each are two: the person chooses, by name or serial number", async () => {
  await simulate("desk");
  plugIn("/dev/hidraw7");
  await expect(connectToken(state, undefined, usb)).rejects.toMatchObject({ problem: "which-token" });
  expect(devices.every(({ isClosed }) => isClosed)).toBe(true);
  const bySerial = await connectToken(state, String(ON_USB), usb);
  expect(bySerial.name).toBe("/dev/hidraw7");
  bySerial.close();
  looks = 0;
  const byName = await connectToken(state, "desk", usb);
  expect([byName.info.serial, looks]).toEqual([String(SIMULATED), 0]); // node-hid is not even loaded
  byName.close();
});

test("why a token on USB cannot be opened is told when no other is there, and no sooner", async () => {
  const forbidden = new PortForbiddenError("hid", "/dev/hidraw7", "root");
  plugIn("/dev/hidraw7", () => Promise.reject(forbidden));
  await expect(connectToken(state, undefined, usb)).rejects.toBe(forbidden);
  failure = new LibraryMissingError("hid", "libusb-1.0.so.0: cannot open shared object file");
  await expect(connectToken(state, undefined, usb)).rejects.toBe(failure);
  await simulate("desk");
  const simulated = await connectToken(state, undefined, usb);
  expect(simulated.name).toBe("desk");
  simulated.close();
});

test("a path is a HID device's when its file has such a name, also behind a link, else a serial port's", async () => {
  const [file, link, port] = ["hidraw7", "token", "ttyACM7"].map((name) => join(state.root, name)) as [string, string, string];
  writeFileSync(file, "");
  writeFileSync(port, "");
  symlinkSync(file, link);
  for (const path of [file, link]) await expect(connectToken(state, path, usb)).rejects.toBeInstanceOf(PortBusyError); // as node-hid finds it
  await expect(connectToken(state, port, usb)).rejects.toBeInstanceOf(NoPortError);
});

test("a path that is not there is told as such, HID or serial", async () => {
  await expect(connectToken(state, "/dev/hidraw99", usb)).rejects.toMatchObject({ problem: "no-token-plugged-in" });
  await expect(connectToken(state, "/dev/ttyACM99", usb)).rejects.toMatchObject({ problem: "no-token-plugged-in" });
  for (const nameless of ["pcsc:", "pcsc: "]) {
    await expect(connectToken(state, nameless, usb)).rejects.toMatchObject({ problem: "no-reader-named" });
  }
  expect(looks).toBe(0);
});
