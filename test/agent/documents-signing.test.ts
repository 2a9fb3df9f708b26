// Documents signed in the agent, asked as a browser asks: the token and the PIN, one press for several, what happens in the middle of them, and what an
// office that the holder trusts adds. What comes out is judged by openssl and poppler.

import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { PDFDocument } from "@cantoo/pdf-lib";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { TrustedOffices } from "../../host-bridge/agent/trust/trusted-offices.ts";
import { signPdf } from "../../host-bridge/signing/sign-pdf.ts";
import { findSigningKey, TokenSigner } from "../../host-bridge/signing/token-signer.ts";
import { INS_GENERAL_AUTHENTICATE } from "../../protocol/piv.ts";
import { certifiedToken } from "../support/certified-token.ts";
import { DocumentBench, type Upload } from "../support/document-bench.ts";
import { build, catalog, onePage as objectsOf } from "../support/forged-pdfs.ts";
import { extractSignatures, opensslCms } from "../support/pdf-judges.ts";
import { mustRun } from "../support/run.ts";
import { certified, drawOver, pages } from "../support/sample-pdfs.ts";
import { PIN, SimulatedToken, WRONG_PIN } from "../support/simulated-token.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { pem } from "../support/test-certificates.ts";

const folder = temporaryFolder();
let bench: DocumentBench;
let onePage: Uint8Array;

beforeAll(async () => {
  onePage = await pages(1);
});

beforeEach(async () => {
  bench = await DocumentBench.start();
});
afterEach(async () => bench.close());

const pdf = (name: string, bytes = onePage): Upload => ({ name, bytes });

describe("the token", () => {
  test("is waited for, and the page goes on when it comes", async () => {
    const path = await bench.give(pdf("a.pdf"));
    const waiting = await bench.order(path);
    expect(waiting.title).toBe("Branchez votre jeton");
    const next = /data-waiting="([^"]+)"/.exec(waiting.body)?.[1] ?? "";
    const [answer] = await Promise.all([bench.visitor.get(next.replaceAll("&amp;", "&")), bench.plugIn()]);
    expect(answer.title).toBe("Signer avec votre PIN");
  });

  test("is chosen when there are several", async () => {
    await bench.plugIn();
    await bench.plugIn(40_718_226);
    const path = await bench.give(pdf("a.pdf"));
    const which = await bench.order(path);
    expect(which.title).toBe("Avec quel jeton\u00a0?");
    expect(which.body).toContain(`${path}/sign?token=40718226`);
    expect((await bench.visitor.get(`${path}/sign?token=40718226`)).title).toBe("Signer avec votre PIN");
    expect((await bench.visitor.get(`${path}/sign?token=1`)).status).toBe(409);
  });

  test("without a certificate says what to do, and asks for no PIN", async () => {
    await bench.agent.plugIn(await SimulatedToken.initialised());
    const answer = await bench.order(await bench.give(pdf("a.pdf")));
    expect(answer.status).toBe(409);
    expect(answer.body).toContain("Activez-le d&#39;abord");
    expect(answer.body).not.toContain('type="password"');
  });
});

