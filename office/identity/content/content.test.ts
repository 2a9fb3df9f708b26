// S23: what is taken as evidence, and every kind of file that is dressed as something else, hides something or is made to exhaust whoever opens it.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EXE, GIF, HTML, joined, jpeg, pdf, png, pngChunk, SCRIPT, SVG, ZIP } from "../../../test/support/evidence-files.ts";
import { append, build, bytesOf, catalog, type Objects, onePage, page, stream, textOf } from "../../../test/support/forged-pdfs.ts";
import { mustRun } from "../../../test/support/run.ts";
import { pages, withForm } from "../../../test/support/sample-pdfs.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { checkContent, MAX_EVIDENCE_BYTES } from "./content.ts";
import { ContentError, type ContentRefusal } from "./content-error.ts";

const MEBIBYTE = 1024 * 1024;

async function refusalOf(bytes: Uint8Array): Promise<ContentRefusal | "taken"> {
  try {
    await checkContent(bytes);
    return "taken";
  } catch (error) {
    if (error instanceof ContentError) return error.refusal;
    throw error;
  }
}

/** As other programs write it: packed in streams, its cross-references too. */
async function throughQpdf(bytes: Uint8Array, ...options: readonly string[]): Promise<Uint8Array> {
  const [from, to] = [join(temporaryFolder(), "from.pdf"), join(temporaryFolder(), "to.pdf")];
  writeFileSync(from, bytes);
  await mustRun("qpdf", [...options, from, to]);
  return new Uint8Array(readFileSync(to));
}

const withCatalog = (more: string, objects: Objects = {}): Uint8Array => build(onePage({ 1: catalog(more), ...objects }));
const withAction = (action: string): Uint8Array => withCatalog("/OpenAction 6 0 R", { 6: action });
const flate = (data: Uint8Array, entries: string): string =>
  `<< ${entries} /Filter /FlateDecode /Length ${deflateSync(data).length} >>\nstream\n${textOf(deflateSync(data))}\nendstream`;

describe("S23 what is taken", () => {
  test("a JPEG, baseline or progressive, of one scan or of several", async () => {
    for (const frame of [0xc0, 0xc1, 0xc2]) {
      expect((await checkContent(jpeg({ frame, scans: 3 }))).mediaType).toBe("image/jpeg");
    }
  });

  test("a PNG", async () => {
    expect(await checkContent(png())).toEqual({ mediaType: "image/png", bytes: png() });
  });

  test("PDFs as several programs write them", async () => {
    const many = [pdf(), await pages(3), await pages(3, true), await withForm(), append(pdf(), { 3: page("/Rotate 90") })];
    for (const option of ["--object-streams=generate", "--linearize"]) many.push(await throughQpdf(await pages(2), option));
    many.push(withCatalog("/OpenAction [3 0 R /Fit]"), withAction("<< /S /GoTo /D [3 0 R /Fit] >>"));
    for (const bytes of many) expect((await checkContent(bytes)).mediaType).toBe("application/pdf");
  });

  test("of a JPEG the picture alone is kept: what a camera or somebody else put behind it is cut off", async () => {
    for (const behind of [ZIP, HTML, EXE, jpeg()]) {
      const { bytes } = await checkContent(joined(jpeg(), behind));
      expect(bytes).toEqual(jpeg());
    }
  });
});

describe("S23 what is something else is refused, whatever it is called", () => {
  test.each([
    ["HTML", HTML],
    ["JavaScript", SCRIPT],
    ["SVG with a script", SVG],
    ["an archive", ZIP],
    ["a program", EXE],
    ["a GIF that is a script", GIF],
    ["nothing", new Uint8Array(0)],
    ["HTML that speaks of a PDF", joined(HTML, bytesOf("%PDF-1.7\n"), pdf())],
    ["a program with a PDF behind it", joined(EXE, pdf())],
    ["an archive with a PDF behind it", joined(ZIP, pdf())],
    ["the first line of a PDF, then HTML", joined(bytesOf("%PDF-1.7\n"), HTML)],
    ["the signature of a PNG, then HTML", joined(png().subarray(0, 8), HTML)],
    ["the signature of a JPEG, then HTML", joined(jpeg().subarray(0, 4), HTML)],
  ])("%s", async (_name, bytes) => {
    expect(["type", "damaged"]).toContain(await refusalOf(bytes));
  });

  test("two files in one: an archive, a program or a page behind a PNG or a PDF", async () => {
    for (const behind of [ZIP, HTML, EXE, SCRIPT]) {
      expect(await refusalOf(joined(png(), behind))).toBe("trailing");
      expect(await refusalOf(joined(pdf(), behind))).toMatch(/trailing|damaged/);
    }
  });

  test("an archive hidden within a PDF that ends as it should", async () => {
    const hidden = textOf(pdf()).replace(/startxref\n/, () => `% ${textOf(ZIP)}\nstartxref\n`);
    expect(await refusalOf(bytesOf(hidden))).toBe("trailing");
  });
});

