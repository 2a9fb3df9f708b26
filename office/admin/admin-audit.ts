// What `sceau office audit` asks of the running server: verifying the trail, its newest head, and that the database was restored.

import { createPublicKey, type KeyObject } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { newestHead } from "../audit/audit-heads.ts";
import { verifyAuditTrail } from "../audit/audit-verification.ts";
import type { HeadFile } from "../audit/head-file.ts";
import { HEAD_LINE, headLine, headOf } from "../audit/head-lines.ts";
import { recordRestore } from "../audit/restored-trail.ts";
import type { IssuanceDesk } from "../issuance/issuance-desk.ts";
import type { AuditAnswer, AuditHeadAnswer, AuditRestoredAnswer } from "./admin-protocol.ts";

export interface AuditOptions {
  readonly desk: IssuanceDesk;
  readonly auditKey: KeyObject;
  readonly headFile: HeadFile;
}

const MAX_HEADS = 1000;
const KEPT = z.object({ heads: z.array(HEAD_LINE).max(MAX_HEADS).default([]) });

export function addAudit(app: FastifyInstance, { desk: { store, clock }, auditKey, headFile }: AuditOptions): void {
  const publicKey = createPublicKey(auditKey);
  app.post("/audit/verify", ({ body }): Promise<AuditAnswer> => {
    const kept = KEPT.parse(body ?? {}).heads.map(headOf);
    return verifyAuditTrail(store.db, publicKey, { now: clock.now(), file: headFile.read(), kept });
  });
  app.get("/audit/head", async (): Promise<AuditHeadAnswer> => {
    const head = await newestHead(store.db);
    return head === null ? null : headLine(head);
  });
  app.post("/audit/restored", async (): Promise<AuditRestoredAnswer> => {
    const lastEvent = await store.transaction((tx) => recordRestore(tx, auditKey, headFile, clock.now()));
    return { lastEvent };
  });
}
