// yubico-piv-tool and ykman judge a simulated token with the `compat` profile: what they can do with it, and over which answer the rest fails.

import { afterAll, beforeAll, expect, it } from "vitest";
import { PCSCD_LIMIT_MS } from "../support/pcscd.ts";
import { mustRun } from "../support/run.ts";
import { done, FACTORY, Judgement, YubikeyTools } from "../support/yubikey-tools.ts";

const { pin, puk, managementKey } = FACTORY;
const OTHER_PIN = "654321";
const WRONG_PIN = "000000";
const PIV_TOOL = "yubico-piv-tool";
const YKMAN = "ykman";

let tools: YubikeyTools;

beforeAll(async () => {
  tools = await YubikeyTools.open("compat");
  mustRun("openssl", ["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", tools.bench.path("outside.key")]);
}, PCSCD_LIMIT_MS);

afterAll(async () => await tools?.close());

const pivTool = (...args: string[]) => tools.pivTool(...args);
const ykman = (...args: string[]) => tools.ykman(...args);
const openssl = (...args: string[]) => mustRun("openssl", args, { cwd: tools.bench.folder });
const withPin = ["--action", "verify-pin", "--pin", pin];

/** `name`.pem: a certificate of the public key in `name`.pub, by another key. */
function certify(name: string): void {
  openssl("req", "-x509", "-new", "-key", "outside.key", "-subj", "/CN=outside", "-out", "outside.pem");
  const issuer = ["-CA", "outside.pem", "-CAkey", "outside.key"];
  openssl("x509", "-new", "-force_pubkey", `${name}.pub`, "-subj", `/CN=${name}`, "-days", "9", ...issuer, "-out", `${name}.pem`);
}

function spendTries(): void {
  for (let left = 3; left > 0; left--) {
    expect(pivTool("-a", "verify-pin", "-P", WRONG_PIN).status).toBe(1);
    expect(pivTool("-a", "change-puk", "-P", "00000000", "-N", puk).status).toBe(1);
  }
}

const judgement = new Judgement("compat");

judgement.works(PIV_TOOL, "status, version, list-readers", () => {
  expect(done(pivTool("-a", "version"))).toContain("Application version 5.4.3");
  expect(done(pivTool("-a", "status"))).toMatch(/Serial Number:\s+\d{8}\n(.*\n)*PIN tries left:\s+3\n/);
  expect(done(pivTool("-a", "list-readers"))).toContain("Yubico YubiKey CCID 00 00");
});

judgement.works(PIV_TOOL, "set-chuid, set-ccc", () => {
  done(pivTool("-a", "set-chuid", "-a", "set-ccc"));
  expect(done(pivTool("-a", "status"))).toMatch(/CHUID:\s+30\w+\nCCC:\s+f0\w+\n/);
});

judgement.works(PIV_TOOL, "generate: P-256 and P-384, with policies, retired slots too", () => {
  done(pivTool("-a", "generate", "-s", "9a", "-A", "ECCP256", "-o", "9a.pub"));
  done(pivTool("-a", "generate", "-s", "9c", "-A", "ECCP384", "--pin-policy=always", "--touch-policy=never", "-o", "9c.pub"));
  done(pivTool("-a", "generate", "-s", "9d", "-A", "ECCP256", "--pin-policy=once", "--touch-policy=cached", "-o", "9d.pub"));
  done(pivTool("-a", "generate", "-s", "95", "-A", "ECCP256", "-o", "95.pub"));
  expect(openssl("pkey", "-pubin", "-in", "9c.pub", "-noout", "-text")).toContain("P-384");
});

judgement.refused(PIV_TOOL, "generate: RSA", "6A80", () => [
  pivTool("-a", "generate", "-s", "9e", "-A", "RSA2048"),
  pivTool("-a", "generate", "-s", "9e", "-A", "RSA1024"),
]);

