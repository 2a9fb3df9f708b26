// The kernel's list is written out; that of this computer is read once.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { endianness } from "node:os";
import { expect, test } from "vitest";
import { isRoot, nodeAs, ORDINARY_USER } from "../../test/support/ordinary-user.ts";
import { tcpSocketsIn } from "../tcp-sockets.ts";
import { ownReaderAt, strangerAtReader } from "./reader-owner.ts";

const HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const row = (local: string, state: string, uid: number, remote = "00000000:0000"): string =>
  `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000 ${String(uid).padStart(5)}        0 19 1 0 100 0 0 10 0\n`;
const OWN = endianness() === "LE" ? "4543537F" : "7F534345";
const MAPPED = `${"0".repeat(16)}${endianness() === "LE" ? "FFFF0000" : "0000FFFF"}`;
const ENDS = { remoteAddress: "127.83.67.69", remotePort: 35_963, localAddress: "127.83.67.69", localPort: 0xc001 };
const HERE = row("00000000:8C7B", "0A", 0);

test.each([
  ["the system's pcscd on all addresses", HERE, null],
  ["a system account's", row("00000000:8C7B", "0A", 104), null],
  ["this user's own", row(`${OWN}:8C7B`, "0A", 1000), null],
  ["another person's on all addresses", row("00000000:8C7B", "0A", 1001), 1001],
  ["another person's on this address", row(`${OWN}:8C7B`, "0A", 1001), 1001],
  ["another person's, on IPv6 too", row(`${"0".repeat(32)}:8C7B`, "0A", 1001), 1001],
  ["one that has stopped listening", row(`${OWN}:8C7B`, "01", 0), "nobody"],
  ["another port's", row("00000000:8C7C", "0A", 0), "nobody"],
  ["the system's, which has accepted", HERE + row(`${OWN}:8C7B`, "01", 0, `${OWN}:C001`), null],
  ["another person's, who has accepted and left the port to the system", HERE + row(`${OWN}:8C7B`, "01", 1001, `${OWN}:C001`), 1001],
  ["the same on IPv6 too", HERE + row(`${MAPPED}${OWN}:8C7B`, "01", 1001, `${MAPPED}${OWN}:C001`), 1001],
  ["the system's, whose other connection is another person's", HERE + row(`${OWN}:8C7B`, "01", 1001, `${OWN}:C002`), null],
])("%s", (_, table, stranger) => {
  expect(strangerAtReader(ENDS, 1000, tcpSocketsIn(HEAD + table))).toBe(stranger);
});

test("who listens is known without a connection: nobody's and a stranger's are none, another inode is another one's", () => {
  const at = (table: string): string => ownReaderAt("127.83.67.69", 35_963, 1000, tcpSocketsIn(HEAD + table));
  expect(["", row("00000000:8C7B", "0A", 1001), HERE + row(`${OWN}:8C7B`, "0A", 1001), HERE].map(at)).toEqual(["", "", "", "19"]);
});

test("another computer's is nobody's, one that has ended too; a system that does not tell is not judged", () => {
  expect(strangerAtReader({ ...ENDS, remoteAddress: "192.0.2.7" }, 1000, tcpSocketsIn(HEAD + row(`${OWN}:8C7B`, "0A", 0)))).toBe("nobody");
  expect(strangerAtReader({}, 1000, tcpSocketsIn(HEAD + HERE))).toBe("nobody");
  expect(strangerAtReader(ENDS, 1000, tcpSocketsIn(""))).toBeNull();
});

test.runIf(process.platform === "linux")("a server on this computer is found", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const accepted = once(server, "connection");
  const socket = connect(port, "127.0.0.1");
  await Promise.all([once(socket, "connect"), accepted]);
  const uid = process.getuid?.() ?? 0;
  const ends = { ...ENDS, remoteAddress: "127.0.0.1", remotePort: port, localAddress: "127.0.0.1", localPort: socket.localPort ?? 0 };
  expect(strangerAtReader(ends, uid)).toBeNull();
  const [peer] = (await accepted) as [Socket];
  server.close();
  expect(strangerAtReader(ends, uid)).toBe("nobody");
  socket.destroy();
  peer.destroy();
});

test.runIf(isRoot && process.platform === "linux")(
  "another person's program that accepts, and makes room for the system's listener, is found",
  async () => {
    const script = `const server = require("net").createServer((card) => { card.on("error", () => {}); server.close(); console.log("accepted"); });
    server.listen(0, "127.0.0.1", () => console.log(server.address().port));`;
    const stranger = spawn(...nodeAs(ORDINARY_USER, ["-e", script]), { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await once(stranger.stdout, "data")) as [Buffer];
    const port = Number(line);
    const socket = connect(port, "127.0.0.1");
    await Promise.all([once(socket, "connect"), once(stranger.stdout, "data")]);
    const system = createServer().listen(port, "127.0.0.1");
    await once(system, "listening");
    expect(strangerAtReader(socket, 0)).toBe(ORDINARY_USER.uid);
    system.close();
    socket.destroy();
    await once(stranger, "exit");
  },
);
