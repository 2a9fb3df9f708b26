// The agent's addresses of documents, asked as a browser asks: what is taken and what is refused, with which words; the PIN and its tries; what happens in
// the middle of several documents.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PDFDocument } from "@cantoo/pdf-lib";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { KEEP_MINUTES, MAX_FILE_BYTES, MAX_FILES } from "../../host-bridge/agent/documents/limits.ts";
import { signPdf } from "../../host-bridge/signing/sign-pdf.ts";
import { findSigningKey, TokenSigner } from "../../host-bridge/signing/token-signer.ts";
import { INS_GENERAL_AUTHENTICATE } from "../../protocol/piv.ts";
import { type AgentAnswer, AgentBench, type AgentVisitor, ask } from "../support/agent-bench.ts";
import { type CertifiedToken, certifiedToken } from "../support/certified-token.ts";
import { mustRun } from "../support/run.ts";
import { certified, drawOver, pages, rewritten } from "../support/sample-pdfs.ts";
import { PIN, SimulatedToken, WRONG_PIN } from "../support/simulated-token.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const folder = temporaryFolder();
const MINUTE_MS = 60_000;
const BOUNDARY = "----the-boundary";

interface Upload {
  readonly name: string;
  readonly bytes: Uint8Array;
}

let bench: AgentBench;
let visitor: AgentVisitor;
let onePage: Uint8Array;
let aheadMs = 0;

beforeAll(async () => {
  onePage = await pages(1);
});