judgement.works(PIV_TOOL, "import-certificate, read-certificate, delete-certificate", () => {
  for (const slot of ["9a", "9c", "9d"]) {
    certify(slot);
    done(pivTool("-a", "import-certificate", "-s", slot, "-i", `${slot}.pem`));
  }
  expect(done(pivTool("-a", "read-certificate", "-s", "9a"))).toBe(openssl("x509", "-in", "9a.pem"));
  done(pivTool("-a", "import-certificate", "-s", "95", "-i", "9a.pem"));
  done(pivTool("-a", "delete-certificate", "-s", "95"));
  expect(pivTool("-a", "read-certificate", "-s", "95").stderr).toContain("Failed fetching certificate");
});

judgement.notAsked(PIV_TOOL, "selfsign-certificate, request-certificate", "> 00 87", () =>
  ["selfsign-certificate", "request-certificate"].map((action) =>
    pivTool(...withPin, "-a", action, "-s", "9a", "-S", "/CN=holder/", "-i", "9a.pub"),
  ),
);

judgement.works(PIV_TOOL, "test-signature, P-256 and P-384", () => {
  for (const slot of ["9a", "9c"]) {
    const { stderr } = pivTool(...withPin, "-a", "test-signature", "-s", slot, "-i", `${slot}.pem`);
    expect(stderr).toContain("Successful ECDSA verification");
  }
});

judgement.works(PIV_TOOL, "test-decipher (ECDH)", () => {
  const { stderr } = pivTool(...withPin, "-a", "test-decipher", "-s", "9d", "-i", "9d.pem");
  expect(stderr).toContain("Successfully performed ECDH exchange with card");
});

judgement.works(PIV_TOOL, "attest", () => {
  done(pivTool("-a", "attest", "-s", "9c", "-o", "attestation.pem"));
  done(pivTool("-a", "read-certificate", "-s", "f9", "-o", "f9.pem"));
  expect(openssl("verify", "-CAfile", "root.pem", "-untrusted", "f9.pem", "attestation.pem")).toContain("OK");
  expect(openssl("x509", "-in", "attestation.pem", "-noout", "-pubkey")).toBe(openssl("pkey", "-pubin", "-in", "9c.pub"));
});

judgement.refused(PIV_TOOL, "attest: a slot without a key", "6A82", () => [pivTool("-a", "attest", "-s", "82")]);

judgement.works(PIV_TOOL, "verify-pin, change-pin, change-puk, unblock-pin", () => {
  done(pivTool("-a", "change-pin", "-P", pin, "-N", OTHER_PIN));
  done(pivTool("-a", "change-puk", "-P", puk, "-N", "87654321"));
  expect(pivTool("-a", "verify-pin", "-P", pin).stderr).toContain("2 tries left");
  done(pivTool("-a", "unblock-pin", "-P", "87654321", "-N", pin));
  done(pivTool(...withPin));
  done(pivTool("-a", "change-puk", "-P", "87654321", "-N", puk));
});

judgement.works(PIV_TOOL, "set-mgm-key", () => {
  const other = "0f1e2d3c4b5a69788796a5b4c3d2e1f00112233445566778";
  done(pivTool("-a", "set-mgm-key", "-n", other));
  expect(pivTool("-a", "set-chuid").stderr).toContain("Failed authentication");
  done(pivTool("-a", "set-mgm-key", `--key=${other}`, "-n", managementKey));
});

judgement.refused(PIV_TOOL, "set-mgm-key: with the button", "6A86", () => [
  pivTool("-a", "set-mgm-key", "-n", managementKey.replace(/08$/, "0b"), "--touch-policy=always"),
]);

judgement.works(PIV_TOOL, "pin-retries", () => {
  done(pivTool(...withPin, "-a", "pin-retries", "--pin-retries=5", "--puk-retries=4"));
  expect(done(pivTool("-a", "status"))).toMatch(/PIN tries left:\s+5\n/);
  done(pivTool(...withPin, "-a", "pin-retries", "--pin-retries=3", "--puk-retries=3"));
});

