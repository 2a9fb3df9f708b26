// The holder's certificate leads to a root by what the trusted office publishes; by nothing else.

import "reflect-metadata"; // before @peculiar/x509, which needs it
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { AuthorityInfoAccessExtension } from "@peculiar/x509";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { caExtensions, type Issued, issue, pem, rootCa } from "../../../test/support/test-certificates.ts";
import { AuthorityBook, issuersIn, judgesOf, learnedRoot } from "./known-authorities.ts";
import { learnAuthorities } from "./learn-authorities.ts";

const NOW = new Date("2026-03-01T10:00:00Z");
const folder = temporaryFolder();
let number = 0;
let server: Server;
let office: string;
let asked: string[];
let published: Map<string, Uint8Array>;
let root: Issued;
let issuing: Issued;
let holder: Issued;
let authorities: AuthorityBook;

const from = (path: string): AuthorityInfoAccessExtension => new AuthorityInfoAccessExtension({ caIssuers: `${office}${path}` });

beforeEach(async () => {
  asked = [];
  server = createServer(({ url = "" }, answer) => {
    asked.push(url);
    const found = published.get(url);
    const isDeflated = found?.[0] === 0x1f && found[1] === 0x8b;
    const encoding = isDeflated ? { "content-encoding": "gzip" } : {};
    answer.writeHead(found === undefined ? 404 : 200, { "content-length": String(found?.length ?? 0), ...encoding }).end(found);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  office = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  root = await rootCa();
  issuing = await issue({ name: "CN=Issuing", issuer: root, extensions: [...caExtensions(0), from("/ca/root.cer")] });
  holder = await issue({ name: "CN=Anne", issuer: issuing, extensions: [from("/ca/issuing.cer")] });
  published = new Map([
    ["/ca/root.cer", root.der],
    ["/ca/issuing.cer", issuing.der],
  ]);
  authorities = new AuthorityBook(join(folder, `authorities-${++number}`));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

/** The issuer's certificate behind a long text, which readers of PEM skip. */
const longPem = (): Buffer => Buffer.from(`${"no certificate yet\n".repeat(2000)}${pem(issuing.der)}`);

const learn = (offices: readonly string[] = [office]): Promise<void> => learnAuthorities(holder.der, offices, authorities, NOW);
const known = () => authorities.known();
const fingerprints = () => known().learned.map(({ fingerprint, office: from, since, isRoot }) => ({ fingerprint, from, since, isRoot }));
const fingerprintOf = (der: Uint8Array): string => createHash("sha256").update(der).digest("hex");

test("issuer and root are kept for the holder alone, and not asked for again", async () => {
  await learn();
  expect(asked).toEqual(["/ca/issuing.cer", "/ca/root.cer"]);
  expect(fingerprints()).toEqual([
    { fingerprint: fingerprintOf(issuing.der), from: office, since: NOW, isRoot: false },
    { fingerprint: fingerprintOf(root.der), from: office, since: NOW, isRoot: true },
  ]);
  expect(statSync(join(authorities.path, "learned.json")).mode & 0o777).toBe(0o600);
  await learn();
  expect(asked).toHaveLength(2);
});

test("nobody is asked whom the holder does not trust", async () => {
  await learn([]);
  await learn(["https://office.example"]);
  await learn([office.slice(0, -1)]); // the same beginning, another address
  expect(asked).toEqual([]);
  expect(known().learned).toEqual([]);
});

test.each([
  [
    "a certificate of another authority with the same name",
    async () => (await issue({ name: "CN=Issuing", extensions: caExtensions(0) })).der,
  ],
  ["no certificate", async () => new TextEncoder().encode("<html>")],
  ["far too much around the right one", async () => new Uint8Array(longPem())],
  ["nothing", async () => new Uint8Array(0)],
  ["the same, deflated", async () => new Uint8Array(gzipSync(longPem()))],
])("%s is not kept", async (_name, make) => {
  published.set("/ca/issuing.cer", await make());
  await learn();
  expect(known()).toEqual({ chosen: [], learned: [] });
});

test("an office that is not there changes nothing", async () => {
  published.clear();
  await learn();
  expect(known()).toEqual({ chosen: [], learned: [] });
});

test("an office behind a proxy is asked through it", async () => {
  const places: (string | undefined)[] = [];
  server.on("connect", ({ url }, socket) => {
    places.push(url);
    socket.end("HTTP/1.1 403 -\r\n\r\n");
  });
  vi.stubEnv("https_proxy", office);
  const caIssuers = "https://office.example/ca/issuing.cer";
  const far = await issue({ name: "CN=Anne", issuer: issuing, extensions: [new AuthorityInfoAccessExtension({ caIssuers })] });
  await learnAuthorities(far.der, ["https://office.example"], authorities, NOW);
  vi.unstubAllEnvs();
  expect(places).toEqual(["office.example:443"]);
});

test("what an office's authority vouches for is told apart until the holder chooses to rely on it", async () => {
  await learn();
  const fingerprint = fingerprintOf(root.der);
  expect(learnedRoot(known(), fingerprint)).toMatchObject({ office, subject: "CN=Test root" });
  expect([issuersIn(known()), judgesOf(known(), NOW).roots]).toEqual([[issuing.der], [root.der]]);
  authorities.choose(fingerprintOf(issuing.der)); // no root: nothing to be chosen
  authorities.choose("../../learned");
  expect(known().chosen).toEqual([]);
  authorities.choose(fingerprint);
  expect([learnedRoot(known(), fingerprint), known().chosen.map((each) => each.fingerprint)]).toEqual([null, [fingerprint]]);
  await learn();
  expect(asked).toHaveLength(2);
  expect(authorities.isChosenHere(fingerprint)).toBe(true);
  authorities.unchoose(fingerprint);
  expect([learnedRoot(known(), fingerprint)?.office, known().chosen]).toEqual([office, []]);
});
