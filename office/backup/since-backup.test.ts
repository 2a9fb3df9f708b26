// An office that was restored from a backup takes over what a later CRL of its own says, and nobody else's; what was open when the backup was made is not
// open any more.

import { X509Certificate } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACTOR, type BenchOrder, IssuanceBench } from "../../test/support/issuance-bench.ts";
import { openTestStore, STORE_KINDS, STORE_START_LIMIT_MS, type TestStore } from "../../test/support/office-stores.ts";
import { mustRun } from "../../test/support/run.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { verifyAuditTrail } from "../audit/audit-verification.ts";
import { AuthorityFolder } from "../issuance/authority-folder.ts";
import { issue } from "../issuance/certificate-issuance.ts";
import type { IssuanceDesk } from "../issuance/issuance-desk.ts";
import { issuanceJobs } from "../issuance/issuance-jobs.ts";
import { revoke } from "../issuance/revocation.ts";
import { LISTED } from "../issuance/revocation-reasons.ts";
import { runDueJobs } from "../jobs/jobs.ts";
import { statusReader } from "../status/certificate-status.ts";
import { auditEvents, certificates, crls, issuers, revocations, unknownRevocations } from "../store/schema.ts";
import type { Store } from "../store/store.ts";
import { writeBackup } from "./backup-lines.ts";
import { restoreBackup } from "./restore.ts";
import { endOpenSecrets, readList, type TakenList, takeList } from "./since-backup.ts";

const START = new Date("2026-03-01T09:00:00Z");
const HOUR_MS = 3_600_000;
const folder = temporaryFolder();

async function issuingId({ db }: Store): Promise<string> {
  const [issuer] = await db.select({ id: issuers.id }).from(issuers).where(eq(issuers.name, "issuing"));
  return issuer?.id ?? "";
}

/** Of the issuing CA. */
async function newestList({ db }: Store): Promise<{ der: Uint8Array; number: number }> {
  const [issuer] = await db.select().from(issuers).where(eq(issuers.name, "issuing"));
  const rows = await db
    .select()
    .from(crls)
    .where(eq(crls.issuerId, issuer?.id ?? ""));
  const newest = rows.find(({ number }) => number === issuer?.crlNumber);
  if (issuer === undefined || newest === undefined) throw new Error("no list");
  return { der: newest.der, number: newest.number };
}

