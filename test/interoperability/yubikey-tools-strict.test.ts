// yubico-piv-tool and ykman judge a strict token, as boards are: from blank, through its initialisation by ykman, to RESET.

import { afterAll, beforeAll, expect } from "vitest";
import { PCSCD_LIMIT_MS } from "../support/pcscd.ts";
import { mustRun } from "../support/run.ts";
import { MANAGEMENT_KEY, PIN, PUK } from "../support/workbench.ts";
import { done, FACTORY, Judgement, refusal, YubikeyTools } from "../support/yubikey-tools.ts";

const OTHER_PIN = "73910463";
const PIV_TOOL = "yubico-piv-tool";
const YKMAN = "ykman";

let tools: YubikeyTools;

beforeAll(async () => {
  tools = await YubikeyTools.open("strict");
  mustRun("openssl", ["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", tools.bench.path("outside.key")]);
}, PCSCD_LIMIT_MS);

afterAll(async () => await tools?.close());

const pivTool = (...args: string[]) => tools.pivTool(...args);
const ykman = (...args: string[]) => tools.ykman(...args);
const openssl = (...args: string[]) => mustRun("openssl", args, { cwd: tools.bench.folder });
const asOffice = ["--management-key", MANAGEMENT_KEY];
const generate = (slot: string, ...options: string[]) => ykman("keys", "generate", ...options, slot, `${slot}.pub`);

const judgement = new Judgement("strict");

judgement.works(YKMAN, "info", () => {
  const info = done(ykman("info"));
  for (const line of ["PIV version: 5.4.3", "Using default PIN", "PIN tries remaining: 3/3", "key algorithm: AES192"])
    expect(info).toContain(line);
});

judgement.refused(YKMAN, "blank: keys generate", "6985", () => [generate("9a", "-a", "ECCP256", "-m", FACTORY.managementKey)]);

judgement.refused(
  YKMAN,
  "blank: access change-pin, change-puk, change-management-key: a trivial value, a factory's, or 3DES",
  "6A80",
  () => [
    ykman("access", "change-pin", "--pin", FACTORY.pin, "--new-pin", "654321"),
    ykman("access", "change-puk", "--puk", FACTORY.puk, "--new-puk", "87654321"),
    ykman("access", "change-management-key", "-m", FACTORY.managementKey, "-a", "AES192", "-n", FACTORY.managementKey),
    ykman("access", "change-management-key", "-m", FACTORY.managementKey, "-a", "TDES", "-n", MANAGEMENT_KEY),
  ],
);

judgement.works(YKMAN, "blank: access change-pin, change-puk, change-management-key (which initialise the token)", () => {
  done(ykman("access", "change-pin", "--pin", FACTORY.pin, "--new-pin", PIN));
  done(ykman("access", "change-puk", "--puk", FACTORY.puk, "--new-puk", PUK));
  done(ykman("access", "change-management-key", "-m", FACTORY.managementKey, "-a", "AES192", "-n", MANAGEMENT_KEY));
  const info = done(ykman("info"));
  expect(info).not.toContain("default");
});

judgement.works(YKMAN, "keys generate: P-256 and P-384, with policies, retired slots too", () => {
  done(generate("9a", "-a", "ECCP256", ...asOffice));
  done(generate("9c", "-a", "ECCP384", "--touch-policy", "ALWAYS", ...asOffice));
  done(generate("9d", "-a", "ECCP256", ...asOffice));
  done(generate("82", "-a", "ECCP256", ...asOffice));
});

judgement.refused(YKMAN, "keys generate: RSA", "6A80", () => [generate("9e", "-a", "RSA2048", ...asOffice)]);

judgement.works(YKMAN, "keys export", () => {
  done(ykman("keys", "export", "--verify", "--pin", PIN, "9a", "exported.pub"));
  expect(openssl("pkey", "-pubin", "-in", "exported.pub")).toBe(openssl("pkey", "-pubin", "-in", "9a.pub"));
});

judgement.refused(YKMAN, "keys attest", "6982", () => [ykman("keys", "attest", "9a", "none.pem")]);

judgement.refused(YKMAN, "keys import", "6A81", () => [ykman("keys", "import", ...asOffice, "9e", "outside.key")]);

