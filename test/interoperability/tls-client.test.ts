// A TLS client certificate in the token: `openssl s_client` and curl over OpenSSL's PKCS#11 engine, p11-kit-client.so, the bridge and the
// simulated token, against servers that ask for it: `openssl s_server`, and Node's.

import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { type Background, startInBackground } from "../support/background.ts";
import { certifyForLogin } from "../support/login-certificate.ts";
import { ENGINE, OpensslEngine } from "../support/openssl-engine.ts";
import { mustRun, type Outcome } from "../support/run.ts";
import { PIN, Workbench } from "../support/workbench.ts";

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/;
const REQUEST = "GET / HTTP/1.0\r\n\r\n";

let bench: Workbench;
let engine: OpensslEngine;
let login: X509Certificate;
let serverKey: string;
let serverPem: string;

beforeAll(async () => {
  bench = await Workbench.open();
  await bench.initialise();
  login = await certifyForLogin(bench);
  bench.savePem("9A.pem", login.raw);
  bench.savePem("9C.pem", (await bench.certify(SLOT_SIGNATURE)).raw);
  const issuing = readFileSync(bench.issuingPem, "utf8");
  bench.write("9A-chain.pem", readFileSync(bench.path("9A.pem"), "utf8") + issuing);
  bench.write("authorities.pem", readFileSync(bench.rootPem, "utf8") + issuing);
  [serverKey, serverPem] = [bench.path("server.key"), bench.path("server.pem")];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", serverKey];
  mustRun("openssl", ["req", "-x509", ...key, ...names, "-days", "2", "-out", serverPem]);
  engine = new OpensslEngine(bench);
});

afterAll(() => bench.close());

describe("openssl s_client with the certificate of 9A, to openssl s_server", () => {
  let server: Background;
  let address: string;

  // A server for each connection: this one does not always get over a client that it refused.
  beforeEach(async () => {
    const own = ["-key", serverKey, "-cert", serverPem];
    const clients = ["-CAfile", bench.rootPem, "-Verify", "3", "-verify_return_error"];
    server = startInBackground("openssl", ["s_server", "-accept", "127.0.0.1:0", ...own, ...clients, "-www"]);
    address = (await server.waitFor(/^ACCEPT (127\.0\.0\.1:\d+)$/m))[1] ?? "";
  });

  afterEach(() => server.stop());

  const client = (args: readonly string[], typed: string): Outcome => {
    const connection = ["-connect", address, "-servername", "localhost", "-verify_hostname", "localhost", "-CAfile", serverPem];
    return engine.openssl(["s_client", ...connection, "-verify_return_error", "-ign_eof", ...args], typed);
  };
  const withKey = (slot: "9A" | "9C"): string[] => [
    ...[...ENGINE, "-key", engine.privateKey(slot), "-cert", bench.path(`${slot}.pem`), "-cert_chain", bench.issuingPem],
  ];

  it.each([
    ["-tls1_3", "TLSv1.3"],
    ["-tls1_2", "TLSv1.2"],
  ])("is let in by %s, and the server has that very certificate", (version, name) => {
    const { status, stdout } = client([version, ...withKey("9A")], REQUEST);
    expect(status).toBe(0);
    const page = stdout.slice(stdout.indexOf("HTTP/1.0 200 ok"));
    expect(page).toContain(`New, ${name}`);
    expect(page).toContain("Verify return code: 0 (ok)");
    const shown = PEM.exec(page.slice(page.indexOf("Client certificate")));
    expect(new X509Certificate(shown?.[0] ?? "").fingerprint256).toBe(login.fingerprint256);
  });

  it("is not let in without a certificate", async () => {
    expect(client([], REQUEST).stdout).not.toContain("HTTP/1.0 200 ok");
    await server.waitFor(/peer did not return a certificate/);
  });

  it("is not let in with 9C: the PIN is asked at the terminal once more, and then the server refuses a SIGN certificate", async () => {
    const { stdout, stderr } = client(withKey("9C"), `${PIN}\n${REQUEST}`);
    expect(stderr).toContain("Enter PKCS#11 key PIN for PIV signature:");
    expect(stdout).not.toContain("HTTP/1.0 200 ok");
    expect(stderr).toMatch(/(sslv3|tls) alert unsupported certificate/);
    await server.waitFor(/verify error:num=26:unsuitable certificate purpose/);
  });
});

describe("curl with the certificate of 9A, to Node's server", () => {
  let server: Server;
  let url: string;

  const curl = async (args: readonly string[]): Promise<unknown> => {
    const options = { env: engine.environment };
    const { stdout } = await promisify(execFile)(
      "curl",
      ["--disable", "--silent", "--show-error", "--noproxy", "*", "--cacert", serverPem, ...args, url],
      options,
    );
    return JSON.parse(stdout);
  };

  beforeAll(async () => {
    const own = { key: readFileSync(serverKey), cert: readFileSync(serverPem) };
    const clients = { ca: readFileSync(bench.path("authorities.pem")), requestCert: true, rejectUnauthorized: true };
    server = createServer({ ...own, ...clients }, (request, response) => {
      const socket = request.socket as TLSSocket;
      const { fingerprint256 } = socket.getPeerCertificate();
      response.end(JSON.stringify({ fingerprint256, isAuthorised: socket.authorized, protocol: socket.getProtocol() }));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `https://localhost:${(server.address() as AddressInfo).port}/`;
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it.each([
    ["in a file", () => bench.path("9A-chain.pem")],
    ["in the token", () => engine.certificate("9A")],
  ])("is let in, with the certificate %s", async (_where, certificate) => {
    const seen = await curl(["--cert", certificate(), "--key", engine.privateKey("9A")]);
    expect(seen).toEqual({ fingerprint256: login.fingerprint256, isAuthorised: true, protocol: "TLSv1.3" });
  });

  it("is not let in without", async () => {
    await expect(curl([])).rejects.toThrow(/certificate required/);
  });
});