judgement.works(PIV_TOOL, "write-object, read-object", () => {
  tools.bench.write("object", "0102");
  done(pivTool("-a", "write-object", "--id", "0x5fff10", "-i", "object"));
  expect(done(pivTool("-a", "read-object", "--id", "0x5fff10"))).toBe("0102\n");
});

judgement.refused(PIV_TOOL, "write-object: the attestation key's certificate", "6A82", () => [
  pivTool("-a", "write-object", "--id", "0x5fff01", "-i", "object"),
]);

judgement.refused(PIV_TOOL, "import-key", "6A81", () => [pivTool("-a", "import-key", "-s", "9e", "-i", "outside.key")]);

judgement.refused(PIV_TOOL, "reset: PIN or PUK not blocked", "6985", () => [pivTool("-a", "reset")]);

judgement.works(PIV_TOOL, "reset: both blocked", () => {
  spendTries();
  done(pivTool("-a", "reset"));
  expect(done(pivTool("-a", "status"))).toMatch(/CHUID:\s+No data available\nCCC:\s+No data available\nPIN tries left:\s+3\n/);
  done(pivTool("-a", "read-certificate", "-s", "f9"));
});

judgement.works(YKMAN, "info", () => {
  const info = done(ykman("info"));
  for (const line of ["PIV version: 5.4.3", "Using default PIN", "PIN tries remaining: 3/3", "key algorithm: TDES"])
    expect(info).toContain(line);
});

const asOffice = ["--management-key", managementKey];

judgement.works(YKMAN, "keys generate: P-256 and P-384, with policies, retired slots too", () => {
  done(ykman("keys", "generate", ...asOffice, "-a", "ECCP256", "9a", "9a.pub"));
  done(ykman("keys", "generate", ...asOffice, "-a", "ECCP384", "--pin-policy", "ALWAYS", "--touch-policy", "ALWAYS", "9c", "9c.pub"));
  done(ykman("keys", "generate", ...asOffice, "-a", "ECCP256", "82", "82.pub"));
});

judgement.refused(YKMAN, "keys generate: RSA", "6A80", () => [ykman("keys", "generate", ...asOffice, "-a", "RSA2048", "9e", "9e.pub")]);

judgement.works(YKMAN, "keys export", () => {
  done(ykman("keys", "export", "--verify", "--pin", pin, "9a", "exported.pub"));
  expect(openssl("pkey", "-pubin", "-in", "exported.pub")).toBe(openssl("pkey", "-pubin", "-in", "9a.pub"));
});

judgement.works(YKMAN, "keys attest", () => {
  done(ykman("keys", "attest", "82", "attestation.pem"));
  expect(openssl("verify", "-CAfile", "root.pem", "-untrusted", "f9.pem", "attestation.pem")).toContain("OK");
  expect(openssl("x509", "-in", "attestation.pem", "-noout", "-pubkey")).toBe(openssl("pkey", "-pubin", "-in", "82.pub"));
});

judgement.refused(YKMAN, "keys attest: a slot without a key", "6A82", () => [ykman("keys", "attest", "83", "none.pem")]);

judgement.refused(YKMAN, "keys import", "6A81", () => [ykman("keys", "import", ...asOffice, "9e", "outside.key")]);

judgement.works(YKMAN, "certificates generate, request (a signature each; 9C with the button)", () => {
  for (const [slot, hash] of [
    ["9a", "SHA256"],
    ["9c", "SHA384"],
  ] as const) {
    const signed = ["--pin", pin, "--subject", `CN=${slot}`, "--hash-algorithm", hash, slot, `${slot}.pub`];
    done(ykman("certificates", "generate", ...asOffice, ...signed));
    done(ykman("certificates", "export", slot, `${slot}.pem`));
    expect(openssl("verify", "-CAfile", `${slot}.pem`, `${slot}.pem`)).toContain("OK");
    done(ykman("certificates", "request", ...signed, `${slot}.csr`));
    openssl("req", "-in", `${slot}.csr`, "-verify", "-noout");
  }
});

