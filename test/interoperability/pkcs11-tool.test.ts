// OpenSC's pkcs11-tool over p11-kit-client.so, the bridge and the simulated token; openssl verifies what it signs.

import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SLOT_AUTHENTICATION, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { mustRun, run } from "../support/run.ts";
import { PIN, Workbench } from "../support/workbench.ts";

/** p11-kit's client before 0.25 (Debian 12) has a list of mechanisms of its own, and keeps the others from us. */
const CARRIES_ALL = !/^Version: 0\.2[0-4]\./m.test(mustRun("dpkg", ["--status", "p11-kit-modules"]));

let bench: Workbench;

beforeAll(async () => {
  bench = await Workbench.open();
  await bench.initialise();
  await bench.certify(SLOT_AUTHENTICATION);
  await bench.certify(SLOT_SIGNATURE);
});

afterAll(() => bench.close());

const tool = (...args: string[]) => run("pkcs11-tool", ["--module", bench.module, ...args], { env: bench.environment });

describe("pkcs11-tool over the bridge", () => {
  it("lists the token, and its certificates and public keys without a PIN", () => {
    expect(tool("--list-slots").stdout).toMatch(/token label\s+: Sceau \d{8}/);
    const { stdout } = tool("--list-objects");
    expect(stdout.match(/Certificate Object; type = X.509 cert/g)).toHaveLength(2);
    expect(stdout.match(/Public Key Object; EC/g)).toHaveLength(2);
    expect(stdout).not.toContain("Private Key Object");
    expect(stdout).toContain("CN=Ir\\xC3\\xA8ne Faron");
  });

  it("lists the private keys with the PIN, and which of them ask for it each time", () => {
    const { stdout } = tool("--list-objects", "--login", "--pin", PIN, "--type", "privkey");
    const [authentication, signature] = stdout.split("Private Key Object; EC").slice(1);
    expect(authentication).toMatch(/ID:\s+01/);
    expect(authentication).not.toContain("always authenticate");
    expect(signature).toMatch(/ID:\s+02/);
    expect(signature).toContain("always authenticate, sensitive, always sensitive, never extractable, local");
  });

  it.each([
    ["9A", "01"],
    ["9C", "02"],
  ])("signs a digest with %s that openssl verifies, always in 70 bytes of DER", (_slot, id) => {
    bench.write("certificate.der", "");
    tool("--read-object", "--type", "cert", "--id", id, "--output-file", bench.path("certificate.der"));
    const certificate = ["x509", "-inform", "DER", "-in", bench.path("certificate.der"), "-noout", "-pubkey"];
    bench.write("public.pem", mustRun("openssl", certificate));
    for (let round = 0; round < 5; round++) {
      const digest = bench.write("digest", createHash("sha256").update(`document ${round}`).digest());
      const files = ["--input-file", digest, "--output-file", bench.path("signature")];
      const sign = ["--sign", "--mechanism", "ECDSA", "--signature-format", "openssl", "--id", id];
      expect(tool(...sign, ...files, "--login", "--pin", PIN)).toMatchObject({ status: 0 });
      const check = [
        "pkeyutl",
        "-verify",
        "-pubin",
        "-inkey",
        bench.path("public.pem"),
        "-in",
        digest,
        "-sigfile",
        bench.path("signature"),
      ];
      expect(mustRun("openssl", check)).toContain("Signature Verified Successfully");
      expect(mustRun("openssl", ["asn1parse", "-inform", "DER", "-in", bench.path("signature")])).toMatch(/hl=2 l= {2}68 cons: SEQUENCE/);
    }
  });

  it("is told of a wrong PIN, and of the tries that are left", async () => {
    const wrong = tool("--login", "--pin", "11111111", "--list-objects");
    expect(wrong.status).not.toBe(0);
    expect(wrong.stderr).toContain("CKR_PIN_INCORRECT");
    expect(tool("--list-slots").stdout).toContain("user PIN count low");
    expect(tool("--login", "--pin", PIN, "--list-objects").status).toBe(0);
    expect(tool("--list-slots").stdout).not.toContain("user PIN count low");
  });

  it("is told of the mechanisms that p11-kit's client carries, and of no other", () => {
    const { stdout } = tool("--list-mechanisms");
    const curves = "keySize={256,384}, hw";
    const curve = (name: string, what: string): string => `  ${name}, ${curves}, ${what}, EC F_P, EC OID, EC uncompressed`;
    const hashes = ["SHA224", "SHA256", "SHA384", "SHA512"];
    const byNew = [...hashes.map((hash) => curve(`ECDSA-${hash}`, "sign, verify")), curve("ECDH1-DERIVE", "derive")];
    expect(stdout.split("\n").filter((line) => line.startsWith("  "))).toEqual([
      curve("ECDSA", "sign, verify"),
      ...(CARRIES_ALL ? byNew : []),
      curve("ECDSA-KEY-PAIR-GEN", "generate_key_pair"),
      ...hashes.slice(CARRIES_ALL ? 0 : 1).map((hash) => `  ${hash}, digest`),
    ]);
  });

  it("signs with ECDSA-SHA256 where that client carries it", () => {
    const document = bench.write("document", "Convention de stage\n");
    const files = ["--input-file", document, "--output-file", bench.path("signature")];
    const sign = ["--sign", "--id", "01", "--mechanism", "ECDSA-SHA256", "--signature-format", "openssl"];
    const { status, stderr } = tool("--login", "--pin", PIN, ...sign, ...files);
    if (!CARRIES_ALL) expect(stderr).toContain("C_SignInit failed: rv = CKR_MECHANISM_INVALID");
    expect(status === 0).toBe(CARRIES_ALL);
    if (!CARRIES_ALL) return;
    tool("--read-object", "--type", "cert", "--id", "01", "--output-file", bench.path("certificate.der"));
    const read = ["x509", "-inform", "DER", "-in", bench.path("certificate.der"), "-noout", "-pubkey"];
    bench.write("public.pem", mustRun("openssl", read));
    const check = ["-verify", bench.path("public.pem"), "-signature", bench.path("signature"), document];
    expect(mustRun("openssl", ["dgst", "-sha256", ...check])).toBe("Verified OK\n");
  });

  it("derives nothing with 9A, a key to sign with, whether that client carries ECDH1-DERIVE or not", () => {
    tool("--read-object", "--type", "pubkey", "--id", "02", "--output-file", bench.path("peer.der"));
    const files = ["--input-file", bench.path("peer.der"), "--output-file", bench.path("never")];
    const refused = tool("--login", "--pin", PIN, "--derive", "--id", "01", "--mechanism", "ECDH1-DERIVE", ...files);
    expect(refused.status).not.toBe(0);
    const answer = CARRIES_ALL ? "CKR_KEY_FUNCTION_NOT_PERMITTED" : "CKR_MECHANISM_INVALID";
    expect(refused.stderr).toContain(`C_DeriveKey failed: rv = ${answer}`);
  });

  it("makes no key where nobody knows the management key, and the token says so beforehand", () => {
    expect(tool("--list-slots").stdout).toMatch(/token flags\s+: .*readonly/);
    const generate = tool("--login", "--pin", PIN, "--keypairgen", "--key-type", "EC:prime256v1", "--id", "03");
    expect(generate.status).not.toBe(0);
    expect(generate.stderr).toContain("CKR_TOKEN_WRITE_PROTECTED");
  });

  it("sees the slot go when the token is unplugged, and come back", async () => {
    await bench.stop("sim");
    expect(tool("--list-slots").stdout).not.toContain("token label");
    await bench.plugIn();
    const deadline = Date.now() + 5000;
    while (!tool("--list-slots").stdout.includes("token label") && Date.now() < deadline);
    expect(tool("--login", "--pin", PIN, "--list-objects", "--type", "privkey").stdout.match(/Private Key Object/g)).toHaveLength(2);
  });
});
