// Tokens on a serial port, judged with a real terminal: `sceau bridge --serial`, pkcs11-tool over p11-kit's client, openssl verifies.

import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { StateFolder } from "../../cli/state-folder.ts";
import { p11KitAddress } from "../../host-bridge/signing/pkcs11-module.ts";
import { BUTTON_POLICY_ALWAYS, PIN_POLICY_ONCE, SLOT_AUTHENTICATION, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { FRAME_BYTES } from "../../protocol/serial-frame.ts";
import { BridgeProcess, type BridgeStart } from "../support/bridge-process.ts";
import { ORDINARY_USER } from "../support/ordinary-user.ts";
import { mustRun, run, SCEAU } from "../support/run.ts";
import { SerialCable } from "../support/serial-cable.ts";
import { MANAGEMENT_KEY, PIN, Workbench } from "../support/workbench.ts";

const CKR_DEVICE_REMOVED = 0x32;

let bench: Workbench;
let slow: Workbench;
let base: string;
let state: StateFolder;
let port: string;
let cables: SerialCable[] = [];
let bridges: BridgeProcess[] = [];
let applications: ChildProcess[] = [];
let count = 0;

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), "sceau-serial-"));
  chmodSync(base, 0o755);
  bench = await Workbench.open({ withBridge: false });
  await bench.initialise();
  await bench.certify(SLOT_AUTHENTICATION);
  slow = await Workbench.open({ withBridge: false, sim: ["--button-delay", "5000"] });
  await slow.initialise();
});

afterEach(async () => {
  for (const application of applications) application.kill("SIGKILL");
  for (const bridge of bridges) await bridge.stop();
  for (const cable of cables) await cable.unplug();
  [cables, bridges, applications] = [[], [], []];
});

afterAll(async () => {
  await bench.close();
  await slow.close();
  rmSync(base, { recursive: true, force: true });
});

const socketOf = (token: Workbench): string => token.state.tokenSocket(token.tokenName);

async function plugIn(tokenSocket: string | null): Promise<SerialCable> {
  const cable = await SerialCable.plugIn(tokenSocket, port);
  cables.push(cable);
  return cable;
}

function place(): void {
  const folder = join(base, String(++count));
  state = new StateFolder(folder, process.env);
  port = join(base, `tty-${count}`);
}

async function startBridge(options: Pick<BridgeStart, "user"> = {}): Promise<BridgeProcess> {
  const args = ["--no-hid", "--serial", port, "--state", state.root];
  const bridge = await BridgeProcess.start({ args, ...options });
  bridges.push(bridge);
  return bridge;
}

const environment = (): NodeJS.ProcessEnv => ({ ...process.env, P11_KIT_SERVER_ADDRESS: p11KitAddress(state.pkcs11Socket) });
const tool = (...args: string[]) => run("pkcs11-tool", ["--module", bench.module, ...args], { env: environment() });
const signing = ["--sign", "--mechanism", "ECDSA", "--signature-format", "openssl", "--login", "--pin", PIN];

function expectSignature(): void {
  const digest = bench.write("digest", createHash("sha256").update(`serial ${count}`).digest());
  expect(tool("--read-object", "--type", "cert", "--id", "01", "--output-file", bench.path("certificate.der"))).toMatchObject({
    status: 0,
  });
  const certificate = ["x509", "-inform", "DER", "-in", bench.path("certificate.der"), "-noout", "-pubkey"];
  const key = bench.write("public.pem", mustRun("openssl", certificate));
  const signature = bench.path(`signature-${count}`);
  const signed = tool(...signing, "--id", "01", "--input-file", digest, "--output-file", signature);
  expect(signed, signed.stderr).toMatchObject({ status: 0 });
  const verify = ["pkeyutl", "-verify", "-pubin", "-inkey", key, "-in", digest, "-sigfile", signature];
  expect(mustRun("openssl", verify)).toContain("Signature Verified Successfully");
}

