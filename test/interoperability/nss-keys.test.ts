// NSS's certutil makes a key and writes its certificate over p11-kit-client.so, the bridge and the simulated token; openssl verifies. For that the
// bridge has the token's management key, as it has it after `sceau token init`.

import { X509Certificate } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { issueLoginCertificate } from "../support/login-certificate.ts";
import { opensslOnRequest } from "../support/openssl-judge.ts";
import { nssDatabase } from "../support/pdf-judges.ts";
import { type Outcome, run } from "../support/run.ts";
import { MANAGEMENT_KEY, PUK, Workbench } from "../support/workbench.ts";

let bench: Workbench;
let database: string;
let token: string;
let request: string;

const certutil = (...args: string[]): Outcome =>
  run("certutil", [...args, "-d", `sql:${database}`, "-h", token, "-f", bench.path("pin.txt")], { env: bench.environment });

beforeAll(async () => {
  bench = await Workbench.open({ withBridge: false });
  await bench.initialise();
  await bench.authority();
  const client = await bench.client();
  const { serial } = await client.deviceInfo();
  client.close();
  const secrets = bench.state.secrets(serial);
  mkdirSync(dirname(secrets), { recursive: true, mode: 0o700 });
  writeFileSync(secrets, JSON.stringify({ puk: PUK, managementKey: MANAGEMENT_KEY }), { mode: 0o600 });
  await bench.startBridge();
  database = nssDatabase(bench.folder, bench.rootPem);
  token = `Sceau ${serial}`;
  const add = ["-dbdir", `sql:${database}`, "-force", "-add", "Sceau", "-libfile", bench.module];
  expect(run("modutil", add, { env: bench.environment })).toMatchObject({ status: 0 });
});

afterAll(() => bench.close());

it("certutil -R -k ec: a key in the first empty slot, 9A, PIN once, and a certification request", () => {
  request = bench.path("request.pem");
  const made = certutil(
    "-R",
    "-k",
    "ec",
    "-q",
    "nistp256",
    "-s",
    "CN=Irene Faron",
    "-z",
    bench.write("noise", "not a seed of anything that counts"),
    "-a",
    "-o",
    request,
  );
  expect(made).toMatchObject({ status: 0 });
  expect(opensslOnRequest(request)).toBe("Certificate request self-signature verify OK");
  expect(certutil("-K").stdout).toMatch(/^< 0> ec +01 +PIV authentication$/m);
});

it("certutil -A: the certificate of that key, beside it", async () => {
  const certificate = new X509Certificate(await issueLoginCertificate(bench, request));
  const added = certutil("-A", "-n", "of NSS's own choice", "-t", ",,", "-i", bench.savePem("certificate.pem", certificate.raw));
  expect(added).toMatchObject({ status: 0 });
  expect(certutil("-L").stdout).toMatch(new RegExp(`^${token}:PIV authentication +u,u,u *$`, "m"));
  const { stdout } = certutil("-L", "-n", `${token}:PIV authentication`, "-a");
  expect(new X509Certificate(stdout).fingerprint256).toBe(certificate.fingerprint256);
});
