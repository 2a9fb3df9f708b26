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

describe("S23 what a picture says beside itself is not kept", () => {
  const latin = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));
  /** Device, place and a small picture, as telephones write them; which side is up comes after the device. */
  function exif(isLittle: boolean, orientation: number): Uint8Array {
    const tiff = Buffer.alloc(200);
    const [u16, u32] = isLittle
      ? [(v: number, at: number) => tiff.writeUInt16LE(v, at), (v: number, at: number) => tiff.writeUInt32LE(v, at)]
      : [(v: number, at: number) => tiff.writeUInt16BE(v, at), (v: number, at: number) => tiff.writeUInt32BE(v, at)];
    tiff.write(isLittle ? "II" : "MM", "latin1");
    u16(42, 2);
    u32(8, 4);
    u16(3, 8);
    for (const [index, [tag, type, count, value]] of [
      [0x010f, 2, 12, 80],
      [0x0112, 3, 1, orientation],
      [0x8825, 4, 1, 100],
    ].entries()) {
      const at = 10 + 12 * index;
      u16(tag ?? 0, at);
      u16(type ?? 0, at + 2);
      u32(count ?? 0, at + 4);
      if (type === 3) u16(value ?? 0, at + 8);
      else u32(value ?? 0, at + 8);
    }
    tiff.write("FairPhone 5\0", 80, "latin1");
    tiff.write("GPS 48.85 N 2.35 E", 100, "latin1");
    return new Uint8Array(tiff);
  }
  const TOLD = ["FairPhone", "GPS", "Paris", "2.35", "MPF", "by Zoe", "thumb"];
  const app = (marker: number, data: Uint8Array): Uint8Array =>
    joined(Uint8Array.of(0xff, marker, (data.length + 2) >> 8, (data.length + 2) & 0xff), data);

  /** Each segment before the coded data: marker and data. */
  function segmentsOf(bytes: Uint8Array): (readonly [number, Uint8Array])[] {
    const found: (readonly [number, Uint8Array])[] = [];
    for (let at = 2; bytes[at + 1] !== 0xd9 && at < bytes.length; ) {
      const end = at + 2 + ((bytes[at + 2] ?? 0) << 8) + (bytes[at + 3] ?? 0);
      found.push([bytes[at + 1] ?? 0, bytes.subarray(at + 4, end)]);
      if (bytes[at + 1] === 0xda) return found;
      at = end;
    }
    return found;
  }
  /** Every tag of every directory, as exiftool lists them; not by our own reader. */
  function tagsOf(tiff: Uint8Array): Record<string, number> {
    const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
    const isLittle = view.getUint8(0) === 0x49;
    const tags: Record<string, number> = {};
    for (let at = view.getUint32(4, isLittle); at !== 0; ) {
      const count = view.getUint16(at, isLittle);
      for (let i = 0; i < count; i++)
        tags[view.getUint16(at + 2 + 12 * i, isLittle).toString(16)] = view.getUint16(at + 10 + 12 * i, isLittle);
      at = view.getUint32(at + 2 + 12 * count, isLittle);
    }
    return tags;
  }

  test.each([
    ["of a telephone on its side", true, 6],
    ["of a camera upside down", false, 3],
    ["upright", false, 1],
    ["with an orientation that there is not", true, 77],
  ])(
    "a JPEG %s: device, place, small picture and comments go, the picture's bytes stay, and so does which side is up",
    async (_name, isLittle, orientation) => {
      const plain = jpeg();
      const jfif = segmentsOf(plain)[0]?.[1] ?? new Uint8Array(0);
      const withThumbnail = joined(jfif.subarray(0, 12), Uint8Array.of(1, 2), latin("thumb!"));
      const profile = latin("ICC_PROFILE\0\u0001\u0001a profile of colours");
      const said = joined(
        plain.subarray(0, 2),
        app(0xe0, withThumbnail),
        app(0xe1, joined(latin("Exif\0\0"), exif(isLittle, orientation))),
        app(0xe1, latin("http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>taken in Paris</x:xmpmeta>")),
        app(0xe2, latin("MPF\0 another picture")),
        app(0xe2, profile),
        app(0xed, latin("Photoshop 3.0\0 by Zoe")),
        app(0xfe, latin("taken in Paris")),
        app(0xf7, latin("by Zoe")),
        plain.subarray(4 + jfif.length + 2),
      );
      for (const word of TOLD) expect(textOf(said)).toContain(word);
      const { bytes } = await checkContent(said);
      for (const word of TOLD) expect(textOf(bytes)).not.toContain(word);
      const segments = segmentsOf(bytes);
      const isTurned = orientation === 6 || orientation === 3;
      expect(segments.map(([marker]) => marker)).toEqual([0xe0, ...(isTurned ? [0xe1] : []), 0xe2, 0xdb, 0xc0, 0xc4, 0xc4, 0xda]);
      expect(segments[0]?.[1]).toEqual(jfif);
      if (isTurned) expect(tagsOf((segments[1]?.[1] ?? new Uint8Array(0)).slice(6))).toEqual({ "112": orientation });
      expect(textOf(bytes)).toContain("a profile of colours");
      // From the first table on, byte for byte.
      const picture = (of: Uint8Array): string => textOf(of).slice(textOf(of).indexOf("\u00ff\u00db"));
      expect(picture(bytes)).toBe(picture(plain));
      expect((await checkContent(bytes)).bytes).toEqual(bytes);
    },
  );

  test("a PNG: texts, times, EXIF and unknown chunks go, the picture's bytes and colours stay, and so does which side is up", async () => {
    const colours = pngChunk("gAMA", Uint8Array.of(0, 0, 0xb1, 0x8f));
    const said = png({
      extra: [
        colours,
        pngChunk("tEXt", latin("Author\0by Zoe")),
        pngChunk("iTXt", latin("XML:com.adobe.xmp\0\0\0\0\0taken in Paris")),
        pngChunk("zTXt", joined(latin("Comment\0\0"), deflateSync(latin("taken in Paris")))),
        pngChunk("tIME", Uint8Array.of(7, 234, 11, 22, 18, 0, 0)),
        pngChunk("eXIf", exif(false, 8)),
        pngChunk("prVt", latin("FairPhone")),
      ],
    });
    const { bytes } = await checkContent(said);
    for (const word of TOLD) expect(textOf(bytes)).not.toContain(word);
    const types = [...textOf(bytes).matchAll(/IHDR|gAMA|eXIf|tEXt|iTXt|zTXt|tIME|prVt|IDAT|IEND/g)].map(([type]) => type);
    expect(types).toEqual(["IHDR", "eXIf", "gAMA", "IDAT", "IEND"]);
    const at = textOf(bytes).indexOf("eXIf");
    expect(tagsOf(bytes.slice(at + 4, at + 30))).toEqual({ "112": 8 });
    const picture = (of: Uint8Array): string => textOf(of).slice(textOf(of).indexOf("IDAT"));
    expect(picture(bytes)).toBe(picture(png()));
    expect((await checkContent(bytes)).bytes).toEqual(bytes);
    expect((await checkContent(png({ extra: [colours] }))).bytes).toEqual(png({ extra: [colours] }));
  });

  test("an EXIF that leads nowhere, or round and round, says nothing", async () => {
    const whole = exif(true, 6);
    const lead = (at: number) => Uint8Array.from(whole, (byte, index) => (index === 4 ? at : index > 4 && index < 8 ? 0 : byte));
    const exifs = [
      new Uint8Array(0),
      latin("II"),
      whole.subarray(0, 9),
      lead(199),
      lead(0xff),
      Uint8Array.from(whole, () => 0xff),
      whole.subarray(0, 30),
    ];
    for (const data of exifs) {
      const said = joined(jpeg().subarray(0, 2), app(0xe1, joined(latin("Exif\0\0"), data)), jpeg().subarray(2));
      expect((await checkContent(said)).bytes).toEqual(jpeg());
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
