// pcscd with the virtual readers of vsmartcard, started for one test file: as people have it, at its usual ports and with the route of `sceau install
// --pcsc`, but in namespaces of its own, so that this machine's routes, and its own pcscd, stay what they are. Whatever puts a card into its readers must
// be started inside (`launcher`). PC/SC programs need not be: they find its socket, a file, by a variable that is set here for all that the test starts.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DEFAULT_VPCD, QUICK_ACK_ROUTE, VPCD_PORT } from "../../host-bridge/pcsc/vpcd-address.ts";
import { run } from "./run.ts";

/** As it is compiled into pcscd; inside, the test's own folder lies over it. */
const RUN_FOLDER = "/run/pcscd";
const DRIVER = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
const START_LIMIT_MS = 10_000;
const CARD_LIMIT_MS = 10_000;
/** For a `beforeAll` that starts pcscd and what belongs to it. */
export const PCSCD_LIMIT_MS = 60_000;

export interface PcscdOptions {
  /** Of the readers, up to their numbers: some tools look for a name of their own. */
  readonly name?: string;
  /** Without the route the way to vpcd is as slow as Debian's vpcd alone. */
  readonly hasRoute?: boolean;
  /** Further arguments. */
  readonly args?: readonly string[];
}

export interface RunningPcscd {
  /** Where vpcd waits for the first card, inside: HOST:PORT. */
  readonly address: string;
  /** The names of both readers. */
  readonly reader: string;
  readonly secondReader: string;
  readonly pid: number;
  /** What to put before a command that is to reach vpcd; it becomes that command. */
  readonly launcher: readonly string[];
  isRunning(): boolean;
  stop(): Promise<void>;
}

/** One for each test file, also for a pcscd that is started again: programs remember where the socket is. */
let folder: string | null = null;

function ownFolder(): string {
  folder ??= mkdtempSync(join(tmpdir(), "sceau-pcscd-"));
  mkdirSync(join(folder, "run"), { recursive: true });
  return folder;
}

const hasEnded = (daemon: ChildProcess): boolean => daemon.exitCode !== null || daemon.signalCode !== null;

async function stop(daemon: ChildProcess): Promise<void> {
  if (!hasEnded(daemon)) {
    const exited = once(daemon, "exit");
    daemon.kill("SIGTERM");
    await exited;
  }
  rmSync(ownFolder(), { recursive: true, force: true });
}

/** pcscd writes its number before it listens. */
function isListening(run: string, daemon: ChildProcess): boolean {
  const number = join(run, "pcscd.pid");
  return existsSync(join(run, "pcscd.comm")) && existsSync(number) && Number.parseInt(readFileSync(number, "utf8"), 10) === daemon.pid;
}

/** A pcscd that is built with polkit asks it for every client, over a D-Bus that is not there. 1.9.9 of Debian 12 is built without, and knows no such option. */
const withoutPolkit = (): readonly string[] =>
  run("/usr/sbin/pcscd", ["--help"]).stdout.includes("--disable-polkit") ? ["--disable-polkit"] : [];

/** For sh, which becomes pcscd. */
function startScript(runFolder: string, configuration: string, { hasRoute = true, args = [] }: PcscdOptions): string {
  const place = [`mkdir -p ${RUN_FOLDER}`, `mount --bind ${runFolder} ${RUN_FOLDER}`, "ip link set lo up"];
  const route = hasRoute ? [`ip route replace ${QUICK_ACK_ROUTE.join(" ")}`] : [];
  const command = ["exec", "/usr/sbin/pcscd", "--foreground", "--config", configuration, ...withoutPolkit(), ...args].join(" ");
  return [...place, ...route, command].join(" && ");
}

/**
 * Needs root, and a machine that allows namespaces.
 * @throws when pcscd does not start
 */
export async function startPcscd(options: PcscdOptions = {}): Promise<RunningPcscd> {
  const { name = "Sceau test reader" } = options;
  const run = join(ownFolder(), "run");
  const configuration = join(ownFolder(), "reader.conf");
  const channel = `0x${VPCD_PORT.toString(16).toUpperCase()}`;
  writeFileSync(configuration, `FRIENDLYNAME "${name}"\nDEVICENAME /dev/null:${channel}\nLIBPATH ${DRIVER}\nCHANNELID ${channel}\n`);
  process.env["PCSCLITE_CSOCK_NAME"] = join(run, "pcscd.comm");
  // unshare becomes sh, and that pcscd; and it ends with this process, even if that is killed.
  const command = ["unshare", "--net", "--mount", "sh", "-c", startScript(run, configuration, options)];
  const daemon = spawn("setpriv", ["--pdeathsig", "SIGTERM", ...command], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [daemon.stdout, daemon.stderr]) stream.on("data", (bytes) => (output += String(bytes)));
  const deadline = Date.now() + START_LIMIT_MS;
  while (!isListening(run, daemon)) {
    if (hasEnded(daemon) || Date.now() > deadline) {
      await stop(daemon);
      throw new Error(`pcscd did not start. It needs root, namespaces (unshare --net --mount), ip and mount. ${output}`);
    }
    await sleep(20);
  }
  const pid = daemon.pid ?? 0;
  return {
    address: `${DEFAULT_VPCD.host}:${DEFAULT_VPCD.port}`,
    reader: `${name} 00 00`,
    secondReader: `${name} 00 01`,
    pid,
    launcher: ["nsenter", `--net=/proc/${pid}/ns/net`, "--"],
    isRunning: () => !hasEnded(daemon),
    stop: () => stop(daemon),
  };
}

/** Waits until there is a card in the reader. */
export async function awaitCard(): Promise<void> {
  const deadline = Date.now() + CARD_LIMIT_MS;
  while (run("opensc-tool", ["--name"]).status !== 0) {
    if (Date.now() > deadline) throw new Error("no card in the reader");
    await sleep(100);
  }
}
