// GnuTLS' p11tool and certtool over p11-kit-client.so, the bridge and the simulated token: 9A (PIN once) and 9C (PIN always, by a context
// login of GnuTLS' own). openssl verifies what they sign.

import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SLOT_AUTHENTICATION, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { opensslOnCms, opensslOnRequest, serialNumberIn } from "../support/openssl-judge.ts";
import { mustRun, run } from "../support/run.ts";
import { PIN, Workbench } from "../support/workbench.ts";

const WRONG_PIN = "11223399";
const TEMPLATE = 'cn = "Irène Faron"\norganization = "Cabinet Faron"\n';
const SLOTS = [
  ["9A, PIN once", "01", SLOT_AUTHENTICATION],
  ["9C, PIN always", "02", SLOT_SIGNATURE],
] as const;

let bench: Workbench;
const certificates = new Map<number, X509Certificate>();

beforeAll(async () => {
  bench = await Workbench.open();
  await bench.initialise();
  for (const [, , slot] of SLOTS) certificates.set(slot, await bench.certify(slot));
});

afterAll(() => bench.close());

/** GnuTLS takes the PIN out of its environment, each time that it is asked. */
const gnutls = (program: string, args: readonly string[], pin?: string) =>
  run(program, ["--provider", bench.module, ...args], {
    env: { ...bench.environment, HOME: bench.folder, ...(pin !== undefined && { GNUTLS_PIN: pin }) },
  });
const p11tool = (args: readonly string[], pin?: string) => gnutls("p11tool", ["--batch", ...args], pin);
const tokenFlags = (): string => {
  const list = mustRun("pkcs11-tool", ["--module", bench.module, "--list-slots"], { env: bench.environment });
  return /token flags\s+: (.*)/.exec(list)?.[1] ?? "";
};

describe("p11tool over the bridge", () => {
  it("lists the token, and its certificates and public keys without a PIN", () => {
    const tokens = p11tool(["--list-tokens"]).stdout;
    expect(tokens).toMatch(/URL: pkcs11:model=Sceau%20simulator;manufacturer=Sceau;serial=\d{8};token=Sceau%20\d{8}/);
    expect(tokens).toContain("Flags: RNG, Requires login");
    const { status, stdout } = p11tool(["--list-all"]);
    expect(status).toBe(0);
    expect(stdout.match(/Type: X\.509 Certificate \(EC\/ECDSA-SECP256R1\)/g)).toHaveLength(2);
    expect(stdout.match(/Type: Public key \(EC\/ECDSA-SECP256R1\)/g)).toHaveLength(2);
    expect(stdout).not.toContain("type=private");
  });

  it("lists the private keys with the PIN, and which of them ask for it each time", () => {
    const { stdout } = p11tool(["--login", "--list-privkeys"], PIN);
    const [authentication, signature] = stdout.split(/^Object \d+:$/m).slice(1);
    expect(authentication).toContain("object=PIV%20authentication;type=private");
    expect(authentication).toContain("Flags: CKA_PRIVATE; CKA_NEVER_EXTRACTABLE; CKA_SENSITIVE; ");
    expect(signature).toContain("object=PIV%20signature;type=private");
    expect(signature).toContain("Flags: CKA_PRIVATE; CKA_ALWAYS_AUTH; CKA_NEVER_EXTRACTABLE; CKA_SENSITIVE; ");
  });

  it.each(SLOTS)("tells of %s and exports its certificate and public key", (_name, id, slot) => {
    const certificate = certificates.get(slot);
    expect(p11tool(["--info", `pkcs11:id=%${id};type=cert`]).stdout).toContain(`ID: ${id}`);
    expect(new X509Certificate(p11tool(["--export", `pkcs11:id=%${id};type=cert`]).stdout).raw).toEqual(certificate?.raw);
    const exported = bench.path(`public-${id}.pem`);
    // Without --outfile it waits three seconds.
    expect(p11tool(["--login", "--export-pubkey", `pkcs11:id=%${id};type=private`, "--outfile", exported], PIN).status).toBe(0);
    expect(readFileSync(exported, "utf8").trim()).toBe(certificate?.publicKey.export({ format: "pem", type: "spki" }).toString().trim());
  });

  it.each(SLOTS)("--test-sign: GnuTLS signs with %s and verifies by itself", (_name, id) => {
    const { status, stderr } = p11tool(["--login", "--test-sign", `pkcs11:id=%${id};type=private`], PIN);
    expect(status).toBe(0);
    expect(stderr.match(/^.*\.\.\. ok$/gm)).toEqual([
      "Signing using ECDSA-SHA256... ok",
      "Verifying against private key parameters... ok",
      "Verifying against public key in the token... ok",
    ]);
  });

  it.each(SLOTS)("certtool signs a certification request with %s", (_name, id, slot) => {
    const template = bench.write("request.template", TEMPLATE);
    const request = bench.path(`request-${id}.pem`);
    const key = ["--template", template, "--load-privkey", `pkcs11:id=%${id};type=private`];
    expect(gnutls("certtool", ["--generate-request", ...key, "--outfile", request], PIN)).toMatchObject({ status: 0 });
    expect(opensslOnRequest(request)).toBe("Certificate request self-signature verify OK");
    const publicKey = certificates.get(slot)?.publicKey.export({ format: "pem", type: "spki" });
    expect(mustRun("openssl", ["req", "-in", request, "-noout", "-pubkey"])).toBe(publicKey);
  });

  it.each(SLOTS)("certtool signs a file with %s, as CMS", (_name, id, slot) => {
    const content = bench.write(`letter-${id}.txt`, "Received with thanks.\n");
    const certificate = bench.savePem(`certificate-${id}.pem`, certificates.get(slot)?.raw ?? new Uint8Array(0));
    const cms = bench.path(`letter-${id}.p7`);
    const key = ["--load-privkey", `pkcs11:id=%${id};type=private`, "--load-certificate", certificate];
    const sign = ["--p7-detached-sign", "--p7-time", ...key, "--infile", content, "--outfile", cms];
    expect(gnutls("certtool", sign, PIN)).toMatchObject({ status: 0 });
    const verified = opensslOnCms(bench, { cms, form: "PEM", content });
    expect(verified.stderr).toContain("CMS Verification successful");
    expect(serialNumberIn(bench.path("signer.pem"))).toBe(certificates.get(slot)?.serialNumber);
    const changed = bench.write("changed.txt", readFileSync(content, "utf8").replace("thanks", "regret"));
    expect(opensslOnCms(bench, { cms, form: "PEM", content: changed }).stderr).toContain("CMS Verification failure");
  });

  it("spends one try on a wrong PIN, and says so; without a PIN none", () => {
    const wrong = p11tool(["--login", "--list-privkeys"], WRONG_PIN);
    expect(wrong.status).not.toBe(0);
    expect(wrong.stderr).toContain("Cannot continue with a wrong password in the environment.");
    expect(wrong.stdout).toContain("*** Wrong PIN has been provided!");
    expect(tokenFlags()).toContain("user PIN count low");
    expect(tokenFlags()).not.toContain("final user PIN try");
    expect(p11tool(["--login", "--list-privkeys"]).status).not.toBe(0);
    expect(tokenFlags()).not.toContain("final user PIN try");
    expect(p11tool(["--login", "--list-privkeys"], PIN).stdout.match(/type=private/g)).toHaveLength(2);
    expect(tokenFlags()).not.toContain("user PIN count low");
  });
});
