// Makes the store know what ceremonies have left in the authority's folder: at each start, and after each ceremony. What is known already stays.

import { X509Certificate } from "node:crypto";
import { asc, eq, sql } from "drizzle-orm";
import { equalBytes } from "../../protocol/bytes.ts";
import { appendAudit } from "../audit/audit-trail.ts";
import { crls, issuers } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import type { AuthorityFolder, FolderIssuer } from "./authority-folder.ts";
import { forgetOldCrls, publishCrl, replaceFutureCrl } from "./crl.ts";
import type { IssuanceDesk } from "./issuance-desk.ts";
import { hasResponder, keepResponder, renewResponder } from "./responders.ts";

/** Any number that nobody else takes for an advisory lock of this database. */
const ADOPTION_LOCK = 0x5cea_0002;
export const ROOT_NAME = "root";

/** The store's certificates were issued by another authority than the folder's, or by a later issuing CA than the folder knows. */
export class OtherAuthorityError extends Error {
  override readonly name = "OtherAuthorityError";
}

type IssuerRow = typeof issuers.$inferSelect;

function checkSame(rows: readonly IssuerRow[], authority: AuthorityFolder): void {
  const inFolder = new Map([
    [ROOT_NAME, authority.root],
    ...authority.issuers.map(({ name, certificate }) => [name, certificate] as const),
  ]);
  for (const { name, certificate } of rows) {
    const known = inFolder.get(name);
    if (known === undefined || !equalBytes(known, certificate)) throw new OtherAuthorityError(name);
  }
}

async function addIssuer(tx: Database, name: string, certificate: Uint8Array, isOnline: boolean, now: Date): Promise<string> {
  const values = { name, certificate, isOnline, isCurrent: false, crlNumber: 0 };
  const [added] = await tx.insert(issuers).values(values).returning({ id: issuers.id });
  if (added === undefined) throw new Error("an issuer that was not added");
  const { serialNumber, fingerprint256 } = new X509Certificate(certificate);
  const details = { serialNumber: serialNumber.toLowerCase(), fingerprint: fingerprint256 };
  await appendAudit(tx, { at: now, actor: "system", action: "issuer.add", subject: `issuer:${name}`, details });
  return added.id;
}

async function addRootCrls(tx: Database, authority: AuthorityFolder): Promise<void> {
  const [root] = await tx.select().from(issuers).where(eq(issuers.name, ROOT_NAME)).for("update");
  if (root === undefined) throw new Error("no root");
  const news = authority.rootCrls.filter(({ number }) => number > root.crlNumber);
  for (const crl of news) await tx.insert(crls).values({ issuerId: root.id, ...crl });
  await forgetOldCrls(tx, root.id);
  const last = news.at(-1);
  if (last !== undefined) await tx.update(issuers).set({ crlNumber: last.number }).where(eq(issuers.id, root.id));
}

/** The responder's certificate of the ceremony, or a fresh one where that has ended meanwhile. */
async function addResponder(
  tx: Database,
  authority: AuthorityFolder,
  issuerId: string,
  { responder }: FolderIssuer,
  now: Date,
): Promise<void> {
  const certificate = new X509Certificate(responder);
  const [notBefore, notAfter] = [new Date(certificate.validFrom), new Date(certificate.validTo)];
  await keepResponder(tx, issuerId, { serialNumber: certificate.serialNumber.toLowerCase(), notBefore, notAfter, der: responder });
  if (!(await hasResponder(tx, issuerId, authority.ocspPublicKey, now))) await renewResponder(tx, authority, issuerId, null, now);
}

/** The newest of the folder is the one that issues. */
async function makeCurrent(tx: Database, name: string): Promise<void> {
  await tx.update(issuers).set({ isCurrent: false }).where(sql`${issuers.isCurrent} and ${issuers.name} <> ${name}`);
  await tx.update(issuers).set({ isCurrent: true }).where(eq(issuers.name, name));
}

/**
 * All servers that share a store call it when they start: the first does it, the others find it done.
 * @throws OtherAuthorityError, NoAuthorityError, CaKeyError
 */
export async function adoptAuthority({ store, authority, clock }: IssuanceDesk): Promise<void> {
  await store.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${ADOPTION_LOCK})`);
    const now = clock.now();
    const rows = await tx.select().from(issuers).orderBy(asc(issuers.name)).for("update");
    checkSame(rows, authority);
    const known = new Map(rows.map(({ name, id }) => [name, id]));
    if (!known.has(ROOT_NAME)) await addIssuer(tx, ROOT_NAME, authority.root, false, now);
    await addRootCrls(tx, authority);
    for (const issuer of authority.issuers) {
      const id = known.get(issuer.name);
      if (id === undefined) {
        const added = await addIssuer(tx, issuer.name, issuer.certificate, true, now);
        await publishCrl(tx, authority, added, now);
        await addResponder(tx, authority, added, issuer, now);
      } else {
        await replaceFutureCrl(tx, authority, id, now);
        if (!(await hasResponder(tx, id, authority.ocspPublicKey, now))) await renewResponder(tx, authority, id, null, now);
      }
    }
    await makeCurrent(tx, authority.current.name);
  });
}