judgement.works(YKMAN, "certificates generate, request (a signature each; 9C with the button)", () => {
  for (const [slot, hash] of [
    ["9a", "SHA256"],
    ["9c", "SHA384"],
    ["9d", "SHA256"],
  ] as const) {
    const signed = ["--pin", PIN, "--subject", `CN=${slot}`, "--hash-algorithm", hash, slot, `${slot}.pub`];
    done(ykman("certificates", "generate", ...asOffice, ...signed));
    done(ykman("certificates", "export", slot, `${slot}.pem`));
    expect(openssl("verify", "-CAfile", `${slot}.pem`, `${slot}.pem`)).toContain("OK");
  }
  done(ykman("certificates", "request", "--pin", PIN, "--subject", "CN=9a", "9a", "9a.pub", "9a.csr"));
  openssl("req", "-in", "9a.csr", "-verify", "-noout");
});

judgement.works(YKMAN, "certificates import, export, delete", () => {
  done(ykman("certificates", "delete", ...asOffice, "9a"));
  done(ykman("certificates", "import", ...asOffice, "--verify", "--pin", PIN, "9a", "9a.pem"));
  expect(done(ykman("certificates", "export", "9a", "-"))).toBe(openssl("x509", "-in", "9a.pem"));
});

judgement.works(YKMAN, "objects generate, import, export", () => {
  done(ykman("objects", "generate", ...asOffice, "CHUID"));
  tools.bench.write("object", "x".repeat(2500));
  done(ykman("objects", "import", ...asOffice, "0x5fc103", "object"));
  expect(done(ykman("objects", "export", "--pin", PIN, "0x5fc103", "-"))).toBe("x".repeat(2500));
});

judgement.works(PIV_TOOL, "status, version, list-readers", () => {
  expect(done(pivTool("-a", "version"))).toContain("Application version 5.4.3");
  expect(done(pivTool("-a", "status"))).toMatch(/Slot 9c:.*\n\s+Algorithm:\s+ECCP384\n(.*\n)*PIN tries left:\s+3\n/);
});

judgement.works(PIV_TOOL, "test-signature, P-256 and P-384", () => {
  for (const slot of ["9a", "9c"]) {
    const { stderr } = pivTool("-a", "verify-pin", "-P", PIN, "-a", "test-signature", "-s", slot, "-i", `${slot}.pem`);
    expect(stderr).toContain("Successful ECDSA verification");
  }
});

judgement.works(PIV_TOOL, "test-decipher (ECDH): 9D", () => {
  const { stderr } = pivTool("-a", "verify-pin", "-P", PIN, "-a", "test-decipher", "-s", "9d", "-i", "9d.pem");
  expect(stderr).toContain("Successfully performed ECDH exchange with card");
});

judgement.refused(PIV_TOOL, "test-decipher (ECDH): 9A, 9C", "6A81", () =>
  ["9a", "9c"].map((slot) => {
    const outcome = pivTool("-a", "verify-pin", "-P", PIN, "-a", "test-decipher", "-s", slot, "-i", `${slot}.pem`);
    return { ...outcome, status: outcome.stderr.includes("Successfully performed") ? 0 : 1 }; // it ends with 0 whatever happens
  }),
);

judgement.works(PIV_TOOL, "read-certificate, read-object", () => {
  expect(done(pivTool("-a", "read-certificate", "-s", "9a"))).toBe(openssl("x509", "-in", "9a.pem"));
  done(pivTool("-a", "read-certificate", "-s", "f9", "-o", "f9.pem"));
  expect(done(pivTool("-a", "verify-pin", "-P", PIN, "-a", "read-object", "--id", "0x5fc103", "-f", "binary"))).toContain("xxx");
});

judgement.works(PIV_TOOL, "attest, after verify-pin", () => {
  done(pivTool("-a", "verify-pin", "-P", PIN, "-a", "attest", "-s", "9c", "-o", "attestation.pem"));
  expect(openssl("verify", "-CAfile", "root.pem", "-untrusted", "f9.pem", "attestation.pem")).toContain("OK");
  expect(openssl("x509", "-in", "attestation.pem", "-noout", "-pubkey")).toBe(openssl("pkey", "-pubin", "-in", "9c.pub"));
});

judgement.refused(PIV_TOOL, "attest alone", "6982", () => [pivTool("-a", "attest", "-s", "9c")]);

judgement.refused(
  PIV_TOOL,
  "generate, import-key, import-certificate, delete-certificate, set-chuid, set-ccc, write-object, set-mgm-key, pin-retries",
  "6A86",
  () => [
    pivTool("-a", "generate", "-s", "9a", "-A", "ECCP256"),
    pivTool("-a", "import-key", "-s", "9e", "-i", "outside.key"),
    pivTool("-a", "import-certificate", "-s", "9a", "-i", "9a.pem"),
    ...["delete-certificate", "set-chuid", "set-ccc", "write-object"].map((action) =>
      pivTool("-a", action, "-s", "9a", "--id", "0x5fff10"),
    ),
    pivTool(`--key=${MANAGEMENT_KEY}`, "-a", "set-mgm-key", "-n", MANAGEMENT_KEY),
    pivTool("-a", "verify-pin", "-P", PIN, "-a", "pin-retries", "--pin-retries=5", "--puk-retries=5"),
  ],
  // 2.7 proves an AES key, too: its own default is not the token's, and it asks for a new key of 3DES.
  [...Array<string>(7).fill("6982"), "6A80", "6982"],
);