describe("the PIN", () => {
  test("is asked for with what for, for which token, as whom, how many tries, and the phrase", async () => {
    await bench.plugIn();
    const { body } = await bench.order(await bench.give(pdf("Contrat.pdf")), {
      reason: "Lu et approuvé",
      page: "first",
      corner: "top-left",
    });
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
    const { token } = await bench.plugIn();
    const path = await bench.give(pdf("a.pdf"));
    for (const pin of ["", "12345", "1234567a"]) {
      const answer = await bench.consent(path, 40_718_225, pin);
      expect([answer.status, answer.body.includes("Aucun essai n&#39;a été compté")]).toEqual([422, true]);
    }
    const client = token.client();
    expect(await client.pinTriesLeft()).toBe(3);
    client.close();
  });

  test("that is wrong says how many tries are left; the right one then signs", async () => {
    await bench.plugIn();
    const path = await bench.give(pdf("a.pdf"));
    const first = await bench.consent(path, 40_718_225, WRONG_PIN);
    expect([first.status, /Il reste 2 essais|2 essais restants/.test(first.body)]).toEqual([422, true]);
    const second = await bench.consent(path, 40_718_225, WRONG_PIN);
    expect([second.status, /Il reste un seul essai|Dernier essai/.test(second.body)]).toEqual([422, true]);
    expect((await bench.consent(path, 40_718_225, PIN)).title).toBe("Document signé");
  });

  test("that is blocked leads to the PUK", async () => {
    await bench.plugIn();
    const path = await bench.give(pdf("a.pdf"));
    await bench.consent(path, 40_718_225, WRONG_PIN);
    await bench.consent(path, 40_718_225, WRONG_PIN);
    for (const answer of [
      await bench.consent(path, 40_718_225, WRONG_PIN),
      await bench.visitor.get(`${path}/sign`),
      await bench.consent(path, 40_718_225, PIN),
    ]) {
      expect([answer.status, answer.title]).toEqual([409, "Le PIN est bloqué"]);
      expect(answer.body).toContain("/tokens/40718225/unblock");
    }
  });

  test("is in no event, no page and no header", async () => {
    await bench.plugIn();
    const path = await bench.give(pdf("a.pdf"));
    const answers = [await bench.consent(path, 40_718_225, WRONG_PIN), await bench.consent(path, 40_718_225, PIN)];
    for (const secret of [PIN, WRONG_PIN]) {
      expect(JSON.stringify([bench.agent.events, answers])).not.toContain(secret);
    }
  });
});

describe("consent is for what the page showed", () => {
  test("an order that another tab changed meanwhile is shown again; no try is spent, nothing is signed", async () => {
    const { token } = await bench.plugIn();
    const path = await bench.give(pdf("a.pdf"));
    await bench.order(path, { reason: "Lu" });
    const asked = await bench.asked(path, 40_718_225);
    await bench.order(path, { reason: "Lu et approuvé" });
    for (const fields of [asked, { token: asked.token }]) {
      const answer = await bench.visitor.submit(`${path}/sign`, { ...fields, pin: WRONG_PIN });
      expect([answer.status, answer.body.includes("quelque chose a changé")]).toEqual([422, true]);
    }
    const client = token.client();
    expect(await client.pinTriesLeft()).toBe(3);
    client.close();
    expect((await bench.visitor.get(`${path}/0/signed`)).status).toBe(404);
    expect((await bench.consent(path, 40_718_225, PIN)).title).toBe("Document signé");
  });

  test("while a token is at it no other one signs the same, and the order stays as it is", async () => {
    const { token } = await bench.plugIn();
    await bench.plugIn(40_718_226);
    token.button.script = { kind: "never" };
    const path = await bench.give(pdf("a.pdf"));
    const [first, second] = [await bench.asked(path, 40_718_225), await bench.asked(path, 40_718_226)];
    const [waiting, refused] = await Promise.all([
      bench.visitor.post(`${path}/sign`, { ...first, pin: PIN }),
      bench.visitor.post(`${path}/sign`, { ...second, pin: PIN }),
    ]);
    expect([waiting.status, refused.status]).toEqual([303, 409]);
    expect((await bench.order(path, { reason: "Autre" })).status).toBe(409);
    expect((await bench.visitor.submit(`${waiting.location}/cancel`, {})).status).toBe(409);
    expect((await bench.visitor.get(`${path}/0/signed`)).status).toBe(404);
  });
});

