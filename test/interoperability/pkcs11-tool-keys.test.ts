// OpenSC's pkcs11-tool makes a blank token ready, alone: C_InitToken, PIN, keys in 9A (PIN once) and 9C (PIN always), certificates; then what needs
// no key: digests and random bytes. The tests go on from one another. openssl verifies what it signs.

import { createHash, randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCertificationRequest } from "../../host-bridge/token/certification-request.ts";
import { subjectPublicKeyInfo } from "../../host-bridge/token/ec-public-key.ts";
import { mustRun, run } from "../support/run.ts";
import { HOLDER, PIN, PUK, Workbench } from "../support/workbench.ts";

const WRONG_PUK = "11223399";
/** CKR_CURVE_NOT_SUPPORTED, which OpenSC 0.23 has no name for. */
const CURVE_NOT_SUPPORTED = "rv = unknown PKCS11 error (0x140)";
const NEW_PUK = "66093175";
const NEW_PIN = "558820";
const WRONG_MANAGEMENT_KEY = "00112233445566778899aabbccddeeff0011223344556677";

let bench: Workbench;

beforeAll(async () => {
  bench = await Workbench.open();
});

afterAll(() => bench.close());

const tool = (...args: string[]) => run("pkcs11-tool", ["--module", bench.module, ...args], { env: bench.environment });
const asUser = (...args: string[]) => tool("--login", "--pin", PIN, ...args);
const asOfficer = (soPin: string, ...args: string[]) => tool("--login", "--login-type", "so", "--so-pin", soPin, ...args);
const generate = (id: string, keyType = "EC:prime256v1") => ["--keypairgen", "--key-type", keyType, "--id", id];
const idsOf = (type: string): string[] =>
  [...asUser("--list-objects", "--type", type).stdout.matchAll(/^ {2}ID: +(\S+)$/gm)].map(([, id = ""]) => id);

function readCertificate(id: string): Buffer {
  const file = bench.path(`certificate-${id}.der`);
  expect(tool("--read-object", "--type", "cert", "--id", id, "--output-file", file)).toMatchObject({ status: 0 });
  return readFileSync(file);
}

/** The uncompressed point, out of its OCTET STRING. (--read-object fails at a public key of P-384, at SoftHSM2's just so.) */
function pointOf(id: string): Uint8Array {
  const keys = tool("--list-objects", "--type", "pubkey").stdout.split("Public Key Object").slice(1);
  const key = keys.find((text) => text.includes(`ID:         ${id}\n`)) ?? "";
  const [, point = ""] = /EC_POINT: +04[46]1(04[0-9a-f]+)$/m.exec(key) ?? [];
  return new Uint8Array(Buffer.from(point, "hex"));
}

/** Ecdsa-Sig-Value. */
function sign(id: string, digest: Uint8Array): Buffer {
  const files = ["--input-file", bench.write("digest", digest), "--output-file", bench.path("signature")];
  const signed = asUser("--sign", "--mechanism", "ECDSA", "--signature-format", "openssl", "--id", id, ...files);
  expect(signed).toMatchObject({ status: 0 });
  return readFileSync(bench.path("signature"));
}

/** By the public key that the token tells. */
function opensslAccepts(id: string, digest: Uint8Array, signature: Uint8Array): string {
  const key = ["-pubin", "-keyform", "DER", "-inkey", bench.write("public.der", subjectPublicKeyInfo(pointOf(id)))];
  const files = ["-in", bench.write("digest", digest), "-sigfile", bench.write("signature", signature)];
  const { stdout, stderr } = run("openssl", ["pkeyutl", "-verify", ...key, ...files]);
  return (stdout + stderr).trim();
}

/** A certificate of the test authority, which demands that the key signs its request. */
async function certificateFor(id: string): Promise<Uint8Array> {
  const request = await createCertificationRequest(pointOf(id), async (digest) => new Uint8Array(sign(id, digest)));
  return (await bench.authority()).issueSigning({ person: HOLDER, request });
}

