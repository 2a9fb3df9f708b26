// Signed documents in the hands of forgers: every row is one attack on what `verifyPdf` says, and none may leave the signature valid.

import "reflect-metadata"; // before @peculiar/x509, which needs it
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ExtendedKeyUsageExtension, type Extension, KeyUsageFlags, KeyUsagesExtension } from "@peculiar/x509";
import { beforeAll, describe, expect, test } from "vitest";
import { signEcdsa } from "../../firmware/ecdsa-signature.ts";
import { type KeyAlgorithm, keyAlgorithm } from "../../firmware/key-algorithm.ts";
import { signPdf } from "../../host-bridge/signing/sign-pdf.ts";
import type { DigestSigner } from "../../host-bridge/signing/signer.ts";
import { SigningError } from "../../host-bridge/signing/signing-error.ts";
import { type SignatureProblem, type SignatureReport, verifyPdf } from "../../host-bridge/signing/verify-pdf.ts";
import { createCertificationRequest } from "../../host-bridge/token/certification-request.ts";
import { BuiltInCa } from "../../office/issuance/built-in-ca.ts";
import type { Person } from "../../office/issuance/certificate-authority.ts";
import { ALG_P256 } from "../../protocol/piv.ts";
import { nobleCrypto } from "../../simulator/noble-crypto.ts";
import { softwareSigner } from "../support/cms.ts";
import { append, build, bytesOf, catalog, edited, type Objects, objectOf, onePage, showing, textOf } from "../support/forged-pdfs.ts";
import {
  type Attack,
  EMPTY_FIELD,
  FORGED,
  formWith,
  otherReason,
  READINGS,
  SIGNATURES,
  TEXT_FORM,
  UPDATES,
} from "../support/pdf-attacks.ts";
import { mustRun } from "../support/run.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { issue, rootCa } from "../support/test-certificates.ts";

const NOW = new Date("2026-03-01T10:20:30Z");
const SETTINGS = { publicUrl: "http://127.0.0.1:8440", organisation: "Cabinet Durand", country: "FR" };
const HOLDER: Person = {
  givenName: "Camille",
  surname: "Durand",
  email: "camille.durand@example.org",
  organisation: "Cabinet Durand",
  country: "FR",
  number: "1",
};
const SIGNED_REASON = "for information only";

const folder = temporaryFolder();
let ca: BuiltInCa;
let signer: DigestSigner;

async function newSigner(): Promise<DigestSigner> {
  const p256 = keyAlgorithm(nobleCrypto, ALG_P256) as KeyAlgorithm;
  const key = p256.curve.generateKey();
  const point = p256.curve.publicKey(key);
  const signDigest = async (digest: Uint8Array): Promise<Uint8Array> => signEcdsa(p256, key, point, digest);
  const request = await createCertificationRequest(point, signDigest);
  return { certificate: await ca.issueSigning({ person: HOLDER, request }), issuers: [ca.issuer], signDigest };
}

beforeAll(async () => {
  ca = await BuiltInCa.create(join(folder, "ca"), SETTINGS, { now: () => NOW });
  signer = await newSigner();
});

const verify = (pdf: Uint8Array, roots: readonly Uint8Array[] = [ca.root]): Promise<SignatureReport[]> =>
  verifyPdf(pdf, { roots, at: NOW });

const problemsOf = async (pdf: Uint8Array): Promise<(readonly SignatureProblem[])[]> => (await verify(pdf)).map((each) => each.problems);

/** A signed document; that its signature is valid is the first thing to hold. */
async function signed(objects: Objects = {}, trailer = ""): Promise<Uint8Array> {
  const pdf = await signPdf(build(onePage(objects), trailer), signer, { date: NOW, reason: SIGNED_REASON });
  expect(await problemsOf(pdf)).toEqual([[]]);
  return pdf;
}

const named = (attacks: readonly Attack[]): [string, Attack][] => attacks.map((attack) => [attack.name, attack]);

async function withstands(_: string, { objects, trailer, forge, problem, where }: Attack): Promise<void> {
  const reports = await verify(forge(await signed(objects, trailer)));
  const genuine = reports.find((report) => report.field === "Signature1");
  expect(genuine?.problems).toContain(problem);
  expect(genuine?.reason).toBe(SIGNED_REASON);
  expect(reports.filter((report) => report.problems.length === 0)).toEqual([]);
  if (where !== undefined) expect(genuine?.changesAfter?.changes).toContainEqual({ kind: "content", where });
}

describe("the signature is not valid after a forger's update, which", () => {
  test.each(named(UPDATES))("%s", withstands);
});

describe("the signature is not valid in a file that viewers read in different ways, whose forger", () => {
  test.each(named(READINGS))("%s", withstands);
});

