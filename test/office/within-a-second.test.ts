// A revocation as the world sees it: an officer revokes on the page, over HTTP with a session and its token; whoever asks afterwards, without a cache,
// is told so within a second: openssl ocsp, openssl crl, openssl verify, pdfsig and strongSwan's pki, on a certificate that has signed a document.
//
// What is told must be right the first time that it is asked, always. How long that takes is told and must be less than a second in one of three rounds;
// on a machine so busy that the same judges need longer than half a second though nothing has changed, less than twice what they needed then.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signPdf } from "../../host-bridge/signing/sign-pdf.ts";
import { STORE_KINDS } from "../support/office-stores.ts";
import { type BrowserSession, type OfficerClient, revokeOnPage } from "../support/officer-client.ts";
import { nssDatabase } from "../support/pdf-judges.ts";
import { pages } from "../support/sample-pdfs.ts";
import { ask, curl, opensslOcsp } from "../support/status-judges.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { pem } from "../support/test-certificates.ts";
import type { Holder } from "../support/token-holder.ts";
import { WHOLE_OFFICE_START_LIMIT_MS, WholeOffice } from "../support/whole-office.ts";

const TIMES = 3;
const WITHIN_MS = 1000;
/** A question, and what it says of one certificate. */
type Judge = (subject: Subject) => Promise<"good" | "revoked">;

interface Subject {
  readonly holder: Holder;
  /** PEM. */
  readonly file: string;
  readonly signed: string;
}

