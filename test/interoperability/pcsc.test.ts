// The simulated token in a PC/SC reader (pcscd + vpcd): OpenSC takes it for the PIV card that it is, and openssl verifies what it signs.

import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SLOT_AUTHENTICATION, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { awaitCard, PCSCD_LIMIT_MS, type RunningPcscd, startPcscd } from "../support/pcscd.ts";
import { mustRun, run } from "../support/run.ts";
import { PIN, Workbench } from "../support/workbench.ts";

const CARD_LIMIT_MS = 10_000;

let pcscd: RunningPcscd;
let bench: Workbench;

beforeAll(async () => {
  pcscd = await startPcscd();
  bench = await Workbench.open({ withBridge: false, sim: ["--vpcd", pcscd.address] });
  await bench.initialise();
  await bench.certify(SLOT_AUTHENTICATION);
  await bench.certify(SLOT_SIGNATURE);
  await awaitCard();
}, PCSCD_LIMIT_MS);

afterAll(async () => {
  await bench?.close();
  await pcscd?.stop();
});

const tool = (...args: string[]) => run("pkcs11-tool", ["--module", "opensc-pkcs11.so", ...args]);

describe("the simulated token over PC/SC", () => {
  it("is a PIV card for opensc-tool", () => {
    expect(mustRun("opensc-tool", ["--name"])).toContain("Personal Identity Verification Card");
    expect(mustRun("opensc-tool", ["--atr"])).toContain("53:43:45:41:55"); // «SCEAU»
  });

  it.each([
    ["9A", "01"],
    ["9C", "02"],
  ])("signs through OpenSC with %s, and openssl verifies", (_slot, id) => {
    tool("--read-object", "--type", "cert", "--id", id, "--output-file", bench.path("certificate.der"));
    bench.write("public.pem", mustRun("openssl", ["x509", "-inform", "DER", "-in", bench.path("certificate.der"), "-noout", "-pubkey"]));
    const digest = bench.write("digest", createHash("sha256").update(`over PC/SC with ${id}`).digest());
    const files = ["--input-file", digest, "--output-file", bench.path("signature")];
    const sign = ["--sign", "--mechanism", "ECDSA", "--signature-format", "openssl", "--id", id];
    expect(tool(...sign, ...files, "--login", "--pin", PIN)).toMatchObject({ status: 0 });
    const check = ["pkeyutl", "-verify", "-pubin", "-inkey", bench.path("public.pem"), "-in", digest, "-sigfile", bench.path("signature")];
    expect(mustRun("openssl", check)).toContain("Signature Verified Successfully");
  });

  it("hands out a certificate that is longer than a short answer (61xx, which opensc-tool follows)", () => {
    const output = mustRun("opensc-tool", ["-s", "00A4040005A000000308", "-s", "00CB3FFF055C035FC10A00"]);
    const [, read = ""] = output.split("Sending: 00 CB");
    expect(read).toContain("Received (SW1=0x90, SW2=0x00)");
    expect(read.match(/^([0-9A-F]{2} )+/gm)?.length).toBeGreaterThan(40);
  });

  it("is gone from the reader when the simulator ends", async () => {
    await bench.stop("sim");
    const deadline = Date.now() + CARD_LIMIT_MS;
    while (run("opensc-tool", ["--name"]).status === 0 && Date.now() < deadline) await sleep(200);
    expect(run("opensc-tool", ["--name"]).stderr).toMatch(/no card|not present|Failed to connect/i);
  });
});
