// OpenSSL's PKCS#11 provider (pkcs11-provider) over p11-kit-client.so, the bridge and the simulated token, by the text that `sceau install` shows where it
// is installed. Debian 12 does not have it; Debian 13 and Ubuntu 24.04 do. OpenSSL without the provider verifies.

import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findOpensslParts, opensslText } from "../../host-bridge/desktop/openssl-step.ts";
import { SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { certifyForLogin } from "../support/login-certificate.ts";
import { mustRun, type Outcome, run } from "../support/run.ts";
import { PIN, Workbench } from "../support/workbench.ts";

const parts = findOpensslParts();
const reason = parts.provider === null ? " (skipped: no package pkcs11-provider on this machine; Debian 12 has none)" : "";
const TOKEN_PROMPT = /^Enter pass phrase for PKCS#11 Token \(Slot \d+ - Sceau simulator \d+\):$/;
const KEY_PROMPT = /^Enter PIN for PKCS#11 Token \(Slot \d+ - Sceau simulator \d+\):$/;

describe.skipIf(parts.provider === null).each([
  // 9C asks for the PIN at each signature, once more than to log in.
  { slot: "9A", key: "pkcs11:id=%01;type=private", prompts: [TOKEN_PROMPT] },
  { slot: "9C", key: "pkcs11:id=%02;type=private", prompts: [TOKEN_PROMPT, KEY_PROMPT] },
] as const)(`OpenSSL's provider with $slot${reason}`, ({ slot, key, prompts }) => {
  let bench: Workbench;
  const files: Record<string, string> = {};

  beforeAll(async () => {
    bench = await Workbench.open();
    await bench.initialise();
    const certificate = slot === "9A" ? await certifyForLogin(bench) : await bench.certify(SLOT_SIGNATURE);
    files["certificate"] = bench.savePem("certificate.pem", certificate.raw);
    files["public"] = bench.write("public.pem", mustRun("openssl", ["x509", "-in", files["certificate"], "-noout", "-pubkey"]));
    files["document"] = bench.write("document", "Convention de stage\n");
    files["settings"] = bench.write("openssl.cnf", `${opensslText(bench.module, parts).join("\n")}\n`);
  });

  afterAll(() => bench.close());

  const file = (name: string): string => files[name] ?? "";
  /** Without a terminal to ask at, so that it asks at stdin. */
  const openssl = (args: readonly string[], typed = `${PIN}\n`.repeat(2)): Outcome =>
    run("setsid", ["--wait", "openssl", ...args], {
      env: { ...bench.environment, OPENSSL_CONF: file("settings") },
      cwd: bench.folder,
      input: typed,
    });
  const asked = ({ stderr }: Outcome): string[] => stderr.split("\n").filter((line) => line !== "");
  const verified = (document: string): string =>
    run("openssl", ["dgst", "-sha256", "-verify", file("public"), "-signature", bench.path("signature"), document]).stdout;

  it.each([
    ["dgst -sign", ["dgst", "-sha256", "-sign", key, "-out", "signature", "document"]],
    ["pkeyutl -sign -rawin", ["pkeyutl", "-sign", "-rawin", "-digest", "sha256", "-inkey", key, "-in", "document", "-out", "signature"]],
  ] as const)("%s asks for the PIN, and signs", (_, args) => {
    const outcome = openssl(args);
    expect(outcome.status).toBe(0);
    expect(asked(outcome)).toEqual(prompts.map((prompt) => expect.stringMatching(prompt)));
    expect(verified(file("document"))).toBe("Verified OK\n");
    expect(verified(bench.write("other", "Another document\n"))).toBe("Verification failure\n");
  });

  it("a wrong PIN signs nothing", () => {
    expect(openssl(["dgst", "-sha256", "-sign", key, "-out", "refused", "document"], "00000000\n").status).not.toBe(0);
    expect(existsSync(bench.path("refused")) ? readFileSync(bench.path("refused"), "latin1") : "").toBe("");
    expect(openssl(["dgst", "-sha256", "-sign", key, "-out", "signature", "document"]).status).toBe(0);
  });

  it("req -x509: a certificate signed by itself; cms -sign -cades: a signature under our authority", () => {
    const self = bench.path("self.pem");
    expect(openssl(["req", "-new", "-x509", "-subj", "/CN=Irene Faron", "-key", key, "-out", self])).toMatchObject({ status: 0 });
    expect(mustRun("openssl", ["verify", "-check_ss_sig", "-CAfile", self, self])).toMatch(/: OK\n$/);
    const signer = ["-inkey", key, "-signer", file("certificate"), "-certfile", bench.issuingPem];
    const way = ["cms", "-sign", "-cades", "-binary", ...signer, "-in", "document", "-outform", "DER", "-out", "document.p7s"];
    expect(openssl(way)).toMatchObject({ status: 0 });
    const purpose = ["-purpose", slot === "9A" ? "sslclient" : "smimesign"];
    const content = ["-in", bench.path("document.p7s"), "-content", file("document"), "-CAfile", bench.rootPem, "-out", "/dev/null"];
    expect(run("openssl", ["cms", "-verify", "-cades", "-binary", "-inform", "DER", ...content, ...purpose])).toMatchObject({
      status: 0,
      stderr: "CAdES Verification successful\n",
    });
  });
});
