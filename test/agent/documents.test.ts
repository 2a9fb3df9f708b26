// The agent's addresses of documents, asked as a browser asks: which files are taken, kept, shown and forgotten, and which are refused, with which words.

import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { KEEP_MINUTES, MAX_FILE_BYTES, MAX_FILES } from "../../host-bridge/agent/documents/limits.ts";
import { type AgentAnswer, ask } from "../support/agent-bench.ts";
import { DocumentBench, type Upload } from "../support/document-bench.ts";
import { certified, pages, rewritten } from "../support/sample-pdfs.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const folder = temporaryFolder();
const MINUTE_MS = 60_000;
const ORDER = { reason: "", page: "last", corner: "bottom-right" };

let bench: DocumentBench;
let onePage: Uint8Array;
let aheadMs = 0;

beforeAll(async () => {
  onePage = await pages(1);
});

beforeEach(async () => {
  aheadMs = 0;
  bench = await DocumentBench.start({ clock: { now: () => new Date(Date.now() + aheadMs) } });
});
afterEach(async () => bench.close());

const pdf = (name: string, bytes = onePage): Upload => ({ name, bytes });

describe("a file is not taken, and the page says what to do:", () => {
  const textOf = async (bytes: Uint8Array): Promise<AgentAnswer> => bench.visitor.get(await bench.give(pdf("Contrat.pdf", bytes)));

  test.each([
    ["no PDF", async () => new TextEncoder().encode("PK\u0003\u0004 a text"), "Exportez-le d&#39;abord en PDF"],
    ["an empty one", async () => new Uint8Array(0), "Ce fichier est vide"],
    ["one cut short", async () => onePage.subarray(0, onePage.length - 200), "La fin de ce PDF manque"],
    [
      "one with a password",
      async () => rewritten(onePage, folder, ["--encrypt", "secret", "owner", "256", "--"]),
      "protégé par un mot de passe",
    ],
    [
      "one whose structure is broken",
      async () =>
        Buffer.from(
          Buffer.from(onePage)
            .toString("latin1")
            .replace(/startxref\s+\d+/, "startxref\n7"),
          "latin1",
        ),
      "endommagée",
    ],
  ])("%s", async (_name, make, words) => {
    const answer = await textOf(await make());
    expect(answer.status).toBe(422);
    expect(answer.body).toContain(words);
    expect(answer.body).toContain("Contrat.pdf");
  });

  test("one that is too big, without being kept", async () => {
    const answer = await textOf(new Uint8Array(MAX_FILE_BYTES + 1).fill(0x20));
    expect(answer.status).toBe(422);
    expect(answer.body).toContain("50 Mo au plus");
  });

  test("a name from elsewhere is text, and nothing else", async () => {
    const answer = await bench.visitor.get(await bench.give(pdf("<script>alert(1)</script>.pdf")));
    expect(answer.body).not.toContain("<script>alert");
    expect(answer.title).toBe("script_.pdf"); // behind the last slash
  });

  test("one refused among others: the others are there", async () => {
    const answer = await bench.visitor.get(await bench.give(pdf("a.pdf"), pdf("b.pdf", new Uint8Array([1])), pdf("c.pdf")));
    expect(answer.status).toBe(200);
    expect(answer.title).toBe("2 documents");
    expect(answer.body).toContain("Fichiers qui n'ont pas été pris".replace("'", "&#39;"));
    expect(answer.body).toContain("<strong><bdi>b.pdf</bdi></strong>");
  });

  test("a certified one is shown, but can't be signed", async () => {
    const path = await bench.give(pdf("a.pdf", await certified(1)));
    const answer = await bench.visitor.get(path);
    expect(answer.status).toBe(200);
    expect(answer.body).toContain("n&#39;admet plus aucun changement");
    expect(answer.body).not.toContain("/order");
    expect((await bench.visitor.get(`${path}/sign`)).status).toBe(409);
  });
});

describe("a form with files", () => {
  test("without any says so", async () => {
    const answer = await bench.upload([]);
    expect([answer.status, answer.body.includes("Aucun fichier n&#39;a été choisi")]).toEqual([422, true]);
    expect((await bench.upload([{ name: "", bytes: new Uint8Array(0) }])).status).toBe(422);
  });

  test(`with ${MAX_FILES} is taken, with one more it is not`, async () => {
    const files = Array.from({ length: MAX_FILES + 1 }, (_, index) => pdf(`${index}.pdf`));
    expect((await bench.upload(files.slice(1))).status).toBe(303);
    const answer = await bench.upload(files);
    expect([answer.status, answer.body.includes("trop de fichiers")]).toEqual([413, true]);
  });

  test("of another site, or without the form's token, is refused before a file is read", async () => {
    expect((await bench.upload([pdf("a.pdf")], "another")).status).toBe(403);
    const answer = await ask(
      bench.visitor.address,
      "POST",
      "/documents",
      { origin: "https://elsewhere.example", "content-type": "multipart/form-data; boundary=x" },
      "x",
    );
    expect(answer.status).toBe(403);
    expect((await bench.visitor.get("/")).body).not.toContain("/documents/");
  });

  test.each([
    ["no boundary", "multipart/form-data"],
    ["a boundary with a space", "multipart/form-data; boundary=a b"],
  ])("with %s is refused as a form", async (_name, type) => {
    expect((await bench.postForm(bench.visitor.formToken, { "content-type": type }, "--a b\r\n")).status).toBe(422);
  });

  test("of which the names have accents keeps them", async () => {
    expect((await bench.visitor.get(await bench.give(pdf("Été à Besançon.pdf")))).title).toBe("Été à Besançon.pdf");
  });
});

