// A token of ours as a card in a PC/SC reader, from which a bridge on another state folder serves it: all that it can is there, but for the button's
// telling; and a bridge that has it on its own cable does not show it twice.

import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SLOT_AUTHENTICATION, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { BridgeProcess } from "../support/bridge-process.ts";
import { PCSCD_LIMIT_MS, type RunningPcscd, startPcscd } from "../support/pcscd.ts";
import { mustRun, run, sceau } from "../support/run.ts";
import { PIN, Workbench } from "../support/workbench.ts";

let pcscd: RunningPcscd;
let bench: Workbench;
const bridges: BridgeProcess[] = [];

beforeAll(async () => {
  pcscd = await startPcscd();
  bench = await Workbench.open({ withBridge: false, sim: ["--vpcd", pcscd.address], launcher: pcscd.launcher });
  await bench.initialise();
  await bench.certify(SLOT_AUTHENTICATION);
  await bench.certify(SLOT_SIGNATURE);
}, PCSCD_LIMIT_MS);

afterAll(async () => {
  for (const bridge of bridges) await bridge.stop();
  await bench?.close();
  await pcscd?.stop();
});

async function startBridge(state: string): Promise<BridgeProcess> {
  const bridge = await BridgeProcess.start({ args: ["--no-hid", "--no-serial", "--reader", "any", "--state", state] });
  bridges.push(bridge);
  return bridge;
}

describe("a token of ours in a reader", () => {
  it("signs with 9A and 9C through a bridge that was told of the reader, and openssl verifies", async () => {
    const state = bench.path("other");
    const told = await (await startBridge(state)).told("token-in");
    expect(told["name"]).toBe(pcscd.reader);
    expect(told["serial"]).toMatch(/^\d{8}$/);
    const environment = { ...process.env, P11_KIT_SERVER_ADDRESS: `unix:path=${state}/run/pkcs11.sock` };
    const tool = (...args: string[]) => run("pkcs11-tool", ["--module", bench.module, ...args], { env: environment });
    for (const id of ["01", "02"]) {
      const certificate = bench.path(`certificate-${id}.der`);
      expect(tool("--read-object", "--type", "cert", "--id", id, "--output-file", certificate)).toMatchObject({ status: 0 });
      const key = bench.write("public.pem", mustRun("openssl", ["x509", "-inform", "DER", "-in", certificate, "-noout", "-pubkey"]));
      const digest = bench.write("digest", createHash("sha256").update(id).digest());
      const files = ["--input-file", digest, "--output-file", bench.path("signature")];
      const sign = ["--sign", "--mechanism", "ECDSA", "--signature-format", "openssl", "--id", id, ...files];
      expect(tool(...sign, "--login", "--pin", PIN)).toMatchObject({ status: 0 });
      const check = ["pkeyutl", "-verify", "-pubin", "-inkey", key, "-in", digest, "-sigfile", bench.path("signature")];
      expect(mustRun("openssl", check)).toContain("Signature Verified Successfully");
    }
  });

  it("answers sceau token, journal and all, while a bridge has it, too", () => {
    const where = ["--token", "pcsc:test reader", "--state", bench.path("other")];
    expect(sceau(["token", "info", ...where]).stdout).toContain("Sceau");
    const journal = sceau(["token", "journal", "--pin-file", bench.path("pin.txt"), "--json", ...where]);
    expect(journal).toMatchObject({ status: 0 });
    expect((JSON.parse(journal.stdout) as { entries: unknown[] }).entries.length).toBeGreaterThanOrEqual(4);
  });

  it("is there once where its own cable is, too", async () => {
    const bridge = await startBridge(bench.state.root);
    await bridge.told("token-in");
    await new Promise((resolve) => setTimeout(resolve, 700)); // several looks
    const there = bridge.of("token-in").length - bridge.of("token-out").length;
    expect(there).toBe(1);
    expect(bridge.of("token-in").at(-1)?.["name"]).toBe(bench.tokenName);
    expect(bridge.of("token-refused")).toEqual([]);
  });
});
