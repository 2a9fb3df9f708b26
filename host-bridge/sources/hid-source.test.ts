// Which HID devices are opened, and how often the library is asked.

import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Device } from "node-hid";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PacketPort } from "../../firmware/packet-port.ts";
import { FakeHidDevice } from "../../test/support/fake-hid.ts";
import { SERIAL, SimulatedToken } from "../../test/support/simulated-token.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { type TokenEvent, TokenWatch } from "../token-watch.ts";
import type { HidLibrary } from "../transport/hid-library.ts";
import { LibraryMissingError } from "../transport/port-error.ts";
import { HidSource } from "./hid-source.ts";

const base = temporaryFolder();
const OURS = { vendorId: 0x1209, productId: 1, release: 1, interface: 0, usagePage: 0xff5c, usage: 1 };

let devices: Device[];
let opened: string[];
let asked: number;
let failure: Error | null;
let mark: string | null;
let lastDevice: FakeHidDevice;
let folder: string;

const library: HidLibrary = {
  list: async () => {
    asked++;
    if (failure !== null) throw failure;
    return devices;
  },
  open: async (path) => {
    opened.push(path);
    lastDevice = new FakeHidDevice(new PacketPort(new SimulatedToken().token));
    return lastDevice;
  },
};
const source = (): HidSource => new HidSource(library, async () => mark);

beforeEach(() => {
  folder = mkdtempSync(join(base, "dev-"));
  [devices, opened, asked, failure, mark] = [[], [], 0, null, "a"];
});

afterEach(() => {
  vi.useRealTimers();
});

function plugIn(name: string, more: Partial<Device> = {}): void {
  writeFileSync(join(folder, name), "");
  devices.push({ ...OURS, path: join(folder, name), ...more });
}

test("only devices with our usage page and usage are shown: no keyboard, no FIDO key, no other page of a vendor's", async () => {
  plugIn("token");
  plugIn("keyboard", { usagePage: 1, usage: 6 });
  plugIn("fido", { usagePage: 0xf1d0, usage: 1 });
  plugIn("stranger", { usagePage: 0xff00, usage: 1 });
  plugIn("other-usage", { usage: 2 });
  plugIn("unknown", { usagePage: undefined as never, usage: undefined as never });
  expect((await source().look()).map(({ name }) => name)).toEqual([join(folder, "token")]);
});

test("our page alone is not enough: the numbers or the name are ours, too", async () => {
  const stranger = { vendorId: 0x1234, productId: 1 };
  plugIn("other-number", { productId: 2 });
  plugIn("stranger", { ...stranger, product: "Sceaux-9", manufacturer: "ACME" });
  plugIn("board", { ...stranger, product: "Sceau on Jolt.js" });
  plugIn("makers", { ...stranger, product: "Token", manufacturer: "Sceau" });
  expect((await source().look()).map(({ name }) => name)).toEqual([join(folder, "board"), join(folder, "makers")]);
});

test("the library is asked when something changed, and not at each look", async () => {
  const hid = source();
  for (let look = 0; look < 5; look++) await hid.look();
  expect(asked).toBe(1);
  mark = "b";
  plugIn("token");
  expect(await hid.look()).toHaveLength(1);
  expect(asked).toBe(2);
});

test("where there is no HID device the library is not even loaded", async () => {
  mark = "";
  failure = new LibraryMissingError("hid", "libusb-1.0.so.0: cannot open shared object file");
  expect(await source().look()).toEqual([]);
  expect(asked).toBe(0);
});

test("where the system tells no changes the library is asked every two seconds", async () => {
  vi.useFakeTimers();
  mark = null;
  const hid = source();
  for (let look = 0; look < 17; look++) {
    await hid.look();
    vi.advanceTimersByTime(250);
  }
  expect(asked).toBe(3);
});

test("a library that cannot be loaded is told once, and tried again", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  failure = new LibraryMissingError("hid", "libusb-1.0.so.0: cannot open shared object file");
  plugIn("token");
  const events: TokenEvent[] = [];
  const watch = new TokenWatch([source()], (event) => events.push(event));
  for (let look = 0; look < 20; look++) {
    await watch.look();
    vi.advanceTimersByTime(250);
  }
  expect(events).toEqual([{ event: "trouble", about: "hid-library", reason: "libusb-1.0.so.0: cannot open shared object file" }]);
  expect(asked).toBe(3);
  failure = null; // the packages are installed meanwhile
  vi.advanceTimersByTime(2000);
  await watch.look();
  await watch.settled();
  expect(events.at(-1)).toMatchObject({ event: "token-in" });
  await watch.close();
});

test("a token is opened, seen to go, and opened again when it is back", async () => {
  plugIn("hidraw3");
  const events: TokenEvent[] = [];
  const watch = new TokenWatch([source()], (event) => events.push(event));
  await watch.look();
  await watch.settled();
  const name = join(folder, "hidraw3");
  expect(events).toEqual([{ event: "token-in", name, serial: String(SERIAL), slot: SERIAL }]);
  lastDevice.emit("error", new Error("could not read from HID device"));
  [devices, mark] = [[], "b"];
  await watch.look();
  await vi.waitFor(() => expect(events.at(-1)).toEqual({ event: "token-out", name, slot: SERIAL }));
  mark = "c";
  plugIn("hidraw3");
  await watch.look();
  await watch.settled();
  expect(events.at(-1)).toMatchObject({ event: "token-in", slot: SERIAL });
  expect(opened).toHaveLength(2);
  await watch.close();
  expect(lastDevice.isClosed).toBe(true);
});

test("a device that left the list is closed, even when its reads do not tell that it went", async () => {
  plugIn("hidraw4");
  const watch = new TokenWatch([source()], () => {});
  await watch.look();
  await watch.settled();
  [devices, mark] = [[], "b"];
  await watch.look();
  expect(lastDevice.isClosed).toBe(true);
  await watch.close();
});
