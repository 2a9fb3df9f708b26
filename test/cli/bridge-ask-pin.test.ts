// `sceau bridge --ask-pin`: the application gives no PIN, the person is asked by pinentry (a scripted one), openssl verifies.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { BridgeProcess } from "../support/bridge-process.ts";
import { mustRun, type Outcome, ROOT, run } from "../support/run.ts";
import { PIN, Workbench } from "../support/workbench.ts";

const PINENTRY = join(ROOT, "test", "support", "scripted-pinentry.py");

let bench: Workbench;
let bridge: BridgeProcess | null;

beforeEach(async () => {
  bench = await Workbench.open({ withBridge: false });
  await bench.initialise();
  await bench.certify(SLOT_SIGNATURE);
  bridge = null;
});

afterEach(async () => {
  await bridge?.stop();
  await bench.close();
});

/** @param script what each question is answered with, a run of the program each */
async function start(script: string): Promise<BridgeProcess> {
  const environment = { PINENTRY_SCRIPT: script, PINENTRY_LOG: bench.path("asked"), LC_ALL: "fr_FR.UTF-8" };
  const args = ["--no-hid", "--no-serial", "--state", bench.folder, "--ask-pin", PINENTRY];
  bridge = await BridgeProcess.start({ args, environment });
  return bridge;
}

const asked = (): string[] =>
  readFileSync(bench.path("asked"), "utf8")
    .split("\n")
    .filter((line) => /^SET(DESC|PROMPT|ERROR)/.test(line));

function sign(): Outcome {
  const digest = bench.write("digest", createHash("sha256").update("asked").digest());
  const args = ["--module", bench.module, "--login", "--sign", "--mechanism", "ECDSA", "--signature-format", "openssl", "--id", "02"];
  return run("pkcs11-tool", [...args, "--input-file", digest, "--output-file", bench.path("signature")], { env: bench.environment });
}

test("a signature with a key that asks each time: the person is asked for the login, then for this signature; neither the application nor the log sees the PIN", async () => {
  const running = await start(`pin=${PIN}`);
  const signed = sign();
  expect(signed, signed.stderr).toMatchObject({ status: 0 });
  const tool = ["--module", bench.module, "--read-object", "--type", "cert", "--id", "02", "--output-file", bench.path("certificate")];
  expect(run("pkcs11-tool", tool, { env: bench.environment }).status).toBe(0);
  bench.write("key", mustRun("openssl", ["x509", "-inform", "DER", "-in", bench.path("certificate"), "-noout", "-pubkey"]));
  mustRun("openssl", [
    "pkeyutl",
    "-verify",
    "-pubin",
    "-inkey",
    bench.path("key"),
    "-in",
    bench.path("digest"),
    "-sigfile",
    bench.path("signature"),
  ]);
  const questions = asked();
  expect(questions.filter((line) => line.startsWith("SETDESC"))).toEqual([
    expect.stringMatching(/veut utiliser le jeton \d+/),
    expect.stringMatching(/UNE SIGNATURE au jeton \d+/),
  ]);
  await running.stop();
  expect(running.output + signed.stdout + signed.stderr).not.toContain(PIN);
});

test("the person declines: the application is told, and no try is spent", async () => {
  await start("err=83886179");
  expect(sign().stderr).toContain("CKR_FUNCTION_CANCELED");
  const client = await bench.client();
  expect(await client.tries(0x80)).toEqual({ total: 3, left: 3 });
  client.close();
});

test("a prompt that breaks is told in the log, and the application gets an error", async () => {
  const running = await start("die");
  expect(sign().status).not.toBe(0);
  expect(await running.told("trouble")).toMatchObject({ about: "pin-prompt", reason: `${PINENTRY} ended without an answer` });
});