describe("several documents", () => {
  const four = (): Upload[] => ["a.pdf", "b.pdf", "c.pdf", "d.pdf"].map((name) => pdf(name));

  test("are signed with one PIN and one press", async () => {
    const { token } = await bench.plugIn();
    const path = await bench.give(...four());
    const asked = await bench.order(path);
    expect(asked.body).toContain("avec un seul PIN et une seule pression");
    const before = token.button.waits;
    const answer = await bench.consent(path, 40_718_225, PIN);
    expect(answer.title).toBe("4 documents signés");
    expect(token.button.waits - before).toBe(1);
    expect(answer.body.match(/<summary>.*?<\/summary>/gs)?.filter((each) => each.includes("Intacte"))).toHaveLength(4);
  });

  test("of which one can't be signed: the others are, and it is said", async () => {
    await bench.plugIn();
    const path = await bench.give(pdf("a.pdf"), pdf("b.pdf", await certified(1)), pdf("c.pdf"));
    const answer = await bench.consent(path, 40_718_225, PIN);
    expect(answer.title).toBe("2 documents signés sur 3");
    expect(answer.body).toContain("Pas signé");
    expect((await bench.visitor.get(`${path}/1/signed`)).status).toBe(404);
  });

  test("without a press: nothing is signed, and one can begin again", async () => {
    const { token } = await bench.plugIn();
    token.button.script = { kind: "never" };
    const path = await bench.give(...four());
    const waiting = await bench.visitor.post(`${path}/sign`, { ...(await bench.asked(path, 40_718_225)), pin: PIN });
    const work = await bench.visitor.get(waiting.location ?? "");
    expect(work.body).toContain("Appuyez sur le bouton");
    expect((await bench.visitor.submit(`${path}/forget`, {})).status).toBe(409);
    const cancelled = await bench.visitor.submit(`${waiting.location}/cancel`, {});
    expect(cancelled.status).toBe(409);
    expect(cancelled.body).toContain(`${path}/sign`);
    expect((await bench.visitor.get(`${path}/signed`)).title).toBe("Rien n'est signé");
    token.button.script = { kind: "automatic", afterMs: 0 };
    expect((await bench.consent(path, 40_718_225, PIN)).title).toBe("4 documents signés");
  });

  test("interrupted in the middle: which are signed is said, and the rest goes on later", async () => {
    const { token, unplug } = await bench.plugIn();
    const path = await bench.give(...four());
    const transmit = token.token.transmit.bind(token.token);
    let signatures = 0;
    token.token.transmit = (channel, apdu, done) => {
      if (apdu[1] === INS_GENERAL_AUTHENTICATE && ++signatures === 3) void unplug();
      else transmit(channel, apdu, done);
    };
    const answer = await bench.consent(path, 40_718_225, PIN);
    expect(answer.title).toBe("2 documents signés sur 4");
    expect(answer.body).toContain("arrêtée en chemin");
    expect(answer.body).toContain("Il a été débranché");
    expect(answer.body).toContain("Signer les 2 documents qui restent");
    const statuses = async (): Promise<number[]> =>
      Promise.all([0, 1, 2, 3].map(async (index) => (await bench.visitor.get(`${path}/${index}/signed`)).status));
    expect(await statuses()).toEqual([200, 200, 404, 404]);
    const first = await bench.visitor.get(`${path}/0/signed`);
    token.token.transmit = transmit;
    await bench.agent.plugIn(token);
    const asked = await bench.visitor.get(`${path}/sign`);
    expect(asked.body).toContain("Signer 2 documents");
    expect((await bench.consent(path, 40_718_225, PIN)).title).toBe("4 documents signés");
    expect(await statuses()).toEqual([200, 200, 200, 200]);
    expect((await bench.visitor.get(`${path}/0/signed`)).body).toBe(first.body);
  });
});

test("a document that was changed after it was signed is shown as such, beside the signature that holds", async () => {
  const { token } = await bench.plugIn();
  const client = token.client();
  const key = await findSigningKey(client, [], new Date());
  const signed = await signPdf(await pages(1), new TokenSigner(client, key, { pin: new TextEncoder().encode(PIN) }), { date: new Date() });
  client.close();
  const path = await bench.give(pdf("signed.pdf", signed), pdf("forged.pdf", await drawOver(signed, "Vingt mille euros")));
  const [held, forged] = [await bench.visitor.get(path), await bench.visitor.get(`${path}?seen=1`)];
  expect(held.body).toContain("Intacte, autorité inconnue");
  expect(forged.body).toContain(">Non valide<");
  expect(forged.body).toContain("changé après la signature");
  expect((await bench.visitor.get(`${path}?seen=2`)).status).toBe(404);
});

