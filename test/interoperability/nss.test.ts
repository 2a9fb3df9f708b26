// NSS over p11-kit-client.so, the bridge and the simulated token: modutil, certutil, and pdfsig, which signs PDFs with it, 100 times of 100.

import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SLOT_AUTHENTICATION, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { opensslOnRequest } from "../support/openssl-judge.ts";
import { type ExtractedSignature, extractSignatures, nssDatabase, pdfsig } from "../support/pdf-judges.ts";
import { mustRun, run } from "../support/run.ts";
import { pages } from "../support/sample-pdfs.ts";
import { PIN, Workbench } from "../support/workbench.ts";

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
/** As many as the test machine has cores, at least. */
const AT_ONCE = 2;
const MINUTE_MS = 60_000;

let bench: Workbench;
let database: string;
let pinFile: string;
let token: string;
const certificates = new Map<string, X509Certificate>();

const nss = (program: string, ...args: string[]) => run(program, args, { env: bench.environment, cwd: bench.folder });

beforeAll(async () => {
  bench = await Workbench.open();
  await bench.initialise();
  certificates.set("PIV authentication", await bench.certify(SLOT_AUTHENTICATION));
  certificates.set("PIV signature", await bench.certify(SLOT_SIGNATURE));
  database = nssDatabase(bench.folder, bench.rootPem);
  mustRun("certutil", ["-A", "-d", `sql:${database}`, "-n", "issuing", "-t", ",,", "-i", bench.issuingPem]);
  pinFile = bench.write("nss-pin", `${PIN}\n`);
  expect(nss("modutil", "-dbdir", `sql:${database}`, "-force", "-add", "Sceau", "-libfile", bench.module)).toMatchObject({ status: 0 });
  token = /\ttoken: (Sceau \d{8})$/m.exec(nss("modutil", "-dbdir", `sql:${database}`, "-list").stdout)?.[1] ?? "";
});

afterAll(() => bench.close());

describe("NSS's own tools over the bridge", () => {
  it("modutil -list: the module is loaded, the token in its slot", () => {
    const { stdout } = nss("modutil", "-dbdir", `sql:${database}`, "-list", "Sceau");
    expect(stdout).toContain("Status: Enabled");
    expect(stdout).toContain(`Token Name: ${token}`);
    expect(stdout).toContain("Token Manufacturer: Sceau");
    expect(stdout).toMatch(/Login Type: Login required/);
    expect(stdout).toMatch(/User Pin: Initialized/);
  });

  it("certutil -L -h all: the user's certificates, beside those of the database, without a PIN", () => {
    const { status, stdout } = nss("certutil", "-L", "-d", `sql:${database}`, "-h", "all");
    expect(status).toBe(0);
    const rows = [...stdout.matchAll(/^(.+?) +(\S*,\S*,\S*) *$/gm)].map(([, nickname, trust]) => `${nickname} ${trust}`);
    expect(rows.filter((row) => !row.startsWith("SSL"))).toEqual(
      expect.arrayContaining(["issuing ,,", "root CT,C,C", `${token}:PIV authentication u,u,u`, `${token}:PIV signature u,u,u`]),
    );
  });

  it("certutil -K: the private keys, with the PIN", () => {
    const { status, stdout } = nss("certutil", "-K", "-d", `sql:${database}`, "-h", token, "-f", pinFile);
    expect(status).toBe(0);
    expect([...stdout.matchAll(/^<.*> ec +(\S+) +(.+)$/gm)].map((match) => match.slice(1))).toEqual([
      ["01", "PIV authentication"],
      ["02", "PIV signature"],
    ]);
  });

  it.each(["PIV authentication", "PIV signature"])(
    "certutil -L -n: the certificate of %s, and the others of this subject, without a PIN",
    (label) => {
      const { stdout } = nss("certutil", "-L", "-d", `sql:${database}`, "-h", token, "-n", `${token}:${label}`, "-a");
      const fingerprints = stdout.match(PEM)?.map((pem) => new X509Certificate(pem).fingerprint256);
      expect(fingerprints).toContain(certificates.get(label)?.fingerprint256);
    },
  );

  it.each(["PIV authentication", "PIV signature"])("certutil -V: the certificate of %s is valid to sign with, without a PIN", (label) => {
    const { status, stdout } = nss("certutil", "-V", "-d", `sql:${database}`, "-n", `${token}:${label}`, "-u", "S");
    expect({ status, stdout }).toEqual({ status: 0, stdout: "certutil: certificate is valid\n" });
  });

  it("certutil -R: a certification request by the key of 9A, that openssl verifies", () => {
    const [request, noise] = [bench.path("nss.csr"), bench.write("noise", "not a seed of anything that counts")];
    const key = ["-h", token, "-k", "01", "-f", pinFile, "-z", noise];
    expect(nss("certutil", "-R", "-d", `sql:${database}`, ...key, "-s", "CN=Irene Faron", "-a", "-o", request)).toMatchObject({
      status: 0,
    });
    expect(opensslOnRequest(request)).toBe("Certificate request self-signature verify OK");
  });
});

