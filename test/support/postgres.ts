// Debian's PostgreSQL, started for one test file in a folder of its own: a unix socket, no port. fsync is off but where a test kills servers.

import { execFileSync, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { CHECKOUT } from "../../cli/checkout.ts";

const CACHE = join(CHECKOUT, "node_modules", ".cache", "sceau");
const VERSIONS = "/usr/lib/postgresql";
const START_LIMIT_MS = 30_000;
/** PostgreSQL refuses to run as root: Debian's package makes this user. */
const SERVICE_USER = "postgres";

export interface RunningPostgres {
  /** A new, empty database: its address. */
  newDatabase(): Promise<string>;
  stop(): Promise<void>;
}

function program(name: string): string {
  const [newest] = readdirSync(VERSIONS).sort((a, b) => Number(b) - Number(a));
  if (newest === undefined) throw new Error(`no PostgreSQL in ${VERSIONS}`);
  return join(VERSIONS, newest, "bin", name);
}

function asService(command: readonly string[]): [string, string[]] {
  const [first = "", ...rest] = command;
  if (process.getuid?.() !== 0) return [first, rest];
  return ["setpriv", ["--reuid", SERVICE_USER, "--regid", SERVICE_USER, "--clear-groups", "--pdeathsig", "SIGQUIT", ...command]];
}

/** Makes `data` a copy of a cluster that initdb has made once; cp keeps the owner. Several processes may make it at once: the first one's stays. */
function copyCluster(data: string): void {
  const initdb = program("initdb");
  const kept = join(CACHE, `postgresql-${createHash("sha256").update(initdb).digest("hex").slice(0, 16)}`);
  if (existsSync(kept)) {
    execFileSync("cp", ["-a", kept, data]);
    return;
  }
  execFileSync(...asService([initdb, "-D", data, "-A", "trust", "-U", "sceau", "-E", "UTF8", "--locale=C", "--no-sync"]), {
    stdio: "pipe",
  });
  mkdirSync(CACHE, { recursive: true });
  const fresh = `${kept}.${randomBytes(4).toString("hex")}`;
  execFileSync("cp", ["-a", data, fresh]);
  try {
    renameSync(fresh, kept);
  } catch (error) {
    if (!["ENOTEMPTY", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    rmSync(fresh, { recursive: true });
  }
}

async function answers(address: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: address });
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false; // not yet
  }
}

export async function startPostgres({ isDurable = false } = {}): Promise<RunningPostgres> {
  const folder = mkdtempSync(join(tmpdir(), "sceau-pg-"));
  chmodSync(folder, 0o700);
  if (process.getuid?.() === 0)
    chownSync(folder, Number(execFileSync("id", ["-u", SERVICE_USER])), Number(execFileSync("id", ["-g", SERVICE_USER])));
  const data = join(folder, "data");
  copyCluster(data);
  const settings = ["-k", folder, "-c", "listen_addresses=", "-c", "max_connections=200", "-c", `fsync=${isDurable ? "on" : "off"}`];
  const server = spawn(...asService([program("postgres"), "-D", data, ...settings]), { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  server.stderr.on("data", (bytes) => (log += String(bytes)));
  const addressOf = (database: string): string => `postgres://sceau@/${database}?host=${folder}`;
  const deadline = Date.now() + START_LIMIT_MS;
  while (!(await answers(addressOf("postgres")))) {
    if (server.exitCode !== null || Date.now() > deadline) throw new Error(`PostgreSQL did not start: ${log}`);
    await sleep(50);
  }
  let databases = 0;
  return {
    newDatabase: async () => {
      const name = `test_${++databases}`;
      const client = new pg.Client({ connectionString: addressOf("postgres") });
      await client.connect();
      await client.query(`create database ${name}`);
      await client.end();
      return addressOf(name);
    },
    stop: async () => {
      const exited = once(server, "exit");
      server.kill("SIGINT"); // fast shutdown: connections are ended
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
