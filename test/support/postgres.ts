// Debian's PostgreSQL, started for one test file in a folder of its own: a unix socket, no port. fsync is off but where a test kills servers.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";

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
  execFileSync(...asService([program("initdb"), "-D", data, "-A", "trust", "-U", "sceau", "-E", "UTF8", "--locale=C", "--no-sync"]), {
    stdio: "pipe",
  });
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
