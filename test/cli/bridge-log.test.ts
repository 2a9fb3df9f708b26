// What `sceau bridge --json` tells, and how it ends: names, status words and CKRs, and nothing of what a call carried.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SLOT_AUTHENTICATION } from "../../protocol/piv.ts";
import { BridgeProcess } from "../support/bridge-process.ts";
import { mustRun, run, sceau } from "../support/run.ts";
import { PIN, PUK, Workbench } from "../support/workbench.ts";

const WRONG_PIN = "61827394";
const NEW_PIN = "558820";
/** What any event may hold, beside its name. */
const FIELDS = ["event", "name", "rv", "serial", "slot", "reason", "address", "isAtDefaultSocket"];

let bench: Workbench;
let bridge: BridgeProcess;

beforeEach(async () => {
  bench = await Workbench.open({ withBridge: false });
  await bench.initialise();
  await bench.certify(SLOT_AUTHENTICATION);
  bridge = await BridgeProcess.start({ args: ["--no-hid", "--no-serial", "--state", bench.folder] });
});

afterEach(async () => {
  await bridge.stop("SIGKILL");
  await bench.close();
});

const tool = (...args: string[]) => run("pkcs11-tool", ["--module", bench.module, ...args], { env: bench.environment });

/** The same bytes in the ways in which a log could show them. */
function spellings(secret: Uint8Array): string[] {
  const bytes = Buffer.from(secret);
  return [
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    bytes.toString("base64").replace(/=+$/, ""),
    bytes.toString("base64url"),
    [...bytes].join(","),
    JSON.stringify(bytes.toString("latin1")).slice(1, -1),
  ];
}

test("a wrong PIN, a change of PIN and PUK, reading a certificate and a signature leave no PIN, no digest, no object, no signature in it", async () => {
  const digest = createHash("sha256").update("nothing of this is told").digest();
  const [input, signature] = [bench.write("digest", digest), bench.path("signature")];
  expect(tool("--login", "--pin", WRONG_PIN, "--list-objects").stderr).toContain("CKR_PIN_INCORRECT");
  expect(tool("--login", "--pin", PIN, "--change-pin", "--new-pin", NEW_PIN).status).toBe(0);
  expect(tool("--login", "--login-type", "so", "--so-pin", PUK, "--init-pin", "--new-pin", PIN).status).toBe(0);
  expect(tool("--read-object", "--type", "cert", "--id", "01", "--output-file", bench.path("certificate")).status).toBe(0);
  const sign = ["--sign", "--mechanism", "ECDSA", "--signature-format", "openssl", "--id", "01", "--login", "--pin", PIN];
  expect(tool(...sign, "--input-file", input, "--output-file", signature).status).toBe(0);
  bench.write("key", mustRun("openssl", ["x509", "-inform", "DER", "-in", bench.path("certificate"), "-noout", "-pubkey"]));
  mustRun("openssl", ["pkeyutl", "-verify", "-pubin", "-inkey", bench.path("key"), "-in", input, "-sigfile", signature]);

  expect(await bridge.stop()).toBe(0);
  const calls = bridge.of("call");
  for (const name of ["C_Login", "C_SetPIN", "C_InitPIN", "C_GetAttributeValue", "C_SignInit", "C_Sign"]) {
    expect(calls.map((call) => call["name"])).toContain(name);
  }
  expect(calls).toContainEqual({ event: "call", name: "C_Login", rv: 0xa0 });
  for (const event of bridge.events) expect(FIELDS).toEqual(expect.arrayContaining(Object.keys(event)));
  for (const pin of [PIN, WRONG_PIN, NEW_PIN, PUK])
    for (const text of [pin, ...spellings(Buffer.from(pin))]) expect(bridge.output).not.toContain(text);
  for (const file of ["digest", "certificate", "signature"]) {
    const bytes = readFileSync(bench.path(file));
    // Any 12 bytes in a row: a piece would tell as much.
    for (let at = 0; at + 12 <= bytes.length; at += 6) {
      for (const text of spellings(bytes.subarray(at, at + 12))) expect(bridge.output).not.toContain(text);
    }
  }
});

describe("a signal", () => {
  test.each(["SIGTERM", "SIGINT"] as const)(
    "%s stops it in order while applications are connected and one waits for a slot",
    async (signal) => {
      const application = spawn("pkcs11-tool", ["--module", bench.module, "--test-hotplug"], { env: bench.environment });
      let told = "";
      application.stdout.on("data", (text) => {
        told += text;
      });
      application.stdin.on("error", () => {});
      const ended = once(application, "close");
      application.stdin.write("x\n\n"); // then it waits in C_WaitForSlotEvent
      await expect.poll(() => told, { timeout: 10_000 }).toMatch(/C_WaitForSlotEvent/);
      const started = Date.now();
      expect(await bridge.stop(signal)).toBe(0);
      expect(Date.now() - started).toBeLessThan(2000);
      expect(existsSync(bench.state.pkcs11Socket)).toBe(false);
      application.stdin.end("x\n");
      application.kill("SIGKILL");
      await ended;
      bridge = await BridgeProcess.start({ args: ["--no-hid", "--no-serial", "--state", bench.folder] });
      await bridge.told("token-in");
    },
  );

  test("right after «ready» stops it in order, too", async () => {
    expect(await bridge.stop()).toBe(0);
    for (let round = 0; round < 5; round++) {
      bridge = BridgeProcess.launch({ args: ["--no-hid", "--no-serial", "--state", bench.folder] });
      const { child } = bridge;
      child.stdout?.on("data", (text) => {
        if (String(text).includes('"ready"')) child.kill("SIGTERM");
      });
      expect(await once(child, "close")).toEqual([0, null]);
    }
  });
});

test("a PIN program that is not there is told before anything is started", async () => {
  await bridge.stop();
  rmSync(bench.state.pkcs11Socket, { force: true });
  const outcome = sceau(["bridge", "--ask-pin", "no-such-pinentry", "--state", bench.folder, "--lang", "fr"]);
  expect(outcome).toMatchObject({ status: 2, stderr: expect.stringContaining("no-such-pinentry") });
  expect(outcome.stderr).toContain("apt install");
  expect(existsSync(bench.state.pkcs11Socket)).toBe(false);
});
