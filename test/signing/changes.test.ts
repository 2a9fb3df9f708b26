// What happens to a signed document afterwards, and what `sceau verify` says of it.

import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SignatureReport } from "../../host-bridge/signing/verify-pdf.ts";
import { SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { build, catalog, onePage, page } from "../support/forged-pdfs.ts";
import { mustRun, sceau } from "../support/run.ts";
import { drawOver, fillForm, pages, withForm } from "../support/sample-pdfs.ts";
import { Workbench } from "../support/workbench.ts";

let bench: Workbench;

beforeAll(async () => {
  bench = await Workbench.open();
  await bench.initialise();
  await bench.certify(SLOT_SIGNATURE);
});

afterAll(() => bench.close());

function signed(name: string, pdf: Uint8Array): Uint8Array {
  const document = bench.write(`${name}.pdf`, pdf);
  const options = ["--pin-file", bench.path("pin.txt"), "--state", bench.folder];
  const outcome = sceau(["sign", document, "--out", bench.path(`${name}-signed.pdf`), ...options]);
  if (outcome.status !== 0) throw new Error(outcome.stderr);
  return new Uint8Array(readFileSync(bench.path(`${name}-signed.pdf`)));
}

interface Verdict {
  readonly exitCode: number | null;
  readonly valid: boolean;
  readonly signatures: readonly SignatureReport[];
  readonly text: string;
}

function verdict(pdf: Uint8Array, ...more: string[]): Verdict {
  writeFileSync(bench.path("judged.pdf"), pdf);
  const args = ["verify", bench.path("judged.pdf"), "--state", bench.folder, ...more];
  const { status, stdout } = sceau([...args, "--json"]);
  return { exitCode: status, ...JSON.parse(stdout), text: sceau(args).stdout };
}

describe("after a document was signed", () => {
  it("a change of a page is told, with the page, and the signature does not count as valid", async () => {
    const result = verdict(await drawOver(signed("over", await pages(2)), "and 10,000 more"));
    expect(result).toMatchObject({ exitCode: 1, valid: false, signatures: [{ problems: ["changed-after"], coversWholeFile: false }] });
    expect(result.signatures[0]?.changesAfter?.changes).toContainEqual({ kind: "content", where: "page 1 /Contents" });
    expect(result.text).toMatch(/NOT VALID\n\s+the document's content was changed after it was signed/);
  });

  it("a field that is filled in is told, and leaves the signature valid", async () => {
    const result = verdict(await fillForm(signed("form", await withForm()), "Paris"));
    expect(result).toMatchObject({ exitCode: 0, valid: true, signatures: [{ problems: [] }] });
    const changes = result.signatures[0]?.changesAfter?.changes ?? [];
    expect(changes.length).toBeGreaterThan(0);
    expect(new Set(changes.map((change) => change.kind))).toEqual(new Set(["form"]));
  });

  it("bytes behind the end of the file change nothing that shows; fields that each reader draws are told, and leave the signature valid", () => {
    const field = "<< /Type /Annot /Subtype /Widget /Rect [10 10 60 30] /FT /Tx /T (sum) /V (100 euros) >>";
    const form = { 1: catalog("/AcroForm << /Fields [6 0 R] /NeedAppearances true >>"), 3: page("/Annots [6 0 R]"), 6: field };
    const pdf = signed("tail", build(onePage(form)));
    const result = verdict(Buffer.concat([pdf, Buffer.from("\n\n")]));
    expect(result).toMatchObject({ exitCode: 0, valid: true, features: ["fields"] });
    expect(result.text).toContain("nothing that shows");
    expect(result.text).toMatch(/! This PDF has more in it than its pages show:\n {4}– form fields that each reader draws itself/);
  });

  it("a second signature that can be seen is told with its page", async () => {
    const once = signed("first", await pages(3));
    const document = bench.write("first-again.pdf", once);
    const options = ["--pin-file", bench.path("pin.txt"), "--state", bench.folder, "--visible", "2"];
    expect(sceau(["sign", document, "--out", bench.path("second.pdf"), ...options])).toMatchObject({ status: 0 });
    const result = verdict(new Uint8Array(readFileSync(bench.path("second.pdf"))));
    expect(result.signatures[0]?.changesAfter).toMatchObject({ signatures: 1, visibleOnPages: [2], changes: [] });
    expect(result.text).toContain("one further signature (visible on page 2)");
  });

  it("a page rewritten by another program as a whole is no longer what was signed", async () => {
    const pdf = bench.write("rewritten.pdf", signed("whole", await pages(1)));
    mustRun("qpdf", [pdf, bench.path("rewritten-by-qpdf.pdf")]);
    const result = verdict(new Uint8Array(readFileSync(bench.path("rewritten-by-qpdf.pdf"))));
    expect(result).toMatchObject({ exitCode: 1, valid: false });
  });
});

describe("a signature is not taken for valid", () => {
  it("when it covers less than the file but itself", async () => {
    const text = Buffer.from(signed("range", await pages(1))).toString("latin1");
    const range = /\/ByteRange \[0 (\d+) (\d+) (\d+) *\]/.exec(text);
    const [whole = "", first = "", second = "", third = ""] = range ?? [];
    const forged = `/ByteRange [0 ${Number(first) - 40} ${second} ${third}`.padEnd(whole.length - 1, " ");
    const result = verdict(Buffer.from(text.replace(whole, `${forged}]`), "latin1"));
    expect(result).toMatchObject({ exitCode: 1, signatures: [{ problems: ["byte-range"] }] });
  });

  it("when nobody trusts its root, and when another root is trusted", async () => {
    const pdf = signed("root", await pages(1));
    const other = await Workbench.open({ withBridge: false });
    try {
      await other.authority();
      expect(verdict(pdf, "--trust", other.rootPem)).toMatchObject({ exitCode: 1, signatures: [{ problems: ["untrusted"] }] });
      expect(verdict(pdf, "--trust", bench.rootPem)).toMatchObject({ exitCode: 0, valid: true });
    } finally {
      await other.close();
    }
  });

  it("when there is none", async () => {
    const result = verdict(await pages(1));
    expect(result).toMatchObject({ exitCode: 1, valid: false, signatures: [] });
    expect(result.text).toContain("There is no signature in this document.");
  });

  it("when its CMS is empty, or not one", async () => {
    const text = Buffer.from(signed("contents", await pages(1))).toString("latin1");
    for (const filler of ["0", "f"]) {
      const emptied = text.replace(/\/Contents <[0-9a-f]+>/, (whole) => `/Contents <${filler.repeat(whole.length - 12)}>`);
      const result = verdict(Buffer.from(emptied, "latin1"));
      expect(result).toMatchObject({ exitCode: 1, signatures: [{ problems: ["unreadable"], signer: null }] });
    }
  });
});