beforeEach(async () => {
  aheadMs = 0;
  bench = await AgentBench.start({ clock: { now: () => new Date(Date.now() + aheadMs) } });
  visitor = bench.visitor();
  visitor.formToken = /\?csrf=([^"&]+)/.exec((await visitor.get("/")).body)?.[1] ?? ""; // a form with files has it in its address
});
afterEach(async () => bench.close());

function multipart(files: readonly Upload[]): Uint8Array {
  const parts = files.flatMap(({ name, bytes }) => [
    Buffer.from(
      `--${BOUNDARY}\r\ncontent-disposition: form-data; name="files"; filename="${name}"\r\ncontent-type: application/pdf\r\n\r\n`,
    ),
    Buffer.from(bytes),
    Buffer.from("\r\n"),
  ]);
  return Buffer.concat([...parts, Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

/** What a browser sends with the form of the start page. */
function upload(files: readonly Upload[], csrf = visitor.formToken): Promise<AgentAnswer> {
  const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const body = multipart(files);
  const headers = {
    origin: visitor.address,
    cookie,
    "accept-language": visitor.language,
    "content-type": `multipart/form-data; boundary=${BOUNDARY}`,
    "content-length": String(body.length),
  };
  return ask(visitor.address, "POST", `/documents?${new URLSearchParams({ csrf })}`, headers, body);
}

/** @returns the path of the documents */
async function give(...files: readonly Upload[]): Promise<string> {
  const { location, title } = await upload(files);
  if (location === null) throw new Error(title);
  return location;
}

const pdf = (name: string, bytes = onePage): Upload => ({ name, bytes });
const ORDER = { reason: "", page: "last", corner: "bottom-right" };

/** @returns the page on which the PIN is typed */
async function order(path: string, fields: Readonly<Record<string, string>> = {}): Promise<AgentAnswer> {
  return visitor.submit(`${path}/order`, { ...ORDER, ...fields });
}

const consent = (path: string, serial: string | number, pin: string): Promise<AgentAnswer> =>
  visitor.submit(`${path}/sign`, { token: String(serial), pin });

async function plugIn(serial = 40_718_225): Promise<CertifiedToken & { readonly unplug: () => Promise<void> }> {
  const holder = await certifiedToken({ serial });
  const plug = await bench.plugIn(holder.token);
  return { ...holder, unplug: () => plug.close() };
}

describe("a file is not taken, and the page says what to do:", () => {
  const textOf = async (bytes: Uint8Array): Promise<AgentAnswer> => visitor.get(await give(pdf("Contrat.pdf", bytes)));

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
    const answer = await visitor.get(await give(pdf("<script>alert(1)</script>.pdf")));
    expect(answer.body).not.toContain("<script>alert");
    expect(answer.title).toBe("script_.pdf"); // behind the last slash
  });

  test("one refused among others: the others are there", async () => {
    const answer = await visitor.get(await give(pdf("a.pdf"), pdf("b.pdf", new Uint8Array([1])), pdf("c.pdf")));
    expect(answer.status).toBe(200);
    expect(answer.title).toBe("2 documents");
    expect(answer.body).toContain("Fichiers qui n'ont pas été pris".replace("'", "&#39;"));
    expect(answer.body).toContain("<strong>b.pdf</strong>");
  });

  test("a certified one is shown, but can't be signed", async () => {
    const path = await give(pdf("a.pdf", await certified(1)));
    const answer = await visitor.get(path);
    expect(answer.status).toBe(200);
    expect(answer.body).toContain("n&#39;admet plus aucun changement");
    expect(answer.body).not.toContain("/order");
    expect((await visitor.get(`${path}/sign`)).status).toBe(409);
  });
});

describe("a form with files", () => {
  test("without any says so", async () => {
    const answer = await upload([]);
    expect([answer.status, answer.body.includes("Aucun fichier n&#39;a été choisi")]).toEqual([422, true]);
    expect((await upload([{ name: "", bytes: new Uint8Array(0) }])).status).toBe(422);
  });

  test(`with ${MAX_FILES} is taken, with one more it is not`, async () => {
    const files = Array.from({ length: MAX_FILES + 1 }, (_, index) => pdf(`${index}.pdf`));
    expect((await upload(files.slice(1))).status).toBe(303);
    const answer = await upload(files);
    expect([answer.status, answer.body.includes("trop de fichiers")]).toEqual([413, true]);
  });

  test("of another site, or without the form's token, is refused before a file is read", async () => {
    expect((await upload([pdf("a.pdf")], "another")).status).toBe(403);
    const answer = await ask(
      visitor.address,
      "POST",
      "/documents",
      { origin: "https://elsewhere.example", "content-type": "multipart/form-data; boundary=x" },
      "x",
    );
    expect(answer.status).toBe(403);
    expect((await visitor.get("/")).body).not.toContain("/documents/");
  });

  test.each([
    ["no boundary", "multipart/form-data"],
    ["a boundary with a space", "multipart/form-data; boundary=a b"],
  ])("with %s is refused as a form", async (_name, type) => {
    const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { origin: visitor.address, cookie, "content-type": type };
    expect((await ask(visitor.address, "POST", `/documents?csrf=${visitor.formToken}`, headers, "--a b\r\n")).status).toBe(422);
  });

  test("of which the names have accents keeps them", async () => {
    expect((await visitor.get(await give(pdf("Été à Besançon.pdf")))).title).toBe("Été à Besançon.pdf");
  });
});

describe("documents", () => {
  test(`are forgotten after ${KEEP_MINUTES} minutes without use`, async () => {
    const path = await give(pdf("a.pdf"));
    aheadMs += (KEEP_MINUTES - 1) * MINUTE_MS;
    expect((await visitor.get(path)).status).toBe(200);
    aheadMs += (KEEP_MINUTES + 1) * MINUTE_MS;
    const answer = await visitor.get(path);
    expect([answer.status, answer.body.includes("Déposez-les à nouveau")]).toEqual([404, true]);
    expect((await visitor.get(`${path}/0/file`)).status).toBe(404);
  });

  test("are forgotten on request, with every address of theirs", async () => {
    const path = await give(pdf("a.pdf"));
    expect((await visitor.get("/")).body).toContain(path);
    const answer = await visitor.submit(`${path}/forget`, {});
    expect(answer.body).toContain("Les documents sont oubliés");
    for (const each of ["", "/0/file", "/0/signed", "/archive", "/sign", "/signed"])
      expect((await visitor.get(path + each)).status).toBe(404);
  });

  test("have no address that another site may load", async () => {
    const path = await give(pdf("a.pdf"));
    const foreign = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" };
    for (const each of ["", "/0/file"]) expect((await visitor.get(path + each, foreign)).status).toBe(403);
  });

  test("are sent to be neither kept nor sniffed", async () => {
    const { headers } = await visitor.get(`${await give(pdf("a.pdf"))}/0/file`);
    expect(headers).toMatchObject({ "content-type": "application/pdf", "cache-control": "no-store", "x-content-type-options": "nosniff" });
  });

  test("that are not there, or not signed, have no file", async () => {
    const path = await give(pdf("a.pdf"));
    for (const each of ["/0/signed", "/archive", "/1/file", "/x/file", "/-1/file"])
      expect((await visitor.get(path + each)).status).toBe(404);
    expect((await visitor.get("/documents/short")).status).toBe(404);
  });
});

describe("pdf.js", () => {
  test("runs under policies that let neither eval nor WebAssembly nor any other site in", async () => {
    const page = await visitor.get(await give(pdf("a.pdf")));
    const base = /data-pdfjs="([^"]+)"/.exec(page.body)?.[1] ?? "";
    for (const { headers } of [page, await visitor.get(`${base}build/pdf.worker.min.mjs`)]) {
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
    const page = await visitor.get(await give(pdf("a.pdf")));
    const base = /data-pdfjs="([^"]+)"/.exec(page.body)?.[1] ?? "";
    expect((await visitor.get(`${base}build/pdf.min.mjs`)).status).toBe(200);
    expect((await visitor.get(base + file)).status).toBe(404);
  });
});

