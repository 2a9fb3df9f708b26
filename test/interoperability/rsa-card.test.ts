// A PIV card with RSA keys in a PC/SC reader: as OpenSC's PIV driver uses it, which knows the card alone, and through `sceau bridge --reader` and p11-kit.
// openssl verifies what is signed and encrypts what is decrypted.

import { createHash, createPublicKey, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digestInfo } from "../../host-bridge/rsa/emsa-pkcs1.ts";
import { PCSCD_LIMIT_MS } from "../support/pcscd.ts";
import { extractSignatures, nssDatabase, opensslCms, pdfsig } from "../support/pdf-judges.ts";
import { certify, PlainCardBench } from "../support/plain-card-bench.ts";
import { newRsaKey, RsaToken } from "../support/rsa-token.ts";
import { mustRun, type Outcome, run } from "../support/run.ts";
import { runMeanwhile } from "../support/run-meanwhile.ts";
import { pages } from "../support/sample-pdfs.ts";
import { MANAGEMENT_KEY, PIN } from "../support/simulated-token.ts";
import { pem, rootCa } from "../support/test-certificates.ts";

const SLOTS: readonly [id: string, slot: number, bits: number][] = [
  ["01", 0x9a, 2048],
  ["02", 0x9c, 3072],
  ["03", 0x9d, 2048],
];
const MESSAGE = randomBytes(300);

let bench: PlainCardBench;
let token: RsaToken;
let rootPem: string;

type Tool = (...args: string[]) => Promise<Outcome>;
const openSc: Tool = (...args) => runMeanwhile("pkcs11-tool", ["--module", "opensc-pkcs11.so", ...args], process.env);
const ours: Tool = (...args) => bench.tool(...args);

beforeAll(async () => {
  bench = await PlainCardBench.open();
  token = await RsaToken.initialised();
  const root = await rootCa();
  rootPem = bench.write("root.pem", pem(root.der));
  for (const [id, slot, bits] of SLOTS) {
    const key = newRsaKey(bits);
    await token.certifyKey(slot, key, root);
    bench.write(`${id}.pem`, createPublicKey(key).export({ format: "pem", type: "spki" }));
  }
  await certify(token, 0x9e);
  bench.write("message", MESSAGE);
  const digest = createHash("sha256").update(MESSAGE).digest();
  bench.write("digest", digest);
  bench.write("digest-info", digestInfo("sha256", digest));
  await bench.insert(token);
}, PCSCD_LIMIT_MS);

afterAll(() => bench?.close());

interface Way {
  readonly mechanism: string;
  readonly how?: readonly string[];
  /** What openssl dgst is told of it. */
  readonly check: readonly string[];
  /** What is signed; absent: the message. */
  readonly input?: string;
}
const PSS = ["-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"];
const PSS_PARAMETERS = ["--hash-algorithm", "SHA256", "--mgf", "MGF1-SHA256", "--salt-len", "32"];
const SHA256: Way = { mechanism: "SHA256-RSA-PKCS", check: ["-sha256"] };
/** p11-kit 0.24.1's client carries no SHA256-RSA-PKCS-PSS and the like. */
const WAYS: readonly Way[] = [
  SHA256,
  { mechanism: "SHA512-RSA-PKCS", check: ["-sha512"] },
  { mechanism: "SHA1-RSA-PKCS", check: ["-sha1"] },
  { mechanism: "RSA-PKCS", check: ["-sha256"], input: "digest-info" },
  { mechanism: "RSA-PKCS-PSS", how: PSS_PARAMETERS, check: PSS, input: "digest" },
];

/** Signs, and gives what openssl says of the signature. */
async function verdictOn(tool: Tool, id: string, { mechanism, how = [], check, input = "message" }: Way): Promise<string> {
  const signature = bench.path("signature");
  const files = ["--input-file", bench.path(input), "--output-file", signature];
  const { status, stderr } = await tool("--login", "--pin", PIN, "--sign", "--id", id, "--mechanism", mechanism, ...how, ...files);
  if (status !== 0) return stderr;
  return run("openssl", ["dgst", ...check, "-verify", bench.path(`${id}.pem`), "-signature", signature, bench.path("message")]).stdout;
}

async function decrypts(tool: Tool, mechanism: string, how: readonly string[], padding: readonly string[]): Promise<void> {
  const [clear, secret, opened] = [bench.write("clear", randomBytes(32)), bench.path("secret"), bench.path("opened")];
  mustRun("openssl", ["pkeyutl", "-encrypt", "-pubin", "-inkey", bench.path("03.pem"), "-in", clear, "-out", secret, ...padding]);
  const files = ["--input-file", secret, "--output-file", opened];
  const outcome = await tool("--login", "--pin", PIN, "--decrypt", "--id", "03", "--mechanism", mechanism, ...how, ...files);
  expect(outcome).toMatchObject({ status: 0 });
  expect(readFileSync(opened)).toEqual(readFileSync(clear));
}

describe("OpenSC's PIV driver on the card", () => {
  it("finds it", () => expect.poll(async () => (await openSc("--list-slots")).stdout, { timeout: 20_000 }).toContain("token label"));

  it.each(["01", "02"])("signs with key %s", async (id) => expect(await verdictOn(openSc, id, SHA256)).toBe("Verified OK\n"));

  it("decrypts with 9D", () => decrypts(openSc, "RSA-PKCS", [], []));
});

