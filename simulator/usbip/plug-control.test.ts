// Unplugging by command: the socket, and what is not obeyed.

import { once } from "node:events";
import { statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { commandPlug, listenForPlugCommands } from "./plug-control.ts";

const path = join(temporaryFolder(), "usb.sock");
let heard: string[];
let control: { close(): Promise<void> };

beforeEach(async () => {
  heard = [];
  writeFileSync(path, ""); // as a killed simulator leaves it
  control = await listenForPlugCommands(path, { unplug: () => heard.push("unplug"), replug: () => heard.push("replug") });
});

afterEach(() => control.close());

test("whoever owns the folder pulls the plug and puts it in; nobody else reaches the socket", async () => {
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect([await commandPlug(path, "unplug"), await commandPlug(path, "replug")]).toEqual([true, true]);
  expect(heard).toEqual(["unplug", "replug"]);
});

test("when none is running nobody is told", async () => {
  await control.close();
  expect(await commandPlug(path, "unplug")).toBe(false);
  writeFileSync(path, "");
  expect(await commandPlug(path, "unplug")).toBe(false);
});

test.each(["explode\n", "unplug replug\n", "u".repeat(17), "unplug\nreplug\n"])("%j is not obeyed", async (words) => {
  const socket = connect(path);
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.end(words);
  socket.resume();
  await once(socket, "close");
  expect(heard).toEqual([]);
});

test("a command may come in pieces", async () => {
  const socket = connect(path);
  await once(socket, "connect");
  for (const letter of "unplug\n") {
    socket.write(letter);
    await new Promise(setImmediate);
  }
  expect(String(await once(socket, "data"))).toBe("done\n");
  expect(heard).toEqual(["unplug"]);
});
