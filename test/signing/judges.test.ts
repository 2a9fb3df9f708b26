// A PDF signed through PKCS#11, before the outside judges: pdfsig, openssl cms, openssl verify, and sceau verify.

import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { extractSignatures, nssDatabase, opensslCms, pdfsig } from "../support/pdf-judges.ts";
import { mustRun, run, sceau } from "../support/run.ts";
import { pages, rewritten } from "../support/sample-pdfs.ts";
import { HOLDER, Workbench } from "../support/workbench.ts";

let bench: Workbench;
let nss: string;

beforeAll(async () => {
  bench = await Workbench.open();
  await bench.initialise();
  await bench.certify(SLOT_SIGNATURE);
  nss = nssDatabase(bench.folder, bench.rootPem);
});

afterAll(() => bench.close());

function sign(document: string, out: string, ...more: string[]): void {
  const options = ["--pin-file", bench.path("pin.txt"), "--state", bench.folder, ...more];
  const outcome = sceau(["sign", document, "--out", out, ...options]);
  if (outcome.status !== 0) throw new Error(outcome.stderr);
}

function verify(path: string): { valid: boolean; signatures: { problems: string[]; coversWholeFile: boolean }[] } {
  return JSON.parse(sceau(["verify", path, "--state", bench.folder, "--json"]).stdout);
}

function flip(path: string, out: string, offset: number): string {
  const file = readFileSync(path);
  file.writeUInt8(file.readUInt8(offset) ^ 0x01, offset);
  writeFileSync(out, file);
  return out;
}