describe("the order", () => {
  test("with a reason that is too long, or of several lines, comes back", async () => {
    const path = await give(pdf("a.pdf"));
    for (const reason of ["x".repeat(121), "a\nb"]) {
      const answer = await visitor.post(`${path}/order`, { ...ORDER, reason });
      expect([answer.status, answer.body.includes("120 caractères au plus")]).toEqual([422, true]);
    }
  });

  test.each([{ page: "0" }, { page: "middle" }, { corner: "middle" }])("that no form of ours sends is refused: %j", async (fields) => {
    const path = await give(pdf("a.pdf"));
    expect((await visitor.post(`${path}/order`, { ...ORDER, ...fields })).status).toBe(422);
  });

  test("stays when one goes back", async () => {
    const path = await give(pdf("a.pdf", await pages(5)));
    await visitor.post(`${path}/order`, { reason: "Lu et approuvé", page: "3", corner: "top-left" });
    const { body } = await visitor.get(path);
    expect(body).toContain('value="Lu et approuvé"');
    expect(body).toContain('<option value="3" selected>');
    expect(body).toContain('value="top-left" required checked');
  });
});

describe("the token", () => {
  test("is waited for, and the page goes on when it comes", async () => {
    const path = await give(pdf("a.pdf"));
    const waiting = await order(path);
    expect(waiting.title).toBe("Branchez votre jeton");
    const next = /data-waiting="([^"]+)"/.exec(waiting.body)?.[1] ?? "";
    const [answer] = await Promise.all([visitor.get(next.replaceAll("&amp;", "&")), plugIn()]);
    expect(answer.title).toBe("Signer avec votre PIN");
  });

  test("is chosen when there are several", async () => {
    await plugIn();
    await plugIn(40_718_226);
    const path = await give(pdf("a.pdf"));
    const which = await order(path);
    expect(which.title).toBe("Avec quel jeton\u00a0?");
    expect(which.body).toContain(`${path}/sign?token=40718226`);
    expect((await visitor.get(`${path}/sign?token=40718226`)).title).toBe("Signer avec votre PIN");
    expect((await visitor.get(`${path}/sign?token=1`)).status).toBe(409);
  });

  test("without a certificate says what to do, and asks for no PIN", async () => {
    await bench.plugIn(await SimulatedToken.initialised());
    const answer = await order(await give(pdf("a.pdf")));
    expect(answer.status).toBe(409);
    expect(answer.body).toContain("Activez-le d&#39;abord");
    expect(answer.body).not.toContain('type="password"');
  });
});