describe("a token on a serial port that was named", () => {
  test("is listed, and signs what openssl verifies; unplugged and plugged in again, it is seen and signs again", async () => {
    place();
    const cable = await plugIn(socketOf(bench));
    const bridge = await startBridge();
    expect(await bridge.told("token-in")).toMatchObject({ name: port });
    expect(tool("--list-slots").stdout).toMatch(/token label\s+: Sceau \d{8}/);
    expectSignature();
    await cable.unplug();
    await bridge.told("token-out");
    expect(tool("--list-slots").stdout).not.toContain("token label");
    await plugIn(socketOf(bench));
    await bridge.told("token-in", 2);
    expectSignature();
    expect(bridge.of("token-refused")).toEqual([]);
  });

  test("without a bridge is a token by its port's path; a file that is no port is told", async () => {
    place();
    await plugIn(socketOf(bench));
    const sceau = (...args: string[]) => run(process.execPath, [SCEAU, "token", "info", "--state", state.root, ...args]);
    const told = sceau("--token", port, "--json");
    expect(told, told.stderr).toMatchObject({ status: 0 });
    expect(JSON.parse(told.stdout)).toMatchObject({ serial: expect.stringMatching(/^\d{8}$/) });
    expect(sceau("--token", "/dev/null")).toMatchObject({ status: 4, stderr: expect.stringContaining("/dev/null is no serial port") });
    expect(sceau("--token", join(base, "nowhere"))).toMatchObject({ status: 2 });
  });

  test("that is not there yet is told once, and opened when it comes", async () => {
    place();
    const bridge = await startBridge();
    expect(await bridge.told("token-refused")).toEqual({ event: "token-refused", name: port, reason: `there is no ${port} yet` });
    await new Promise((resolve) => setTimeout(resolve, 600));
    await plugIn(socketOf(bench));
    await bridge.told("token-in");
    expect(bridge.of("token-refused")).toHaveLength(1);
  });

  test("that sends something else before its answers is understood all the same", async () => {
    place();
    const cable = await plugIn(socketOf(bench));
    cable.garbage(Buffer.from("Espruino 2v27 booted\r\n>"));
    cable.within(0, Buffer.from("AT\r\nERROR\r\n\u0000\u0000\u0001"));
    const bridge = await startBridge();
    await bridge.told("token-in");
    cable.within(0, new Uint8Array(64).fill(0xff));
    expectSignature();
    expect(bridge.of("token-refused")).toEqual([]);
  });

  test("whose cable is pulled while the button is waited for: the application is told CKR_DEVICE_REMOVED", async () => {
    place();
    const client = await slow.client();
    await client.authenticateManagement(Buffer.from(MANAGEMENT_KEY, "hex"));
    await client.generateKey(SLOT_SIGNATURE, { pin: PIN_POLICY_ONCE, button: BUTTON_POLICY_ALWAYS });
    client.close();
    const cable = await plugIn(socketOf(slow));
    const bridge = await startBridge();
    await bridge.told("token-in");
    const digest = slow.write("digest", createHash("sha256").update("pulled").digest());
    const args = ["--module", slow.module, ...signing, "--id", "02", "--input-file", digest, "--output-file", slow.path("signature")];
    const application = spawn("pkcs11-tool", args, { env: environment(), stdio: "ignore" });
    applications.push(application);
    const ended = once(application, "close");
    await expect.poll(() => bridge.of("call").map(({ name }) => name), { timeout: 10_000 }).toContain("C_SignInit");
    await new Promise((resolve) => setTimeout(resolve, 500));
    await cable.unplug();
    const [status] = await ended;
    expect(status).not.toBe(0);
    expect(bridge.of("call")).toContainEqual({ event: "call", name: "C_Sign", rv: CKR_DEVICE_REMOVED }); // pkcs11-tool tries again and tells that
  });
});

describe("a port", () => {
  test("that says nothing is told, clearly, and holds up no other token", async () => {
    place();
    const cable = await plugIn(null);
    const started = Date.now();
    const bridge = await startBridge();
    expect(Date.now() - started).toBeLessThan(4000);
    expect(await bridge.told("token-refused")).toEqual({ event: "token-refused", name: port, reason: "the token does not answer" });
    expect(await cable.bytesFromHost()).toBe(FRAME_BYTES);
  });

  test("that talks all the time gets no byte of ours", async () => {
    place();
    const cable = await plugIn(null);
    cable.talk(true);
    const bridge = await startBridge();
    expect(await bridge.told("token-refused")).toMatchObject({ reason: `${port} talks without being asked: no token is there` });
    cable.talk(false);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await cable.bytesFromHost()).toBe(0);
  });

  test("that the user may not open is told once, with its group; when its mode changes it is opened", async () => {
    place();
    await plugIn(socketOf(bench));
    chmodSync(port, 0);
    const folder = mkdtempSync(join(base, "nobody-"));
    chownSync(folder, ORDINARY_USER.uid, ORDINARY_USER.gid);
    state = new StateFolder(folder, process.env);
    const bridge = await startBridge({ user: ORDINARY_USER });
    const group = readFileSync("/etc/group", "utf8")
      .split("\n")
      .find((line) => line.split(":")[2] === String(statSync(port).gid))
      ?.split(":")[0];
    expect(await bridge.told("token-forbidden")).toEqual({ event: "token-forbidden", name: port, kind: "serial", path: port, group });
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(bridge.of("token-forbidden")).toHaveLength(1);
    chmodSync(port, 0o666);
    await bridge.told("token-in");
  });
});
