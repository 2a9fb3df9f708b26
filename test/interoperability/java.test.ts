// Java's keytool and jarsigner with SunPKCS11 over p11-kit-client.so, the bridge and the simulated token. SunPKCS11 has no context login:
// it signs with 9A (PIN once) and is refused by 9C (PIN always). openssl verifies what it signs.

import type { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toPem } from "../../cli/certificates.ts";
import { SLOT_AUTHENTICATION, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { keepManagementKey } from "../support/kept-management-key.ts";
import { opensslOnCms, opensslOnRequest, serialNumberIn } from "../support/openssl-judge.ts";
import { mustRun, run } from "../support/run.ts";
import { PIN, Workbench } from "../support/workbench.ts";

const WRONG_PIN = "11223399";
const AUTHENTICATION = "PIV authentication";
const SIGNATURE = "PIV signature";

let bench: Workbench;
let authentication: X509Certificate;

beforeAll(async () => {
  bench = await Workbench.open();
  await bench.initialise();
  authentication = await bench.certify(SLOT_AUTHENTICATION);
  await bench.certify(SLOT_SIGNATURE);
  await keepManagementKey(bench);
  bench.write("chain.pem", toPem(authentication.raw) + readFileSync(bench.issuingPem, "utf8"));
  bench.write("sceau.cfg", `name = Sceau\nlibrary = ${bench.module}\nslotListIndex = 0\n`);
});

afterAll(() => bench.close());

const java = (program: string, args: readonly string[], pin: string) =>
  run(program, ["-J-Duser.language=en", `-J-Duser.home=${bench.folder}`, ...args], {
    env: { ...bench.environment, HOME: bench.folder, TOKEN_PIN: pin },
    cwd: bench.folder,
  });
/** The PIN is on no command line: both programs read it from the variable that is named here. */
const store = () => {
  const provider = ["-addprovider", "SunPKCS11", "-providerarg", bench.path("sceau.cfg")];
  return ["-keystore", "NONE", "-storetype", "PKCS11", ...provider, "-storepass:env", "TOKEN_PIN"];
};
const keytool = (args: readonly string[], pin = PIN) => java("keytool", [...args, ...store()], pin);

/** A jar with one file, signed as `alias`. */
function signJar(name: string, alias: string) {
  bench.write("letter.txt", "Received with thanks.\n");
  mustRun("jar", ["--create", "--file", bench.path(name), "-C", bench.folder, "letter.txt"]);
  const options = ["-certchain", bench.path("chain.pem"), "-sigfile", "SIGNED", bench.path(name), alias];
  return java("jarsigner", [...store(), ...options], PIN);
}

describe("keytool over the bridge", () => {
  it("lists the two keys with their certificates", () => {
    const { status, stdout } = keytool(["-list", "-v"]);
    expect(status).toBe(0);
    expect(stdout).toContain("Your keystore contains 2 entries");
    expect(stdout.match(/^Alias name: .*$/gm)).toEqual([`Alias name: ${AUTHENTICATION}`, `Alias name: ${SIGNATURE}`]);
    expect(stdout.match(/^Entry type: PrivateKeyEntry$/gm)).toHaveLength(2);
    expect(stdout).toContain(`SHA256: ${authentication.fingerprint256}`);
  });

  it("is told of a wrong PIN, which costs one try", () => {
    const wrong = keytool(["-list"], WRONG_PIN);
    expect(wrong.status).not.toBe(0);
    expect(wrong.stdout).toMatch(/CKR_PIN_INCORRECT|load failed/);
    const list = () => mustRun("pkcs11-tool", ["--module", bench.module, "--list-slots"], { env: bench.environment });
    expect(list()).toMatch(/user PIN count low/);
    expect(list()).not.toMatch(/final user PIN try/);
    expect(keytool(["-list"]).status).toBe(0);
    expect(list()).not.toMatch(/user PIN count low/);
  });

  it("signs a certification request with 9A, PIN once", () => {
    const request = bench.path("request.pem");
    expect(keytool(["-certreq", "-alias", AUTHENTICATION, "-file", request])).toMatchObject({ status: 0 });
    expect(opensslOnRequest(request)).toBe("Certificate request self-signature verify OK");
    const publicKey = authentication.publicKey.export({ format: "pem", type: "spki" });
    expect(mustRun("openssl", ["req", "-in", request, "-noout", "-pubkey"])).toBe(publicKey);
  });

  it("cannot sign with 9C, PIN always: it does not log in for the operation", () => {
    const { status, stdout } = keytool(["-certreq", "-alias", SIGNATURE]);
    expect(status).not.toBe(0);
    expect(stdout).toContain("CKR_USER_NOT_LOGGED_IN");
    expect(stdout).not.toContain("BEGIN NEW CERTIFICATE REQUEST");
  });
});

describe("keytool does not change what the token holds", () => {
  const objects = () => mustRun("pkcs11-tool", ["--module", bench.module, "--list-objects"], { env: bench.environment });

  it("-genkeypair asks for a session's key, and none is made: pkcs11-tool or p11tool makes the token's", () => {
    const before = objects();
    const refused = keytool(["-genkeypair", "-alias", "new", "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=Irène"]);
    expect(refused).toMatchObject({ status: 1, stdout: expect.stringContaining("CKR_TEMPLATE_INCONSISTENT") });
    expect(objects()).toBe(before);
  });

  it("-delete would destroy the key, and is refused: the certificate stays, too", () => {
    const before = objects();
    const refused = keytool(["-delete", "-alias", AUTHENTICATION]);
    expect(refused).toMatchObject({ status: 1, stdout: expect.stringContaining("CKR_ACTION_PROHIBITED") });
    expect(objects()).toBe(before);
  });
});

describe("jarsigner over the bridge", () => {
  it("signs with 9A, PIN once; jarsigner and openssl verify", () => {
    expect(signJar("letter.jar", AUTHENTICATION)).toMatchObject({ status: 0, stdout: expect.stringContaining("jar signed.") });
    const verified = java("jarsigner", ["-verify", "-verbose", bench.path("letter.jar")], "");
    expect(verified.stdout).toMatch(/^sm .* letter\.txt$/m);
    expect(verified.stdout).toContain("jar verified.");

    mustRun("jar", ["--extract", "--file", bench.path("letter.jar"), "META-INF/SIGNED.SF", "META-INF/SIGNED.EC"], { cwd: bench.folder });
    const cms = { cms: bench.path("META-INF/SIGNED.EC"), form: "DER" } as const;
    expect(opensslOnCms(bench, { ...cms, content: bench.path("META-INF/SIGNED.SF") }).stderr).toContain("CMS Verification successful");
    expect(serialNumberIn(bench.path("signer.pem"))).toBe(authentication.serialNumber);
    expect(opensslOnCms(bench, { ...cms, content: bench.path("letter.txt") }).stderr).toContain("CMS Verification failure");
  });

  it("cannot sign with 9C, PIN always, and leaves the jar unsigned", () => {
    const signed = signJar("refused.jar", SIGNATURE);
    expect(signed.status).not.toBe(0);
    expect(signed.stdout).toContain("CKR_USER_NOT_LOGGED_IN");
    expect(java("jarsigner", ["-verify", bench.path("refused.jar")], "").stdout).toContain("jar is unsigned.");
  });
});