describe("the signature is not valid when the forger", () => {
  test.each(named(SIGNATURES))("%s", withstands);

  test.each(["before", "behind"])(
    "copies it into a second field %s the first, with another reason, and what was signed is told",
    async (order) => {
      const pdf = await signed();
      const [{ claimedDate } = { claimedDate: null }] = await verify(pdf);
      const [from, to] =
        order === "before" ? ([/\/Fields\s*\[/, "/Fields [ 80 0 R "] as const) : ([/(?<=\/Fields[^\]]*)\]/, " 80 0 R ]"] as const);
      const copy = { ...formWith(pdf, from, to), 80: "<< /FT /Sig /T (Approval) /V 81 0 R >>", 81: otherReason(pdf) };
      const reports = await verify(append(pdf, copy));
      expect(reports).toHaveLength(2);
      for (const report of reports) expect(report).toMatchObject({ reason: SIGNED_REASON, claimedDate, field: "Signature1" });
      for (const report of reports) expect(report.problems).toContain("changed-after");
      expect(reports.filter((report) => report.problems.includes("copied"))).toHaveLength(1);
    },
  );

  const usage = (flags: number): Extension => new KeyUsagesExtension(flags, true);
  const extended = (...purposes: string[]): Extension => new ExtendedKeyUsageExtension(purposes, true);
  const [SERVER, CLIENT] = ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"] as const;

  test.each<[string, Extension[], SignatureProblem[]]>([
    ["(control: for signing, it is valid)", [usage(KeyUsageFlags.digitalSignature)], []],
    ["of a TLS server", [usage(KeyUsageFlags.digitalSignature), extended(SERVER, CLIENT)], ["key-usage"]],
    ["for encryption alone", [usage(KeyUsageFlags.keyEncipherment)], ["key-usage"]],
  ])("signs by a certificate %s", async (_, extensions, problems) => {
    const root = await rootCa();
    const made = softwareSigner(await issue({ name: "CN=www.example.org", issuer: root, extensions }));
    const reports = await verify(await signPdf(build(onePage()), made, { date: NOW }), [root.der]);
    expect(reports.map((report) => report.problems)).toEqual([problems]);
  });
});

describe("refused is", () => {
  test("a file that has no table to follow, though viewers would search it for objects", async () => {
    const update = `\n4 0 obj\n${showing(FORGED)}\nendobj\nstartxref\n99999999\n%%EOF\n`;
    await expect(verify(bytesOf(textOf(await signed()) + update))).rejects.toMatchObject({ name: "DocumentRefused", reason: "damaged" });
  });

  test("to give away a signature by a key that is not the certificate's", async () => {
    const { signDigest } = await newSigner();
    const outcome = signPdf(build(onePage()), { ...signer, signDigest }, { date: NOW });
    await expect(outcome).rejects.toBeInstanceOf(SigningError);
    await expect(outcome).rejects.toMatchObject({ failure: "other-key" });
  });
});

test.each([1, 2])("a field that is its own child %i times is read once", async (times) => {
  const field = `<< /T (a) /Kids [${"6 0 R ".repeat(times)}] >>`;
  const pdf = build(onePage({ 1: catalog("/AcroForm << /Fields [6 0 R] >>"), 6: field }));
  const startedAt = performance.now();
  expect(await verify(pdf)).toEqual([]);
  expect(performance.now() - startedAt).toBeLessThan(2000);
});

describe("the signature stays valid", () => {
  test("with line ends behind the file", async () => {
    expect(await problemsOf(bytesOf(`${textOf(await signed())}\n\n`))).toEqual([[]]);
  });

  test.each<[string, Objects]>([
    ["an ordinary document", {}],
    ["a form", TEXT_FORM],
    ["a form with an empty signature field", EMPTY_FIELD],
  ])("after a second signature on %s", async (_, objects) => {
    const twice = await signPdf(await signed(objects), await newSigner(), { date: NOW });
    expect(await problemsOf(twice)).toEqual([[], []]);
  });

  test("after a field was filled in", async () => {
    const pdf = await signed(TEXT_FORM);
    const [report] = await verify(append(pdf, { 9: edited(objectOf(pdf, 9), "/V (100)", "/V (999)") }));
    expect(report).toMatchObject({ problems: [], changesAfter: { changes: [{ kind: "form" }] } });
  });

  test("when the page has two contents and the last, which poppler shows, is the signed one", async () => {
    const pdf = await signed();
    const first = edited(objectOf(pdf, 3), "/Contents 4 0 R", "/Contents 60 0 R /Contents 4 0 R");
    const forged = append(pdf, { 3: first, 60: showing(FORGED) });
    const file = join(folder, "two-contents.pdf");
    writeFileSync(file, forged);
    expect(mustRun("pdftotext", [file, "-"]).trim()).toBe("Pay 100 euros");
    expect(await problemsOf(forged)).toEqual([[]]);
  });
});
