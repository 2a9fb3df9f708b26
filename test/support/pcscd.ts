// pcscd with the virtual reader of vsmartcard, started for one test file. Its socket is one for the machine, so no other pcscd may run.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const SOCKET = "/run/pcscd/pcscd.comm";
const DRIVER = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
const START_LIMIT_MS = 10_000;

export interface RunningPcscd {
  /** Where vpcd waits for a card: HOST:PORT. */
  readonly address: string;
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

async function stop(daemon: ChildProcess, folder: string): Promise<void> {
  if (daemon.exitCode === null) {
    const exited = once(daemon, "exit");
    daemon.kill("SIGTERM");
    await exited;
  }
  rmSync(folder, { recursive: true, force: true });
}

/** Needs root, as pcscd does. @throws when another pcscd is running, or this one does not start */
export async function startPcscd(): Promise<RunningPcscd> {
  if (existsSync(SOCKET))
    throw new Error(`another pcscd is running (${SOCKET}): stop it for the tests (systemctl stop pcscd.socket pcscd)`);
  const folder = mkdtempSync(join(tmpdir(), "sceau-pcscd-"));
  const port = await freePortPair();
  const configuration = join(folder, "reader.conf");
  const channel = `0x${port.toString(16).toUpperCase()}`;
  writeFileSync(
    configuration,
    `FRIENDLYNAME "Sceau test reader"\nDEVICENAME /dev/null:${channel}\nLIBPATH ${DRIVER}\nCHANNELID ${channel}\n`,
  );
  const daemon = spawn("/usr/sbin/pcscd", ["--foreground", "--config", configuration], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [daemon.stdout, daemon.stderr]) stream.on("data", (bytes) => (output += String(bytes)));
  const deadline = Date.now() + START_LIMIT_MS;
  while (!existsSync(SOCKET)) {
    if (daemon.exitCode !== null || Date.now() > deadline) {
      await stop(daemon, folder);
      throw new Error(`pcscd did not start (it needs root): ${output}`);
    }
    await sleep(50);
  }
  return { address: `127.0.0.1:${port}`, stop: () => stop(daemon, folder) };
}
