// Software finds the bridge without any variable: p11-kit's client where it looks by itself, and p11-kit's modules through a file of the user's. All of
// it as an ordinary user (nobody, with a home of its own), for root's programs read no user's modules; openssl verifies what is signed.

import { type ChildProcess, type SpawnSyncOptions, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { defaultSocket } from "../../host-bridge/discovery/default-socket.ts";
import { findP11KitClient } from "../../host-bridge/signing/pkcs11-module.ts";
import { initialiseToken } from "../../host-bridge/token/initialise.ts";
import { TokenClient } from "../../host-bridge/token/token-client.ts";
import { openSocketTransport } from "../../host-bridge/transport/socket.ts";
import { SLOT_AUTHENTICATION } from "../../protocol/piv.ts";
import { BridgeProcess } from "../support/bridge-process.ts";
import { isRoot, nodeAs, ORDINARY_USER } from "../support/ordinary-user.ts";
import { mustRun, type Outcome, SCEAU } from "../support/run.ts";
import { bytes, MANAGEMENT_KEY, PIN, PUK } from "../support/workbench.ts";

const MODULE = findP11KitClient() ?? "";
/** Debian: /usr/lib/ARCHITECTURE/p11-kit-proxy.so, above pkcs11/p11-kit-client.so. */
const PROXY = join(dirname(dirname(MODULE)), "p11-kit-proxy.so");

let base: string;
let state: string;
let token: ChildProcess;
let home: string;
let bridges: BridgeProcess[] = [];
let others: ChildProcess[] = [];
let count = 0;

/** A folder of the ordinary user's. */
function folder(path: string, mode = 0o700): string {
  mkdirSync(path, { recursive: true });
  chownSync(path, ORDINARY_USER.uid, ORDINARY_USER.gid);
  chmodSync(path, mode);
  return path;
}

function write(path: string, content: string | Uint8Array): string {
  writeFileSync(path, content);
  chownSync(path, ORDINARY_USER.uid, ORDINARY_USER.gid);
  return path;
}

/** What an ordinary session has, in a home of this test's own; none of the variables that tell where the bridge is. */
const environment = (): NodeJS.ProcessEnv => ({
  PATH: process.env["PATH"],
  LC_ALL: "C.UTF-8",
  HOME: home,
  XDG_RUNTIME_DIR: join(home, "runtime"),
  XDG_STATE_HOME: join(home, "state"),
});

const asUser = (program: string, args: readonly string[], options: SpawnSyncOptions = {}): Outcome =>
  outcome(program, args, { ...options, ...ORDINARY_USER });

const sceauAsUser = (args: readonly string[], options: SpawnSyncOptions = {}): Outcome =>
  outcome(...nodeAs(ORDINARY_USER, [SCEAU, ...args]), options);

function outcome(program: string, args: readonly string[], options: SpawnSyncOptions): Outcome {
  const result = spawnSync(program, [...args], { env: environment(), timeout: 60_000, ...options, encoding: "utf8" });
  if (result.error) throw result.error;
  return { status: result.status, stdout: String(result.stdout), stderr: String(result.stderr) };
}

async function start(args: readonly string[] = [], own: NodeJS.ProcessEnv = environment()): Promise<BridgeProcess> {
  const missing = Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined]));
  const bridge = await BridgeProcess.start({
    args: ["--no-hid", "--no-serial", ...args],
    environment: { ...missing, ...own },
    user: ORDINARY_USER,
  });
  bridges.push(bridge);
  return bridge;
}

