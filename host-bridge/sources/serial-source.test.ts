// Which serial ports are opened without being asked for: a tree of files as the kernel has it under /sys.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { type TokenEvent, TokenWatch } from "../token-watch.ts";
import { TransportError } from "../transport/transport.ts";
import { SerialSource } from "./serial-source.ts";
import type { TokenPort, TokenSource } from "./token-source.ts";

const base = temporaryFolder();
let sys: string;
let dev: string;

beforeEach(() => {
  const folder = mkdtempSync(join(base, "machine-"));
  [sys, dev] = [join(folder, "sys"), join(folder, "dev")];
  mkdirSync(join(sys, "class/tty"), { recursive: true });
  mkdirSync(dev);
  for (const name of ["tty0", "ttyS0", "console"]) mkdirSync(join(sys, "class/tty", name));
});

/** As the kernel lays it out: /sys/class/tty/NAME → …/usb1/1-2/1-2:1.0/tty/NAME, with NAME/device → 1-2:1.0. */
function plugIn(name: string, usb: { manufacturer?: string; product?: string }, ids = "0483"): void {
  const device = join(sys, "devices/usb1", `1-${name}`);
  const own = join(device, "1-2:1.0", "tty", name);
  mkdirSync(own, { recursive: true });
  writeFileSync(join(device, "idVendor"), `${ids}\n`);
  for (const [file, text] of Object.entries(usb)) writeFileSync(join(device, file), `${text}\n`);
  symlinkSync(join(device, "1-2:1.0"), join(own, "device"));
  symlinkSync(own, join(sys, "class/tty", name));
  writeFileSync(join(dev, name), "");
}

const found = async (paths: readonly string[] = []): Promise<string[]> =>
  (await new SerialSource({ paths, isDiscovering: true, sys, dev }).look()).map(({ name }) => name);

test("ports whose USB names say Sceau or Espruino, and no others", async () => {
  plugIn("ttyACM0", { manufacturer: "Sceau", product: "Signing token" });
  plugIn("ttyACM1", { manufacturer: "Maker", product: "Sceau token 1" });
  plugIn("ttyACM2", { manufacturer: "Nordic Semiconductor", product: "Espruino" }, "1915");
  plugIn("ttyACM3", { manufacturer: "STMicroelectronics", product: "STM32 Virtual ComPort" });
  plugIn("ttyACM4", { manufacturer: "Prusa Research", product: "Original Prusa MINI" }, "2c99");
  plugIn("ttyUSB0", { manufacturer: "FTDI", product: "FT232R USB UART" }, "0403");
  plugIn("ttyACM5", { product: "Panasceaux" });
  plugIn("ttyACM6", {});
  expect((await found()).sort()).toEqual(["ttyACM0", "ttyACM1", "ttyACM2"].map((name) => join(dev, name)));
});

test("a machine without USB, without terminals, without /sys has none", async () => {
  expect(await found()).toEqual([]);
  rmSync(sys, { recursive: true });
  expect(await found()).toEqual([]);
});

test("a port that was named is shown whatever it is, and not twice", async () => {
  plugIn("ttyACM0", { product: "Sceau" });
  plugIn("ttyACM3", { product: "STM32 Virtual ComPort" });
  const link = join(dev, "by-id-sceau");
  symlinkSync(join(dev, "ttyACM0"), link);
  expect(await found([link, join(dev, "ttyACM3"), join(dev, "absent")])).toEqual([link, join(dev, "ttyACM3"), join(dev, "absent")]);
  expect((await new SerialSource({ paths: [], isDiscovering: false, sys, dev }).look()).length).toBe(0);
});

/** Ports that never answer. */
class SilentSource implements TokenSource {
  readonly kind = "serial";
  asked = 0;
  mark = "1";
  id = "serial:x";
  readonly retryMs: number | null;
  constructor(retryMs: number | null) {
    this.retryMs = retryMs;
  }
  async look(): Promise<readonly TokenPort[]> {
    const open = (): Promise<never> => {
      this.asked++;
      return Promise.reject(new TransportError("silent", "the token does not answer"));
    };
    return [{ id: this.id, name: "x", mark: this.mark, retryMs: this.retryMs, open }];
  }
}

test("a found port that gave no answer is asked once a plug-in, also when its mode changes; a named one again and again, and told once", async () => {
  const events: TokenEvent[] = [];
  const [strange, named] = [new SilentSource(null), new SilentSource(0)];
  const watch = new TokenWatch([strange], (event) => events.push(event));
  const other = new TokenWatch([named], (event) => events.push(event));
  for (let look = 0; look < 4; look++) {
    strange.mark += "1";
    await Promise.all([watch.look(), other.look()]);
    await Promise.all([watch.settled(), other.settled()]);
  }
  expect([strange.asked, named.asked]).toEqual([1, 4]);
  expect(events).toHaveLength(2);
  strange.id = "serial:replugged";
  await watch.look();
  await watch.settled();
  expect(strange.asked).toBe(2);
});
