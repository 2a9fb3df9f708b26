// An office that speaks TLS itself, as a process, and an officer whose token has the AUTH certificate that this office issued: curl signs in with it over
// OpenSSL's PKCS#11 engine, the bridge and the token, and `sceau office sign-in` by a challenge.

import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort, OFFICE_START_LIMIT_MS, OfficeProcess } from "../support/office-process.ts";
import { OpensslEngine } from "../support/openssl-engine.ts";
import { mustRun, type Outcome, run, sceau } from "../support/run.ts";
import { PIN, Workbench } from "../support/workbench.ts";

const LIMIT_MS = 180_000;
let bench: Workbench;
let engine: OpensslEngine;
let office: OfficeProcess;
let url: string;
let serverPem: string;

const command = (...words: string[]): Outcome =>
  sceau([...words, "--state", bench.state.root], { env: { NODE_EXTRA_CA_CERTS: serverPem } });

function json<T>({ status, stdout, stderr }: Outcome): T {
  if (status !== 0) throw new Error(`${status}: ${stdout}${stderr}`);
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as T;
}

/** @returns status line, headers and body */
function curl(path: string, ...args: string[]): string {
  const common = ["--disable", "--silent", "--show-error", "--noproxy", "*", "--cacert", serverPem, "--include"];
  return run("curl", [...common, ...args, `${url}${path}`], { env: engine.environment }).stdout;
}

beforeAll(async () => {
  bench = await Workbench.open();
  const key = bench.path("server.key");
  serverPem = bench.path("server.pem");
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  mustRun("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key],
    ...[...names, "-days", "2", "-out", serverPem],
  ]);
  engine = new OpensslEngine(bench);
  const port = await freePort();
  url = `https://localhost:${port}`;
  const args = ["--public-url", url, "--tls-key", key, "--tls-certificate", serverPem];
  office = await OfficeProcess.start({ state: bench.state.root, port, isDemo: true, args });
  const pin = bench.write("pin.txt", `${PIN}\n`);
  json(command("token", "init", "--pin-file", pin, "--json"));
  const invite = ["--email", "zoe@example.org", "--given-name", "Zoé", "--surname", "Brontë", "--role", "helpdesk", "--json"];
  const { code } = json<{ code: string }>(command("office", "--demo", "officer", "invite", ...invite));
  json(command("office", "enrol", url, "--code-file", bench.write("code.txt", `${code}\n`), "--pin-file", pin, "--json"));
  writeFileSync(bench.path("9a.pem"), command("token", "export", "9a").stdout);
}, OFFICE_START_LIMIT_MS + LIMIT_MS);

afterAll(async () => {
  await office.stop();
  await bench.close();
});

test("the page speaks TLS, and offers the certificate", () => {
  const page = curl("/sign-in");
  expect(page).toMatch(/^HTTP\/[\d.]+ 200/);
  expect(page).toContain('action="/sign-in/certificate"');
  expect(page).toMatch(/^strict-transport-security: max-age=\d{8}/im);
});

test.each([
  ["in a file", () => bench.path("9a.pem")],
  ["in the token", () => engine.certificate("9A")],
])("the officer is in with the token's AUTH key, the certificate %s", (_where, certificate) => {
  const form = ["--request", "POST", "--header", `origin: ${url}`];
  const answer = curl("/sign-in/certificate", ...form, "--cert", certificate(), "--key", engine.privateKey("9A"));
  expect(answer).toMatch(/^HTTP\/[\d.]+ 303/);
  const cookie = /^set-cookie: (__Host-session=[\w-]{43}); Path=\/; HttpOnly; Secure; SameSite=Strict\r$/im.exec(answer)?.[1] ?? "";
  expect(curl("/search", "--header", `cookie: ${cookie}`)).toContain("Zoé Brontë");
});

test("without it nobody is, nor with a certificate of their own making", () => {
  const form = ["--request", "POST", "--header", `origin: ${url}`];
  expect(curl("/sign-in/certificate", ...form)).toMatch(/^HTTP\/[\d.]+ 401/);
  const own = ["--cert", serverPem, "--key", bench.path("server.key")];
  expect(curl("/sign-in/certificate", ...form, ...own)).toMatch(/^HTTP\/[\d.]+ 401/);
});

test("the challenge, too, goes over TLS", () => {
  const { link } = json<{ link: string }>(command("office", "sign-in", url, "--pin-file", bench.path("pin.txt"), "--json"));
  const answer = curl(link.slice(url.length), "--request", "POST", "--header", `origin: ${url}`);
  expect(answer).toMatch(/^HTTP\/[\d.]+ 303/);
  expect(answer).toMatch(/^set-cookie: __Host-session=/im);
});
