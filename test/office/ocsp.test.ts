// The OCSP responder over http, judged by openssl ocsp, on both databases.

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { eq, sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { issuers, responderCertificates } from "../../office/store/schema.ts";
import { openPostgres } from "../../office/store/store.ts";
import { openTestStore, STORE_KINDS, STORE_START_LIMIT_MS, type TestStore } from "../support/office-stores.ts";
import { type HttpAnswer, send } from "../support/raw-http.ts";
import { type BenchCertificate, type BenchIssuer, StatusBench } from "../support/status-bench.ts";
import { curl, opensslOcsp } from "../support/status-judges.ts";
import { startStatusServer } from "../support/status-server.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { newKeys, pem } from "../support/test-certificates.ts";

const WEEK_MS = 7 * 86_400_000;
/** OCSPResponseStatus, each as the whole response that it is. */
const ERRORS = { malformedRequest: "30030a0101", internalError: "30030a0102", tryLater: "30030a0103", unauthorized: "30030a0106" };

describe.each(STORE_KINDS)("%s", (kind) => {
  const folder = temporaryFolder();
  let opened: TestStore;
  let bench: StatusBench;
  let issuing: BenchIssuer;
  let good: BenchCertificate;
  let revoked: BenchCertificate;
  let trusted: string;

  beforeAll(async () => {
    opened = await openTestStore(kind);
    bench = await StatusBench.open(opened.store, folder);
    issuing = await bench.addIssuer("issuing", { isCurrent: true });
    good = await bench.certify(issuing);
    revoked = await bench.certify(issuing);
    await bench.revoke(revoked, 1);
    trusted = bench.chainFile(issuing);
  }, STORE_START_LIMIT_MS);

  afterAll(async () => {
    await bench.close();
    await opened.close();
  });

  const ocspAddress = (issuer = issuing): string => `${bench.ground.server.address}/ocsp/${issuer.fileName}`;

  /** openssl ocsp by POST. */
  const ask = (certificates: readonly string[], options: readonly string[] = [], issuer = issuing): Promise<string> =>
    opensslOcsp(["-issuer", issuer.file, ...options, ...certificates, "-CAfile", trusted, "-url", ocspAddress(issuer)]);
  const cert = ({ file }: BenchCertificate): string[] => ["-cert", file];

  async function requestFile(options: readonly string[]): Promise<string> {
    const out = bench.write("");
    await opensslOcsp(["-issuer", issuing.file, ...options, "-reqout", out]);
    return out;
  }

  describe("statuses", () => {
    test("good, with the nonce that was sent, signed by the delegate that the chain leads to", async () => {
      const said = await ask(cert(good));
      expect(said).toContain("Response verify OK");
      expect(said).toContain(`${good.file}: good`);
      expect(said).not.toContain("WARNING");
      expect(said).not.toContain("Nonce Verify error");
    });

    test("revoked, with time and reason", async () => {
      const said = await ask(cert(revoked));
      expect(said).toContain("Response verify OK");
      expect(said).toContain(`${revoked.file}: revoked`);
      expect(said).toContain("Reason: keyCompromise");
      expect(said).toMatch(/Revocation Time: \w{3} +\d+ [\d:]{8} 20\d\d GMT/);
    });

    test("reason 0 is left out, and a revocation counts at once", async () => {
      const certificate = await bench.certify(issuing);
      expect(await ask(cert(certificate))).toContain(": good");
      const at = await bench.revoke(certificate, 0);
      const said = await ask(cert(certificate));
      expect(said).toContain(`${certificate.file}: revoked`);
      expect(said).not.toContain("Reason:");
      expect(Date.parse(/Revocation Time: (.*)/.exec(said)?.[1] ?? "")).toBe(at.getTime());
    });

    test("a number that was never issued is unknown, another issuer's too", async () => {
      const second = await bench.addIssuer("issuing-other");
      const theirs = await bench.certify(second);
      const said = await ask(["-serial", "0x4123", "-serial", `0x${theirs.serialNumber}`]);
      expect(said).toContain("Response verify OK");
      expect(said).toContain("0x4123: unknown");
      expect(said).toContain(`0x${theirs.serialNumber}: unknown`);
    });

    test("the responder's own certificate is good", async () => {
      const [row] = await opened.store.db.select().from(responderCertificates).where(eq(responderCertificates.issuerId, issuing.id));
      expect(await ask(["-serial", `0x${row?.serialNumber}`])).toContain(": good");
    });

    test("several at once, in the order of the request", async () => {
      const said = await ask([...cert(revoked), ...cert(good), "-serial", "7", ...cert(revoked)]);
      expect([...said.matchAll(/: (good|revoked|unknown)/g)].map((match) => match[1])).toEqual(["revoked", "good", "unknown", "revoked"]);
    });

    test("issuers named by SHA-256", async () => {
      const said = await ask(["-sha256", ...cert(good)]);
      expect(said).toContain("Response verify OK");
      expect(said).toContain(": good");
    });

    test("a certificate whose time is over keeps its status, and the response says since when that is so", async () => {
      const year = 365 * 86_400_000;
      const dates = { notBefore: new Date(Date.now() - year), notAfter: new Date(Date.now() - year / 2) };
      const [past, pastRevoked] = [await bench.certify(issuing, dates), await bench.certify(issuing, dates)];
      await bench.revoke(pastRevoked, 4);
      const said = await ask([...cert(past), ...cert(pastRevoked), ...cert(good)], ["-resp_text"]);
      expect(said).toContain(`${past.file}: good`);
      expect(said).toContain(`${pastRevoked.file}: revoked`);
      expect(said.match(/OCSP Archive Cutoff/g)).toHaveLength(2);
      expect(said).toMatch(/OCSP Archive Cutoff:\s+Jan {2}1 00:00:00 2025 GMT/); // the issuer's notBefore
    });

    test("the response's form: by key, its times a minute apart, one certificate", async () => {
      const said = await ask(cert(good), ["-resp_text", "-no_nonce"]);
      const time = (name: string): number => Date.parse(new RegExp(`${name}: (.*)`).exec(said)?.[1] ?? "");
      expect(said).toMatch(/Responder Id: [0-9A-F]{40}\n/);
      expect(said).toContain("Signature Algorithm: ecdsa-with-SHA256");
      expect(said.match(/Certificate:/g)).toHaveLength(1);
      expect(said).toContain("OCSP No Check");
      expect(time("This Update")).toBe(time("Produced At"));
      expect(time("Next Update") - time("This Update")).toBe(60_000);
      expect(Math.abs(Date.now() - time("Produced At"))).toBeLessThan(5000);
    });
  });

  describe("who answers", () => {
    test("is believed as a delegate; trusted explicitly, too; and not under another root", async () => {
      const responder = bench.write(pem((await bench.delegate(issuing)).der));
      const explicit = ["-issuer", issuing.file, ...cert(good), "-VAfile", responder, "-url", ocspAddress()];
      expect(await opensslOcsp(explicit)).toContain("Response verify OK");
      const other = bench.write(pem((await bench.addIssuer("issuing-lone")).der));
      const wrong = await opensslOcsp(["-issuer", issuing.file, ...cert(good), "-CAfile", other, "-url", ocspAddress()]);
      expect(wrong).toContain("Response Verify Failure");
    });

    test("after a rollover each issuer has its own, at once", async () => {
      const next = await bench.addIssuer("issuing-2");
      const theirs = await bench.certify(next);
      await bench.revoke(theirs, 4);
      const both = bench.write(readFileSync(trusted, "utf8") + pem(next.der));
      const said = await opensslOcsp(["-issuer", next.file, ...cert(theirs), "-CAfile", both, "-url", ocspAddress(next)]);
      expect(said).toContain("Response verify OK");
      expect(said).toContain("Reason: superseded");
      expect(await ask(cert(good))).toContain(": good");
      const mixed = await requestFile([...cert(good), "-issuer", next.file, ...cert(theirs)]);
      expect((await send(bench.ground.server.address, "/ocsp/issuing", { post: readFileSync(mixed) })).body).toBe(ERRORS.unauthorized);
    });

    test("nobody, for an issuer whom the office does not have", async () => {
      const rootFile = bench.ground.root.file;
      const said = await opensslOcsp(["-issuer", rootFile, "-cert", issuing.file, "-CAfile", rootFile, "-url", ocspAddress()]);
      expect(said).toContain("Responder Error: unauthorized (6)");
    });

    test("nobody, while the key has no certificate; the newest that it has", async () => {
      const { store } = opened;
      const lone = await bench.addIssuer("issuing-3");
      const certificate = await bench.certify(lone);
      const chain = bench.write(readFileSync(trusted, "utf8") + pem(lone.der));
      const status = (): Promise<string> =>
        opensslOcsp(["-issuer", lone.file, ...cert(certificate), "-CAfile", chain, "-resp_text", "-url", ocspAddress(lone)]);
      await store.db.delete(responderCertificates).where(eq(responderCertificates.issuerId, lone.id));
      await bench.delegate(lone, { keys: await newKeys() });
      expect(await status()).toContain("Responder Error: trylater (3)");
      expect(bench.ground.server.log.join("")).toContain("tryLater");
      await bench.delegate(lone, { days: 1.5 });
      const newest = await bench.delegate(lone);
      const [row] = await store.db.select().from(responderCertificates).where(eq(responderCertificates.der, newest.der));
      expect(await status()).toContain((row?.serialNumber.match(/../g) ?? []).join(":"));
    });

    test("nobody, when the issuer's own time is over", async () => {
      const short = await bench.addIssuer("issuing-4", { notAfter: new Date(Date.now() + WEEK_MS) });
      const certificate = await bench.certify(short);
      const said = (): Promise<string> =>
        opensslOcsp(["-issuer", short.file, ...cert(certificate), "-noverify", "-url", ocspAddress(short)]);
      expect(await said()).toContain(": good");
      bench.ground.clock.offsetMs = WEEK_MS + 1000;
      const later = await said();
      bench.ground.clock.offsetMs = 0;
      expect(later).toContain("Responder Error: unauthorized (6)");
    });
  });

  describe("over http", () => {
    const ESCAPES: readonly (readonly [string, (text: string) => string])[] = [
      ["nothing", (text) => text],
      ["all that is no letter or digit", encodeURIComponent],
      ["in lower case", (text) => text.replaceAll("+", "%2b").replaceAll("/", "%2f").replaceAll("=", "%3d")],
      ["every character", (text) => [...text].map((each) => `%${each.charCodeAt(0).toString(16)}`).join("")],
      ["twice", (text) => encodeURIComponent(encodeURIComponent(text))],
      ["nothing, after two slashes", (text) => `/${text}`],
    ];

    /** One whose base64 has all of the characters that matter. */
    async function awkwardRequest(): Promise<string> {
      for (let attempt = 0; attempt < 500; attempt++) {
        const serial = `0x4${randomBytes(13).toString("hex")}`;
        const file = await requestFile(["-no_nonce", "-serial", serial, ...cert(good)]);
        const text = readFileSync(file).toString("base64");
        if (text.includes("+") && text.includes("/") && text.endsWith("=")) return file;
      }
      throw new Error("no such request");
    }

    test("GET, by curl, whatever it escapes", async () => {
      const file = await awkwardRequest();
      const text = readFileSync(file).toString("base64");
      for (const [what, escaped] of ESCAPES) {
        const out = bench.write("");
        const { status, headers } = await curl(`${ocspAddress()}/${escaped(text)}`, out);
        expect([status, headers.get("content-type")], what).toEqual([200, "application/ocsp-response"]);
        const said = await opensslOcsp(["-issuer", issuing.file, ...cert(good), "-CAfile", trusted, "-no_nonce", "-respin", out]);
        expect(said, what).toContain("Response verify OK");
        expect(said, what).toContain(`${good.file}: good`);
      }
    });

    test("without a nonce, a response may be kept until its minute is over; HEAD says the same", async () => {
      const text = encodeURIComponent(readFileSync(await requestFile(["-no_nonce", ...cert(good)])).toString("base64"));
      const out = bench.write("");
      for (const more of [[], ["-I"]]) {
        const { status, headers } = await curl(`${ocspAddress()}/${text}`, out, more);
        expect(status).toBe(200);
        const maxAge = Number(/^max-age=(\d+), public, no-transform, must-revalidate$/.exec(headers.get("cache-control") ?? "")?.[1]);
        expect(maxAge).toBeGreaterThan(50);
        expect(maxAge).toBeLessThanOrEqual(60);
        const [modified, expires] = ["last-modified", "expires"].map((name) => Date.parse(headers.get(name) ?? ""));
        expect((expires ?? 0) - (modified ?? 0)).toBe(60_000);
      }
    });

    test("with a nonce, it may not", async () => {
      const post = readFileSync(await requestFile(cert(good)));
      expect((await send(bench.ground.server.address, "/ocsp/issuing", { post })).cacheControl).toBe("no-store");
    });

    test("another type, or too much of it, is told by http and by OCSP", async () => {
      const { address } = bench.ground.server;
      const post = readFileSync(await requestFile(cert(good)));
      const answers = [
        await send(address, "/ocsp/issuing", { post, type: "application/json" }),
        await send(address, "/ocsp/issuing", { post: new Uint8Array(9000) }),
      ];
      expect(answers.map(({ status }) => status)).toEqual([415, 413]);
      for (const { body, cacheControl } of answers) expect([body, cacheControl]).toEqual([ERRORS.malformedRequest, "no-store"]);
    });

    test("any bytes give an OCSP error that nobody may keep", async () => {
      const { address } = bench.ground.server;
      const sound = new Uint8Array(readFileSync(await requestFile(["-no_nonce", ...cert(good)])));
      const changed = fc.tuple(fc.nat(sound.length - 1), fc.nat(255)).map(([at, value]) => sound.with(at, value));
      const isAnswer = ({ status, body, cacheControl }: HttpAnswer): boolean => {
        const isError = [ERRORS.malformedRequest, ERRORS.unauthorized].includes(body) && cacheControl === "no-store";
        return status === 200 && (isError || body.startsWith("3082"));
      };
      await fc.assert(
        fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 100 }), changed), async (bytes) => {
          expect(isAnswer(await send(address, "/ocsp/issuing", { post: bytes }))).toBe(true);
          expect(isAnswer(await send(address, `/ocsp/issuing/${encodeURIComponent(Buffer.from(bytes).toString("base64"))}`))).toBe(true);
        }),
        { numRuns: 150 },
      );
      for (const path of ["/ocsp/issuing", "/ocsp/issuing/", "/ocsp/issuing/%C3%A9", "/ocsp/issuing/%00"]) {
        expect(await send(address, path), path).toMatchObject({ status: 200, body: ERRORS.malformedRequest });
      }
      expect(bench.ground.server.log.join("")).not.toContain("internalError");
    });
  });

  test("reading six tables is all that it needs", async () => {
    const { store } = opened;
    await store.db.execute(sql`create role status_reader`);
    await store.db.execute(
      sql`grant select on issuers, certificates, revocations, unknown_revocations, responder_certificates, crls to status_reader`,
    );
    const post = readFileSync(await requestFile(cert(revoked)));
    await store.transaction(async (tx) => {
      await tx.execute(sql`set local role status_reader`);
      const server = await startStatusServer(tx, bench.ground.key, bench.ground.clock);
      expect((await send(server.address, "/ocsp/issuing", { post })).body).toMatch(/^3082/);
      await server.app.close();
      await expect(tx.transaction((inner) => inner.update(issuers).set({ crlNumber: 99 }))).rejects.toThrow();
    });
  });

  test("a database that does not answer: try later, and the log tells", async () => {
    const broken = await openPostgres(`postgres://sceau@/none?host=${folder}`); // no server has its socket there
    const server = await startStatusServer(broken.db, bench.ground.key, bench.ground.clock);
    const post = readFileSync(await requestFile(cert(good)));
    expect((await send(server.address, "/ocsp/issuing", { post })).body).toBe(ERRORS.tryLater);
    expect(server.log.join("")).toMatch(/tryLater.*ENOENT/);
    await server.app.close();
    await broken.close();
  });

  test("a key that cannot be used: internal error, and the log tells", async () => {
    const { key, clock } = bench.ground;
    const server = await startStatusServer(opened.store.db, { ...key, sign: () => Promise.reject(new Error("no such key")) }, clock);
    const post = readFileSync(await requestFile(cert(good)));
    expect((await send(server.address, "/ocsp/issuing", { post })).body).toBe(ERRORS.internalError);
    expect(server.log.join("")).toContain("no such key");
    await server.app.close();
  });
});
