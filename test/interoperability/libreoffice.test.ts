// LibreOffice, without a screen, signs PDFs over NSS, p11-kit-client.so, the bridge and the simulated token: with 9A (PIN once) and 9C (PIN
// always, by NSS' context login). openssl and pdfsig verify what it signs.

import type { X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SLOT_AUTHENTICATION, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { databaseWithToken, type LibreOfficeJob, signWithLibreOffice } from "../support/libreoffice.ts";
import { opensslOnCms, serialNumberIn } from "../support/openssl-judge.ts";
import { extractSignatures, nssDatabase, opensslCms, pdfsig } from "../support/pdf-judges.ts";
import { mustRun } from "../support/run.ts";
import { PIN, Workbench } from "../support/workbench.ts";

const WRONG_PIN = "11223399";

let bench: Workbench;
let database: string;
let judge: string;
let authentication: X509Certificate;
let signature: X509Certificate;

beforeAll(async () => {
  bench = await Workbench.open();
  await bench.initialise();
  authentication = await bench.certify(SLOT_AUTHENTICATION);
  signature = await bench.certify(SLOT_SIGNATURE);
  database = databaseWithToken(bench);
  mkdirSync(bench.path("judge"));
  judge = nssDatabase(bench.path("judge"), bench.rootPem);
});

afterAll(() => bench.close());

const sign = (job: Omit<LibreOfficeJob, "pdf">, name: string) => signWithLibreOffice(bench, database, { ...job, pdf: bench.path(name) });
const tokenFlags = (): string => {
  const list = mustRun("pkcs11-tool", ["--module", bench.module, "--list-slots"], { env: bench.environment });
  return /token flags\s+: (.*)/.exec(list)?.[1] ?? "";
};

function expectSignedBy(certificate: X509Certificate, name: string): void {
  const pdf = bench.path(name);
  expect(pdfsig(judge, pdf)).toMatch(/Total document signed\n.*Signature is Valid\.\n.*Certificate is Trusted\./);
  const [extracted, ...others] = extractSignatures(pdf, bench.folder);
  if (extracted === undefined) throw new Error("no signature in the PDF");
  expect(others).toEqual([]);
  expect(opensslCms(extracted, bench.rootPem).stderr).toContain("CAdES Verification successful");
  expect(opensslOnCms(bench, { ...extracted, form: "DER" }).stderr).toContain("CMS Verification successful");
  expect(serialNumberIn(bench.path("signer.pem"))).toBe(certificate.serialNumber);
  const changed = readFileSync(extracted.content);
  changed.writeUInt8(changed.readUInt8(100) ^ 1, 100);
  const content = bench.write("changed.bin", changed);
  expect(opensslCms({ ...extracted, content }, bench.rootPem).stderr).toContain("CAdES Verification failure");
}

describe("LibreOffice over the bridge", () => {
  it("signs with 9A, PIN once: it asks for the PIN by its dialog", () => {
    const told = sign({ certificate: authentication.serialNumber, answer: PIN, password: null }, "authentication.pdf");
    expect(told).toEqual({ asked: 1, certificates: [authentication.serialNumber, signature.serialNumber].sort(), error: null });
    expectSignedBy(authentication, "authentication.pdf");
  });

  it("signs with 9C, PIN always: the PIN for the signature is the export's password field", () => {
    const told = sign({ certificate: signature.serialNumber, answer: PIN, password: PIN }, "signature.pdf");
    expect(told).toMatchObject({ asked: 1, error: null });
    expectSignedBy(signature, "signature.pdf");
  });

  it("does not sign with 9C when that field is empty, and no try is spent", () => {
    const told = sign({ certificate: signature.serialNumber, answer: PIN, password: null }, "refused.pdf");
    expect(told.error).toContain("IOException");
    expect(existsSync(bench.path("refused.pdf"))).toBe(false);
    expect(tokenFlags()).not.toContain("count low");
  });

  it("does not sign when nobody answers its dialog, and no try is spent", () => {
    const told = sign({ certificate: authentication.serialNumber, answer: null, password: PIN }, "unattended.pdf");
    expect(told).toMatchObject({ asked: 0, certificates: [] });
    expect(told.error).toContain("NoPasswordException");
    expect(existsSync(bench.path("unattended.pdf"))).toBe(false);
    expect(tokenFlags()).not.toContain("count low");
  });

  it("repeats a wrong PIN, and does not block the token with it: the last try is kept", async () => {
    const told = sign({ certificate: authentication.serialNumber, answer: WRONG_PIN, password: null }, "wrong.pdf");
    expect(told.error).not.toBeNull();
    expect(existsSync(bench.path("wrong.pdf"))).toBe(false);
    expect(tokenFlags()).toContain("final user PIN try");
    expect(sign({ certificate: authentication.serialNumber, answer: PIN, password: null }, "after.pdf").error).toBeNull();
  });
});