judgement.works(PIV_TOOL, "verify-pin, change-pin, change-puk, unblock-pin", () => {
  done(pivTool("-a", "change-pin", "-P", PIN, "-N", OTHER_PIN));
  done(pivTool("-a", "change-puk", "-P", PUK, "-N", "28460918"));
  expect(pivTool("-a", "verify-pin", "-P", PIN).stderr).toContain("2 tries left");
  done(pivTool("-a", "unblock-pin", "-P", "28460918", "-N", PIN));
  done(pivTool("-a", "change-puk", "-P", "28460918", "-N", PUK));
});

judgement.refused(PIV_TOOL, "change-pin, change-puk, unblock-pin: a trivial value or the factory's", "6A80", () => [
  pivTool("-a", "change-pin", "-P", PIN, "-N", FACTORY.pin),
  pivTool("-a", "change-puk", "-P", PUK, "-N", FACTORY.puk),
  pivTool("-a", "unblock-pin", "-P", PUK, "-N", "11111111"),
]);

judgement.works(YKMAN, "access change-pin, change-puk, unblock-pin", () => {
  done(ykman("access", "change-pin", "--pin", PIN, "--new-pin", OTHER_PIN));
  done(ykman("access", "unblock-pin", "--puk", PUK, "--new-pin", PIN));
});

judgement.works(YKMAN, "access set-retries (PIN and PUK stay as they are, whatever ykman prints)", () => {
  done(ykman("access", "set-retries", ...asOffice, "--pin", PIN, "--force", "5", "4"));
  expect(done(ykman("info"))).toContain("PIN tries remaining: 5/5");
  expect(refusal(pivTool("-a", "verify-pin", "-P", FACTORY.pin))).toBe("63C4");
  done(pivTool("-a", "verify-pin", "-P", PIN));
});

judgement.works(YKMAN, "access change-management-key: AES-128, AES-192, AES-256", () => {
  const keys = { AES128: "00112233445566778899aabbccddeeff", AES256: `${MANAGEMENT_KEY}1122334455667788`, AES192: MANAGEMENT_KEY };
  let old = MANAGEMENT_KEY;
  for (const [algorithm, key] of Object.entries(keys)) {
    done(ykman("access", "change-management-key", "-m", old, "--algorithm", algorithm, "--new-management-key", key));
    old = key;
  }
});

judgement.refused(YKMAN, "access change-management-key: with the button", "6A86", () => [
  ykman("access", "change-management-key", "-m", MANAGEMENT_KEY, "-a", "AES192", "-n", MANAGEMENT_KEY, "--touch", "--force"),
]);

judgement.works(YKMAN, "access change-management-key: kept on the token, behind the PIN", () => {
  done(ykman("access", "change-management-key", "-m", MANAGEMENT_KEY, "-a", "AES256", "--generate", "--protect", "--pin", PIN));
  done(generate("84", "-a", "ECCP256", "--pin", PIN));
});

judgement.refused(PIV_TOOL, "reset: PIN or PUK not blocked", "6985", () => [pivTool("-a", "reset")]);

judgement.works(YKMAN, "reset (the token is blank again)", () => {
  done(ykman("reset", "--force"));
  const info = done(ykman("info"));
  for (const line of ["PIN tries remaining: 3/3", "key algorithm: AES192", "CHUID: No data"]) expect(info).toContain(line);
  done(pivTool("-a", "read-certificate", "-s", "f9"));
});

judgement.refused(YKMAN, "blank: reset", "6985", () => [ykman("reset", "--force")]); // it has blocked the PIN, and can't block the PUK

judgement.works(PIV_TOOL, "reset: both blocked", () => {
  for (let tries = 3; tries > 0; tries--) expect(pivTool("-a", "change-puk", "-P", "00000000", "-N", PUK).status).toBe(1);
  done(pivTool("-a", "reset"));
  expect(done(pivTool("-a", "status"))).toMatch(/PIN tries left:\s+3\n/);
});

judgement.isWhatTheReadmeTells([PIV_TOOL, YKMAN]);