describe("a PDF signed with the simulated token", () => {
  const kinds: [string, (folder: string) => Promise<Uint8Array>, string[]][] = [
    ["of four pages, invisibly", () => pages(4), []],
    ["with a visible signature on its last page", () => pages(2), ["--visible", "-1", "--reason", "Lu et approuvé"]],
    ["with cross-reference streams", () => pages(3, true), []],
    ["with cross-reference streams by qpdf", async (folder) => rewritten(await pages(3), folder, ["--object-streams=generate"]), []],
    ["linearized by qpdf", async (folder) => rewritten(await pages(3), folder, ["--linearize"]), []],
  ];
  it.each(kinds)("%s is valid and trusted for every judge", async (name, make, options) => {
    const document = bench.write(`${name}.pdf`, await make(bench.folder));
    const original = readFileSync(document);
    const signed = bench.path(`${name}-signed.pdf`);
    sign(document, signed, ...options);

    expect(readFileSync(document)).toEqual(original);
    expect(readFileSync(signed).subarray(0, original.length)).toEqual(original);
    const report = pdfsig(nss, signed);
    expect(report).toContain("Signature is Valid");
    expect(report).toContain("Certificate is Trusted");
    expect(report).toContain("Total document signed");
    expect(report).toContain("ETSI.CAdES.detached");
    const [signature, ...more] = extractSignatures(signed, bench.folder);
    expect(more).toEqual([]);
    expect(signature && opensslCms(signature, bench.rootPem)).toMatchObject({ status: 0 });
    expect(verify(signed)).toMatchObject({ valid: true, signatures: [{ problems: [], coversWholeFile: true }] });
    expect(run("qpdf", ["--check", signed]).stdout).toContain("No syntax or stream encoding errors found");
  });

  it("carries exactly the attributes of PAdES-B-B, and no signing-time", async () => {
    const document = bench.write("attributes.pdf", await pages(1));
    sign(document, bench.path("attributes-signed.pdf"));
    const [signature] = extractSignatures(bench.path("attributes-signed.pdf"), bench.folder);
    const printed = mustRun("openssl", ["cms", "-cmsout", "-print", "-noout", "-inform", "DER", "-in", signature?.cms ?? ""]);
    const attributes = [...printed.matchAll(/object: (\S+) \(/g)].map((match) => match[1]);
    for (const expected of ["contentType", "messageDigest", "id-smime-aa-signingCertificateV2"]) expect(attributes).toContain(expected);
    expect(attributes).not.toContain("signingTime");
    expect(printed).toContain("ecdsa-with-SHA256");
  });

  it("has a signer's certificate that openssl verify accepts", async () => {
    const exported = bench.write("leaf.pem", sceau(["token", "export", "9c", "--state", bench.folder]).stdout);
    expect(mustRun("openssl", ["verify", "-CAfile", bench.rootPem, "-untrusted", bench.issuingPem, "-purpose", "any", exported])).toContain(
      "OK",
    );
    const text = mustRun("openssl", ["x509", "-in", exported, "-noout", "-text", "-nameopt", "utf8"]);
    expect(text).toMatch(/Key Usage: critical\s+Non Repudiation\s/);
    expect(text).toContain("URI:http://127.0.0.1:8440/crl/issuing.crl");
    expect(text).toContain("OCSP - URI:http://127.0.0.1:8440/ocsp/issuing");
    expect(text).toContain(`${HOLDER.givenName} ${HOLDER.surname}`);
    expect(text).not.toMatch(/0\.4\.0\.1862|qcStatements/i);
  });

  it("stays valid under a second person's signature, which is valid too", async () => {
    const other = await Workbench.open({ authorityOf: bench });
    try {
      await other.initialise();
      await other.certify(SLOT_SIGNATURE, new Date(), { ...HOLDER, givenName: "Basile", surname: "Roy", number: "2078" });
      const document = bench.write("twice.pdf", await pages(2));
      const [once, twice] = [bench.path("once-signed.pdf"), bench.path("twice-signed.pdf")];
      sign(document, once, "--visible", "1,60,60,220,50");
      const options = ["--pin-file", other.path("pin.txt"), "--state", other.folder, "--visible", "1,60,120,220,50"];
      expect(sceau(["sign", once, "--out", twice, ...options])).toMatchObject({ status: 0 });
    } finally {
      await other.close();
    }
    const report = pdfsig(nss, bench.path("twice-signed.pdf"));
    expect(report.match(/Signature is Valid/g)).toHaveLength(2);
    expect(report.match(/Certificate is Trusted/g)).toHaveLength(2);
    for (const signature of extractSignatures(bench.path("twice-signed.pdf"), bench.folder)) {
      expect(opensslCms(signature, bench.rootPem).status).toBe(0);
    }
    const { valid, signatures } = verify(bench.path("twice-signed.pdf"));
    expect(valid).toBe(true);
    expect(signatures).toMatchObject([
      { signer: "Irène Faron", problems: [], coversWholeFile: false, changesAfter: { signatures: 1, visibleOnPages: [1], changes: [] } },
      { signer: "Basile Roy", problems: [], coversWholeFile: true },
    ]);
  });

  // pdfsig 22.12 answers «Unknown issue with Certificate» for the second signature by one and the same certificate: the second
  // CERT_PKIXVerifyCert of a process (NSS 3.87) ends in SEC_ERROR_REUSED_ISSUER_AND_SERIAL, though both carry the very same bytes.
  // Trust is left to openssl here.
  it("may be signed twice by the same person", async () => {
    const document = bench.write("again.pdf", await pages(1));
    const [once, twice] = [bench.path("again-1.pdf"), bench.path("again-2.pdf")];
    sign(document, once);
    sign(once, twice);
    expect(pdfsig(nss, twice).match(/Signature is Valid/g)).toHaveLength(2);
    for (const signature of extractSignatures(twice, bench.folder)) expect(opensslCms(signature, bench.rootPem).status).toBe(0);
    expect(verify(twice).valid).toBe(true);
  });

  it("is reported by all when one byte of the document is flipped", async () => {
    const document = bench.write("flip.pdf", await pages(2));
    const signed = bench.path("flip-signed.pdf");
    sign(document, signed);
    const text = readFileSync(signed).indexOf("stream\n") + 12;
    const altered = flip(signed, bench.path("flipped-document.pdf"), text);
    expect(pdfsig(nss, altered)).toContain("Signature Validation: Digest Mismatch.");
    const [signature] = extractSignatures(altered, bench.folder);
    expect(signature && opensslCms(signature, bench.rootPem).status).not.toBe(0);
    const outcome = sceau(["verify", altered, "--state", bench.folder, "--json"]);
    expect(outcome.status).toBe(1);
    expect(JSON.parse(outcome.stdout)).toMatchObject({ valid: false, signatures: [{ problems: ["altered"] }] });
  });

  it("is reported by all when one byte of the signature is flipped", async () => {
    const signed = bench.path("flip-signed.pdf");
    const [signature] = extractSignatures(signed, bench.folder);
    const cms = readFileSync(signature?.cms ?? "");
    // The last byte of the CMS is the last of s; two hexadecimal digits stand for each byte.
    const altered = bench.path("flipped-signature.pdf");
    const file = readFileSync(signed);
    const digit = file.indexOf("/Contents <") + "/Contents <".length + 2 * (cms.length - 1) + 1;
    const other = Number.parseInt(String.fromCharCode(file.readUInt8(digit)), 16) ^ 0x01;
    file.write(other.toString(16), digit, "latin1");
    writeFileSync(altered, file);
    expect(pdfsig(nss, altered)).not.toContain("Signature is Valid");
    const [broken] = extractSignatures(altered, bench.folder);
    expect(broken && opensslCms(broken, bench.rootPem).status).not.toBe(0);
    expect(verify(altered)).toMatchObject({ valid: false, signatures: [{ problems: ["forged"] }] });
  });
});