judgement.works(YKMAN, "certificates import, export, delete", () => {
  done(ykman("certificates", "import", ...asOffice, "--verify", "--pin", pin, "9a", "9a.pem"));
  const ofAnotherKey = ykman("certificates", "import", ...asOffice, "--verify", "--pin", pin, "82", "9a.pem");
  expect(ofAnotherKey.stderr).toMatch(/not tied to the private key|does not match the private key/);
  expect(done(ykman("certificates", "export", "9a", "-"))).toBe(openssl("x509", "-in", "9a.pem"));
  done(ykman("certificates", "delete", ...asOffice, "9a"));
  expect(ykman("certificates", "export", "9a", "-").stderr).toContain("No certificate found");
});

judgement.works(YKMAN, "objects generate, import, export", () => {
  done(ykman("objects", "generate", ...asOffice, "CHUID"));
  done(ykman("objects", "generate", ...asOffice, "CCC"));
  tools.bench.write("object", "x".repeat(2500));
  done(ykman("objects", "import", ...asOffice, "0x5fc103", "object"));
  expect(done(ykman("objects", "export", "--pin", pin, "0x5fc103", "-"))).toBe("x".repeat(2500));
});

judgement.works(YKMAN, "access change-pin, change-puk, unblock-pin", () => {
  done(ykman("access", "change-pin", "--pin", pin, "--new-pin", OTHER_PIN));
  done(ykman("access", "change-puk", "--puk", puk, "--new-puk", "87654321"));
  done(ykman("access", "unblock-pin", "--puk", "87654321", "--new-pin", pin));
  expect(ykman("access", "change-pin", "--pin", OTHER_PIN, "--new-pin", pin).stderr).toContain("2 tries left");
  done(ykman("access", "change-pin", "--pin", pin, "--new-pin", OTHER_PIN));
});

judgement.works(YKMAN, "access set-retries", () => {
  done(ykman("access", "set-retries", ...asOffice, "--pin", OTHER_PIN, "--force", "5", "4"));
  expect(done(ykman("info"))).toContain("PIN tries remaining: 5/5");
});

judgement.works(YKMAN, "access change-management-key: 3DES, AES-128, AES-192, AES-256", () => {
  const keys = {
    AES128: "00112233445566778899aabbccddeeff",
    AES192: managementKey,
    AES256: `${managementKey}1122334455667788`,
    TDES: managementKey,
  };
  let old = managementKey;
  for (const [algorithm, key] of Object.entries(keys)) {
    done(ykman("access", "change-management-key", "-m", old, "--algorithm", algorithm, "--new-management-key", key));
    expect(done(ykman("info"))).toContain(`key algorithm: ${algorithm}`);
    old = key;
  }
});

judgement.refused(YKMAN, "access change-management-key: with the button", "6A86", () => [
  ykman(
    "access",
    "change-management-key",
    "-m",
    managementKey,
    "-a",
    "TDES",
    "-n",
    managementKey.replace(/08$/, "0b"),
    "--touch",
    "--force",
  ),
]);

judgement.works(YKMAN, "access change-management-key: kept on the token, behind the PIN", () => {
  done(ykman("access", "change-management-key", "-m", managementKey, "-a", "AES256", "--generate", "--protect", "--pin", pin));
  done(ykman("keys", "generate", "--pin", pin, "-a", "ECCP256", "84", "84.pub"));
});

judgement.works(YKMAN, "reset", () => {
  done(ykman("reset", "--force"));
  const info = done(ykman("info"));
  for (const line of ["PIN tries remaining: 3/3", "key algorithm: TDES", "CHUID: No data"]) expect(info).toContain(line);
  expect(info).not.toContain("Slot");
});

judgement.isWhatTheReadmeTells([PIV_TOOL, YKMAN]);

it("the token that was judged says that it is compat, and simulated", async () => {
  const client = await tools.bench.client();
  expect(await client.deviceInfo()).toMatchObject({ profile: "compat", isSimulated: true });
  client.close();
});
