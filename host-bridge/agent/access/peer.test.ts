// Whose socket a connection's other end is, by the kernel's list: lines as Linux 6 writes them.

import { connect, createServer, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tcpSocketsIn } from "../../tcp-sockets.ts";
import { canTellPeers, ownersIn, peerUid } from "./peer.ts";

const HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
const ENDS = { local: { address: "127.0.0.1", port: 0xd431 }, remote: { address: "127.0.0.1", port: 8757 } };
const REST = "00000000:00000000 00:00000000 00000000";

const line = (local: string, remote: string, state: string, uid: number, inode: number): string =>
  `   1: ${local} ${remote} ${state} ${REST}  ${uid}        0 ${inode} 1 0000000000000000 20 4 30 10 -1`;
const table = (...lines: readonly string[]): string => [HEAD, ...lines, ""].join("\n");

const CLIENT = "0100007F:D431";
const AGENT = "0100007F:2235";
const MAPPED = "0000000000000000FFFF0000";

test("the client's end is the one that is looked for, not the agent's own", () => {
  expect(ownersIn(tcpSocketsIn(table(line(AGENT, CLIENT, "01", 0, 11), line(CLIENT, AGENT, "01", 1000, 12))), ENDS)).toEqual([1000]);
});

test("an IPv4 connection of a socket that speaks both is in the other list", () => {
  expect(ownersIn(tcpSocketsIn(table(line(`${MAPPED}${CLIENT}`, `${MAPPED}${AGENT}`, "01", 1001, 12))), ENDS)).toEqual([1001]);
});

test.each([
  ["another port", line("0100007F:D432", AGENT, "01", 1000, 12)],
  ["another address", line("0200007F:D431", AGENT, "01", 1000, 12)],
  ["to another port", line(CLIENT, "0100007F:2236", "01", 1000, 12)],
  ["of nobody any more: written down as root's", line(CLIENT, AGENT, "01", 0, 0)],
  ["closed by the other end", line(CLIENT, AGENT, "05", 0, 0)],
  ["waiting to be forgotten", line(CLIENT, AGENT, "06", 0, 0)],
  ["half closed", line(CLIENT, AGENT, "05", 1000, 12)],
  ["cut short", line(CLIENT, AGENT, "01", 1000, 12).slice(0, 80)],
  ["empty", ""],
])("nobody's: %s", (_what, text) => {
  expect(ownersIn(tcpSocketsIn(table(text)), ENDS)).toEqual([]);
});

let server: ReturnType<typeof createServer>;
let port = 0;
beforeAll(async () => {
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  port = address !== null && typeof address === "object" ? address.port : 0;
});
afterAll(() => server.close());

const pair = async (): Promise<{ accepted: Socket; client: Socket }> => {
  const accepted = new Promise<Socket>((resolve) => server.once("connection", resolve));
  const client = connect(port, "127.0.0.1");
  return { accepted: await accepted, client };
};

test("a real connection of one's own is one's own; one whose other end was closed is nobody's", async () => {
  const { accepted, client } = await pair();
  expect(peerUid(accepted)).toBe(process.getuid?.());
  const gone = new Promise((resolve) => accepted.once("end", resolve));
  accepted.resume();
  client.destroy();
  await gone;
  expect(peerUid(accepted)).toBeNull();
  accepted.destroy();
  expect(peerUid(accepted)).toBeNull();
});

test("this system tells peers apart", async () => {
  expect(await canTellPeers()).toBe(true);
});
