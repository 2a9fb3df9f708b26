// Whoever gives up while others are being read keeps nobody else from being read.

import { type AddressInfo, connect } from "node:net";
import multipart from "@fastify/multipart";
import Fastify from "fastify";
import { expect, test } from "vitest";
import { readUpload } from "./upload.ts";
import { UploadTurns } from "./upload-turns.ts";

const PART = '--b\r\nContent-Disposition: form-data; name="f"; filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\n%PDF-';
const HEAD = "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 100000\r\n\r\n";

test.each(["is being read", "waits for its turn"])("an upload that %s is given up: the next one is read", async (when) => {
  const turns = new UploadTurns();
  let endOther = (): void => {};
  const other = new Promise<void>((resolve) => {
    endOther = resolve;
  });
  const app = Fastify();
  await app.register(multipart);
  const came: Promise<unknown>[] = [];
  app.post("/", async (request) => {
    came.push(new Promise((resolve) => request.raw.once("close", resolve)));
    return (await turns.during(() => readUpload(request, 1_000_000, "unnamed"))).map(({ name }) => name);
  });
  await app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = app.server.address() as AddressInfo;
  try {
    if (when === "waits for its turn") void turns.during(() => other);
    const sender = connect(port, "127.0.0.1").on("error", () => {});
    sender.write(HEAD + PART);
    while (came.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    sender.destroy();
    await came[0];
    endOther();
    const form = new FormData();
    form.append("f", new Blob(["%PDF-"]), "b.pdf");
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: form, signal: AbortSignal.timeout(3000) });
    expect(await answer.json()).toEqual(["b.pdf"]);
  } finally {
    await app.close();
  }
});
