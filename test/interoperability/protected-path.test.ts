// `sceau bridge --ask-pin`: software that knows CKF_PROTECTED_AUTHENTICATION_PATH gives no PIN, and the bridge asks for it, by a pinentry that the
// test scripts. No PIN is in the environment, on the command line or on the terminal of these programs. openssl verifies what they sign.

import { createHash, randomBytes, type X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SLOT_AUTHENTICATION, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { databaseWithToken, signWithLibreOffice } from "../support/libreoffice.ts";
import { opensslOnCms, opensslOnDigest, opensslOnRequest, serialNumberIn } from "../support/openssl-judge.ts";
import { extractSignatures, opensslCms } from "../support/pdf-judges.ts";
import { mustRun, ROOT, run } from "../support/run.ts";
import { PIN, Workbench } from "../support/workbench.ts";

const PINENTRY = join(ROOT, "test", "support", "scripted-pinentry.py");
const WRONG_PIN = "11223399";
/** gpg-error: cancelled, from pinentry. */
const CANCELLED = "err=83886179";
/** Whoever answers, always with the PIN. */
const WILLING = Array(8).fill(`pin=${PIN}`).join(" ");
const SLOTS = [
  ["9A, PIN once", "01", 1],
  ["9C, PIN always", "02", 2],
] as const;

let bench: Workbench;
const certificates = new Map<string, X509Certificate>();

beforeAll(async () => {
  bench = await Workbench.open({ withBridge: false });
  await bench.initialise();
  certificates.set("01", await bench.certify(SLOT_AUTHENTICATION));
  certificates.set("02", await bench.certify(SLOT_SIGNATURE));
});

afterAll(() => bench.close());

beforeEach(() => startBridge(WILLING));

afterEach(() => bench.stop("bridge"));

/** @param script what the person does, each time that pinentry runs anew */
async function startBridge(script: string): Promise<void> {
  await bench.stop("bridge");
  bench.write("pinentry.log", "");
  process.env["PINENTRY_SCRIPT"] = script;
  process.env["PINENTRY_LOG"] = bench.path("pinentry.log");
  await bench.startBridge(["--ask-pin", PINENTRY]);
}

/** What the person was asked, one description a question. */
const asked = (): string[] =>
  [...readFileSync(bench.path("pinentry.log"), "utf8").matchAll(/^SETDESC (.*)$/gm)].map(([, text = ""]) => decodeURIComponent(text));

const client = (program: string, ...args: string[]) =>
  run(program, args, { env: { ...bench.environment, HOME: bench.folder, GNUTLS_PIN: undefined }, cwd: bench.folder, input: "" });
const tool = (...args: string[]) => client("pkcs11-tool", "--module", bench.module, ...args);
const tokenFlags = (): string => /token flags\s+: (.*)/.exec(tool("--list-slots").stdout)?.[1] ?? "";

function signRaw(id: string, digest: Buffer) {
  const files = ["--input-file", bench.write("digest", digest), "--output-file", bench.path("signature")];
  return tool("--login", "--sign", "--mechanism", "ECDSA", "--id", id, ...files);
}

describe("software leaves the PIN to the bridge", () => {
  it("the token has a protected authentication path", () => {
    expect(tokenFlags()).toContain("PIN pad present");
  });

  it.each(SLOTS)("pkcs11-tool signs with %s", (_name, id, questions) => {
    const digest = createHash("sha256").update(randomBytes(16)).digest();
    expect(signRaw(id, digest)).toMatchObject({ status: 0 });
    const publicKey = certificates.get(id)?.publicKey;
    if (publicKey === undefined) throw new Error("no certificate");
    const raw = readFileSync(bench.path("signature"));
    expect(opensslOnDigest(bench, { publicKey, digest, raw })).toBe("Signature Verified Successfully");
    expect(asked()).toHaveLength(questions);
    expect(asked()[1] ?? "PIV signature").toContain("PIV signature");
  });

  it.each(SLOTS)("certtool signs a request with %s", (_name, id, questions) => {
    const template = bench.write("request.template", 'cn = "Irène Faron"\n');
    const key = ["--template", template, "--load-privkey", `pkcs11:id=%${id};type=private`, "--outfile", bench.path("request.pem")];
    expect(client("certtool", "--provider", bench.module, "--generate-request", ...key)).toMatchObject({ status: 0 });
    expect(opensslOnRequest(bench.path("request.pem"))).toBe("Certificate request self-signature verify OK");
    expect(asked()).toHaveLength(questions);
  });

  it.each([
    ["9A, PIN once", "01", "PIV authentication", 1],
    ["9C, PIN always, without a context login", "02", "PIV signature", 2],
  ] as const)("jarsigner -protected signs with %s", (_, id, label, questions) => {
    bench.write("sceau.cfg", `name = Sceau\nlibrary = ${bench.module}\nslotListIndex = 0\n`);
    const jar = bench.path(`letter-${id}.jar`);
    bench.write("letter.txt", "Received with thanks.\n");
    mustRun("jar", ["--create", "--file", jar, "-C", bench.folder, "letter.txt"]);
    const provider = ["-addprovider", "SunPKCS11", "-providerArg", bench.path("sceau.cfg"), "-protected"];
    const store = ["-keystore", "NONE", "-storetype", "PKCS11", ...provider, "-sigfile", "SIGNED"];
    expect(client("jarsigner", ...store, jar, label)).toMatchObject({ status: 0 });
    expect(asked()).toHaveLength(questions);
    mustRun("jar", ["--extract", "--file", jar, "META-INF/SIGNED.SF", "META-INF/SIGNED.EC"], { cwd: bench.folder });
    const signed = { cms: bench.path("META-INF/SIGNED.EC"), form: "DER", content: bench.path("META-INF/SIGNED.SF") } as const;
    expect(opensslOnCms(bench, signed).stderr).toContain("CMS Verification successful");
    expect(serialNumberIn(bench.path("signer.pem"))).toBe(certificates.get(id)?.serialNumber);
  });

  it("LibreOffice signs a PDF with 9C, PIN always: whatever its own dialog is answered", () => {
    const pdf = bench.path("signed.pdf");
    const certificate = certificates.get("02")?.serialNumber ?? "";
    const told = signWithLibreOffice(bench, databaseWithToken(bench), { pdf, certificate, answer: "none", password: "none" });
    expect(told).toMatchObject({ error: null });
    const [signature] = extractSignatures(pdf, bench.folder);
    if (signature === undefined) throw new Error("no signature in the PDF");
    expect(opensslCms(signature, bench.rootPem).stderr).toContain("CAdES Verification successful");
    expect(asked()).toHaveLength(2);
  });
});

describe("the person", () => {
  it("declines, and no try is spent", async () => {
    await startBridge(CANCELLED);
    expect(signRaw("01", randomBytes(32)).stderr).toMatch(/C_Login failed: rv = CKR_FUNCTION_CANCELED/);
    expect(asked()).toHaveLength(1);
    expect(tokenFlags()).not.toContain("count low");
  });

  it("mistypes, and the program is told so", async () => {
    await startBridge(`pin=${WRONG_PIN}`);
    expect(signRaw("01", randomBytes(32)).stderr).toContain("CKR_PIN_INCORRECT");
    expect(tokenFlags()).toContain("user PIN count low");
    await startBridge(WILLING);
    expect(signRaw("01", randomBytes(32))).toMatchObject({ status: 0 });
  });

  it("is never asked by a program that gives the PIN itself", () => {
    const list = mustRun("pkcs11-tool", ["--module", bench.module, "--login", "--pin", PIN, "--list-objects"], { env: bench.environment });
    expect(list).toContain("Private Key Object");
    expect(existsSync(bench.path("pinentry.log"))).toBe(true);
    expect(asked()).toEqual([]);
  });
});
