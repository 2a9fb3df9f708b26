// OpenSSH over p11-kit-client.so, the bridge and the simulated token: ssh-keygen reads the public keys, ssh logs in to a local sshd by itself and by
// ssh-agent.

import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { type Background, startInBackground } from "../support/background.ts";
import { certifyForLogin } from "../support/login-certificate.ts";
import { mustRun, type Outcome, run } from "../support/run.ts";
import { readSshSignature } from "../support/ssh-signature.ts";
import { type Sshd, startSshd } from "../support/sshd.ts";
import { Workbench } from "../support/workbench.ts";

const LABELS = { "9A": "PIV authentication", "9C": "PIV signature" } as const;
type Slot = keyof typeof LABELS;

let bench: Workbench;
let sshd: Sshd;
let environment: NodeJS.ProcessEnv;
const publicKeys: Record<Slot, string> = { "9A": "", "9C": "" };
const certificatePems: Record<Slot, string> = { "9A": "", "9C": "" };

beforeAll(async () => {
  bench = await Workbench.open();
  await bench.initialise();
  certificatePems["9A"] = bench.savePem("9A.pem", (await certifyForLogin(bench)).raw);
  certificatePems["9C"] = bench.savePem("9C.pem", (await bench.certify(SLOT_SIGNATURE)).raw);
  // What ssh asks the PIN by when there is no terminal: it reads the file, and notes the question.
  const askPass = `#!/bin/sh\nprintf '%s\\n' "$1" >> '${bench.path("questions")}'\ncat '${bench.path("pin.txt")}'\n`;
  environment = { ...bench.environment, SSH_ASKPASS: bench.write("ask-pass", askPass), SSH_ASKPASS_REQUIRE: "force" };
  delete environment["SSH_AUTH_SOCK"];
  mustRun("chmod", ["700", bench.path("ask-pass")]);
  mustRun("chmod", ["600", bench.path("pin.txt")]);
  mkdirSync(bench.path("sshd"));
  sshd = await startSshd(bench.path("sshd"));
  const lines = mustRun("ssh-keygen", ["-D", bench.module], { env: environment }).trim().split("\n");
  for (const slot of ["9A", "9C"] as const) publicKeys[slot] = lines.find((line) => line.endsWith(` ${LABELS[slot]}`)) ?? "";
});

afterAll(async () => {
  await sshd.stop();
  await bench.close();
});

beforeEach(() => {
  bench.write("questions", "");
});

const questions = (): string[] => readFileSync(bench.path("questions"), "utf8").match(/\S.*\S/g) ?? [];
const publicKeyFile = (slot: Slot): string => bench.write(`${slot}.pub`, `${publicKeys[slot]}\n`);
const fingerprint = (slot: Slot): string => mustRun("ssh-keygen", ["-l", "-f", publicKeyFile(slot)]).split(" ")[1] ?? "";
const ssh = (options: readonly string[], env = environment): Outcome =>
  run("ssh", [...options, ...sshd.destination, "echo I am in"], { env });

describe("ssh-keygen -D over the bridge", () => {
  it.each(["9A", "9C"] as const)("tells the public key of %s, which is the certificate's, without a PIN", (slot) => {
    const pem = mustRun("ssh-keygen", ["-e", "-m", "PKCS8", "-f", publicKeyFile(slot)]);
    expect(pem).toBe(mustRun("openssl", ["x509", "-in", certificatePems[slot], "-noout", "-pubkey"]));
    expect(questions()).toEqual([]);
  });
});

describe("ssh over the bridge", () => {
  it.each([
    ["-I", () => ["-F", "none", "-I", bench.module]],
    ["PKCS11Provider", () => ["-F", bench.write("ssh.conf", `PKCS11Provider ${bench.module}\n`)]],
  ])("logs in by %s with 9A, and asks for the PIN once", async (_way, options) => {
    sshd.authorise(publicKeys["9A"]);
    expect(ssh(options())).toMatchObject({ status: 0, stdout: expect.stringContaining("I am in\n") });
    await sshd.waitForLogin(fingerprint("9A"));
    expect(questions()).toEqual([expect.stringMatching(/^Enter PIN for 'Sceau \d{8}':$/)]);
  });

  it("is not let in when the server knows another key", () => {
    sshd.authorise(readFileSync(bench.path("sshd/host-key.pub"), "utf8"));
    expect(ssh(["-F", "none", "-I", bench.module])).toMatchObject({ status: 255, stdout: "" });
    expect(questions()).toEqual([]);
  });

  it("does not log in with 9C: it takes the login's PIN for the signature's", () => {
    sshd.authorise(publicKeys["9C"]);
    const { status, stderr } = ssh(["-F", "none", "-I", bench.module]);
    expect(status).toBe(255);
    expect(stderr).toContain("C_Sign failed: 257"); // CKR_USER_NOT_LOGGED_IN
    expect(questions()).toHaveLength(1);
  });
});

