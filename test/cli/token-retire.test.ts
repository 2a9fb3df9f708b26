// Keys on the command line, from their making to their destruction receipt: no key goes without a place for its receipt, and a receipt is believed by
// whoever has the root.

import { type ChildProcess, spawn } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SLOT_CARD_AUTHENTICATION, SLOT_KEY_MANAGEMENT } from "../../protocol/piv.ts";
import { mustRun, type Outcome, run, SCEAU } from "../support/run.ts";
import { EvidenceBench, json, succeed } from "../support/token-evidence-bench.ts";
import type { Workbench } from "../support/workbench.ts";

/** The same token by another cable, as a process of its own, which breaks when PUT DATA comes. */
async function cutAtPutData({ state }: Workbench): Promise<ChildProcess> {
  const program = `
    const net = require("node:net");
    net.createServer((host) => {
      const token = net.connect(process.argv[1]);
      const cut = () => { host.destroy(); token.destroy(); };
      for (const end of [host, token]) end.on("error", cut).on("close", cut);
      token.pipe(host);
      host.on("data", (data) => { if (data.includes(Buffer.from("00db3fff", "hex"))) cut(); else token.write(data); });
    }).listen(process.argv[2], () => console.log("ready"));`;
  const cable = spawn(process.execPath, ["-e", program, state.tokenSocket("token"), state.tokenSocket("cable")]);
  await once(cable.stdout, "data");
  return cable;
}

let evidence: EvidenceBench;
let bench: Workbench;

beforeAll(async () => {
  evidence = await EvidenceBench.open();
  ({ bench } = evidence);
  evidence.makeOtherAuthority();
  evidence.makeReceipt("earlier.json");
  succeed(evidence.own("journal", "--out", "journal.json"));
});

afterAll(() => evidence.close());

describe("sceau token info", () => {
  it("tells kinds of keys, tries, and whether there is an attestation key; empty retired slots are left out", () => {
    expect(json(evidence.own("info", "--json"))).toMatchObject({
      profile: "strict",
      isSealed: true,
      pinTriesLeft: 3,
      pinTriesTotal: 3,
      slots: [
        { slot: "9A", hasKey: false, algorithm: null },
        { slot: "9C", hasKey: true, algorithm: "P-256" },
        { slot: "9D", hasKey: false },
        { slot: "9E", hasKey: false },
        { slot: "82", hasKey: true, algorithm: "P-384" },
      ],
    });
    expect(succeed(evidence.own("info")).stdout).toMatch(/Slot 82\s+P-384 key, no certificate/);
  });
});

describe("sceau token generate --algorithm p384", () => {
  it("makes a request that openssl finds right, and whose certificate is imported", () => {
    mustRun("openssl", ["req", "-in", bench.path("retired.pem"), "-verify", "-noout"]);
    const issue = ["-in", bench.path("retired.pem"), "-CA", bench.path("ca.pem"), "-CAkey", bench.path("ca.key"), "-subj", "/CN=Anne"];
    mustRun("openssl", ["x509", "-req", ...issue, "-out", bench.path("retired-certificate.pem")]);
    succeed(evidence.own("import", "82", "retired-certificate.pem"));
    expect(evidence.own("import", "9c", "retired-certificate.pem")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("another key"),
    });
    expect(succeed(evidence.own("export", "82")).stdout).toBe(readFileSync(bench.path("retired-certificate.pem"), "utf8"));
  });

  it("knows no other kinds of keys, and no other slots", () => {
    expect(evidence.own("generate", "9a", "--algorithm", "rsa2048", "--out", "x.pem")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("p256, p384"),
    });
    for (const slot of ["9b", "f9", "81", "96", "8g", ""]) {
      expect(evidence.own("generate", slot, "--out", "x.pem"), slot).toMatchObject({
        status: 2,
        stderr: expect.stringContaining("82 to 95"),
      });
    }
  });
});