describe("the PIN", () => {
  test("is asked for with what for, for which token, as whom, how many tries, and the phrase", async () => {
    await plugIn();
    const { body } = await order(await give(pdf("Contrat.pdf")), { reason: "Lu et approuvé", page: "first", corner: "top-left" });
    for (const words of [
      "Signer Contrat.pdf",
      "4071",
      "8225",
      "Irène Faron",
      "3 essais",
      "la loutre lit sous la pluie",
      "Lu et approuvé",
      "en haut à gauche",
    ]) {
      expect(body).toContain(words);
    }
  });

  test("of the wrong form spends no try", async () => {
    const { token } = await plugIn();
    const path = await give(pdf("a.pdf"));
    for (const pin of ["", "12345", "1234567a"]) {
      const answer = await consent(path, 40_718_225, pin);
      expect([answer.status, answer.body.includes("Aucun essai n&#39;a été compté")]).toEqual([422, true]);
    }
    const client = token.client();
    expect(await client.pinTriesLeft()).toBe(3);
    client.close();
  });

  test("that is wrong says how many tries are left; the right one then signs", async () => {
    await plugIn();
    const path = await give(pdf("a.pdf"));
    const first = await consent(path, 40_718_225, WRONG_PIN);
    expect([first.status, first.body.includes("Il reste 2 essais")]).toEqual([422, true]);
    const second = await consent(path, 40_718_225, WRONG_PIN);
    expect([second.status, second.body.includes("Il reste un seul essai")]).toEqual([422, true]);
    expect((await consent(path, 40_718_225, PIN)).title).toBe("Document signé");
  });

  test("that is blocked leads to the PUK", async () => {
    await plugIn();
    const path = await give(pdf("a.pdf"));
    await consent(path, 40_718_225, WRONG_PIN);
    await consent(path, 40_718_225, WRONG_PIN);
    for (const answer of [
      await consent(path, 40_718_225, WRONG_PIN),
      await visitor.get(`${path}/sign`),
      await consent(path, 40_718_225, PIN),
    ]) {
      expect([answer.status, answer.title]).toEqual([409, "Le PIN est bloqué"]);
      expect(answer.body).toContain("/tokens/40718225/unblock");
    }
  });

  test("is in no event, no page and no header", async () => {
    await plugIn();
    const path = await give(pdf("a.pdf"));
    const answers = [await consent(path, 40_718_225, WRONG_PIN), await consent(path, 40_718_225, PIN)];
    for (const secret of [PIN, WRONG_PIN]) {
      expect(JSON.stringify([bench.events, answers])).not.toContain(secret);
    }
  });
});

