// `sceau factory`, `sceau token attest`, and the factory step that `sceau sim` does itself: openssl judges the chain.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { mustRun, type Outcome, sceau } from "../support/run.ts";
import { MANAGEMENT_KEY, PIN, PUK, Workbench } from "../support/workbench.ts";

let bench: Workbench;
let serial: string;

const inState = (of: Workbench, ...args: string[]): Outcome => sceau([...args, "--state", of.folder], { input: "" });

async function serialOf(of: Workbench): Promise<string> {
  const client = await of.client();
  const info = await client.deviceInfo();
  client.close();
  return info.serial;
}

/** The certificates of a PEM file, a file each. */
function split(of: Workbench, chain: string): string[] {
  const blocks = chain.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g) ?? [];
  return blocks.map((block, index) => of.write(`chain-${index}.pem`, block));
}

beforeAll(async () => {
  bench = await Workbench.open({ withBridge: false });
  serial = await serialOf(bench);
  await bench.initialise();
  await bench.certify(SLOT_SIGNATURE);
});

afterAll(() => bench.close());

const attest = (...more: string[]): Outcome => inState(bench, "token", "attest", "9c", "--pin-file", bench.path("pin.txt"), ...more);

describe("sceau token attest", () => {
  it("prints attestation, attestation key and root; openssl verifies them", () => {
    const outcome = attest();
    expect(outcome).toMatchObject({ status: 0, stderr: "" });
    const [attestation = "", f9 = "", root = "", ...more] = split(bench, outcome.stdout);
    expect(more).toEqual([]);
    expect(mustRun("openssl", ["verify", "-x509_strict", "-CAfile", root, "-untrusted", f9, attestation])).toBe(`${attestation}: OK\n`);
    expect(mustRun("openssl", ["x509", "-in", attestation, "-noout", "-pubkey"])).toBe(
      mustRun("openssl", ["x509", "-in", bench.write("9c.pem", inState(bench, "token", "export", "9c").stdout), "-noout", "-pubkey"]),
    );
    expect(readFileSync(root, "utf8")).toBe(readFileSync(join(bench.folder, "factory", "simulator", "root.pem"), "utf8"));
  });

  it("writes them to a file, and tells what they say", () => {
    const out = bench.path("attestation.pem");
    const outcome = attest("--out", out);
    expect(outcome).toMatchObject({ status: 0, stderr: "" });
    for (const line of [/Slot +9C/, /Asks for the PIN +always/, /Asks for a press +never/, new RegExp(`Token +${serial}`), /simulated/]) {
      expect(outcome.stdout).toMatch(line);
    }
    expect(split(bench, readFileSync(out, "utf8"))).toHaveLength(3);
    const root = join(bench.folder, "factory", "simulator", "root.pem");
    expect(mustRun("openssl", ["verify", "-CAfile", root, "-untrusted", out, out])).toBe(`${out}: OK\n`);
    expect(attest("--out", out)).toMatchObject({ status: 2, stderr: expect.stringContaining("exists already") });
  });

  it("is JSON for machines", () => {
    const told = JSON.parse(attest("--json").stdout);
    expect(told).toMatchObject({
      serial,
      slot: "9C",
      algorithm: "P-256",
      pinPolicy: "always",
      isVerified: true,
      problem: null,
      isSimulated: true,
    });
    expect(told.chain).toHaveLength(3);
  });

  it("takes the management key that Sceau keeps, when it keeps one, and asks for the PIN otherwise", () => {
    expect(inState(bench, "token", "attest", "9c")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("to attest the key in 9C"),
    });
    const secrets = bench.state.secrets(serial);
    mkdirSync(join(bench.folder, "secrets"));
    writeFileSync(secrets, JSON.stringify({ puk: PUK, managementKey: MANAGEMENT_KEY }));
    expect(inState(bench, "token", "attest", "9c")).toMatchObject({ status: 0, stderr: "" });
    rmSync(join(bench.folder, "secrets"), { recursive: true });
  });

  it("says so when the root is not known here, and when it is another", () => {
    const factory = join(bench.folder, "factory");
    const aside = bench.path("aside");
    mustRun("mv", [factory, aside]);
    const unknown = attest("--out", bench.path("unknown.pem"));
    expect(unknown).toMatchObject({ status: 0, stdout: expect.stringMatching(/Not verified: .*root that you trust/) });
    expect(split(bench, readFileSync(bench.path("unknown.pem"), "utf8"))).toHaveLength(2);
    expect(inState(bench, "factory", "root", "simulator").status).toBe(0);
    expect(JSON.parse(attest("--json").stdout)).toMatchObject({ isVerified: false, problem: "untrusted" });
    expect(attest()).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^-----BEGIN/),
      stderr: expect.stringContaining("Not verified"),
    });
    rmSync(factory, { recursive: true });
    mustRun("mv", [aside, factory]);
  });

  it("refuses a slot without a key, a word that is no slot, a wrong PIN", () => {
    const wrong = bench.write("wrong.txt", "00000000\n");
    expect(inState(bench, "token", "attest", "9a", "--pin-file", bench.path("pin.txt"))).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/no key in slot 9A/),
    });
    expect(inState(bench, "token", "attest", "f9")).toMatchObject({ status: 2, stderr: expect.stringMatching(/no slot/) });
    expect(inState(bench, "token", "attest", "9c", "--pin-file", wrong)).toMatchObject({
      status: 4,
      stderr: expect.stringMatching(/Wrong/),
    });
    expect(attest("--lang", "fr", "--out", bench.path("fr.pem")).stdout).toMatch(/créée sur le jeton/);
  });
});

