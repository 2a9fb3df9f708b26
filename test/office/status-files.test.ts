// CRLs and certificates over http, and whoever follows the addresses in a certificate: openssl, curl, strongSwan's pki, pdfsig. On both databases.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { p256 } from "@noble/curves/nist.js";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signPdf } from "../../host-bridge/signing/sign-pdf.ts";
import { crls } from "../../office/store/schema.ts";
import { openTestStore, STORE_KINDS, STORE_START_LIMIT_MS, type TestStore } from "../support/office-stores.ts";
import { nssDatabase } from "../support/pdf-judges.ts";
import type { Outcome } from "../support/run.ts";
import { pages } from "../support/sample-pdfs.ts";
import { type BenchCertificate, type BenchIssuer, StatusBench } from "../support/status-bench.ts";
import { ask, curl } from "../support/status-judges.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;

describe.each(STORE_KINDS)("%s", (kind) => {
  const folder = temporaryFolder();
  let opened: TestStore;
  let bench: StatusBench;
  let issuing: BenchIssuer;
  let good: BenchCertificate;
  let revoked: BenchCertificate;

  beforeAll(async () => {
    opened = await openTestStore(kind);
    bench = await StatusBench.open(opened.store, folder);
    issuing = await bench.addIssuer("issuing", { isCurrent: true });
    good = await bench.certify(issuing);
    revoked = await bench.certify(issuing);
    await bench.revoke(revoked, 1);
    await bench.publishCrl(issuing);
    await bench.publishCrl(bench.ground.root);
  }, STORE_START_LIMIT_MS);

  afterAll(async () => {
    await bench.close();
    await opened.close();
  });

  const address = (path: string): string => `${bench.ground.server.address}${path}`;

  /** Fetches the CRL: the file, PEM. */
  async function crlFile(name: string): Promise<string> {
    const [der, file] = [bench.write(""), bench.write("")];
    await curl(address(`/crl/${name}.crl`), der);
    const { status, stderr } = await ask("openssl", ["crl", "-inform", "DER", "-in", der, "-out", file]);
    expect([status, stderr]).toEqual([0, ""]);
    return file;
  }

  const verify = async ({ file }: BenchCertificate, crl: string): Promise<Outcome> => {
    const chain = ["-CAfile", bench.ground.root.file, "-untrusted", issuing.file];
    return ask("openssl", ["verify", "-crl_check", "-CRLfile", crl, "-purpose", "any", ...chain, file]);
  };

  describe("a CRL", () => {
    test("is what openssl crl and openssl verify believe, at once after a revocation", async () => {
      const fresh = await bench.certify(issuing);
      const before = await crlFile("issuing");
      expect(await ask("openssl", ["crl", "-in", before, "-CAfile", bench.chainFile(issuing), "-noout"])).toMatchObject({
        stderr: "verify OK\n",
      });
      expect(await verify(fresh, before)).toMatchObject({ status: 0 });
      expect((await verify(revoked, before)).stderr).toContain("certificate revoked");
      await bench.revoke(fresh, 4);
      await bench.publishCrl(issuing);
      expect((await verify(fresh, await crlFile("issuing"))).stderr).toContain("certificate revoked");
    });

    test("has its type, its age, and no more than a minute in a cache", async () => {
      const at = await bench.publishCrl(issuing);
      const { status, headers } = await curl(address("/crl/issuing.crl"), bench.write(""));
      expect(status).toBe(200);
      expect(headers.get("content-type")).toBe("application/pkix-crl");
      expect(headers.get("cache-control")).toBe("max-age=60, public, no-transform, must-revalidate");
      expect(Date.parse(headers.get("last-modified") ?? "")).toBe(at.getTime());
      const head = await curl(address("/crl/issuing.crl"), bench.write(""), ["-I"]);
      for (const name of ["content-type", "content-length", "etag", "last-modified", "cache-control"]) {
        expect(head.headers.get(name), name).toBe(headers.get(name));
      }
    });

    test("is sent again to whoever has another one, though it be of the same second", async () => {
      const tags = bench.write("");
      const fetched = (): Promise<number> =>
        curl(address("/crl/issuing.crl"), bench.write(""), ["--etag-compare", tags, "--etag-save", tags]).then(({ status }) => status);
      expect([await fetched(), await fetched()]).toEqual([200, 304]);
      await bench.publishCrl(issuing);
      const since = (await curl(address("/crl/issuing.crl"), bench.write(""))).headers.get("last-modified");
      await bench.publishCrl(issuing);
      expect([await fetched(), await fetched()]).toEqual([200, 304]);
      const [weak, any, dated] = [
        `If-None-Match: "x", W/${readFileSync(tags, "utf8").trim()}`,
        "If-None-Match: *",
        `If-Modified-Since: ${since}`,
      ];
      const status = async (header: string): Promise<number> =>
        (await curl(address("/crl/issuing.crl"), bench.write(""), ["-H", header])).status;
      expect([await status(weak), await status(any), await status(dated)]).toEqual([304, 304, 200]);
    });

    test("is kept by nobody beyond its end, and not given out after it", async () => {
      const { clock, server } = bench.ground;
      const second = await bench.addIssuer("issuing-2");
      const fetched = () => curl(address("/crl/issuing-2.crl"), bench.write(""));
      expect(await fetched()).toMatchObject({ status: 503 });
      await bench.publishCrl(second);
      clock.offsetMs = 24 * HOUR_MS - 30_000;
      const { headers } = await fetched();
      expect(Number(/^max-age=(\d+),/.exec(headers.get("cache-control") ?? "")?.[1])).toBeLessThanOrEqual(30);
      clock.offsetMs = 24 * HOUR_MS + 1000;
      const over = await fetched();
      expect(over.status).toBe(503);
      expect([over.headers.get("cache-control"), over.headers.get("retry-after")]).toEqual(["no-store", "60"]);
      expect(server.log.join("")).toContain("no valid CRL of issuing-2");
      await bench.publishCrl(second);
      expect((await fetched()).status).toBe(200);
      clock.offsetMs = 0;
    });

    test("is the last one when its issuer's time is over", async () => {
      const { clock } = bench.ground;
      const short = await bench.addIssuer("issuing-3", { notAfter: new Date(Date.now() + YEAR_MS) });
      await bench.publishCrl(short);
      clock.offsetMs = YEAR_MS + 1000;
      const { status, headers } = await curl(address("/crl/issuing-3.crl"), bench.write(""));
      clock.offsetMs = 0;
      expect([status, headers.get("cache-control")]).toEqual([200, "no-cache"]);
    });

    test("is the newest by its number", async () => {
      const numbers = (await opened.store.db.select().from(crls).where(eq(crls.issuerId, issuing.id))).map(({ number }) => number);
      const { stdout } = await ask("openssl", ["crl", "-in", await crlFile("issuing"), "-noout", "-crlnumber"]);
      expect(Number.parseInt(stdout.replace("crlNumber=0x", ""), 16)).toBe(Math.max(...numbers));
    });
  });

  test("what there is not is not found", async () => {
    for (const path of [
      "/crl/other.crl",
      "/crl/issuing",
      "/crl/ISSUING.crl",
      "/crl/..%2fissuing.crl",
      "/ca/other.cer",
      "/ca/issuing.der",
    ]) {
      expect((await curl(address(path), bench.write(""))).status, path).toBe(404);
    }
  });

  test("certificates of root and issuing CA, in both forms", async () => {
    for (const [name, der] of [["root", bench.ground.root.der] as const, ["issuing", issuing.der] as const]) {
      const [cer, text] = [bench.write(""), bench.write("")];
      const fetched = [await curl(address(`/ca/${name}.cer`), cer), await curl(address(`/ca/${name}.pem`), text)];
      expect(fetched.map(({ headers }) => headers.get("content-type"))).toEqual([
        "application/pkix-cert",
        "application/pem-certificate-chain",
      ]);
      expect(new Uint8Array(readFileSync(cer))).toEqual(der);
      const { stdout } = await ask("openssl", ["x509", "-in", text, "-noout", "-fingerprint", "-sha256"]);
      expect(stdout.replaceAll(":", "").toLowerCase()).toContain(createHash("sha256").update(der).digest("hex"));
      expect((await curl(address(`/ca/${name}.cer`), bench.write(""), ["-I"])).status).toBe(200);
    }
  });

  describe("who follows the addresses in a certificate", () => {
    const pki = ({ file }: BenchCertificate, more: readonly string[]): Promise<Outcome> =>
      ask("pki", ["--verify", "--in", file, "--cacert", bench.ground.root.file, "--cacert", issuing.file, ...more]);

    test("strongSwan's pki: OCSP for the certificate, the root's CRL for the issuing CA", async () => {
      const [trusted, refused] = [await pki(good, ["--online"]), await pki(revoked, ["--online"])];
      expect(trusted).toMatchObject({
        status: 0,
        stdout: expect.stringContaining("certificate trusted, lifetimes valid, certificate not revoked"),
      });
      expect(trusted.stderr).toContain('ocsp response correctly signed by "CN=Bench OCSP"');
      expect(trusted.stderr).toContain('crl correctly signed by "CN=Bench root"');
      expect(refused.status).not.toBe(0);
      expect(refused.stderr).toMatch(/certificate was revoked on .*, reason: key compromise/);
    });

    test("strongSwan's pki, by the CRLs that it was given", async () => {
      const lists = ["--crl", await crlFile("issuing"), "--crl", await crlFile("root")];
      expect((await pki(good, lists)).stdout).toContain("certificate not revoked");
      expect((await pki(revoked, lists)).stdout).toContain("certificate untrusted");
    });

    test("pdfsig, by OCSP", async () => {
      const asked: string[] = [];
      bench.ground.server.app.server.on("request", ({ url = "" }) => asked.push(url.split("/").slice(0, 3).join("/")));
      const nss = nssDatabase(folder, bench.ground.root.file);
      const signed = async (certificate: BenchCertificate): Promise<string> => {
        const { d = "" } = certificate.privateKey.export({ format: "jwk" });
        const secret = new Uint8Array(Buffer.from(d, "base64url"));
        const signDigest = (digest: Uint8Array): Promise<Uint8Array> =>
          Promise.resolve(p256.sign(digest, secret, { prehash: false, format: "der" }));
        const signer = { certificate: certificate.der, issuers: [issuing.der], signDigest };
        return bench.write(await signPdf(await pages(1), signer, { date: new Date() }));
      };
      const report = async (certificate: BenchCertificate): Promise<string> =>
        (await ask("pdfsig", ["-nssdir", `sql:${nss}`, await signed(certificate)])).stdout;
      expect(await report(good)).toContain("Certificate is Trusted");
      expect(await report(revoked)).toContain("Certificate has been Revoked");
      expect(asked).toEqual(["/ocsp/issuing", "/ocsp/issuing"]);
    });
  });
});