describe.each(STORE_KINDS)("%s", (kind) => {
  const folder = temporaryFolder();
  let office: WholeOffice;
  let officer: OfficerClient;
  let session: BrowserSession;
  let nss: string;
  let root: string;
  let issuing: string;
  let chain: string;
  let rootCrl: string;
  let files = 0;

  function write(content: string | Uint8Array): string {
    const path = join(folder, `file-${++files}`);
    writeFileSync(path, content);
    return path;
  }

  beforeAll(async () => {
    office = await WholeOffice.open(kind, folder);
    officer = await office.officer(["issuer"]);
    session = await officer.signIn();
    const { authority } = office.desk;
    [root, issuing] = [write(pem(authority.root)), write(pem(authority.current.certificate))];
    chain = write(pem(authority.root) + pem(authority.current.certificate));
    nss = nssDatabase(folder, root);
    rootCrl = await crlFile("root");
  }, WHOLE_OFFICE_START_LIMIT_MS);

  afterAll(() => office.close());

  /** Fetched anew, PEM. */
  async function crlFile(name: string): Promise<string> {
    const [der, file] = [write(""), write("")];
    const { status } = await curl(`${office.url}/crl/${name}.crl`, der);
    expect(status).toBe(200);
    await ask("openssl", ["crl", "-inform", "DER", "-in", der, "-out", file]);
    return file;
  }

  const judges: Readonly<Record<string, Judge>> = {
    "openssl ocsp": async ({ file }) => {
      const url = `${office.url}/ocsp/issuing`;
      const said = await opensslOcsp(["-issuer", issuing, "-cert", file, "-CAfile", chain, "-url", url]);
      expect(said).toContain("Response verify OK");
      expect(said).not.toContain("WARNING"); // of a nonce that is not there
      return said.includes(": good") ? "good" : said.includes("Reason: keyCompromise") ? "revoked" : expect.fail(said);
    },
    "openssl crl": async ({ holder }) => {
      const said = await ask("openssl", ["crl", "-in", await crlFile("issuing"), "-noout", "-text", "-CAfile", chain]);
      expect(said.stderr).toContain("verify OK");
      const [, entry = ""] = said.stdout.split(`Serial Number: ${holder.issued.serialNumber.toUpperCase()}`);
      return entry === "" ? "good" : entry.split("Serial Number: ")[0]?.includes("Key Compromise") ? "revoked" : expect.fail(entry);
    },
    "openssl verify -crl_check": async ({ file }) => {
      const trusted = ["-CAfile", root, "-untrusted", issuing, "-purpose", "any"];
      const said = await ask("openssl", ["verify", "-x509_strict", "-crl_check", "-CRLfile", await crlFile("issuing"), ...trusted, file]);
      return said.status === 0 ? "good" : said.stderr.includes("certificate revoked") ? "revoked" : expect.fail(said.stderr);
    },
    "openssl verify -crl_download": async ({ file }) => {
      // By the address in the certificate.
      const trusted = ["-CAfile", root, "-untrusted", issuing, "-purpose", "any"];
      const said = await ask("openssl", ["verify", "-crl_check", "-crl_download", ...trusted, file]);
      return said.status === 0 ? "good" : said.stderr.includes("certificate revoked") ? "revoked" : expect.fail(said.stderr);
    },
    pdfsig: async ({ signed }) => {
      const { stdout } = await ask("pdfsig", ["-nssdir", `sql:${nss}`, signed]);
      expect(stdout).toContain("Signature is Valid");
      return stdout.includes("Certificate is Trusted")
        ? "good"
        : stdout.includes("Certificate has been Revoked")
          ? "revoked"
          : expect.fail(stdout);
    },
    "pki --verify --online": async ({ file }) => {
      const { stdout, stderr } = await ask("pki", ["--verify", "--online", "--in", file, "--cacert", root, "--cacert", issuing]);
      expect(stderr).toContain("ocsp response correctly signed by");
      return stdout.includes("certificate trusted, lifetimes valid, certificate not revoked")
        ? "good"
        : /certificate was revoked on .*, reason: key compromise/.test(stderr)
          ? "revoked"
          : expect.fail(stdout + stderr);
    },
    "pki --verify --crl": async ({ file }) => {
      const lists = ["--crl", await crlFile("issuing"), "--crl", rootCrl];
      const { stdout, stderr } = await ask("pki", ["--verify", ...lists, "--in", file, "--cacert", root, "--cacert", issuing]);
      return stdout.includes("certificate trusted, lifetimes valid, certificate not revoked")
        ? "good"
        : /certificate was revoked on .*, reason: key compromise/.test(stderr)
          ? "revoked"
          : expect.fail(stdout + stderr);
    },
  };

  /** Whoever has signed a document. */
  async function signer(): Promise<Subject> {
    const holder = await office.holder("SIGN-LCP");
    const { certificate, issuer } = holder.issued;
    const signDigest = (digest: Uint8Array): Promise<Uint8Array> => holder.sign(digest);
    const signed = write(await signPdf(await pages(1), { certificate, issuers: [issuer], signDigest }, { date: new Date() }));
    return { holder, file: write(pem(certificate)), signed };
  }

  /** All at once: what each says, how long it took, and how long all of them. */
  async function judged(subject: Subject): Promise<{ said: Record<string, string>; tookMs: Record<string, number>; allMs: number }> {
    const said: Record<string, string> = {};
    const tookMs: Record<string, number> = {};
    const beganMs = performance.now();
    const asked = Object.entries(judges).map(async ([name, judge]) => {
      const startMs = performance.now();
      said[name] = await judge(subject);
      tookMs[name] = Math.round(performance.now() - startMs);
    });
    await Promise.all(asked);
    return { said, tookMs, allMs: Math.round(performance.now() - beganMs) };
  }

  const all = (answer: string) => Object.fromEntries(Object.keys(judges).map((name) => [name, answer]));

  test("all agree before, and within a second after it, each at the first question", async () => {
    const rounds: { beforeMs: number; acceptedMs: number; allMs: number; tookMs: Record<string, number> }[] = [];
    for (let round = 0; round < TIMES; round++) {
      const subject = await signer();
      const before = await judged(subject);
      expect(before.said).toEqual(all("good"));
      const startMs = performance.now();
      await revokeOnPage(office.url, session, subject.holder.issued, "key-compromise");
      const acceptedMs = Math.round(performance.now() - startMs);
      const { said, tookMs, allMs } = await judged(subject);
      expect(said).toEqual(all("revoked"));
      rounds.push({ beforeMs: before.allMs, acceptedMs, allMs, tookMs });
    }
    const quickest = rounds.reduce((best, each) => (each.allMs < best.allMs ? each : best));
    const times = Object.entries(quickest.tookMs).map(([name, ms]) => `${name} ${ms}`);
    process.stdout.write(
      `${kind}: accepted in ${quickest.acceptedMs} ms; all judges at once agree ${quickest.allMs} ms after that (ms each: ${times.join(", ")}); all rounds, before and after: ${rounds.map(({ beforeMs, allMs }) => `${beforeMs} and ${allMs}`).join(", ")} ms\n`,
    );
    const isInTime = rounds.some(({ beforeMs, allMs }) => allMs < Math.max(WITHIN_MS, 2 * beforeMs));
    expect(isInTime, JSON.stringify(rounds)).toBe(true);
  }, 240_000);
});