describe("the bridge on the card", () => {
  it("finds it", async () => {
    const bridge = await bench.startBridge([bench.pcscd.reader]);
    expect(await bridge.told("token-in")).toMatchObject({ name: bench.pcscd.reader });
  });

  it("shows its keys, with what they are for", async () => {
    const { stdout } = await ours("--list-objects", "--login", "--pin", PIN);
    const bits = [...stdout.matchAll(/Public Key Object; RSA (\d+) bits/g)].map(([, each]) => Number(each));
    expect(bits).toEqual([2048, 3072, 2048]);
    const uses = [...stdout.matchAll(/Private Key Object; RSA[\s\S]*?Usage: +(.*)\n/g)].map(([, each]) => each?.trim());
    expect(uses).toEqual(["sign", "sign", "decrypt, sign"]);
    expect(stdout).toContain("Private Key Object; EC");
    expect((await ours("--list-mechanisms")).stdout).toMatch(/RSA-PKCS-PSS.*sign, verify/);
    const info = (await bench.sceau("token", "info", "--token", `pcsc:${bench.pcscd.reader}`)).stdout;
    expect(info).toMatch(/9A.*RSA 2048 key, certificate of Key 9a/);
    expect(info).toMatch(/9C.*RSA 3072 key, certificate of Key 9c/);
  });

  it.each(SLOTS.map(([id]) => id))("signs with key %s by each mechanism", async (id) => {
    for (const way of WAYS) expect(await verdictOn(ours, id, way), way.mechanism).toBe("Verified OK\n");
  });

  it("verifies, and knows what is wrong", async () => {
    await verdictOn(ours, "01", SHA256);
    const files = (message: string): string[] => ["--input-file", bench.path(message), "--signature-file", bench.path("signature")];
    const verify = (message: string): Promise<Outcome> =>
      ours("--verify", "--id", "01", "--mechanism", "SHA256-RSA-PKCS", ...files(message));
    expect((await verify("message")).stdout).toContain("Signature is valid");
    expect((await verify("root.pem")).stdout).toContain("Invalid signature");
  });

  it("decrypts with 9D", async () => {
    await decrypts(ours, "RSA-PKCS", [], []);
    const oaep = ["-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256", "-pkeyopt", "rsa_mgf1_md:sha256"];
    await decrypts(ours, "RSA-PKCS-OAEP", ["--hash-algorithm", "SHA256", "--mgf", "MGF1-SHA256"], oaep);
  });

  it("makes a key on the card", async () => {
    const officer = ["--login", "--login-type", "so", "--so-pin", MANAGEMENT_KEY];
    expect(await ours(...officer, "--keypairgen", "--key-type", "rsa:2048", "--id", "06")).toMatchObject({ status: 0 });
    const made = await ours("--read-object", "--type", "pubkey", "--id", "06", "--output-file", bench.path("06.der"));
    expect(made).toMatchObject({ status: 0 });
    bench.write("06.pem", mustRun("openssl", ["pkey", "-pubin", "-inform", "DER", "-in", bench.path("06.der")]));
    expect(await verdictOn(ours, "06", SHA256)).toBe("Verified OK\n");
  });

  it("signs a PDF with 9C, which pdfsig, openssl and sceau verify take for valid", async () => {
    const document = bench.write("letter.pdf", await pages(1));
    const pin = bench.write("pin.txt", `${PIN}\n`);
    const [out, chain] = [bench.path("signed.pdf"), ["--chain", rootPem]];
    expect(await bench.sceau("sign", document, "--out", out, "--pin-file", pin, ...chain)).toMatchObject({
      status: 0,
      stderr: expect.not.stringContaining("error") as string,
    });
    const report = pdfsig(nssDatabase(bench.folder, rootPem), out);
    expect(report).toContain("Signature is Valid");
    const [signature] = extractSignatures(out, bench.folder);
    expect(signature && opensslCms(signature, rootPem)).toMatchObject({ status: 0 });
    const algorithm = mustRun("openssl", ["cms", "-cmsout", "-print", "-noout", "-inform", "DER", "-in", signature?.cms ?? ""]);
    expect(algorithm).toMatch(/sha256WithRSAEncryption \(1\.2\.840\.113549\.1\.1\.11\)\n\s+parameter: NULL/);
    const verdict = JSON.parse((await bench.sceau("verify", out, "--trust", rootPem, "--json")).stdout) as {
      signatures: { problems: string[] }[];
    };
    expect(verdict.signatures.map(({ problems }) => problems)).toEqual([[]]);
  });

  it("is no officer's token: signing in says what key is there", async () => {
    const pin = bench.write("pin.txt", `${PIN}\n`);
    const where = ["--token", `pcsc:${bench.pcscd.reader}`];
    const outcome = await bench.sceau("office", "sign-in", "http://127.0.0.1:1", "--pin-file", pin, ...where);
    expect(outcome.stderr).toContain("The key in slot 9A is an RSA 2048 key, and this takes a P-256 or P-384 one.");
  });
});