describe("documents", () => {
  test(`are forgotten after ${KEEP_MINUTES} minutes without use`, async () => {
    const path = await bench.give(pdf("a.pdf"));
    aheadMs += (KEEP_MINUTES - 1) * MINUTE_MS;
    expect((await bench.visitor.get(path)).status).toBe(200);
    aheadMs += (KEEP_MINUTES + 1) * MINUTE_MS;
    const answer = await bench.visitor.get(path);
    expect([answer.status, answer.body.includes("Déposez-les à nouveau")]).toEqual([404, true]);
    expect((await bench.visitor.get(`${path}/0/file`)).status).toBe(404);
  });

  test("are forgotten on request, with every address of theirs", async () => {
    const path = await bench.give(pdf("a.pdf"));
    expect((await bench.visitor.get("/")).body).toContain(path);
    const answer = await bench.visitor.submit(`${path}/forget`, {});
    expect(answer.body).toContain("Les documents sont oubliés");
    for (const each of ["", "/0/file", "/0/signed", "/archive", "/sign", "/signed"])
      expect((await bench.visitor.get(path + each)).status).toBe(404);
  });

  test("have no address that another site may load", async () => {
    const path = await bench.give(pdf("a.pdf"));
    const foreign = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" };
    for (const each of ["", "/0/file"]) expect((await bench.visitor.get(path + each, foreign)).status).toBe(403);
  });

  test("are sent to be neither kept nor sniffed", async () => {
    const { headers } = await bench.visitor.get(`${await bench.give(pdf("a.pdf"))}/0/file`);
    expect(headers).toMatchObject({ "content-type": "application/pdf", "cache-control": "no-store", "x-content-type-options": "nosniff" });
  });

  test("that are not there, or not signed, have no file", async () => {
    const path = await bench.give(pdf("a.pdf"));
    for (const each of ["/0/signed", "/archive", "/1/file", "/x/file", "/-1/file"])
      expect((await bench.visitor.get(path + each)).status).toBe(404);
    expect((await bench.visitor.get("/documents/short")).status).toBe(404);
  });
});

describe("pdf.js", () => {
  test("runs under policies that let neither eval nor WebAssembly nor any other site in", async () => {
    const page = await bench.visitor.get(await bench.give(pdf("a.pdf")));
    const base = /data-pdfjs="([^"]+)"/.exec(page.body)?.[1] ?? "";
    for (const { headers } of [page, await bench.visitor.get(`${base}build/pdf.worker.min.mjs`)]) {
      const policy = String(headers["content-security-policy"]);
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe|https?:|\*/);
    }
  });

  test.each([
    "../package.json",
    "..%2fpackage.json",
    "build/pdf.sandbox.mjs",
    "package.json",
    "web/pdf_viewer.mjs",
    "cmaps/",
    "cmaps/..",
    "cmaps/nothing.bcmap",
    "wasm/jbig2.wasm",
  ])("gives nothing else of its folder: %s", async (file) => {
    const page = await bench.visitor.get(await bench.give(pdf("a.pdf")));
    const base = /data-pdfjs="([^"]+)"/.exec(page.body)?.[1] ?? "";
    expect((await bench.visitor.get(`${base}build/pdf.min.mjs`)).status).toBe(200);
    expect((await bench.visitor.get(base + file)).status).toBe(404);
  });
});

describe("the order", () => {
  test("with a reason that is too long, or of several lines, comes back", async () => {
    const path = await bench.give(pdf("a.pdf"));
    for (const reason of ["x".repeat(121), "a\nb"]) {
      const answer = await bench.visitor.post(`${path}/order`, { ...ORDER, reason });
      expect([answer.status, answer.body.includes("120 caractères au plus")]).toEqual([422, true]);
    }
  });

  test.each([{ page: "0" }, { page: "middle" }, { corner: "middle" }])("that no form of ours sends is refused: %j", async (fields) => {
    const path = await bench.give(pdf("a.pdf"));
    expect((await bench.visitor.post(`${path}/order`, { ...ORDER, ...fields })).status).toBe(422);
  });

  test("stays when one goes back", async () => {
    const path = await bench.give(pdf("a.pdf", await pages(5)));
    await bench.visitor.post(`${path}/order`, { reason: "Lu et approuvé", page: "3", corner: "top-left" });
    const { body } = await bench.visitor.get(path);
    expect(body).toContain('value="Lu et approuvé"');
    expect(body).toContain('<option value="3" selected>');
    expect(body).toContain('value="top-left" required checked');
  });
});