describe("several documents", () => {
  const four = (): Upload[] => ["a.pdf", "b.pdf", "c.pdf", "d.pdf"].map((name) => pdf(name));

  test("are signed with one PIN and one press", async () => {
    const { token } = await plugIn();
    const path = await give(...four());
    const asked = await order(path);
    expect(asked.body).toContain("avec un seul PIN et une seule pression");
    const before = token.button.waits;
    const answer = await consent(path, 40_718_225, PIN);
    expect(answer.title).toBe("4 documents signés");
    expect(token.button.waits - before).toBe(1);
    expect(answer.body.match(/<summary>.*?<\/summary>/gs)?.filter((each) => each.includes("Intacte"))).toHaveLength(4);
  });

  test("of which one can't be signed: the others are, and it is said", async () => {
    await plugIn();
    const path = await give(pdf("a.pdf"), pdf("b.pdf", await certified(1)), pdf("c.pdf"));
    const answer = await consent(path, 40_718_225, PIN);
    expect(answer.title).toBe("2 documents signés sur 3");
    expect(answer.body).toContain("Pas signé");
    expect((await visitor.get(`${path}/1/signed`)).status).toBe(404);
  });

  test("without a press: nothing is signed, and one can begin again", async () => {
    const { token } = await plugIn();
    token.button.script = { kind: "never" };
    const path = await give(...four());
    const waiting = await visitor.post(`${path}/sign`, { token: "40718225", pin: PIN });
    const work = await visitor.get(waiting.location ?? "");
    expect(work.body).toContain("Appuyez sur le bouton");
    expect((await visitor.submit(`${path}/forget`, {})).status).toBe(409);
    const cancelled = await visitor.submit(`${waiting.location}/cancel`, {});
    expect(cancelled.status).toBe(409);
    expect(cancelled.body).toContain(`${path}/sign`);
    expect((await visitor.get(`${path}/signed`)).title).toBe("Rien n'est signé");
    token.button.script = { kind: "automatic", afterMs: 0 };
    expect((await consent(path, 40_718_225, PIN)).title).toBe("4 documents signés");
  });

  test("interrupted in the middle: which are signed is said, and the rest goes on later", async () => {
    const { token, unplug } = await plugIn();
    const path = await give(...four());
    const transmit = token.token.transmit.bind(token.token);
    let signatures = 0;
    token.token.transmit = (channel, apdu, done) => {
      if (apdu[1] === INS_GENERAL_AUTHENTICATE && ++signatures === 3) void unplug();
      else transmit(channel, apdu, done);
    };
    const answer = await consent(path, 40_718_225, PIN);
    expect(answer.title).toBe("2 documents signés sur 4");
    expect(answer.body).toContain("arrêtée en chemin");
    expect(answer.body).toContain("Il a été débranché");
    expect(answer.body).toContain("Signer les 2 documents qui restent");
    const statuses = async (): Promise<number[]> =>
      Promise.all([0, 1, 2, 3].map(async (index) => (await visitor.get(`${path}/${index}/signed`)).status));
    expect(await statuses()).toEqual([200, 200, 404, 404]);
    const first = await visitor.get(`${path}/0/signed`);
    token.token.transmit = transmit;
    await bench.plugIn(token);
    const asked = await visitor.get(`${path}/sign`);
    expect(asked.body).toContain("Signer 2 documents");
    expect((await consent(path, 40_718_225, PIN)).title).toBe("4 documents signés");
    expect(await statuses()).toEqual([200, 200, 200, 200]);
    expect((await visitor.get(`${path}/0/signed`)).body).toBe(first.body);
  });
});

test("a document that was changed after it was signed is shown as such, beside the signature that holds", async () => {
  const { token } = await plugIn();
  const client = token.client();
  const key = await findSigningKey(client, [], new Date());
  const signed = await signPdf(await pages(1), new TokenSigner(client, key, { pin: new TextEncoder().encode(PIN) }), { date: new Date() });
  client.close();
  const path = await give(pdf("signed.pdf", signed), pdf("forged.pdf", await drawOver(signed, "Vingt mille euros")));
  const [held, forged] = [await visitor.get(path), await visitor.get(`${path}?seen=1`)];
  expect(held.body).toContain("Intacte, autorité inconnue");
  expect(forged.body).toContain(">Non valide<");
  expect(forged.body).toContain("changé après la signature");
  expect((await visitor.get(`${path}?seen=2`)).status).toBe(404);
});

test("a seal is cut into a page that poppler shows", async () => {
  await plugIn();
  const path = await give(pdf("a.pdf", await pages(2)));
  await order(path, { reason: "Lu et approuvé", page: "first", corner: "top-right" });
  await consent(path, 40_718_225, PIN);
  const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const answer = await fetch(`${visitor.address}${path}/0/signed`, { headers: { cookie } });
  const file = join(folder, "sealed.pdf");
  writeFileSync(file, Buffer.from(await answer.arrayBuffer()));
  expect(answer.headers.get("content-disposition")).toContain("a-sign%C3%A9.pdf");
  expect(mustRun("pdftotext", ["-f", "1", "-l", "1", file, "-"])).toMatch(/Signé par Irène Faron\s+Lu et approuvé/);
  expect(mustRun("pdftotext", ["-f", "2", "-l", "2", file, "-"])).not.toContain("Signé par");
  expect(
    (await PDFDocument.load(await (await fetch(`${visitor.address}${path}/0/file`, { headers: { cookie } })).arrayBuffer())).getPageCount(),
  ).toBe(2);
});
