// The holder's proof that they have a certificate's key, and the right certificate in its slot: a signature over a text that names the certificate.
// Nobody could have signed it before the certificate was there (its serial number is random), and it is no document, so it needs no challenge of
// its own: to send it twice changes nothing.

import { verify, X509Certificate } from "node:crypto";
import { eq } from "drizzle-orm";
import { proofText } from "../../host-bridge/activation/proof-text.ts";
import { appendAudit } from "../audit/audit-trail.ts";
import { CERTIFICATE, type CertificateState } from "../states/certificate-states.ts";
import { StateError } from "../states/state-table.ts";
import { TOKEN } from "../states/token-states.ts";
import { certificates, keys, tokens } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import { ecdsaOf } from "./ca-key.ts";
import type { IssuanceDesk } from "./issuance-desk.ts";
import { UnknownCertificateError } from "./revocation.ts";

/** The signature is not by the key of the certificate, or not over its text. */
export class ProofError extends Error {
  override readonly name = "ProofError";
}

export interface ProofOrder {
  readonly certificateId: string;
  /** Over `proofText`: Ecdsa-Sig-Value, DER. */
  readonly signature: Uint8Array;
  readonly actor: string;
}

/** What else is to happen in the transaction of a proof. The certificate and its token are held; nothing has been audited in it yet. */
export type ProofStep = (tx: Database, certificateId: string, now: Date) => Promise<void>;

function checkProof(certificate: Uint8Array, signature: Uint8Array): void {
  const { publicKey } = new X509Certificate(certificate);
  if (!verify(ecdsaOf(publicKey).hash, proofText(certificate), publicKey, signature)) throw new ProofError();
}

/** The token of a certificate, which is locked before the certificate: so does whoever revokes all of a token. */
async function holdToken(tx: Database, certificateId: string): Promise<typeof tokens.$inferSelect> {
  const [found] = await tx
    .select({ token: tokens })
    .from(tokens)
    .innerJoin(keys, eq(keys.tokenSerial, tokens.serial))
    .innerJoin(certificates, eq(certificates.keyId, keys.id))
    .where(eq(certificates.id, certificateId))
    .for("update", { of: tokens });
  if (found === undefined) throw new UnknownCertificateError(certificateId);
  return found.token;
}

/**
 * The certificate becomes active, and its token, when this is its first. One that is active already stays so. In a transaction of the caller's, which
 * may hold what comes before a token (a dossier), and appends to the audit trail only afterwards.
 * @param step also for one that is active already
 * @throws UnknownCertificateError, ProofError, StateError (expired, revoked)
 */
export async function proveIn(
  tx: Database,
  { certificateId, signature, actor }: ProofOrder,
  now: Date,
  step: ProofStep | null = null,
): Promise<CertificateState> {
  const token = await holdToken(tx, certificateId);
  const [row] = await tx.select().from(certificates).where(eq(certificates.id, certificateId)).for("update");
  if (row === undefined) throw new UnknownCertificateError(certificateId);
  checkProof(row.der, signature);
  if (now > row.notAfter && row.state !== "revoked") throw new StateError(CERTIFICATE.entity, "expired", "prove");
  const state = row.state === "active" ? row.state : CERTIFICATE.after(row.state, "prove");
  await step?.(tx, certificateId, now);
  if (row.state === "active") return state;
  await tx.update(certificates).set({ state }).where(eq(certificates.id, certificateId));
  const activates = token.state === "assigned";
  if (activates)
    await tx
      .update(tokens)
      .set({ state: TOKEN.after(token.state, "activate") })
      .where(eq(tokens.serial, token.serial));
  const details = { serialNumber: row.serialNumber };
  await appendAudit(tx, { at: now, actor, action: "certificate.prove", subject: `certificate:${certificateId}`, details });
  if (activates) await appendAudit(tx, { at: now, actor, action: "token.activate", subject: `token:${token.serial}` });
  return state;
}

/** The same in a transaction of its own. */
export function prove({ store, clock }: IssuanceDesk, order: ProofOrder, step: ProofStep | null = null): Promise<CertificateState> {
  return store.transaction((tx) => proveIn(tx, order, clock.now(), step));
}