describe("pdfsig over the bridge", () => {
  let document: string;
  let judge: string;

  beforeAll(async () => {
    mkdirSync(bench.path("judge"));
    judge = nssDatabase(bench.path("judge"), bench.rootPem);
    document = bench.write("document.pdf", await pages(1));
  });

  /** -nss-pwd opens the token; -kpw is the PIN once more, for a key that asks for it each time. */
  const sign = async (label: string, signed: string, passwords: readonly string[]): Promise<void> => {
    const args = ["-nssdir", `sql:${database}`, ...passwords, "-add-signature", "-nick", `${token}:${label}`, document, signed];
    await promisify(execFile)("pdfsig", args, { env: bench.environment });
  };

  /**
   * The certificate by whose key openssl finds the document signed, or null: the signature is not valid, or its certificate not our authority's.
   * pdfsig's signatures are adbe.pkcs7.detached: CMS without CAdES's attributes.
   */
  const opensslSigner = ({ cms, content }: ExtractedSignature): string | null => {
    const files = ["-in", cms, "-content", content, "-signer", `${cms}.pem`, "-out", "/dev/null"];
    const trust = ["-CAfile", bench.rootPem, "-purpose", "smimesign"];
    if (run("openssl", ["cms", "-verify", "-binary", "-inform", "DER", ...files, ...trust]).status !== 0) return null;
    return new X509Certificate(readFileSync(`${cms}.pem`)).fingerprint256;
  };

  /** What pdfsig (NSS, with a database that knows no token) and openssl have against a signed document; everything right: []. */
  const complaints = (label: string, signed: string, folder: string): string[] => {
    const report = pdfsig(judge, signed);
    const wanted = [
      "Signature Validation: Signature is Valid.",
      "Certificate Validation: Certificate is Trusted.",
      "Total document signed",
    ];
    const missing = wanted.filter((sentence) => !report.includes(sentence));
    const signers = extractSignatures(signed, folder).map(opensslSigner);
    if (signers.length !== 1 || signers[0] !== certificates.get(label)?.fingerprint256) missing.push(`openssl: signed by ${signers}`);
    return missing;
  };

  it.each([
    [100, "9C, PIN always", "PIV signature", ["-nss-pwd", PIN, "-kpw", PIN]],
    [20, "9A, PIN once", "PIV authentication", ["-nss-pwd", PIN]],
  ])(
    "signs %i documents, each of them, with %s",
    async (documents, _slot, label, passwords) => {
      const failures: string[] = [];
      let next = 0;
      const worker = async (): Promise<void> => {
        for (let number = next++; number < documents; number = next++) {
          const folder = bench.path(`pdf-${number}`);
          mkdirSync(folder);
          const signed = `${folder}/signed.pdf`;
          try {
            await sign(label, signed, passwords);
            failures.push(...complaints(label, signed, folder).map((complaint) => `${number}: ${complaint}`));
          } catch (error) {
            failures.push(`${number}: pdfsig ended with ${(error as { code: number }).code}`);
          }
          rmSync(folder, { recursive: true });
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      expect(failures).toEqual([]);
    },
    2 * MINUTE_MS,
  );

  it("cannot sign with 9C when it has the PIN of the login alone", async () => {
    await expect(sign("PIV signature", bench.path("none.pdf"), ["-nss-pwd", PIN])).rejects.toMatchObject({ code: 3 });
  });
});
