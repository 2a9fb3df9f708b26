// S13, S23: evidence is sealed, counted, shown on record, destroyed by the clock. On both kinds of store.

import { createHash, randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HTML, joined, jpeg, png, ZIP } from "../../test/support/evidence-files.ts";
import { IdentityBench } from "../../test/support/identity-bench.ts";
import { STORE_KINDS, STORE_START_LIMIT_MS } from "../../test/support/office-stores.ts";
import { LimitError } from "../registration/limits.ts";
import { SealError } from "../sealing/sealing.ts";
import { DEFAULT_PERIODS } from "../settings/default-settings.ts";
import { evidence } from "../store/application-schema.ts";
import { CHECKLIST, decideCheck } from "./checks.ts";
import { endIdentity } from "./ending.ts";
import { addEvidence, MAX_EVIDENCE, removeEvidence, reviewByHand, showEvidence, type Upload } from "./evidence.ts";
import type { IdentityRefusal } from "./identity-error.ts";
import { evidenceOfDossier, officeOfEvidence } from "./identity-records.ts";

const DAY_MS = 86_400_000;
const PICTURE = jpeg();

const refused = (refusal: IdentityRefusal) => expect.objectContaining({ name: "IdentityError", refusal });

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: IdentityBench;

  beforeAll(async () => {
    bench = await IdentityBench.open(kind);
  }, STORE_START_LIMIT_MS);
  afterAll(() => bench.close());

  const rowOf = async (id: string) => (await bench.db.select().from(evidence).where(eq(evidence.id, id)))[0];
  const upload = (dossier: { readonly id: string; readonly accountId: string }, part: Partial<Upload> = {}): Promise<string> => {
    const order = {
      dossierId: dossier.id,
      kind: "document-front" as const,
      bytes: PICTURE,
      by: { accountId: dossier.accountId },
      keptDays: 90,
    };
    return addEvidence(bench.desk, { ...order, ...part });
  };
  const show = (id: string) => showEvidence(bench.desk, id, bench.dossiers.verifierId);

  test("is kept sealed, with what it was on record", async () => {
    const dossier = await bench.applicant();
    const id = await upload(dossier);
    const row = await rowOf(id);
    const sha256 = new Uint8Array(createHash("sha256").update(PICTURE).digest());
    expect(row).toMatchObject({ mediaType: "image/jpeg", sizeBytes: PICTURE.length, sha256, uploadedBy: `account:${dossier.accountId}` });
    expect(row?.destroyAt).toEqual(new Date(bench.dossiers.now.getTime() + DEFAULT_PERIODS.evidenceDays * DAY_MS));
    expect(Buffer.from(row?.sealed ?? []).includes(Buffer.from(PICTURE.subarray(0, 16)))).toBe(false);
    expect(await show(id)).toEqual({ mediaType: "image/jpeg", bytes: PICTURE });
    const events = await bench.audited(2);
    expect(events.map(({ action, subject }) => [action, subject])).toEqual([
      ["evidence.show", `dossier:${dossier.id}`],
      ["evidence.add", `dossier:${dossier.id}`],
    ]);
    expect(events[0]).toMatchObject({ actor: `officer:${bench.dossiers.verifierId}`, details: { evidence: id } });
    expect(await officeOfEvidence(bench.db, id)).toBe(bench.dossiers.officeId);
  });

  test("one person's picture does not open in another one's row", async () => {
    const [one, other] = [await upload(await bench.applicant()), await upload(await bench.applicant(), { bytes: png() })];
    await bench.db
      .update(evidence)
      .set({ sealed: (await rowOf(one))?.sealed ?? null })
      .where(eq(evidence.id, other));
    await expect(show(other)).rejects.toThrow(SealError);
    expect((await bench.audited())[0]).toMatchObject({ action: "evidence.add" }); // nobody saw anything
  });

  test("S23 what is something else is not kept; of a picture with something behind it, the picture is", async () => {
    const dossier = await bench.applicant();
    await expect(upload(dossier, { bytes: HTML })).rejects.toMatchObject({ name: "ContentError", refusal: "type" });
    expect(await evidenceOfDossier(bench.db, dossier.id)).toEqual([]);
    const id = await upload(dossier, { bytes: joined(PICTURE, ZIP) });
    expect((await show(id)).bytes).toEqual(PICTURE);
  });

  test("six at a time, also when they come at once; with those taken back, four times as many", async () => {
    const dossier = await bench.applicant();
    const tries = await Promise.allSettled(Array.from({ length: 9 }, () => upload(dossier)));
    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(MAX_EVIDENCE);
    for (const one of tries) if (one.status === "rejected") expect(one.reason).toEqual(refused("evidence-count"));
    for (const { id } of await evidenceOfDossier(bench.db, dossier.id)) await removeEvidence(bench.desk, id, dossier.accountId);
    for (let i = 0; i < 18; i++) await removeEvidence(bench.desk, await upload(dossier), dossier.accountId);
    await expect(upload(dossier)).rejects.toEqual(refused("evidence-count"));
  });

  test("no more than forty tries an hour, whatever comes", async () => {
    const dossier = await bench.applicant();
    for (let i = 0; i < 40; i++) await upload(dossier, { bytes: HTML }).catch(() => null);
    await expect(upload(dossier)).rejects.toThrow(LimitError);
  });

  test("is taken from the applicant and from officers while the check goes on, and from nobody else", async () => {
    const { dossier, checkId } = await bench.begun();
    const officerId = bench.dossiers.verifierId;
    await upload(dossier);
    expect(await rowOf(await upload(dossier, { by: { officerId }, kind: "document-back" }))).toMatchObject({
      uploadedBy: `officer:${officerId}`,
    });
    const stranger = await bench.applicant();
    await expect(upload(dossier, { by: { accountId: stranger.accountId } })).rejects.toMatchObject({ refusal: "unknown" });
    await expect(upload(dossier, { dossierId: randomUUID() })).rejects.toMatchObject({ refusal: "unknown" });
    // With evidence, no note is needed.
    await decideCheck(bench.desk, { checkId, officerId, decision: "accept", seen: CHECKLIST, note: "" });
    await expect(upload(dossier)).rejects.toEqual(refused("evidence-closed"));
    for (const state of ["draft", "cancelled", "expired", "active"] as const) {
      await expect(upload(await bench.dossiers.dossier({ state }))).rejects.toEqual(refused("evidence-closed"));
    }
  });

  test("is taken back by whoever uploaded it, until a verifier begins: then its bytes are gone", async () => {
    const dossier = await bench.applicant();
    const id = await upload(dossier);
    const stranger = await bench.applicant();
    await expect(removeEvidence(bench.desk, id, stranger.accountId)).rejects.toEqual(refused("unknown"));
    await removeEvidence(bench.desk, id, dossier.accountId);
    expect(await rowOf(id)).toMatchObject({ sealed: null, destroyedAt: bench.dossiers.now });
    await expect(show(id)).rejects.toEqual(refused("evidence-gone"));
    const { dossier: begun } = await bench.begun();
    const kept = await upload(begun);
    await expect(removeEvidence(bench.desk, kept, begun.accountId)).rejects.toEqual(refused("evidence-closed"));
  });

  test("S23 Continuer: sends nothing, and the verifier is told", async () => {
    const dossier = await bench.applicant();
    await reviewByHand(bench.desk, dossier.id, dossier.accountId);
    await reviewByHand(bench.desk, dossier.id, dossier.accountId);
    expect((await bench.dossiers.read(dossier.id)).evidenceByHandAt).toEqual(bench.dossiers.now);
    expect(await evidenceOfDossier(bench.db, dossier.id)).toEqual([]);
    const stranger = await bench.applicant();
    await expect(reviewByHand(bench.desk, dossier.id, stranger.accountId)).rejects.toMatchObject({ refusal: "unknown" });
  });

  test("is destroyed by the clock, on its date and no day before; the row stays", async () => {
    const dossier = await bench.applicant();
    const id = await upload(dossier);
    const longer = await upload(dossier);
    const before = bench.dossiers.now;
    const destroyAt = new Date(before.getTime() + (DEFAULT_PERIODS.evidenceDays + 30) * DAY_MS);
    await bench.db.update(evidence).set({ destroyAt }).where(eq(evidence.id, longer)); // somebody decided to keep it longer
    bench.dossiers.later(DEFAULT_PERIODS.evidenceDays * DAY_MS - 1);
    await bench.runJobs();
    expect((await rowOf(id))?.sealed).not.toBeNull();
    bench.dossiers.later(1);
    await bench.runJobs();
    expect(await rowOf(id)).toMatchObject({ sealed: null, destroyedAt: bench.dossiers.now, sizeBytes: PICTURE.length });
    expect((await rowOf(longer))?.sealed).not.toBeNull();
    await expect(show(id)).rejects.toEqual(refused("evidence-gone"));
    expect(
      (await bench.audited(20)).find(({ action, details }) => action === "evidence.destroy" && details["evidence"] === id),
    ).toMatchObject({ actor: "clock" });
    bench.dossiers.later(30 * DAY_MS);
    await bench.runJobs();
    expect((await rowOf(longer))?.sealed).toBeNull();
    bench.dossiers.now = before;
  });

  test("is destroyed when its dossier ends without a certificate", async () => {
    const dossier = await bench.applicant();
    const id = await upload(dossier);
    await bench.desk.store.transaction((tx) => endIdentity(tx, dossier.id, bench.dossiers.now));
    await bench.runJobs();
    expect(await rowOf(id)).toMatchObject({ sealed: null });
  });
});