/** The file in which the bridge keeps the token's management key. */
function secretsFile(): string {
  const folder = dirname(bench.state.secrets("any"));
  const [name, ...others] = readdirSync(folder);
  expect(others).toEqual([]);
  return join(folder, name ?? "");
}

const managementKey = (): string => (JSON.parse(readFileSync(secretsFile(), "utf8")) as { managementKey: string }).managementKey;

describe("pkcs11-tool makes a blank token ready", () => {
  it("--init-token sets the SO PIN, and the bridge keeps a new management key for its user alone", () => {
    expect(tool("--list-slots").stdout).toContain("token state:   uninitialized");
    expect(tool("--init-token", "--label", "Irène", "--so-pin", "1234567").stderr).toContain("CKR_PIN_LEN_RANGE");
    expect(tool("--init-token", "--label", "Irène", "--so-pin", PUK)).toMatchObject({ status: 0 });
    expect(managementKey()).toMatch(/^(?:[0-9a-f]{32}|[0-9a-f]{48}|[0-9a-f]{64})$/);
    expect(statSync(secretsFile()).mode & 0o777).toBe(0o600);
  });

  it("--init-pin sets the PIN; then the token is initialised and not write-protected", () => {
    expect(asUser("--list-objects").status).not.toBe(0);
    expect(asOfficer(PUK, "--init-pin", "--new-pin", PIN)).toMatchObject({ status: 0 });
    const flags = /token flags\s+: (.*)/.exec(tool("--list-slots").stdout)?.[1];
    expect(flags).toBe("login required, rng, token initialized, PIN initialized");
  });

  it("makes a key of P-256 in 9A and one of P-384 in 9C, by USER login; never over one that is there", () => {
    expect(tool("--session-rw", ...generate("01")).stderr).toContain("CKR_USER_NOT_LOGGED_IN");
    expect(asUser(...generate("01"))).toMatchObject({ status: 0, stdout: expect.stringContaining("PIV authentication") });
    const made = asUser(...generate("02", "EC:secp384r1"));
    expect(made).toMatchObject({ status: 0, stdout: expect.stringContaining("PIV signature") });
    expect(made.stdout).toContain("always authenticate, sensitive, always sensitive, never extractable, local");
    const before = pointOf("01");
    expect(asUser(...generate("01")).stderr).toContain("CKR_DEVICE_MEMORY");
    expect(pointOf("01")).toEqual(before);
    expect(asUser(...generate("03", "EC:secp521r1")).stderr).toContain(CURVE_NOT_SUPPORTED);
    expect(idsOf("privkey")).toEqual(["01", "02"]);
  });

  it.each([
    ["9A, PIN once, P-256", "01", "sha256"],
    ["9C, PIN always, P-384", "02", "sha384"],
  ])("signs with the key in %s; openssl verifies, and so does --verify", (_name, id, hash) => {
    const digest = createHash(hash).update(randomBytes(16)).digest();
    const signature = sign(id, digest);
    expect(opensslAccepts(id, digest, signature)).toBe("Signature Verified Successfully");
    const files = ["--input-file", bench.write("digest", digest), "--signature-file", bench.write("signature", signature)];
    const verify = ["--verify", "--mechanism", "ECDSA", "--signature-format", "openssl", "--id", id, ...files];
    expect(tool(...verify)).toMatchObject({ status: 0, stdout: expect.stringContaining("Signature is valid") });
    bench.write("digest", createHash(hash).update("another").digest());
    const { stdout, stderr } = tool(...verify); // 0.26 says it on stderr
    expect(stdout + stderr).toContain("Invalid signature");
  });

  it("writes the certificate to the slot of its key, and to no other; deletes it", async () => {
    const certificate = await certificateFor("01");
    const write = ["--write-object", bench.write("certificate.der", certificate), "--type", "cert"];
    expect(tool("--session-rw", ...write, "--id", "01").stderr).toContain("CKR_USER_NOT_LOGGED_IN");
    expect(asUser(...write, "--id", "02").stderr).toContain("CKR_TEMPLATE_INCONSISTENT");
    expect(idsOf("cert")).toEqual([]);
    expect(asUser(...write, "--id", "01")).toMatchObject({ status: 0 });
    expect(new Uint8Array(readCertificate("01"))).toEqual(certificate);
    bench.savePem("certificate.pem", readCertificate("01"));
    expect(
      mustRun("openssl", ["verify", "-CAfile", bench.rootPem, "-untrusted", bench.issuingPem, bench.path("certificate.pem")]),
    ).toContain("OK");
    expect(asUser("--delete-object", "--type", "cert", "--id", "01")).toMatchObject({ status: 0 });
    expect(idsOf("cert")).toEqual([]);
    expect(asUser("--delete-object", "--type", "privkey", "--id", "01").status).not.toBe(0);
    expect(idsOf("privkey")).toEqual(["01", "02"]);
  });

  it("makes a key and writes a certificate as SO with the management key in hexadecimal", async () => {
    expect(asOfficer(WRONG_MANAGEMENT_KEY, ...generate("05")).stderr).toContain("CKR_PIN_INCORRECT");
    expect(asOfficer(managementKey(), ...generate("05"))).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("PIV retired key 1"),
    });
    const certificate = bench.write("certificate.der", await certificateFor("05"));
    expect(asOfficer(managementKey(), "--write-object", certificate, "--type", "cert", "--id", "05")).toMatchObject({ status: 0 });
    expect(readCertificate("05")).toEqual(readFileSync(certificate));
    const digest = randomBytes(32);
    expect(opensslAccepts("05", digest, sign("05", digest))).toBe("Signature Verified Successfully");
  });

  it("--init-token on a token in use: only by its PUK; then it is new", () => {
    const before = managementKey();
    expect(tool("--init-token", "--label", "x", "--so-pin", WRONG_PUK).stderr).toContain("CKR_PIN_INCORRECT");
    expect(idsOf("privkey")).toEqual(["01", "02", "05"]);
    expect(tool("--init-token", "--label", "x", "--so-pin", PUK)).toMatchObject({ status: 0 });
    expect(managementKey()).not.toBe(before);
    expect(tool("--list-objects").stdout).not.toMatch(/Public Key Object|Certificate Object/);
    expect(asOfficer(PUK, "--init-pin", "--new-pin", NEW_PIN)).toMatchObject({ status: 0 });
    expect(asUser("--list-objects").stderr).toContain("CKR_PIN_INCORRECT");
    expect(tool("--login", "--pin", NEW_PIN, ...generate("01"))).toMatchObject({ status: 0 });
    expect(asOfficer(PUK, "--change-pin", "--new-pin", NEW_PUK)).toMatchObject({ status: 0 });
  });
});

describe("pkcs11-tool without a key", () => {
  it("gets random bytes from the token, never the same", () => {
    const draw = (): Buffer => {
      const file = bench.path("random.bin");
      expect(tool("--generate-random", "40", "--output-file", file)).toMatchObject({ status: 0 });
      return readFileSync(file);
    };
    const [one, other] = [draw(), draw()];
    expect(one).toHaveLength(40);
    expect(other).toHaveLength(40);
    expect(one).not.toEqual(other);
  });

  it.each(["SHA256", "SHA384", "SHA512"])("--hash %s: the digest that openssl makes", (name) => {
    const input = bench.write("hashed.bin", randomBytes(100_000));
    const output = bench.path("hash.bin");
    expect(tool("--hash", "--mechanism", name, "--input-file", input, "--output-file", output)).toMatchObject({ status: 0 });
    const expected = mustRun("openssl", ["dgst", `-${name}`, "-r", input]).split(" ")[0];
    expect(readFileSync(output).toString("hex")).toBe(expected);
  });
});
