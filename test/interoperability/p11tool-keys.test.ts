// GnuTLS' p11tool makes a blank token ready, alone: C_InitToken, PIN, keys, certificates, random bytes. Every PIN is in its environment, none on its
// command line. The tests go on from one another. openssl verifies what it signs.

import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { opensslOnRequest } from "../support/openssl-judge.ts";
import { mustRun, run } from "../support/run.ts";
import { HOLDER, PIN, PUK, Workbench } from "../support/workbench.ts";

let bench: Workbench;
let token: string;

const gnutls = (program: string, args: readonly string[], pins: { GNUTLS_PIN?: string; GNUTLS_SO_PIN?: string } = {}) =>
  run(program, ["--provider", bench.module, ...args], { env: { ...bench.environment, HOME: bench.folder, ...pins } });
const p11tool = (...args: string[]) => gnutls("p11tool", ["--batch", ...args]);
const asUser = (...args: string[]) => gnutls("p11tool", ["--batch", "--login", ...args], { GNUTLS_PIN: PIN });
const asOfficer = (...args: string[]) => gnutls("p11tool", ["--batch", ...args], { GNUTLS_SO_PIN: PUK, GNUTLS_PIN: PIN });
const idsOf = (option: string): string[] => [...asUser(option).stdout.matchAll(/^\tID: (\S+)$/gm)].map(([, id = ""]) => id);

beforeAll(async () => {
  bench = await Workbench.open();
  token = p11tool("--list-token-urls").stdout.trim();
});

afterAll(() => bench.close());

/** PKCS#10 by certtool, PEM, signed by the key. */
function makeRequest(id: string): string {
  const template = bench.write("request.template", 'cn = "Irène Faron"\n');
  const request = bench.path(`request-${id}.pem`);
  const key = ["--template", template, "--load-privkey", `pkcs11:id=%${id};type=private`, "--outfile", request];
  expect(gnutls("certtool", ["--generate-request", ...key], { GNUTLS_PIN: PIN })).toMatchObject({ status: 0 });
  return request;
}

/** The test authority demands that the key signs its request. */
async function certificateFor(id: string): Promise<Uint8Array> {
  mustRun("openssl", ["req", "-in", makeRequest(id), "-outform", "DER", "-out", bench.path("request.der")]);
  const request = new Uint8Array(readFileSync(bench.path("request.der")));
  return (await bench.authority()).issueSigning({ person: HOLDER, request });
}

describe("p11tool makes a blank token ready", () => {
  it("--initialize and --initialize-pin set SO PIN and PIN", () => {
    expect(asOfficer("--initialize", "--label", "Irène", token)).toMatchObject({ status: 0 });
    expect(asOfficer("--so-login", "--initialize-pin", token)).toMatchObject({ status: 0 });
    expect(asUser("--list-privkeys").stderr).toContain("No matching objects found");
    expect(p11tool("--list-tokens").stdout).toContain("Flags: RNG, Requires login");
  });

  it("--generate-privkey makes a key in the slot that --id names, or in the first empty one", () => {
    const generate = (curve: string, ...id: string[]) =>
      asUser("--generate-privkey", "ecc", "--curve", curve, "--label", "mine", ...id, "--outfile", bench.path("public.pem"), token);
    expect(generate("secp256r1", "--id", "02")).toMatchObject({ status: 0 });
    const exported = asUser("--export-pubkey", "pkcs11:id=%02;type=private", "--outfile", bench.path("exported.pem"));
    expect(exported).toMatchObject({ status: 0 });
    expect(readFileSync(bench.path("exported.pem"), "utf8").trim()).toBe(readFileSync(bench.path("public.pem"), "utf8").trim());
    expect(generate("secp384r1")).toMatchObject({ status: 0 });
    expect(generate("secp256r1", "--id", "02").status).not.toBe(0);
    expect(idsOf("--list-privkeys")).toEqual(["01", "02"]);
  });

  it.each([
    ["9A, PIN once, P-384", "01", "secp384r1"],
    ["9C, PIN always, P-256", "02", "prime256v1"],
  ])("signs with the key that it made in %s", (_name, id, curve) => {
    expect(asUser("--test-sign", `pkcs11:id=%${id};type=private`)).toMatchObject({ status: 0 });
    const request = makeRequest(id);
    expect(opensslOnRequest(request)).toBe("Certificate request self-signature verify OK");
    expect(mustRun("openssl", ["req", "-in", request, "-noout", "-text"])).toContain(`ASN1 OID: ${curve}`);
  });

  it("--write puts the certificate beside its key, --delete takes it away", async () => {
    const certificate = await certificateFor("02");
    const pem = bench.savePem("certificate.pem", certificate);
    expect(asUser("--write", "--load-certificate", pem, "--id", "02", "--label", "mine", token)).toMatchObject({ status: 0 });
    expect(new Uint8Array(new X509Certificate(p11tool("--export", "pkcs11:id=%02;type=cert").stdout).raw)).toEqual(certificate);
    expect(idsOf("--list-all-certs")).toEqual(["02"]);
    expect(asUser("--delete", "pkcs11:id=%02;type=cert")).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("1 objects deleted"),
    });
    expect(asUser("--list-all-certs").stderr).toContain("No matching objects found");
    expect(idsOf("--list-privkeys")).toEqual(["01", "02"]);
  });

  it("--generate-random gives the token's random bytes", () => {
    const draw = (): string => {
      const file = bench.path("random.bin");
      expect(p11tool("--generate-random", "64", "--outfile", file, token)).toMatchObject({ status: 0 });
      return readFileSync(file).toString("hex");
    };
    const drawn = draw();
    expect(drawn).toHaveLength(128);
    expect(draw()).not.toBe(drawn);
  });
});