const serialOf = (der: Uint8Array): string => new X509Certificate(der).serialNumber.toLowerCase();

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: IssuanceBench;
  let other: TestStore;
  let desk: IssuanceDesk;
  let open: BenchOrder;
  let later: Uint8Array;
  let taken: TakenList;
  const serials = { valid: "", before: "", since: "", unknown: "" };
  const ids = { since: "" };
  let sinceAt: Date;

  const revokeAs = (id: string, reason: "key-compromise" | "holder-request") =>
    revoke(bench.desk, id, { reason, channel: "officer", officerId: null, actor: ACTOR });

  beforeAll(async () => {
    bench = await IssuanceBench.open(kind, START);
    other = await openTestStore(kind);
    const [valid, before, since] = [await bench.active(), await bench.active(), await bench.active()];
    await revokeAs(before.id, "key-compromise");
    const token = await bench.token();
    open = await bench.order(token, await bench.challenge(token), 0x9c);
    const lines: string[] = [];
    const source = { authorityFolder: bench.desk.authority.folder, officeFolder: join(folder, kind, "none") };
    await writeBackup(bench.store, source, bench.now, async (text) => void lines.push(text));
    bench.later(HOUR_MS);
    sinceAt = bench.now;
    await revokeAs(since.id, "key-compromise");
    const unknown = await bench.active();
    await revokeAs(unknown.id, "holder-request");
    later = (await newestList(bench.store)).der;
    bench.later(HOUR_MS);
    const places = { authorityFolder: join(folder, kind, "ca"), officeFolder: join(folder, kind, "office") };
    await restoreBackup(other.store, places, Readable.from(lines), async (tx) => {
      await endOpenSecrets(tx, bench.now);
      taken = await takeList(tx, readList(later), bench.now);
    });
    desk = { ...bench.desk, store: other.store, authority: AuthorityFolder.open(places.authorityFolder) };
    Object.assign(serials, {
      valid: serialOf(valid.certificate),
      before: serialOf(before.certificate),
      since: serialOf(since.certificate),
      unknown: serialOf(unknown.certificate),
    });
    ids.since = since.id;
  }, 2 * STORE_START_LIMIT_MS);

  afterAll(async () => {
    await bench.close();
    await other.close();
  });

  it("what was revoked since is revoked again, with its time and code; the audit trail says where that comes from", async () => {
    expect(taken).toMatchObject({ issuer: "issuing", revoked: 1, unknown: 1 });
    const [row] = await other.store.db.select().from(revocations).where(eq(revocations.certificateId, ids.since));
    expect(row).toMatchObject({ reason: LISTED, reasonCode: 1, channel: "list", officerId: null, revokedAt: sinceAt });
    const [certificate] = await other.store.db.select().from(certificates).where(eq(certificates.id, ids.since));
    expect(certificate?.state).toBe("revoked");
    const events = await other.store.db.select().from(auditEvents);
    const of = (action: string) => events.filter((event) => event.action === action).map(({ details }) => details["serialNumber"]);
    expect(of("certificate.revoke").at(-1)).toBe(serials.since);
    expect(of("certificate.revoke-unknown")).toEqual([serials.unknown]);
    const nobodysHeads = new X509Certificate(desk.authority.root).publicKey;
    const { fault } = await verifyAuditTrail(other.store.db, nobodysHeads);
    expect(fault).toBeNull();
  });

  it("OCSP's answers: revoked since, and of a certificate that the office does not know; the valid one is good", async () => {
    const issuerId = await issuingId(other.store);
    const statuses = await statusReader(other.store.db)(issuerId, Object.values(serials));
    const kinds = Object.entries(serials).map(([name, serial]) => [name, statuses.get(serial)?.status.kind]);
    expect(Object.fromEntries(kinds)).toEqual({ valid: "good", before: "revoked", since: "revoked", unknown: "revoked" });
    expect(statuses.get(serials.unknown)?.status).toEqual({ kind: "revoked", revokedAt: sinceAt, reasonCode: 0 });
  });

  it("the next list has them all, and a number beyond the one that was brought", async () => {
    await runDueJobs(other.store, issuanceJobs(desk), () => bench.now);
    const { der, number } = await newestList(other.store);
    expect(number).toBeGreaterThan(taken.number);
    const file = join(folder, `${kind}.crl`);
    writeFileSync(file, der);
    const text = mustRun("openssl", ["crl", "-inform", "DER", "-in", file, "-noout", "-text"]);
    const listed = [...text.matchAll(/Serial Number: ([0-9A-F]+)/g)].map(([, serial]) => serial?.toLowerCase());
    expect(listed.sort()).toEqual([serials.before, serials.since, serials.unknown].sort());
  });

  it("the same list again changes nothing; one that says more than the last restore's gap raises the number", async () => {
    const again = await other.store.transaction((tx) => takeList(tx, readList(later), bench.now));
    expect(again).toMatchObject({ revoked: 0, unknown: 0 });
    expect(await other.store.db.select().from(unknownRevocations)).toHaveLength(1);
    const issuerId = await issuingId(other.store);
    await other.store.db.update(issuers).set({ crlNumber: 1 }).where(eq(issuers.id, issuerId));
    await other.store.transaction((tx) => takeList(tx, readList(later), bench.now));
    const [issuer] = await other.store.db.select().from(issuers).where(eq(issuers.id, issuerId));
    expect(issuer?.crlNumber).toBe(taken.number);
  });

  it("PEM is read, too; a changed list, one of another authority, the root's, and what is none are refused", async () => {
    const pem = `-----BEGIN X509 CRL-----\n${Buffer.from(later).toString("base64")}\n-----END X509 CRL-----\n`;
    const take = (bytes: Uint8Array) => other.store.transaction(async (tx) => takeList(tx, readList(bytes), bench.now));
    expect(await take(Buffer.from(pem))).toMatchObject({ issuer: "issuing" });
    const changed = Uint8Array.from(later);
    const place = Buffer.from(later).indexOf(Buffer.from(serials.since, "hex"));
    changed[place + 4] = (changed[place + 4] ?? 0) ^ 1;
    const rootList = desk.authority.rootCrls.at(-1)?.der ?? new Uint8Array();
    const problems = [changed, rootList, Buffer.from("no list"), new Uint8Array(new X509Certificate(desk.authority.root).raw)];
    const expected = ["crl-foreign", "crl-foreign", "crl-unreadable", "crl-unreadable"];
    for (const [i, bytes] of problems.entries()) await expect(take(bytes), String(i)).rejects.toMatchObject({ problem: expected[i] });
  });

  it("a challenge that was open when the backup was made, and perhaps used since, is over", async () => {
    await expect(issue(desk, open)).rejects.toMatchObject({ refusal: "replayed" });
  });
});
