// Everything that can be wrong with what one gives to `sceau sign`: a clear message, an exit code that is not 0, the input untouched, and no
// output, half-written or whole.

import { readdirSync, readFileSync, rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { build, catalog, onePage } from "../support/forged-pdfs.ts";
import { type Outcome, sceau } from "../support/run.ts";
import { certified, pages, rewritten } from "../support/sample-pdfs.ts";
import { PUK, Workbench } from "../support/workbench.ts";

let bench: Workbench;
let sound: Uint8Array;

beforeAll(async () => {
  bench = await Workbench.open();
  await bench.initialise();
  await bench.certify(SLOT_SIGNATURE);
  sound = await pages(2);
});

afterAll(() => bench.close());

function sign(document: string, ...more: string[]): Outcome {
  const options = ["--pin-file", bench.path("pin.txt"), "--state", bench.folder, ...more];
  return sceau(["sign", document, "--out", bench.path("out.pdf"), ...options]);
}

/** Refused with this exit code and message, and nothing else happened. */
function expectRefused(document: string, act: () => Outcome, exitCode: number, message: RegExp): void {
  const before = readFileSync(document);
  const files = readdirSync(bench.folder);
  const { status, stdout, stderr } = act();
  expect(stderr).toMatch(message);
  expect({ status, stdout }).toEqual({ status: exitCode, stdout: "" });
  expect(readFileSync(document)).toEqual(before);
  expect(readdirSync(bench.folder)).toEqual(files);
}

describe("sceau sign refuses", () => {
  it("what is not a PDF", () => {
    const document = bench.write("letter.pdf", "Dear Sir or Madam,\n");
    expectRefused(document, () => sign(document), 3, /not a PDF/);
  });

  it("an encrypted PDF, with an empty user password too", () => {
    for (const password of ["", "secret"]) {
      const options = ["--encrypt", password, "owner", "256", "--"];
      const document = bench.write("encrypted.pdf", rewritten(sound, "/tmp", options));
      expectRefused(document, () => sign(document), 3, /encrypted.*qpdf --decrypt/);
    }
  });

  it("a truncated PDF, wherever it was cut", () => {
    for (const part of [0.3, 0.6, 0.9, 0.99]) {
      const document = bench.write("truncated.pdf", sound.subarray(0, Math.floor(sound.length * part)));
      expectRefused(document, () => sign(document), 3, /end of this PDF is missing/);
    }
  });

  it("a PDF whose cross-references lead nowhere", () => {
    const text = Buffer.from(sound)
      .toString("latin1")
      .replace(/startxref\n\d+/, "startxref\n7");
    const document = bench.write("damaged.pdf", Buffer.from(text, "latin1"));
    expectRefused(document, () => sign(document), 3, /damaged.*qpdf/);
  });

  it("an XFA form; what else a PDF has beside its pages is told before the PIN, and signed", () => {
    const form = bench.write("form.pdf", build(onePage({ 1: catalog("/AcroForm << /Fields [] /XFA (x) >>") })));
    expectRefused(form, () => sign(form), 3, /XFA form.*Print it to PDF/);
    const scripted = bench.write("scripted.pdf", build(onePage({ 1: catalog("/OpenAction << /S /JavaScript /JS (1) >>") })));
    const wrongPin = [
      "sign",
      scripted,
      "--out",
      bench.path("scripted-signed.pdf"),
      "--pin-file",
      bench.write("wrong.txt", "1"),
      "--state",
      bench.folder,
    ];
    for (const outcome of [sceau(wrongPin), sign(scripted)])
      expect(outcome.stdout).toMatch(/more in it than its pages show[\s\S]*JavaScript/);
    expect(readdirSync(bench.folder)).toContain("out.pdf");
    rmSync(bench.path("out.pdf"));
  });

  it("a PDF whose certification forbids changes, and signs one whose certification allows signatures", async () => {
    const document = bench.write("certified.pdf", await certified(1));
    expectRefused(document, () => sign(document), 3, /certified/);
    const open = bench.write("open.pdf", await certified(2));
    expect(sign(open, "--out", bench.path("open-signed.pdf"))).toMatchObject({ status: 0 });
  });

  it("a page that the document does not have", () => {
    const document = bench.write("sound.pdf", sound);
    expectRefused(document, () => sign(document, "--visible", "3"), 3, /no such page/);
    expectRefused(document, () => sign(document, "--visible", "first"), 2, /no place for a signature/);
  });

  it("a file that is not there, and one that is a folder", () => {
    const outcome = sign(bench.path("nowhere.pdf"));
    expect(outcome).toMatchObject({ status: 2, stdout: "" });
    expect(outcome.stderr).toContain("There is no file");
    expect(sign(bench.folder)).toMatchObject({ status: 2 });
  });

  it("to write over a file that exists", () => {
    const document = bench.write("sound.pdf", sound);
    const taken = bench.write("taken.pdf", "mine");
    expectRefused(document, () => sign(document, "--out", taken), 2, /exists already/);
    expect(readFileSync(taken, "utf8")).toBe("mine");
  });

  it("to ask for a PIN where there is no terminal", () => {
    const document = bench.write("sound.pdf", sound);
    const act = () => sceau(["sign", document, "--out", bench.path("out.pdf"), "--state", bench.folder], { input: "" });
    expectRefused(document, act, 2, /PIN of Sceau \d+, to sign sound\.pdf as Irène Faron.*--pin-file/s);
  });

  it("a wrong PIN, telling the tries that are left, until it is blocked; the PUK opens it again", async () => {
    const document = bench.write("sound.pdf", sound);
    bench.write("wrong.txt", "11112222\n");
    const attempt = () => sign(document, "--pin-file", bench.path("wrong.txt"));
    expectRefused(document, attempt, 4, /Wrong PIN\. How many tries are left: sceau token info/);
    expectRefused(document, attempt, 4, /Wrong PIN; one try is left/);
    expectRefused(document, attempt, 4, /PIN is blocked.*sceau token unblock/);
    expectRefused(document, () => sign(document), 4, /PIN is blocked/);
    bench.write("puk.txt", `${PUK}\n`);
    const files = ["--puk-file", bench.path("puk.txt"), "--new-pin-file", bench.path("pin.txt")];
    expect(sceau(["token", "unblock", ...files, "--state", bench.folder])).toMatchObject({ status: 0 });
    expect(sign(document)).toMatchObject({ status: 0 });
  });

  it("a PIN of the wrong length without spending a try", async () => {
    const document = bench.write("sound.pdf", sound);
    bench.write("long.txt", "1234567890\n");
    const act = () => sign(document, "--out", bench.path("other.pdf"), "--pin-file", bench.path("long.txt"));
    expectRefused(document, act, 4, /6 to 8 digits. No try was spent/);
    const client = await bench.client();
    expect(await client.pinTriesLeft()).toBe(3);
    client.close();
  });

  it("an expired certificate, before any PIN is asked for", async () => {
    const longAgo = new Date("2020-01-01T00:00:00Z");
    const other = await Workbench.open();
    try {
      await other.initialise();
      await other.certify(SLOT_SIGNATURE, longAgo);
      const document = bench.write("sound.pdf", sound);
      const act = () => sceau(["sign", document, "--out", bench.path("late.pdf"), "--state", other.folder], { input: "" });
      expectRefused(document, act, 4, /certificate expired on Jan {2}1 00:00:00 2023/);
    } finally {
      await other.close();
    }
  });

  it("when there is no certificate, no token, no bridge", async () => {
    const other = await Workbench.open();
    const document = bench.write("sound.pdf", sound);
    const act = () =>
      sceau(["sign", document, "--out", bench.path("none.pdf"), "--state", other.folder, "--pin-file", bench.path("pin.txt")]);
    try {
      expectRefused(document, act, 4, /no certificate for signing/);
      await other.stop("sim");
      expectRefused(document, act, 4, /No token is plugged in/);
      await other.stop("bridge");
      expectRefused(document, act, 4, /bridge is not running/);
    } finally {
      await other.close();
    }
  });

  it("in French to those who speak it, and as JSON to machines", () => {
    const document = bench.write("letter.pdf", "Madame, Monsieur,\n");
    expectRefused(document, () => sign(document, "--lang", "fr"), 3, /Ce fichier n'est pas un PDF/);
    const outcome = sign(document, "--json");
    expect(outcome).toMatchObject({ status: 3, stderr: "" });
    expect(JSON.parse(outcome.stdout)).toEqual({ error: "not-a-pdf", message: "This file is not a PDF." });
  });
});
