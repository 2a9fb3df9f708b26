// A simulated token that is plugged in, pulled out, and plugged in again.

import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { initialiseToken } from "../host-bridge/token/initialise.ts";
import { TokenClient } from "../host-bridge/token/token-client.ts";
import { openSocketTransport } from "../host-bridge/transport/socket.ts";
import { ascii, PIN, SECRETS } from "../test/support/simulated-token.ts";
import { temporaryFolder } from "../test/support/temporary-folder.ts";
import { AlreadyPluggedInError } from "./already-plugged-in.ts";
import { FlashFileError } from "./flash-file.ts";
import { OtherProfileError } from "./other-profile-error.ts";
import { PRESSED_AT_ONCE } from "./scripted-button.ts";
import { type RunningSimulator, startSimulator } from "./simulator.ts";

const base = temporaryFolder();
const running: RunningSimulator[] = [];
let count = 0;

afterEach(async () => {
  for (const each of running.splice(0)) await each.close();
});

const place = (name = String(count++)): { folder: string; socketPath: string } => ({
  folder: join(base, name, "token"),
  socketPath: join(base, name, "run", "token.sock"),
});

async function plugIn(where: { folder: string; socketPath: string }): Promise<RunningSimulator> {
  const simulator = await startSimulator({ ...where, button: PRESSED_AT_ONCE });
  running.push(simulator);
  return simulator;
}

async function withClient<T>(socketPath: string, work: (client: TokenClient) => Promise<T>): Promise<T> {
  const transport = await openSocketTransport(socketPath, "test");
  try {
    return await work(new TokenClient(await transport.openChannel()));
  } finally {
    transport.close();
  }
}

describe("a new token", () => {
  test("is blank, has a serial number of eight digits, and says that it is simulated", async () => {
    const where = place();
    const { serial } = await plugIn(where);
    expect(String(serial)).toMatch(/^\d{8}$/);
    const info = await withClient(where.socketPath, (client) => client.deviceInfo());
    expect(info).toMatchObject({ serial: String(serial), isSimulated: true, isInitialised: false });
  });

  test("is its owner's alone", async () => {
    const where = place();
    await plugIn(where);
    await withClient(where.socketPath, (client) => initialiseToken(client, ascii(PIN), () => SECRETS));
    const mode = (path: string): number => statSync(path).mode & 0o777;
    const files = ["", "device.json", "flash.bin"].map((name) => mode(join(where.folder, name)));
    expect(files).toEqual([0o700, 0o600, 0o600]);
  });
});

describe("a token that is pulled out and plugged in again", () => {
  test("is the same: serial number, PIN, tries left", async () => {
    const where = place();
    const first = await plugIn(where);
    await withClient(where.socketPath, async (client) => {
      await initialiseToken(client, ascii(PIN), () => SECRETS);
      await client.verifyPin(ascii("00000000")).catch(() => {});
    });
    await first.close();
    const second = await plugIn(where);
    expect(second.serial).toBe(first.serial);
    await withClient(where.socketPath, async (client) => {
      expect(await client.pinTriesLeft()).toBe(2);
      await client.verifyPin(ascii(PIN));
    });
  });
});

describe("the profile", () => {
  const profileOf = (socketPath: string): Promise<string> => withClient(socketPath, async (client) => (await client.deviceInfo()).profile);

  test("is strict when nothing is said, and what was said of a new token for ever", async () => {
    const [strict, compat] = [place(), place()];
    await plugIn(strict);
    expect(await profileOf(strict.socketPath)).toBe("strict");
    const first = await startSimulator({ ...compat, button: PRESSED_AT_ONCE, profile: "compat" });
    await first.close();
    expect(first.profile).toBe("compat");
    expect((await plugIn(compat)).profile).toBe("compat");
    expect(await profileOf(compat.socketPath)).toBe("compat");
  });

  test("cannot be changed: not to compat, not to strict; the token stays as it was", async () => {
    for (const [made, wanted] of [["strict", "compat"] as const, ["compat", "strict"] as const]) {
      const where = place();
      await (await startSimulator({ ...where, button: PRESSED_AT_ONCE, profile: made })).close();
      const again = startSimulator({ ...where, button: PRESSED_AT_ONCE, profile: wanted });
      await expect(again).rejects.toMatchObject({ name: "OtherProfileError", profile: made });
      expect((await plugIn(where)).profile).toBe(made);
    }
  });

  test("of a token that was made before there were two is strict", async () => {
    const where = place();
    const { serial } = await plugIn(where);
    await running.pop()?.close();
    writeFileSync(join(where.folder, "device.json"), JSON.stringify({ serial }));
    expect((await plugIn(where)).profile).toBe("strict");
    await running.pop()?.close();
    await expect(startSimulator({ ...where, button: PRESSED_AT_ONCE, profile: "compat" })).rejects.toThrow(OtherProfileError);
  });
});

describe("refused is", () => {
  test("a token that is plugged in already; it goes on as before", async () => {
    const where = place();
    const { serial } = await plugIn(where);
    await expect(startSimulator({ ...where, button: PRESSED_AT_ONCE })).rejects.toThrow(AlreadyPluggedInError);
    const info = await withClient(where.socketPath, (client) => client.deviceInfo());
    expect(info.serial).toBe(String(serial));
  });

  test("the second of two that start at once, on one folder with two sockets", async () => {
    const where = place();
    const other = { ...where, socketPath: `${where.socketPath}-other` };
    const outcomes = await Promise.allSettled([plugIn(where), plugIn(other)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(outcomes.find(({ status }) => status === "rejected")).toMatchObject({ reason: expect.any(AlreadyPluggedInError) });
  });

  test("a folder whose lock another living process has; not one whose process is gone", async () => {
    const where = place();
    mkdirSync(where.folder, { recursive: true });
    const lock = join(where.folder, "lock");
    const start = readFileSync("/proc/1/stat", "latin1")
      .replace(/^.*\) /s, "")
      .split(" ")[19];
    writeFileSync(lock, `1 ${start}\n`);
    await expect(plugIn(where)).rejects.toThrow(AlreadyPluggedInError);
    for (const gone of ["1 1\n", "999999999 5\n", "nonsense"]) {
      writeFileSync(lock, gone);
      await (await plugIn(where)).close();
      expect(existsSync(lock)).toBe(false);
    }
  });

  test("a flash file that is none; it stays as it is", async () => {
    const where = place();
    mkdirSync(where.folder, { recursive: true });
    writeFileSync(join(where.folder, "flash.bin"), "not a flash");
    await expect(startSimulator({ ...where, button: PRESSED_AT_ONCE })).rejects.toThrow(FlashFileError);
    expect(readFileSync(join(where.folder, "flash.bin"), "utf8")).toBe("not a flash");
    expect(existsSync(join(where.folder, "lock"))).toBe(false);
  });
});