test("what the holder's trusted office publishes makes the signature one that leads to a root, for others too; here it is an office's, until the holder chooses it", async () => {
  const published = new Map<string, Uint8Array>();
  const office = createServer(({ url = "" }, answer) => {
    const found = published.get(url);
    answer.writeHead(found === undefined ? 404 : 200, { "content-length": String(found?.length ?? 0) }).end(found);
  });
  await new Promise<void>((resolve) => office.listen(0, "127.0.0.1", resolve));
  try {
    const address = `http://127.0.0.1:${(office.address() as AddressInfo).port}`;
    new TrustedOffices(join(bench.agent.folder, "agent")).add(address, new Date());
    const { token, issuer, root } = await certifiedToken({ publishedAt: address });
    published.set("/ca/issuing.cer", issuer.der).set("/ca/root.cer", root.der);
    await bench.agent.plugIn(token);
    const path = await bench.give(pdf("a.pdf"));
    await bench.order(path);
    const signed = await bench.consent(path, 40_718_225, PIN);
    expect(signed.body).toContain("Intacte, autorité d&#39;un bureau");
    for (const told of ["« Test root »".replace(/ (?=»)|(?<=«) /g, "\u00a0"), address]) expect(signed.body).toContain(told);
    const offices = await bench.visitor.get("/offices");
    const [, fingerprint = ""] = /authorities\/choose">[\s\S]*?name="fingerprint" value="([0-9a-f]{64})"/.exec(offices.body) ?? [];
    expect(fingerprint).toBe(createHash("sha256").update(root.der).digest("hex"));
    expect((await bench.visitor.post("/authorities/choose", { fingerprint })).location).toBe("/offices#authorities");
    expect((await bench.visitor.get(`${path}/signed`)).body).toContain(">Valide<");
    await bench.visitor.post("/authorities/unchoose", { fingerprint });
    expect((await bench.visitor.get(`${path}/signed`)).body).not.toContain(">Valide<");
    const file = join(folder, "chain.pdf");
    writeFileSync(file, (await bench.bytesOf(`${path}/0/signed`)).bytes);
    writeFileSync(`${file}.root`, pem(root.der));
    for (const each of extractSignatures(file, folder))
      expect(opensslCms(each, `${file}.root`).stderr).toContain("CAdES Verification successful");
    expect(extractSignatures(file, folder)).toHaveLength(1);
  } finally {
    await new Promise((resolve) => office.close(resolve));
  }
});

test("a seal is cut into a page that poppler shows", async () => {
  await bench.plugIn();
  const path = await bench.give(pdf("a.pdf", await pages(2)));
  await bench.order(path, { reason: "Lu et approuvé", page: "first", corner: "top-right" });
  await bench.consent(path, 40_718_225, PIN);
  const { bytes, disposition } = await bench.bytesOf(`${path}/0/signed`);
  const file = join(folder, "sealed.pdf");
  writeFileSync(file, bytes);
  expect(disposition).toContain("a-sign%C3%A9.pdf");
  expect(mustRun("pdftotext", ["-f", "1", "-l", "1", file, "-"])).toMatch(/Signé par Irène Faron\s+Lu et approuvé/);
  expect(mustRun("pdftotext", ["-f", "2", "-l", "2", file, "-"])).not.toContain("Signé par");
  expect((await PDFDocument.load((await bench.bytesOf(`${path}/0/file`)).bytes)).getPageCount()).toBe(2);
});

test("what a PDF has beside its pages is told before the PIN; of several, each such document has to be looked at first", async () => {
  await bench.plugIn();
  const scripted = build(objectsOf({ 1: catalog("/OpenAction << /S /JavaScript /JS (app.alert) >>") }));
  const path = await bench.give(pdf("a.pdf"), pdf("b.pdf", scripted));
  const first = `${path}?seen=1&first=1`;
  expect((await bench.visitor.get(`${path}/sign`)).location).toBe(first);
  expect((await bench.visitor.post(`${path}/sign`, { token: "40718225", shown: "", pin: PIN })).location).toBe(first);
  const looked = await bench.visitor.get(first);
  for (const told of ["Regardez d&#39;abord ce document", "(JavaScript)"]) expect(looked.body).toContain(told);
  const asked = await bench.visitor.get(`${path}/sign`);
  expect(asked.title).toBe("Signer avec votre PIN");
  expect(asked.body).toMatch(/sans se voir sur les pages<\/dt><dd><bdi>b\.pdf<\/bdi><ul><li>des programmes \(JavaScript\)/);
  expect((await bench.consent(path, 40_718_225, PIN)).title).toBe("2 documents signés");
});

test("an XFA form is shown and verified, and not signed; the page says what to do", async () => {
  const path = await bench.give(pdf("cerfa.pdf", build(objectsOf({ 1: catalog("/AcroForm << /Fields [] /XFA (x) >>") }))));
  const { status, body } = await bench.visitor.get(path);
  expect(status).toBe(200);
  for (const told of ["formulaire XFA", "imprimez-le en PDF"]) expect(body).toContain(told);
  expect((await bench.visitor.get(`${path}/sign`)).status).toBe(409);
});
