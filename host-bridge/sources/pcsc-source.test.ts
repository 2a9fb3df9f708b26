// Cards in readers: which readers are looked at, what a look says, and a token that is there twice.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PacketPort } from "../../firmware/packet-port.ts";
import { FakeHidDevice } from "../../test/support/fake-hid.ts";
import { FakePcsc } from "../../test/support/fake-pcsc.ts";
import { SERIAL, SimulatedToken } from "../../test/support/simulated-token.ts";
import { type TokenEvent, TokenWatch } from "../token-watch.ts";
import { hidTransport } from "../transport/hid.ts";
import { LibraryMissingError } from "../transport/port-error.ts";
import { isWantedReader, PcscSource } from "./pcsc-source.ts";
import type { TokenPort, TokenSource } from "./token-source.ts";

const READER = "Fake reader 00 00";

let token: SimulatedToken;
let pcsc: FakePcsc;
let source: PcscSource;
let events: TokenEvent[];
let watch: TokenWatch;

beforeEach(async () => {
  token = await SimulatedToken.initialised();
  pcsc = new FakePcsc(token);
  source = new PcscSource(pcsc, ["fake"]);
  events = [];
});

afterEach(async () => {
  vi.useRealTimers();
  await watch?.close();
});

function watching(...sources: TokenSource[]): TokenWatch {
  watch = new TokenWatch(sources, (event) => events.push(event));
  return watch;
}

async function look(): Promise<void> {
  await watch.look();
  await watch.settled();
}

const told = (): string[] => events.map(({ event }) => event);

test.each([
  ["Yubico YubiKey OTP+FIDO+CCID 00 00", "yubikey", true],
  ["Yubico YubiKey OTP+FIDO+CCID 00 00", "Yubico YubiKey OTP+FIDO+CCID 00 00", true],
  ["Alcor Micro AU9540 00 00", "yubikey", false],
  ["Alcor Micro AU9540 00 00", "any", true],
])("the reader %s is meant by %s: %s", (name, wanted, expected) => {
  expect(isWantedReader(name, wanted)).toBe(expected);
});

test("a reader that nobody named is not opened, nor one without a card", async () => {
  expect(await new PcscSource(pcsc, ["another"]).look()).toEqual([]);
  pcsc.isPresent = false;
  expect(await source.look()).toEqual([]);
  expect(pcsc.seen).toEqual([]);
});

test("a card that is pulled and inserted again is another one", async () => {
  watching(source);
  await look();
  await look();
  expect(told()).toEqual(["token-in"]);
  pcsc.pull();
  await look();
  await vi.waitFor(() => expect(told()).toEqual(["token-in", "token-out"]));
  [pcsc.isPresent, pcsc.counter] = [true, 3];
  await look();
  expect(told()).toEqual(["token-in", "token-out", "token-in"]);
});

test("a pcscd that ends takes its cards along, is told once, and asked again every two seconds", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  watching(source);
  const [before] = await source.look();
  await look();
  pcsc.isRunning = false;
  for (let round = 0; round < 20; round++) {
    await look();
    vi.advanceTimersByTime(250);
  }
  expect(told()).toEqual(["token-in", "token-out", "trouble"]);
  expect(events[2]).toMatchObject({ about: "pcsc", reason: "PC/SC service not running" });
  pcsc.isRunning = true;
  vi.advanceTimersByTime(2000);
  await look();
  expect(told().at(-1)).toBe("token-in");
  expect((await source.look())[0]?.id).not.toBe(before?.id); // the same reader and counter, and another pcscd
});

test("a card without PIV is asked once, and left alone until it is inserted again", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  watching(source);
  pcsc.nextAnswer = async () => Uint8Array.of(0x6a, 0x82);
  for (let round = 0; round < 20; round++) {
    await look();
    vi.advanceTimersByTime(250);
  }
  expect(pcsc.seen).toEqual(["a4 0+"]);
  expect(events).toEqual([{ event: "token-refused", name: READER, reason: "the card has no PIV application" }]);
  pcsc.counter += 2;
  await look();
  expect(told().at(-1)).toBe("token-in");
});

test("a library that is missing is told as such", async () => {
  const missing = new LibraryMissingError("pcsc", "libpcsclite.so.1: cannot open shared object file");
  watching(
    new PcscSource(
      {
        openContext: () => {
          throw missing;
        },
      },
      ["any"],
    ),
  );
  await look();
  expect(events).toEqual([{ event: "trouble", about: "pcsc-library", reason: missing.message }]);
});

test("closed, it holds no connection to pcscd", async () => {
  watching(source);
  await look();
  expect(pcsc.openContexts).toBe(2);
  await watch.close();
  await expect.poll(() => pcsc.openContexts).toBe(0);
});

test.each(["first", "last"])(
  "a token of ours that is on a cable of its own, too, is there once, by that cable: plugged in %s",
  async (when) => {
    pcsc.isPlain = false;
    const ports: TokenPort[] = [];
    const cable: TokenSource = { kind: "hid", look: async () => ports };
    const plugIn = (): void => {
      const open = async () => hidTransport(new FakeHidDevice(new PacketPort(token.token)), "hidraw0");
      ports.push({ id: "hidraw0", name: "hidraw0", mark: "", retryMs: null, open });
    };
    watching(source, cable);
    if (when === "first") plugIn();
    await look();
    if (when === "last") plugIn();
    await look();
    await look();
    const present = watch.slots.all().filter((slot) => slot.isPresent);
    expect(present.map(({ transport, id }) => [transport.name, id])).toEqual([["hidraw0", expect.any(Number)]]);
    const names = events.flatMap((event) => (event.event === "token-in" ? [event.name] : []));
    expect(names.filter((name) => name === READER).length).toBeLessThanOrEqual(1);
    expect(told()).not.toContain("token-refused");
    expect(present[0]?.info.serial).toBe(String(SERIAL));
  },
);