describe("sceau token retire", () => {
  const hasKey = async (slot: number): Promise<boolean> => {
    const client = await bench.client();
    const key = await client.keyMetadata(slot);
    client.close();
    return key !== null;
  };

  it("erases nothing without a confirmation, or without a place for the receipt", async () => {
    expect(evidence.own("retire", "82")).toMatchObject({ status: 2, stderr: expect.stringContaining("--yes") });
    expect(evidence.own("retire", "82", "--yes", "--out", "journal.json")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("exists already"),
    });
    expect(evidence.own("retire", "82", "--yes", "--out", "/proc/receipt.json")).toMatchObject({ status: 2 });
    expect(await hasKey(0x82)).toBe(true);
  });

  it("asks on a terminal for the slot's name, and takes nothing else for a yes", async () => {
    evidence.generate("9e", "card.pem");
    const onTerminal = (typed: string): Outcome => {
      const line = `${process.execPath} ${SCEAU} token retire 9e --out card.json --state ${bench.folder}`;
      return run("script", ["-qec", line, "/dev/null"], { cwd: bench.folder, input: `${typed}\r` });
    };
    expect(onTerminal("yes").stdout).toContain("Not confirmed");
    expect(await hasKey(SLOT_CARD_AUTHENTICATION)).toBe(true);
    expect(onTerminal("9e").stdout).toContain("is erased");
    expect(await hasKey(SLOT_CARD_AUTHENTICATION)).toBe(false);
    expect(json(evidence.own("verify-receipt", "card.json", "--json"))).toMatchObject({ valid: true, slot: "9E" });
  });

  it("erases the key and its certificate, and leaves a receipt under a name of its own", async () => {
    const { serial } = evidence;
    const outcome = succeed(evidence.own("retire", "82", "--yes"));
    expect(outcome.stdout).toContain(`sceau-receipt-${serial}-82.json`);
    expect(outcome.stdout).toContain("certificate was taken off");
    expect(await hasKey(0x82)).toBe(false);
    expect(evidence.own("export", "82").status).toBe(2);
    const der = mustRun("openssl", ["x509", "-in", bench.path("retired-certificate.pem"), "-noout", "-pubkey"]);
    const key = createHash("sha256")
      .update(Buffer.from(der.replaceAll(/-----[A-Z ]+-----|\s/g, ""), "base64"))
      .digest("hex");
    const checked = evidence.away("verify-receipt", bench.path(`sceau-receipt-${serial}-82.json`), "--root", evidence.root, "--json");
    expect(json(checked)).toMatchObject({ valid: true, serial, slot: "82", algorithm: "P-384", key, profile: "strict", isSimulated: true });
    expect(checked.status).toBe(0);
  });

  it("gives the receipt again when a run was interrupted after the key was gone", async () => {
    evidence.generate("9d", "agreement.pem");
    const { managementKey } = JSON.parse(readFileSync(bench.state.secrets(evidence.serial), "utf8"));
    const client = await bench.client();
    await client.authenticateManagement(Buffer.from(managementKey, "hex"));
    await client.vendor.eraseKey(SLOT_KEY_MANAGEMENT);
    client.close();
    expect(succeed(evidence.own("retire", "9d", "--out", "again.json")).stdout).toContain("erased already");
    expect(json(evidence.own("verify-receipt", "again.json", "--json"))).toMatchObject({ valid: true, slot: "9D" });
  });

  it("finishes under the same name a run that was cut off before the certificate was gone", async () => {
    evidence.generate("83", "second.pem");
    const issue = ["-in", bench.path("second.pem"), "-CA", bench.path("ca.pem"), "-CAkey", bench.path("ca.key"), "-subj", "/CN=Anne"];
    mustRun("openssl", ["x509", "-req", ...issue, "-out", bench.path("second-certificate.pem")]);
    succeed(evidence.own("import", "83", "second-certificate.pem"));
    const cable = await cutAtPutData(bench);
    expect(evidence.own("retire", "83", "--yes", "--token", "cable").status).toBe(4);
    expect(await hasKey(0x83)).toBe(false);
    cable.kill();
    rmSync(bench.state.tokenSocket("cable"), { force: true });
    expect(succeed(evidence.own("export", "83")).stdout).toContain("BEGIN CERTIFICATE");
    expect(succeed(evidence.own("retire", "83")).stdout).toMatch(/erased already[\s\S]*certificate was taken off/);
    expect(evidence.own("export", "83").status).toBe(2);
  });

  it("says when there never was a key", () => {
    expect(evidence.own("retire", "94", "--yes")).toMatchObject({ status: 2, stderr: expect.stringContaining("no receipt of one") });
  });
});

describe("sceau token verify-receipt", () => {
  it("needs no token, only the root", () => {
    const receipt = bench.path("earlier.json");
    const outcome = succeed(evidence.away("verify-receipt", receipt, "--root", evidence.root));
    expect(outcome.stdout).toMatch(/✔ This receipt is valid/);
    expect(outcome.stdout).toContain("simulated token");
    expect(evidence.away("verify-receipt", receipt)).toMatchObject({ status: 1, stdout: expect.stringContaining("✘") });
  });

  it("finds the receipt of another key, of another token, and a journal's head in its place", () => {
    const receipt = JSON.parse(readFileSync(bench.path("earlier.json"), "utf8"));
    const head = JSON.parse(readFileSync(bench.path("journal.json"), "utf8")).head;
    const problems = (file: unknown): unknown => {
      const outcome = evidence.away("verify-receipt", bench.write("forged.json", JSON.stringify(file)), "--root", evidence.root, "--json");
      return [outcome.status, json(outcome).problems];
    };
    expect(problems({ ...receipt, statement: evidence.signedIn("card.json").statement })).toEqual([1, ["forged"]]);
    expect(problems({ ...receipt, statement: Buffer.from("nothing").toString("base64") })).toEqual([1, ["unreadable", "forged"]]);
    expect(problems({ ...receipt, ...head })).toEqual([1, ["other-kind"]]);
  });

  it("is what openssl says of the same file, as protocol/statements.md shows it", () => {
    const { statement, signature, certificates } = JSON.parse(readFileSync(bench.path("earlier.json"), "utf8"));
    const signed = bench.write("signed", Buffer.concat([Buffer.from("Sceau statement 1\n"), Buffer.from(statement, "base64")]));
    const der = bench.write("signature.der", Buffer.from(signature, "base64"));
    const key = bench.write("f9.pem", String(new X509Certificate(certificates[0]).publicKey.export({ format: "pem", type: "spki" })));
    expect(mustRun("openssl", ["dgst", "-sha256", "-verify", key, "-signature", der, signed])).toContain("Verified OK");
    const certificate = bench.write("f9-certificate.pem", certificates[0]);
    expect(mustRun("openssl", ["verify", "-CAfile", evidence.root, certificate])).toContain("OK");
  });
});
