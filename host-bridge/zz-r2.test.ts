import { connect } from "node:net";
import { createServer } from "node:http";
import multipart from "@fastify/multipart";
import Fastify from "fastify";
import { expect, test } from "vitest";
import { readUpload } from "./agent/documents/upload.ts";
import { UploadTurns } from "./agent/documents/upload-turns.ts";
import { proxyFor } from "./office-client/proxy.ts";
import { build, catalog, onePage, page } from "../test/support/forged-pdfs.ts";
import { featuresOf } from "./signing/pdf-features.ts";
import { readPdf } from "./signing/pdf-reading.ts";
import { verifyPdf } from "./signing/verify-pdf.ts";
import { shownText } from "./web/shown-text.ts";

test.each(["reading", "queued"])("an upload given up while %s lets the next one through", async (when) => {
  const app = Fastify();
  const turns = new UploadTurns();
  await app.register(multipart);
  const seen: string[] = [];
  let hold: () => void = () => {};
  const held = new Promise<void>((r) => { hold = r; });
  app.post("/", (request) => turns.during(async () => { seen.push("begin"); try { await readUpload(request, 1e7, "x"); } catch (e) { seen.push(String(e)); throw e; } seen.push("end"); return {}; }));
  await app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = app.server.address() as { port: number };
  const head = "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.pdf\"\r\nContent-Type: application/pdf\r\n\r\n";
  const first = when === "queued" ? turns.during(() => held) : null;
  const socket = connect(port, "127.0.0.1");
  socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 100000\r\n\r\n${head}aaaa`);
  await new Promise((r) => setTimeout(r, 200));
  socket.destroy();
  await new Promise((r) => setTimeout(r, 200));
  hold(); await first;
  const form = new FormData(); form.append("f", new Blob(["hello"]), "b.pdf");
  const answer = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: form, signal: AbortSignal.timeout(2000) }).then((a) => a.status, (e: unknown) => String(e));
  console.log(when, seen, answer);
  app.server.closeAllConnections(); 
  expect(answer).toBe(200);
}, 8000);

test("features", async () => {
  const f = async (o: object) => featuresOf(await readPdf(build(onePage(o as never))));
  console.log("OCG no type", await f({ 1: catalog("/OCProperties << /OCGs [6 0 R] /D << /OFF [6 0 R] >> >>"), 6: "<< /Name (Draft) >>" }));
  for (const [n, o] of Object.entries({
    dangling: { 1: catalog("/X 99 0 R") },
    garbled: { 1: catalog("/X 6 0 R"), 6: "<< /A " },
    garbled2: { 1: catalog("/X 6 0 R"), 6: ">> ] foo" },
  })) { try { console.log(n, await f(o)); } catch (e) { console.log(n, "THROWS", e); }
    try { console.log(n, await verifyPdf(build(onePage(o as never)), { roots: [], at: new Date() })); } catch (e) { console.log(n, "verify THROWS", e); } }
  void page; void proxyFor; void createServer;
  console.log(JSON.stringify(shownText("A\u3164\u3164\u115f\u2800\u034fB")));
});