describe("sceau factory", () => {
  it("makes a root of a name once, and tells its fingerprint", () => {
    const made = inState(bench, "factory", "root", "paris-2026");
    expect(made).toMatchObject({ status: 0, stderr: "" });
    const certificate = join(bench.folder, "factory", "paris-2026", "root.pem");
    const fingerprint =
      mustRun("openssl", ["x509", "-in", certificate, "-noout", "-fingerprint", "-sha256"]).split("=")[1]?.trim() ?? "none";
    expect(made.stdout).toContain(fingerprint);
    expect(made.stdout).toContain(certificate);
    expect(inState(bench, "factory", "root", "paris-2026", "--json")).toMatchObject({
      status: 2,
      stdout: expect.stringContaining('"root-exists"'),
    });
    expect(inState(bench, "factory", "root", "../x")).toMatchObject({ status: 2, stderr: expect.stringMatching(/no name for a root/) });
  });

  it("provisions no token twice, and none that is in use; a root must be there, and be the only one or named", async () => {
    const other = await Workbench.open({ withBridge: false });
    try {
      const provision = (...more: string[]): Outcome => inState(other, "factory", "provision", ...more);
      const its = await serialOf(other);
      expect(provision()).toMatchObject({ status: 4, stderr: expect.stringMatching(new RegExp(`Token ${its} is sealed already`)) });
      expect(provision("--root", "nowhere")).toMatchObject({ status: 2, stderr: expect.stringMatching(/no root «nowhere»/) });
      inState(other, "factory", "root", "second");
      expect(provision()).toMatchObject({ status: 2, stderr: expect.stringMatching(/several roots.*second, simulator/) });
      rmSync(join(other.folder, "factory"), { recursive: true });
      expect(provision("--lang", "fr")).toMatchObject({ status: 2, stderr: expect.stringMatching(/sceau factory root NOM/) });
    } finally {
      await other.close();
    }
  });
});

describe("sceau sim", () => {
  it("does the factory step of a new token once, and leaves it alone when it is plugged in again", async () => {
    const certificate = async (): Promise<Uint8Array | null> => {
      const client = await bench.client();
      try {
        return await client.readCertificate(0x5fff01);
      } finally {
        client.close();
      }
    };
    const before = await certificate();
    expect(before).not.toBeNull();
    await bench.stop("sim");
    await bench.plugIn();
    expect(await certificate()).toEqual(before);
  });

  it("keeps the profile that a token was made with", async () => {
    const compat = await Workbench.open({ sim: ["--profile", "compat"], withBridge: false });
    try {
      const info = JSON.parse(inState(compat, "token", "info", "--json").stdout);
      expect(info).toMatchObject({ profile: "compat", isSealed: true });
      await compat.stop("sim");
      const asStrict = inState(compat, "sim", compat.tokenName, "--profile", "strict");
      expect(asStrict).toMatchObject({ status: 4, stderr: expect.stringMatching(/made with the profile compat/) });
      await compat.plugIn();
      expect(JSON.parse(inState(compat, "token", "info", "--json").stdout)).toMatchObject({ profile: "compat" });
    } finally {
      await compat.close();
    }
  });

  it("knows two profiles, and a strict token stays strict", () => {
    expect(inState(bench, "sim", "other", "--profile", "loose")).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/strict, compat/),
    });
    expect(existsSync(join(bench.folder, "tokens", "other"))).toBe(false);
    expect(readdirSync(join(bench.folder, "tokens"))).toEqual(["token"]);
    const identity = JSON.parse(readFileSync(join(bench.folder, "tokens", "token", "device.json"), "utf8"));
    expect(identity).toMatchObject({ profile: "strict" });
  });
});

it("an older simulated token, in use and never sealed, works on without an attestation", async () => {
  // As tokens were made before the factory step: initialised in a simulator that did none.
  const { startSimulator } = await import("../../simulator/simulator.ts");
  const old = await Workbench.open({ withBridge: false });
  try {
    await old.stop("sim");
    rmSync(join(old.folder, "tokens"), { recursive: true });
    rmSync(join(old.folder, "factory"), { recursive: true });
    const place = { folder: old.state.token(old.tokenName), socketPath: old.state.tokenSocket(old.tokenName) };
    const simulator = await startSimulator({ ...place, button: { kind: "automatic", afterMs: 0 } });
    const identity = JSON.parse(readFileSync(join(place.folder, "device.json"), "utf8"));
    writeFileSync(join(place.folder, "device.json"), JSON.stringify({ serial: identity.serial }));
    await old.initialise();
    await old.certify(SLOT_SIGNATURE);
    await old.stop("sim");
    await simulator.close();
    await old.plugIn();
    expect(existsSync(join(old.folder, "factory"))).toBe(false);
    expect(inState(old, "token", "attest", "9c", "--pin-file", old.path("pin.txt"))).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/no attestation key/),
    });
    expect(inState(old, "factory", "root", "late").status).toBe(0);
    expect(inState(old, "factory", "provision")).toMatchObject({ status: 4, stderr: expect.stringMatching(/is in use/) });
    const client = await old.client();
    await client.verifyPin(new TextEncoder().encode(PIN));
    client.close();
  } finally {
    await old.close();
  }
});