describe("S23 a PDF that does something", () => {
  test.each([
    ["a script when it is opened", withAction("<< /S /JavaScript /JS (app.alert\\(1\\)) >>")],
    ["a script as a stream", withAction("<< /S /JavaScript /JS 7 0 R >>")],
    ["a script by its name", withCatalog("/Names << /JavaScript << /Names [(a) 6 0 R] >> >>", { 6: "<< /S /JavaScript /JS (1) >>" })],
    ["a script whose name is written in digits", withAction("<< /S /#4a#61vaScript /#4aS (app.alert\\(1\\)) >>")],
    ["a program to launch", withAction("<< /S /Launch /F (cmd.exe) >>")],
    ["a program to launch when a page is shown", build(onePage({ 3: page("/AA << /O << /S /Launch /Win << /F (cmd.exe) >> >> >>") }))],
    ["a program to launch after something harmless", withAction("<< /S /GoTo /D [3 0 R /Fit] /Next << /S /Launch /F (cmd.exe) >> >>")],
    ["another file", withAction("<< /S /GoToR /F (other.pdf) /D [0 /Fit] >>")],
    ["a form that is sent away", withAction("<< /S /SubmitForm /F << /FS /URL /F (https://elsewhere.example) >> >>")],
    ["a file within", withCatalog("/Names << /EmbeddedFiles << /Names [(a.exe) 6 0 R] >> >>", { 6: "<< /Type /Filespec /F (a.exe) >>" })],
    [
      "a file that is attached to a page",
      build(onePage({ 3: page("/Annots [6 0 R]"), 6: "<< /Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] >>" })),
    ],
    ["a film", build(onePage({ 3: page("/Annots [6 0 R]"), 6: "<< /Type /Annot /Subtype /RichMedia /Rect [0 0 9 9] >>" }))],
    ["a form of XML", withCatalog("/AcroForm << /Fields [] /XFA 6 0 R >>", { 6: stream("<xdp/>") })],
    ["a script that nothing leads to", build(onePage({ 6: "<< /S /JavaScript /JS (app.alert\\(1\\)) >>" }))],
    ["a script in an update", append(pdf(), { 1: catalog("/OpenAction << /S /JavaScript /JS (1) >>") })],
  ])("%s", async (_name, bytes) => {
    expect(await refusalOf(bytes)).toBe("active");
  });

  test("the same when all of it is packed in streams", async () => {
    const scripted = withAction("<< /S /JavaScript /JS (app.alert\\(1\\)) >>");
    const packed = await throughQpdf(scripted, "--object-streams=generate");
    expect(textOf(packed)).not.toContain("JavaScript");
    expect(await refusalOf(packed)).toBe("active");
  });

  test("packed in streams that do not say so: no reader's way to it is left open", async () => {
    const packed = await throughQpdf(withAction("<< /S /JavaScript /JS (app.alert\\(1\\)) >>"), "--object-streams=generate");
    expect(textOf(packed)).toContain("/ObjStm");
    expect(await refusalOf(bytesOf(textOf(packed).replaceAll("/ObjStm", "/ObjStn")))).not.toBe("taken");
  });

  test("one with a password", async () => {
    expect(await refusalOf(await throughQpdf(await pages(1), "--encrypt", "", "owner", "256", "--"))).toBe("encrypted");
    expect(await refusalOf(await throughQpdf(await pages(1), "--encrypt", "user", "owner", "256", "--"))).toBe("encrypted");
  });
});

describe("S23 what is cut off or broken", () => {
  test("every cut of a JPEG, of a PNG, of a PDF", async () => {
    const files = [jpeg({ width: 320, height: 320 }), png({ width: 300, height: 300 }), pdf()];
    const cut = fc.tuple(fc.nat(files.length - 1), fc.double({ min: 0, max: 0.999, noNaN: true }));
    await fc.assert(
      fc.asyncProperty(cut, async ([which, share]) => {
        const bytes = files[which] ?? new Uint8Array(0);
        const length = Math.floor((bytes.length - 8) * share); // the last bytes of a PDF are %%EOF: without them it is cut, too
        expect(["type", "damaged"]).toContain(await refusalOf(bytes.subarray(0, length)));
      }),
      { numRuns: 200 },
    );
  });

  test("a JPEG whose picture is missing, with its end put back", async () => {
    expect(await refusalOf(jpeg({ width: 4000, height: 3000, codedBytes: 20 }))).toBe("damaged");
  });

  test("any changed bit of a PNG", async () => {
    const bytes = png({ width: 300, height: 300 });
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(7), async (at, bit) => {
        const changed = Uint8Array.from(bytes, (byte, index) => (index === at ? byte ^ (1 << bit) : byte));
        expect(await refusalOf(changed)).not.toBe("taken");
      }),
      { numRuns: 100 },
    );
  });

  test("JPEGs that no viewer shows: arithmetic, lossless, with a second frame", async () => {
    for (const frame of [0xc3, 0xc9, 0xcb]) expect(await refusalOf(jpeg({ frame }))).toBe("damaged");
  });

  test("a PDF whose cross-references lead nowhere", async () => {
    expect(await refusalOf(bytesOf(textOf(pdf()).replace(/startxref\n\d+/, "startxref\n7")))).toBe("damaged");
  });

  test("bytes at random, with any of the three signatures, are refused and never crash it", async () => {
    const heads = [png().subarray(0, 8), jpeg().subarray(0, 20), bytesOf("%PDF-1.7\n"), new Uint8Array(0)];
    await fc.assert(
      fc.asyncProperty(fc.nat(3), fc.uint8Array({ maxLength: 400 }), async (head, rest) => {
        expect(await refusalOf(joined(heads[head] ?? new Uint8Array(0), rest))).not.toBe("taken");
      }),
      { numRuns: 300 },
    );
  });
});

