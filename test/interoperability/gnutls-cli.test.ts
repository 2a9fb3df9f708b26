// A TLS client certificate in 9A (PIN once): gnutls-cli over p11-kit-client.so, the bridge and the simulated token, to `openssl s_server`, which
// verifies certificate and signature.

import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type Background, startInBackground } from "../support/background.ts";
import { certifyForLogin } from "../support/login-certificate.ts";
import { mustRun, run } from "../support/run.ts";
import { PIN, Workbench } from "../support/workbench.ts";

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/;

let bench: Workbench;
let login: X509Certificate;
let server: Background;
let port: string;

beforeAll(async () => {
  bench = await Workbench.open();
  await bench.initialise();
  login = await certifyForLogin(bench);
  bench.savePem("9A.pem", login.raw);
  bench.write("chain.pem", readFileSync(bench.path("9A.pem"), "utf8") + readFileSync(bench.issuingPem, "utf8"));
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", bench.path("server.key")];
  mustRun("openssl", ["req", "-x509", ...key, ...names, "-days", "2", "-out", bench.path("server.pem")]);
});

afterAll(() => bench.close());

beforeEach(async () => {
  const own = ["-key", bench.path("server.key"), "-cert", bench.path("server.pem")];
  const clients = ["-CAfile", bench.rootPem, "-Verify", "3", "-verify_return_error"];
  server = startInBackground("openssl", ["s_server", "-accept", "127.0.0.1:0", ...own, ...clients, "-www"]);
  port = (await server.waitFor(/^ACCEPT 127\.0\.0\.1:(\d+)$/m))[1] ?? "";
});

afterEach(() => server.stop());

function connect(version: string, args: readonly string[]) {
  const connection = [
    "--port",
    port,
    "--sni-hostname",
    "localhost",
    "--verify-hostname",
    "localhost",
    "--x509cafile",
    bench.path("server.pem"),
  ];
  return run("gnutls-cli", ["--provider", bench.module, "--priority", version, ...connection, ...args, "127.0.0.1"], {
    env: { ...bench.environment, HOME: bench.folder, GNUTLS_PIN: PIN },
    input: "GET / HTTP/1.0\r\n\r\n",
  });
}

it.each([
  ["TLSv1.3", "NORMAL:-VERS-ALL:+VERS-TLS1.3"],
  ["TLSv1.2", "NORMAL:-VERS-ALL:+VERS-TLS1.2"],
])("gnutls-cli is let in by %s, and the server has that very certificate", (name, version) => {
  const key = ["--x509keyfile", "pkcs11:id=%01;type=private", "--x509certfile", bench.path("chain.pem")];
  const { stdout } = connect(version, key);
  const page = stdout.slice(stdout.indexOf("HTTP/1.0 200 ok"));
  expect(page).toContain(`New, ${name}`);
  expect(page).toContain("Verify return code: 0 (ok)");
  const shown = PEM.exec(page.slice(page.indexOf("Client certificate")));
  expect(new X509Certificate(shown?.[0] ?? "").fingerprint256).toBe(login.fingerprint256);
});

it("gnutls-cli is not let in without a certificate", async () => {
  expect(connect("NORMAL", []).stdout).not.toContain("HTTP/1.0 200 ok");
  await server.waitFor(/peer did not return a certificate/);
});
