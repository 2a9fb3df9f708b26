// pcscd with the virtual reader of vsmartcard, started for one test file. Its socket is one for the machine: test files that need it wait for each
// other, by a lock that ends with the pcscd that holds it.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { mustRun, run } from "./run.ts";

const SOCKET = "/run/pcscd/pcscd.comm";
const PROCESS_ID = "/run/pcscd/pcscd.pid";
const LOCK = "/run/sceau-test-pcscd.lock";
const DRIVER = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
const SHIM_SOURCE = fileURLToPath(new URL("answer-at-once.c", import.meta.url));
const LOCK_LIMIT_S = 240;
const START_LIMIT_MS = 10_000;
const CARD_LIMIT_MS = 10_000;
/** For a `beforeAll` that starts pcscd: others may have it first. */
export const PCSCD_LIMIT_MS = LOCK_LIMIT_S * 1000 + 60_000;

export interface RunningPcscd {
  /** Where vpcd waits for a card: HOST:PORT. */
  readonly address: string;
  /** The name of the reader that the card comes into (vpcd has a second one, which stays empty). */
  readonly reader: string;
  stop(): Promise<void>;
}

/** vpcd listens on this port and the next. */
async function freePortPair(): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    server.close();
    if (port < 65_000) return port;
  }
}

const hasEnded = (daemon: ChildProcess): boolean => daemon.exitCode !== null || daemon.signalCode !== null;

async function stop(daemon: ChildProcess, folder: string): Promise<void> {
  if (!hasEnded(daemon)) {
    const exited = once(daemon, "exit");
    daemon.kill("SIGTERM");
    await exited;
  }
  rmSync(folder, { recursive: true, force: true });
}

/** pcscd writes its number before it listens: whatever socket is there before is another one's. */
function isListening(daemon: ChildProcess): boolean {
  return existsSync(SOCKET) && existsSync(PROCESS_ID) && Number.parseInt(readFileSync(PROCESS_ID, "utf8"), 10) === daemon.pid;
}

/**
 * Needs root, as pcscd does. Waits while another test file has it.
 * @param name of the reader, up to its number: some tools look for a name of their own
 * @throws when a pcscd that is none of ours is running, or this one does not start
 */
export async function startPcscd(name = "Sceau test reader"): Promise<RunningPcscd> {
  const folder = mkdtempSync(join(tmpdir(), "sceau-pcscd-"));
  const port = await freePortPair();
  const configuration = join(folder, "reader.conf");
  const channel = `0x${port.toString(16).toUpperCase()}`;
  writeFileSync(configuration, `FRIENDLYNAME "${name}"\nDEVICENAME /dev/null:${channel}\nLIBPATH ${DRIVER}\nCHANNELID ${channel}\n`);
  const shim = join(folder, "answer-at-once.so");
  mustRun("cc", ["-shared", "-fPIC", "-O1", "-o", shim, SHIM_SOURCE]);
  // flock becomes pcscd, which so holds the lock until it ends; and it ends with this process, even if that is killed.
  const lock = ["--no-fork", "--timeout", String(LOCK_LIMIT_S), LOCK];
  const command = ["/usr/sbin/pcscd", "--foreground", "--config", configuration];
  const env = { ...process.env, LD_PRELOAD: shim };
  const daemon = spawn("setpriv", ["--pdeathsig", "SIGTERM", "flock", ...lock, ...command], { stdio: ["ignore", "pipe", "pipe"], env });
  let output = "";
  for (const stream of [daemon.stdout, daemon.stderr]) stream.on("data", (bytes) => (output += String(bytes)));
  const deadline = Date.now() + LOCK_LIMIT_S * 1000 + START_LIMIT_MS;
  while (!isListening(daemon)) {
    if (hasEnded(daemon) || Date.now() > deadline) {
      await stop(daemon, folder);
      const needs = `root, no other pcscd (systemctl stop pcscd.socket pcscd), and ${LOCK} within ${LOCK_LIMIT_S} s`;
      throw new Error(`pcscd did not start. It needs ${needs}. ${output}`);
    }
    await sleep(20);
  }
  return { address: `127.0.0.1:${port}`, reader: `${name} 00 00`, stop: () => stop(daemon, folder) };
}

/** Waits until there is a card in the reader. */
export async function awaitCard(): Promise<void> {
  const deadline = Date.now() + CARD_LIMIT_MS;
  while (run("opensc-tool", ["--name"]).status !== 0) {
    if (Date.now() > deadline) throw new Error("no card in the reader");
    await sleep(100);
  }
}