describe("S23 what would exhaust whoever opens it", () => {
  const zeros = new Uint8Array(200 * MEBIBYTE);

  test("a PNG that says it is small and unpacks to 200 MB", async () => {
    expect(await refusalOf(png({ lines: zeros }))).toBe("too-large");
  });

  test("a PNG or JPEG of 60,000 × 60,000", async () => {
    expect(await refusalOf(png({ width: 60_000, height: 60_000, lines: new Uint8Array(10) }))).toBe("dimensions");
    expect(await refusalOf(jpeg({ width: 60_000, height: 60_000, codedBytes: 10 }))).toBe("dimensions");
  });

  test("a PNG with a colour profile that unpacks to 200 MB", async () => {
    const profile = pngChunk("iCCP", joined(bytesOf("a\0\0"), deflateSync(zeros)));
    expect(await refusalOf(png({ extra: [profile] }))).toBe("too-large");
  });

  test("a PNG of several pictures in turn", async () => {
    expect(await refusalOf(png({ extra: [pngChunk("acTL", Uint8Array.of(0, 0, 0, 2, 0, 0, 0, 0))] }))).toBe("active");
  });

  test("a JPEG of a thousand scans", async () => {
    expect(await refusalOf(jpeg({ frame: 0xc2, scans: 1000, width: 300, height: 300 }))).toBe("too-large");
  });

  test("a picture with less than can be read", async () => {
    expect(await refusalOf(png({ width: 640, height: 100 }))).toBe("dimensions");
    expect(await refusalOf(jpeg({ width: 64, height: 64 }))).toBe("dimensions");
  });

  test("a PDF with a page that unpacks to 200 MB, and one whose objects do", async () => {
    expect(await refusalOf(build(onePage({ 4: flate(zeros, "") })))).toBe("too-large");
    expect(await refusalOf(build(onePage({ 6: flate(zeros, "/Type /ObjStm /N 1 /First 4") })))).toBe("too-large");
  });

  test("a PDF that is packed twice, or in a way whose length can't be told beforehand", async () => {
    const inner = deflateSync(zeros);
    const twice = deflateSync(inner);
    const filters = [
      "[/FlateDecode /FlateDecode]",
      "[/ASCIIHexDecode /FlateDecode]",
      "/LZWDecode",
      "/RunLengthDecode",
      "6 0 R",
      "/L#5aWDecode",
    ];
    for (const filter of filters) {
      const objects = { 4: stream(textOf(twice), `/Filter ${filter}`), 6: "/FlateDecode" };
      expect(await refusalOf(build(onePage(objects))), filter).toBe("damaged");
    }
  });

  test("a PDF with a picture of 60,000 × 60,000, or of 21 pages", async () => {
    const image = stream("x", "/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /BitsPerComponent 1 /ColorSpace /DeviceGray");
    const shown = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 300] /Resources << /XObject << /I 6 0 R >> >> /Contents 4 0 R >>";
    expect(await refusalOf(build(onePage({ 3: shown, 6: image })))).toBe("dimensions");
    expect(await refusalOf(await pages(21))).toBe("too-large");
    expect(await refusalOf(await pages(20))).toBe("taken");
  });

  test("a PDF with brackets a hundred thousand deep", async () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    expect(await refusalOf(withCatalog("/Deep 6 0 R", { 6: deep }))).not.toBe("taken");
  });

  test("a PDF of a million beginnings of streams, and of a million beginnings of objects", async () => {
    const much = bytesOf("%PDF-1.7\n1 0 obj <<>> stream\n");
    for (const again of ["stream\n", "obj <</Filter/FlateDecode>>stream\n", "1 0 obj ", "<<", "#41"]) {
      const middle = bytesOf(again.repeat(Math.floor((9 * MEBIBYTE) / again.length)));
      const began = Date.now();
      expect(await refusalOf(joined(much, middle, bytesOf("\nstartxref\n9\n%%EOF\n")))).not.toBe("taken");
      expect(Date.now() - began, again).toBeLessThan(10_000);
    }
  });

  test("more than 10 MB", async () => {
    expect(await refusalOf(joined(jpeg(), new Uint8Array(MAX_EVIDENCE_BYTES)))).toBe("too-large");
  });
});
