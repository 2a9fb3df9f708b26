// The kernel's list is written out; that of this computer is read once.

import { once } from "node:events";
import { createServer } from "node:net";
import { endianness } from "node:os";
import { expect, test } from "vitest";
import { strangerAtReader } from "./reader-owner.ts";

const HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const row = (local: string, state: string, uid: number): string =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000 ${String(uid).padStart(5)}        0 19 1 0 100 0 0 10 0\n`;
const OWN = endianness() === "LE" ? "4543537F" : "7F534345";

test.each([
  ["the system's pcscd on all addresses", row("00000000:8C7B", "0A", 0), null],
  ["a system account's", row("00000000:8C7B", "0A", 104), null],
  ["this user's own", row(`${OWN}:8C7B`, "0A", 1000), null],
  ["another person's on all addresses", row("00000000:8C7B", "0A", 1001), 1001],
  ["another person's on this address", row(`${OWN}:8C7B`, "0A", 1001), 1001],
  ["another person's, on IPv6 too", row(`${"0".repeat(32)}:8C7B`, "0A", 1001), 1001],
  ["one that has stopped listening", row(`${OWN}:8C7B`, "01", 0), "nobody"],
  ["another port's", row("00000000:8C7C", "0A", 0), "nobody"],
])("%s", (_, table, stranger) => {
  expect(strangerAtReader("127.83.67.69", 35_963, 1000, HEAD + table)).toBe(stranger);
});

test("another computer, and a system that does not tell, are not judged", () => {
  expect(strangerAtReader("192.0.2.7", 35_963, 1000, HEAD + row("00000000:8C7B", "0A", 1001))).toBeNull();
  expect(strangerAtReader("127.0.0.1", 35_963, 1000, "")).toBeNull();
});

test.runIf(process.platform === "linux")("a server on this computer is found", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const uid = process.getuid?.() ?? 0;
  expect(strangerAtReader("127.0.0.1", port, uid)).toBeNull();
  server.close();
  await once(server, "close");
  expect(strangerAtReader("127.0.0.1", port, uid)).toBe("nobody");
});