beforeAll(async () => {
  expect(MODULE, "npm test installs p11-kit-modules").not.toBe("");
  base = folder(mkdtempSync(join(tmpdir(), "sceau-found-")), 0o755);
  state = folder(join(base, "token"));
  home = base;
  token = spawn(...nodeAs(ORDINARY_USER, [SCEAU, "sim", "token", "--json", "--state", state]), {
    env: environment(),
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (token.stdout !== null) await once(token.stdout, "data");
  const transport = await openSocketTransport(join(state, "run", "tokens", "token.sock"), "token");
  const client = new TokenClient(await transport.openChannel());
  await initialiseToken(client, bytes(PIN), () => ({ puk: PUK, managementKey: MANAGEMENT_KEY, keptIn: "" }));
  await client.authenticateManagement(Buffer.from(MANAGEMENT_KEY, "hex"));
  await client.generateKey(SLOT_AUTHENTICATION);
  transport.close();
});

beforeEach(() => {
  home = folder(join(base, `home-${++count}`));
  folder(join(home, "runtime"));
  folder(join(home, ".config"));
});

afterEach(async () => {
  for (const bridge of bridges) await bridge.stop();
  for (const other of others) other.kill("SIGKILL");
  [bridges, others] = [[], []];
});

afterAll(async () => {
  const ended = once(token, "exit");
  token.kill("SIGTERM");
  await ended;
  rmSync(base, { recursive: true, force: true });
});

const place = (): string => join(home, "runtime", "p11-kit", "pkcs11");
const mode = (path: string): number => statSync(path).mode & 0o777;
const withToken = (): string[] => ["--state", state];
const labels = (module: string, own = environment()): string =>
  asUser("pkcs11-tool", ["--module", module, "--list-slots"], { env: own }).stdout;

/** Signs through a module with pkcs11-tool, and lets openssl judge. */
function expectSignature(module: string, own = environment()): void {
  const tool = (...args: string[]): Outcome =>
    asUser("pkcs11-tool", ["--module", module, "--token-label", label(module), ...args], { env: own });
  const digest = write(join(home, "digest"), createHash("sha256").update(home).digest());
  const [signature, key] = [join(home, "signature"), join(home, "key.der")];
  const sign = ["--sign", "--mechanism", "ECDSA", "--signature-format", "openssl", "--id", "01", "--login", "--pin", PIN];
  expect(tool("--read-object", "--type", "pubkey", "--id", "01", "--output-file", key)).toMatchObject({ status: 0 });
  expect(tool(...sign, "--input-file", digest, "--output-file", signature)).toMatchObject({ status: 0 });
  const verify = ["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", key, "-in", digest, "-sigfile", signature];
  expect(mustRun("openssl", verify)).toContain("Signature Verified Successfully");
}

function label(module: string): string {
  return /token label\s+: (Sceau \d+)/.exec(labels(module))?.[1] ?? "none";
}

describe("where p11-kit's client looks by itself", () => {
  test("the bridge is found, signs what openssl verifies, and takes its socket along when it stops", async () => {
    const bridge = await start([...withToken(), "--default-socket"]);
    expect(bridge.of("default-socket")).toEqual([{ event: "default-socket", path: place(), state: "served" }]);
    expect(await bridge.told("ready")).toMatchObject({ isAtDefaultSocket: true });
    expect([mode(dirname(place())), mode(place())]).toEqual([0o700, 0o600]);
    expectSignature(MODULE);
    expect(await bridge.stop()).toBe(0);
    expect(existsSync(place())).toBe(false);
    expect(readdirSync(dirname(place()))).toEqual([]);
    expect(labels(MODULE)).not.toContain("Sceau");
  });

  test("the everyday bridge is there without being asked; one with a state folder of its own, or told not to, is not", async () => {
    const trial = await start(withToken());
    expect(trial.of("default-socket")).toEqual([]);
    const shy = await start(["--no-default-socket"]);
    expect(await shy.told("ready")).toMatchObject({ isAtDefaultSocket: false });
    await shy.stop();
    expect(existsSync(place())).toBe(false);
    const everyday = await start();
    expect(await everyday.told("ready")).toMatchObject({ isAtDefaultSocket: true });
    await trial.stop();
    expect(existsSync(place())).toBe(true);
  });

  test("without XDG_RUNTIME_DIR it is the folder that p11-kit takes then", async () => {
    const { XDG_RUNTIME_DIR: _none, ...rest } = environment();
    const own = { ...rest, XDG_CACHE_HOME: folder(join(home, "cache")) };
    const session = `/run/user/${ORDINARY_USER.uid}`;
    if (existsSync(session)) return void expect(defaultSocket({})).toBe(join(session, "p11-kit", "pkcs11")); // the tester's own: left alone
    await start([...withToken(), "--default-socket"], own);
    expect(existsSync(join(home, "cache", "p11-kit", "pkcs11"))).toBe(true);
    expect(labels(MODULE, own)).toContain("Sceau");
  });

  test("a socket that nobody serves is replaced", async () => {
    folder(dirname(place()));
    // What a killed bridge leaves behind.
    const bind = `import socket; socket.socket(socket.AF_UNIX).bind(${JSON.stringify(place())})`;
    expect(asUser("python3", ["-c", bind]).status).toBe(0);
    const inode = statSync(place()).ino;
    expect(statSync(place()).isSocket()).toBe(true);
    expect((await start([...withToken(), "--default-socket"])).of("default-socket")).toMatchObject([{ state: "served" }]);
    expect(statSync(place()).ino).not.toBe(inode);
    expect(labels(MODULE)).toContain("Sceau");
  });

  test("p11-kit's own server is left alone, and so is another bridge; that is told, and the bridge goes on", async () => {
    folder(dirname(place()));
    const trust = join(dirname(MODULE), "p11-kit-trust.so");
    const server = spawn("p11-kit", ["server", "--foreground", "--name", place(), "--provider", trust, "pkcs11:"], {
      env: environment(),
      ...ORDINARY_USER,
      stdio: "ignore",
    });
    others.push(server);
    await expect.poll(() => existsSync(place()), { timeout: 10_000 }).toBe(true);
    const inode = statSync(place()).ino;
    const bridge = await start([...withToken(), "--default-socket"]);
    expect(bridge.of("default-socket")).toEqual([{ event: "default-socket", path: place(), state: "taken" }]);
    expect(await bridge.told("ready")).toMatchObject({ isAtDefaultSocket: false });
    await bridge.stop();
    expect(statSync(place()).ino).toBe(inode);
    expect(server.exitCode).toBeNull();
    server.kill("SIGKILL");
    await once(server, "exit");
    const [first, second] = [await start([...withToken(), "--default-socket"]), await start(["--default-socket"])];
    expect([first, second].map((each) => each.of("default-socket")[0]?.["state"])).toEqual(["served", "taken"]);
    await second.stop();
    expect(labels(MODULE)).toContain("Sceau");
  });

  test("another user's folder is left alone", async () => {
    const theirs = isRoot ? join(home, "theirs") : "/";
    if (isRoot) {
      mkdirSync(theirs);
      chmodSync(theirs, 0o777); // it could be written
    }
    const bridge = await start([...withToken(), "--default-socket"], { ...environment(), XDG_RUNTIME_DIR: theirs });
    const path = join(theirs, "p11-kit", "pkcs11");
    expect(bridge.of("default-socket")).toEqual([
      { event: "default-socket", path, state: "failed", reason: "the folder belongs to another user" },
    ]);
    expect(existsSync(dirname(path))).toBe(false);
  });
});

describe("a module of p11-kit", () => {
  // `p11-kit list-modules` begins a module by «NAME: PATH», from 0.25 on by «module: NAME».
  const file = (): string => join(home, ".config", "pkcs11", "modules", "sceau.module");
  const command = (...args: string[]): Outcome => sceauAsUser(["bridge", ...args, ...withToken()]);
  const onlyUsers = (): string => {
    folder(join(home, ".config", "pkcs11"));
    return write(join(home, ".config", "pkcs11", "pkcs11.conf"), "user-config: only\n"); // other modules of the machine are not for this test
  };

  test("is what the bridge becomes by --register: p11-kit, p11tool and p11-kit-proxy.so see the token, and it signs", async () => {
    onlyUsers();
    expect(command("--register")).toMatchObject({ status: 0, stdout: expect.stringContaining(file()) });
    expect(mode(file())).toBe(0o600);
    await start(withToken());
    expect(asUser("p11-kit", ["list-modules"]).stdout).toMatch(/^(module: )?sceau\b[\s\S]*token: Sceau \d+/m);
    expect(asUser("p11tool", ["--list-tokens"]).stdout).toMatch(/URL: pkcs11:.*token=Sceau%20\d+/);
    expectSignature(PROXY);
  });

  test("does no harm while no bridge runs: other modules work", () => {
    expect(command("--register").status).toBe(0);
    const listed = asUser("p11-kit", ["list-modules"]);
    expect(listed.status).toBe(0);
    expect(listed.stdout).toMatch(/^(module: )?p11-kit-trust\b/m);
    expect(listed.stderr).toBe("");
  });

  test("may be registered again, and is taken back by --unregister", () => {
    command("--register");
    expect(command("--register").status).toBe(0);
    expect(readdirSync(join(home, ".config", "pkcs11"))).toEqual(["modules"]);
    expect(command("--unregister").status).toBe(0);
    expect(existsSync(file())).toBe(false);
    expect(command("--unregister", "--json").stdout).toBe(`${JSON.stringify({ event: "unregistered", path: file(), wasThere: false })}\n`);
  });

  test.each(["a file", "a symbolic link"])("of that name that is not ours is left alone (%s)", (what) => {
    folder(dirname(dirname(file())));
    folder(dirname(file()));
    const content = "module: /usr/lib/other.so\n";
    if (what === "a file") write(file(), content);
    else symlinkSync(write(join(home, "elsewhere"), content), file());
    for (const option of ["--register", "--unregister"]) {
      expect(command(option)).toMatchObject({ status: 2, stderr: expect.stringContaining(file()) });
      expect(readFileSync(file(), "utf8")).toBe(content);
    }
  });

  test("lies where XDG_CONFIG_HOME says", () => {
    const elsewhere = folder(join(home, "elsewhere"));
    const env = { ...environment(), XDG_CONFIG_HOME: elsewhere };
    expect(sceauAsUser(["bridge", "--register", ...withToken()], { env }).status).toBe(0);
    expect(existsSync(join(elsewhere, "pkcs11", "modules", "sceau.module"))).toBe(true);
    expect(asUser("p11-kit", ["list-modules"], { env }).stdout).toMatch(/^(module: )?sceau\b/m);
  });

  test("of a user is nothing to root's programs, which --register says", () => {
    const env = { ...environment(), HOME: home };
    const registered = spawnSync(process.execPath, [SCEAU, "bridge", "--register", "--json", ...withToken()], { env, encoding: "utf8" });
    expect(JSON.parse(registered.stdout)).toMatchObject({ event: "registered", isRead: !isRoot });
    const listed = spawnSync("p11-kit", ["list-modules"], { env, encoding: "utf8" });
    expect(/^(module: )?sceau\b/m.test(listed.stdout)).toBe(!isRoot);
  });
});
