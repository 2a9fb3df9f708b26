// What issuance writes, as the status service tells it: both read the same tables, so OCSP and CRL say the same, at once.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { adoptAuthority } from "../../office/issuance/authority-adoption.ts";
import { OCSP_KEY_FILE } from "../../office/issuance/authority-folder.ts";
import type { IssuedCertificate } from "../../office/issuance/certificate-issuance.ts";
import { revoke } from "../../office/issuance/revocation.ts";
import { REVOCATION_REASONS, type RevocationReason } from "../../office/issuance/revocation-reasons.ts";
import { OcspKeyError, openOcspKey } from "../../office/status/ocsp-key.ts";
import { ACTOR, IssuanceBench } from "../support/issuance-bench.ts";
import { STORE_KINDS, STORE_START_LIMIT_MS } from "../support/office-stores.ts";
import { ask, curl, opensslOcsp } from "../support/status-judges.ts";
import { type StatusServer, startStatusServer } from "../support/status-server.ts";
import { pem } from "../support/test-certificates.ts";

/** RFC 5280 §5.3.1, as openssl prints them. */
const REASON_NAMES: Readonly<Record<number, string>> = {
  1: "keyCompromise",
  3: "affiliationChanged",
  4: "superseded",
  5: "cessationOfOperation",
  9: "(UNKNOWN)", // privilegeWithdrawn, which its table for OCSP does not have
};
const YEAR_SECONDS = 31_536_000;
const WEEK_MS = 7 * 86_400_000;

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: IssuanceBench;
  let server: StatusServer;
  let issuer = "issuing";

  beforeAll(async () => {
    bench = await IssuanceBench.open(kind, new Date());
    server = await startStatusServer(bench.store.db, openOcspKey(join(bench.desk.authority.folder, OCSP_KEY_FILE)), bench.desk.clock);
  }, STORE_START_LIMIT_MS);

  afterAll(async () => {
    await server.app.close();
    await bench.close();
  });

  function file(name: string, ...certificates: Uint8Array[]): string {
    const path = bench.path(name);
    writeFileSync(path, certificates.map(pem).join(""));
    return path;
  }

  /** «good», or «revoked» with the reason's name behind it: what OCSP says, and what the CRL says. */
  async function status({ certificate, issuer: issuedBy, serialNumber }: IssuedCertificate): Promise<{ ocsp: string; crl: string }> {
    const [cert, by, chain] = [file("c.pem", certificate), file("i.pem", issuedBy), file("chain.pem", bench.desk.authority.root, issuedBy)];
    const time = ["-attime", String(Math.floor(bench.now.getTime() / 1000)), "-validity_period", String(YEAR_SECONDS)];
    const said = await opensslOcsp(["-issuer", by, "-cert", cert, "-CAfile", chain, ...time, "-url", `${server.address}/ocsp/${issuer}`]);
    expect(said).toContain("Response verify OK");
    const reason = /Reason: (\S+)/.exec(said)?.[1];
    const ocsp = `${/: (good|revoked|unknown)/.exec(said)?.[1]}${reason === undefined ? "" : ` ${reason}`}`;
    await curl(`${server.address}/crl/${issuer}.crl`, bench.path("list.crl"));
    const { stdout } = await ask("openssl", ["crl", "-inform", "DER", "-in", bench.path("list.crl"), "-noout", "-text", "-CAfile", chain]);
    const entry = stdout.split("Serial Number: ").find((text) => text.startsWith(serialNumber.toUpperCase()));
    const inList = /CRL Reason Code:\s+(.*)/.exec(entry ?? "")?.[1] ?? "";
    return { ocsp, crl: entry === undefined ? "good" : `revoked ${inList.replaceAll(" ", "")}`.trim() };
  }

  const order = (reason: RevocationReason) => ({ reason, channel: "officer", officerId: null, actor: ACTOR }) as const;

  test("a certificate is good from its issuance on, and revoked for the first who asks afterwards, by OCSP and by CRL", async () => {
    const issued = await bench.issued();
    expect(await status(issued)).toEqual({ ocsp: "good", crl: "good" });
    await revoke(bench.desk, issued.id, order("key-compromise"));
    expect(await status(issued)).toMatchObject({ ocsp: "revoked keyCompromise", crl: "revoked KeyCompromise" });
  });

  test("each code of the eleven reasons is told, and 0 not at all", async () => {
    const token = await bench.token();
    for (const [code, reason] of new Map(Object.entries(REVOCATION_REASONS).map(([name, { code }]) => [code, name]))) {
      const issued = await bench.issued("SIGN-LCP", token);
      await revoke(bench.desk, issued.id, order(reason as RevocationReason));
      const { ocsp, crl } = await status(issued);
      expect(ocsp, reason).toBe(code === 0 ? "revoked" : `revoked ${REASON_NAMES[code]}`);
      expect(crl.toLowerCase().includes(" "), reason).toBe(code !== 0);
    }
  });

  test("the responder answers with its renewed certificate weeks later, by itself", async () => {
    const issued = await bench.issued();
    for (let week = 0; week < 4; week++) {
      bench.later(WEEK_MS);
      await bench.runJobs();
      await bench.runJobs();
    }
    expect((await status(issued)).ocsp).toContain("revoked"); // nobody proved possession for 14 days
  });

  test("after a rollover it speaks for both issuing CAs, and their CRLs and certificates are there", async () => {
    const old = await bench.active();
    await bench.ceremony.rollOver(bench.ceremonyOptions);
    await adoptAuthority(bench.desk);
    const fresh = await bench.active();
    await revoke(bench.desk, old.id, order("certificate-replaced"));
    expect((await status(old)).ocsp).toBe("revoked superseded");
    issuer = "issuing-2";
    expect(await status(fresh)).toEqual({ ocsp: "good", crl: "good" });
    for (const path of ["/crl/root.crl", "/crl/issuing.crl", "/ca/root.cer", "/ca/issuing.cer", "/ca/issuing-2.pem"]) {
      expect((await curl(server.address + path, bench.path("fetched"))).status, path).toBe(200);
    }
  });

  test("a key that is not there is told by its path, not by its content", () => {
    expect(() => openOcspKey(bench.path("chain.pem"))).toThrow(OcspKeyError);
    expect(() => openOcspKey(bench.path("nowhere"))).toThrow(/nowhere/);
  });
});