describe("ssh-agent over the bridge", () => {
  let agent: Background;
  let withAgent: NodeJS.ProcessEnv;

  beforeEach(async () => {
    const socket = bench.path("agent.sock");
    // -P: the providers that it may load, by their real path.
    agent = startInBackground("ssh-agent", ["-d", "-a", socket, "-P", mustRun("realpath", [bench.module]).trim()], environment);
    await agent.waitFor(/SSH_AUTH_SOCK/);
    withAgent = { ...environment, SSH_AUTH_SOCK: socket };
    expect(run("ssh-add", ["-s", bench.module], { env: withAgent })).toMatchObject({ status: 0 });
  });

  afterEach(async () => {
    await agent.stop();
    rmSync(bench.path("agent.sock"), { force: true });
  });

  const signFile = (slot: Slot): Outcome => {
    const document = bench.write("document", "Convention de stage\n");
    rmSync(`${document}.sig`, { force: true });
    return run("ssh-keygen", ["-Y", "sign", "-n", "file", "-f", publicKeyFile(slot), document], { env: withAgent });
  };

  it("logs in with 9A as often as one likes, after ssh-add -s asked for the PIN once", async () => {
    expect(mustRun("ssh-add", ["-L"], { env: withAgent }).trim().split("\n")).toEqual([publicKeys["9A"], publicKeys["9C"]]);
    sshd.authorise(publicKeys["9A"]);
    for (let round = 0; round < 3; round++)
      expect(ssh(["-F", "none"], withAgent)).toMatchObject({ status: 0, stdout: expect.stringContaining("I am in\n") });
    expect(questions()).toEqual(["Enter passphrase for PKCS#11:"]);
  });

  it("signs a file with 9A, which openssl verifies", () => {
    expect(signFile("9A")).toMatchObject({ status: 0 });
    const signature = readSshSignature(readFileSync(bench.path("document.sig"), "utf8"), readFileSync(bench.path("document")));
    const key = bench.write("9A-public.pem", mustRun("openssl", ["x509", "-in", certificatePems["9A"], "-noout", "-pubkey"]));
    const files = ["-signature", bench.write("signature.der", signature.der), bench.write("signed", signature.signed)];
    expect(mustRun("openssl", ["dgst", "-sha256", "-verify", key, ...files])).toBe("Verified OK\n");
  });

  it("forgets the token by ssh-add -e", () => {
    expect(run("ssh-add", ["-e", bench.module], { env: withAgent })).toMatchObject({ status: 0 });
    expect(run("ssh-add", ["-L"], { env: withAgent }).stdout).toBe("The agent has no identities.\n");
    expect(signFile("9A").status).not.toBe(0);
  });

  it("does not sign with 9C: it has nobody to ask for the PIN; and goes on with 9A", () => {
    expect(signFile("9C").stderr).toContain("agent refused operation");
    expect(signFile("9A")).toMatchObject({ status: 0 });
  });

  it.each([
    ["token was unplugged and is back", () => bench.stop("sim"), () => bench.plugIn()],
    ["bridge was started again", () => bench.stop("bridge"), () => bench.startBridge()],
  ])("survives that the %s, and signs once the token is added again", async (_what, end, begin) => {
    expect(signFile("9A")).toMatchObject({ status: 0 });
    await end();
    expect(signFile("9A").stderr).toContain("agent refused operation");
    await begin();
    // OpenSSH keeps its session, and the login that it had.
    expect(signFile("9A").stderr).toContain("agent refused operation");
    expect(run("ssh-add", ["-e", bench.module], { env: withAgent })).toMatchObject({ status: 0 });
    await expect.poll(() => run("ssh-add", ["-s", bench.module], { env: withAgent }).status, { timeout: 5000 }).toBe(0);
    expect(signFile("9A")).toMatchObject({ status: 0 });
  });

  it("loads nothing that its -P does not name", async () => {
    const socket = join(bench.folder, "narrow.sock");
    const narrow = startInBackground("ssh-agent", ["-d", "-a", socket, "-P", "/nowhere/*"], environment);
    await narrow.waitFor(/SSH_AUTH_SOCK/);
    const added = run("ssh-add", ["-s", bench.module], { env: { ...environment, SSH_AUTH_SOCK: socket } });
    await narrow.stop();
    expect(added.stderr).toContain("agent refused operation");
  });
});
