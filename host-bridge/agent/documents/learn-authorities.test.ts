// The holder's certificate leads to a root by what the trusted office publishes; by nothing else.

import "reflect-metadata"; // before @peculiar/x509, which needs it
import { readdirSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { AuthorityInfoAccessExtension } from "@peculiar/x509";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { caExtensions, type Issued, issue, rootCa } from "../../../test/support/test-certificates.ts";
import { readAuthorities } from "./known-authorities.ts";
import { learnAuthorities } from "./learn-authorities.ts";

const folder = temporaryFolder();
let number = 0;
let server: Server;
let office: string;
let asked: string[];
let published: Map<string, Uint8Array>;
let root: Issued;
let issuing: Issued;
let holder: Issued;
let authorities: string;

const from = (path: string): AuthorityInfoAccessExtension => new AuthorityInfoAccessExtension({ caIssuers: `${office}${path}` });

beforeEach(async () => {
  asked = [];
  server = createServer(({ url = "" }, answer) => {
    asked.push(url);
    const found = published.get(url);
    answer.writeHead(found === undefined ? 404 : 200, { "content-length": String(found?.length ?? 0) }).end(found);
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
  authorities = join(folder, `authorities-${++number}`);
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const learn = (offices: readonly string[] = [office]): Promise<void> => learnAuthorities(holder.der, offices, authorities);

test("issuer and root are kept for the holder alone, and not asked for again", async () => {
  await learn();
  expect(asked).toEqual(["/ca/issuing.cer", "/ca/root.cer"]);
  expect(readAuthorities(authorities)).toEqual({ roots: [root.der], intermediates: [issuing.der] });
  for (const name of readdirSync(authorities)) expect(statSync(join(authorities, name)).mode & 0o777).toBe(0o600);
  await learn();
  expect(asked).toHaveLength(2);
});

test("nobody is asked whom the holder does not trust", async () => {
  await learn([]);
  await learn(["https://office.example"]);
  await learn([office.slice(0, -1)]); // the same beginning, another address
  expect(asked).toEqual([]);
  expect(readAuthorities(authorities).roots).toEqual([]);
});

test.each([
  [
    "a certificate of another authority with the same name",
    async () => (await issue({ name: "CN=Issuing", extensions: caExtensions(0) })).der,
  ],
  ["no certificate", async () => new TextEncoder().encode("<html>")],
  ["far too much", async () => new Uint8Array(20_000)],
  ["nothing", async () => new Uint8Array(0)],
])("%s is not kept", async (_name, make) => {
  published.set("/ca/issuing.cer", await make());
  await learn();
  expect(readAuthorities(authorities)).toEqual({ roots: [], intermediates: [] });
});

test("an office that is not there changes nothing", async () => {
  published.clear();
  await learn();
  expect(readAuthorities(authorities)).toEqual({ roots: [], intermediates: [] });
});
