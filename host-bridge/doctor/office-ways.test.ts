// An office's address is somebody else's text, also in a command that is copied into a shell; and so is what comes back from there.

import { type AddressInfo, connect, createServer } from "node:net";
import { expect, test } from "vitest";
import { askOffice } from "./ask-office.ts";
import { CONNECTION, NAME } from "./office-ways.ts";
import type { Place } from "./place.ts";

const fails = (code: string) => Promise.reject(Object.assign(new Error(code), { code }));
const place = {
  environment: {},
  timeLimitMs: 1000,
  machine: { lookup: () => fails("ENOTFOUND"), connect: () => fails("ECONNREFUSED") },
} as unknown as Place;

test("a host that a shell would run is a word of the command, and no more", async () => {
  const address = "https://a;reboot$(id).example";
  expect((await NAME.look(place, address)).commands).toEqual(["getent hosts 'a;reboot$(id).example'"]);
  expect((await CONNECTION.look(place, address)).commands).toEqual(["nc -vz -w 5 'a;reboot$(id).example' 443"]);
});

test("who offers another protocol is no office, and nobody waits for it", async () => {
  const server = createServer((socket) => {
    socket.on("error", () => {}).once("data", () => socket.write("HTTP/1.1 101 -\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const machine = { connect: () => Promise.resolve(connect(port, "127.0.0.1")) } as unknown as Place["machine"];
  await expect(askOffice({ ...place, machine }, `http://127.0.0.1:${port}`)).rejects.toMatchObject({ code: "ECONNRESET" });
  server.close();
});
