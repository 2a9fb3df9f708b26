// A destruction receipt of a token's key: the form for it, and what comes of it.

import type { FastifyInstance } from "fastify";
import { destroyKey, ReceiptError } from "../../decisions/key-destruction.ts";
import { requirePermission } from "../../registration/officers.ts";
import { officerPage } from "../edge/answering.ts";
import { FormState, readForm } from "../edge/form.ts";
import { serialOf } from "../edge/record-id.ts";
import { actingOf, type Edge, type OfficerVisit, scopeOf } from "../edge/visit.ts";
import { REFUSED_RECEIPTS, receiptForm, receiptPage } from "./receipt-page.ts";
import { tokenAddress } from "./token-page.ts";
import { type TokenRecord, tokenRecord } from "./token-record.ts";

/** The token, when this officer may end its keys. @throws NothingThereError, NotPermittedError */
async function asked(visit: OfficerVisit, { store }: Edge, params: unknown): Promise<TokenRecord> {
  const record = await tokenRecord(store.db, serialOf(params), scopeOf(visit, "search"));
  for (const permission of ["tokens", "revoke"] as const) requirePermission(visit.session.officer, permission, record.office.id);
  return record;
}

export function addReceiptRoutes(app: FastifyInstance, edge: Edge): void {
  app.get(
    "/tokens/:serial/receipt",
    officerPage(edge, async (visit, { params }) => receiptPage(visit, await asked(visit, edge, params), new FormState())),
  );
  app.post(
    "/tokens/:serial/receipt",
    officerPage(edge, async (visit, { params, body }) => {
      const record = await asked(visit, edge, params);
      const { serial } = record.token;
      const { data, form } = readForm(receiptForm(serial), body);
      if (data === null) return receiptPage(visit, record, form);
      const receipt = new TextEncoder().encode(data.receipt);
      const order = { tokenSerial: serial, receipt, officerId: visit.session.officer.id, actor: actingOf(visit).actor };
      try {
        const { isNew } = await destroyKey(edge, order);
        return { to: `${tokenAddress(serial)}?done=${isNew ? "key" : "before"}` };
      } catch (error) {
        if (!(error instanceof ReceiptError)) throw error;
        return receiptPage(visit, record, form.with({ receipt: REFUSED_RECEIPTS[error.refusal] }));
      }
    }),
  );
}
