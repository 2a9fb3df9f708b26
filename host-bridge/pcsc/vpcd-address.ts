// Where vpcd's readers and pcscd are found, and the route that makes the way to them fast.

import { isIPv4 } from "node:net";

/**
 * A loopback address of Sceau's own («SCE» in ASCII): all of 127.0.0.0/8 is this machine on any Linux, and vpcd listens on all addresses. On this one
 * a route of its own can ask for quick acknowledgements (QUICK_ACK_ROUTE) without touching what goes to 127.0.0.1.
 */
export const VPCD_HOST = "127.83.67.69";
/** As Debian's package sets it (/etc/reader.conf.d/vpcd), 0x8C7B. */
export const VPCD_PORT = 35_963;
/** vpcd has always two readers: the port and the next one. */
export const VPCD_READERS = 2;

/** pcscd's own socket, which systemd holds open; a program that links libpcsclite looks at PCSCLITE_CSOCK_NAME first, and so does the bridge. */
export const PCSCD_SOCKET = "/run/pcscd/pcscd.comm";

/**
 * What follows `ip route replace` (and `ip route del`). Debian's vpcd sends a message's length and body apart. Nagle's algorithm keeps the body back
 * until the length is acknowledged, and a delayed acknowledgement takes 40 ms. With this route whoever talks to VPCD_HOST acknowledges at once
 * (ip-route(8), `quickack`). It is one address's: every other one keeps the route it has.
 */
export const QUICK_ACK_ROUTE: readonly string[] = [
  "local",
  `${VPCD_HOST}/32`,
  "dev",
  "lo",
  "table",
  "local",
  "proto",
  "static",
  "scope",
  "host",
  "src",
  VPCD_HOST,
  "quickack",
  "1",
];

export interface VpcdAddress {
  readonly host: string;
  readonly port: number;
}

export const DEFAULT_VPCD: VpcdAddress = { host: VPCD_HOST, port: VPCD_PORT };

/** The addresses of the readers, first to last, when the first is at `first`. */
export function readerAddresses({ host, port }: VpcdAddress): VpcdAddress[] {
  return Array.from({ length: VPCD_READERS }, (_, reader) => ({ host, port: port + reader }));
}

const LOCALHOST = "127.0.0.1";

/**
 * HOST:PORT; null: it is none, or the second reader's port would be none, or HOST is not 127.x.x.x or localhost. PINs go there in clear: another computer
 * is reached through a tunnel. vpcd listens on IPv4 only.
 */
export function parseVpcdAddress(text: string): VpcdAddress | null {
  const match = /^([\w.]+):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  const host = match?.[1] === "localhost" ? LOCALHOST : (match?.[1] ?? "");
  if (!isIPv4(host) || !host.startsWith("127.") || port < 1 || port + VPCD_READERS - 1 > 65_535) return null;
  return { host, port };
}

/** Where pcscd's socket is for programs with this environment. */
export function pcscdSocket(env: NodeJS.ProcessEnv): string {
  return env["PCSCLITE_CSOCK_NAME"] || PCSCD_SOCKET;
}
