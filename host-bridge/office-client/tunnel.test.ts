// Answers through a tunnel that no office gives: whoever asks is told so, and lives on.

import "reflect-metadata"; // before @peculiar/x509, which needs it
import { request } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { expect, test, vi } from "vitest";
import { servers } from "../../test/support/doctor-servers.ts";
import { rootCa } from "../../test/support/test-certificates.ts";
import { answerBytes } from "./answer-bytes.ts";
import { answerTo, askThroughTunnel } from "./tunnel.ts";

const at = servers();

async function asked(answer: string) {
  const server = createServer((socket) => socket.once("data", () => socket.end(answer)).on("error", () => {}));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const question = request({ host: "127.0.0.1", port, method: "POST", agent: false });
    const promised = answerTo(question);
    question.end("{}");
    const { ok, body } = await promised;
    return { ok, text: Buffer.from((await answerBytes({ body }, 100)) ?? "more").toString() };
  } finally {
    server.close();
  }
}

const head = (status: string, more = ""): string => `HTTP/1.1 ${status} -\r\n${more}Content-Length: `;

test.each([
  [`${head("200")}2\r\n\r\n{}`, { ok: true, text: "{}" }],
  [`HTTP/1.1 204 -\r\n\r\n`, { ok: true, text: "" }],
  [`${head("205")}0\r\n\r\n`, { ok: true, text: "" }],
  [`${head("999")}2\r\n\r\nno`, { ok: false, text: "no" }],
])("%j", async (answer, expected) => {
  expect(await asked(answer)).toEqual(expected);
});

test.each([
  ["a redirection", `${head("302", "Location: /\r\n")}0\r\n\r\n`],
  ["another protocol", "HTTP/1.1 101 -\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"],
  ["nothing", ""],
])("%s is an error", async (_what, answer) => {
  await expect(asked(answer)).rejects.toBeInstanceOf(Error);
});

test("the office is asked by its name, and no port that it does not have", async () => {
  const hosts: (string | undefined)[] = [];
  const port = await at.https(await rootCa(), ({ headers }, answer) => {
    hosts.push(headers.host);
    answer.end();
  });
  const proxy = await at.proxy(port);
  vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0"); // whose certificate it is, is another test's
  for (const office of ["https://office.example/api", "https://office.example:8443/api"]) {
    const question = { method: "POST", headers: {}, body: "{}", signal: AbortSignal.timeout(5000) } as const;
    await askThroughTunnel({ host: "127.0.0.1", port: proxy.port, authorization: null }, new URL(office), question);
  }
  vi.unstubAllEnvs();
  expect(hosts).toEqual(["office.example", "office.example:8443"]);
  expect(proxy.asked).toEqual(["office.example:443", "office.example:8443"]);
});
