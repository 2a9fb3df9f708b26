// The token that an officer brings: what its attestation says of it, whether it may be theirs, and how it becomes so.

import { eq } from "drizzle-orm";
import { verifyAttestation } from "../../host-bridge/token/attestation.ts";
import { AttestationError, verifyAttestationKey } from "../../host-bridge/token/attestation-key.ts";
import type { AuditEvent } from "../audit/audit-trail.ts";
import { fingerprintOfRoot, isInService, type KeyEvidence } from "../issuance/attested-key.ts";
import type { IssuanceDesk } from "../issuance/issuance-desk.ts";
import { IssuanceError } from "../issuance/issuance-error.ts";
import { firmwareText } from "../issuance/issuance-policy.ts";
import { type Acting, OfficerError } from "../registration/officers.ts";
import { TOKEN } from "../states/token-states.ts";
import { organisations, people, tokens } from "../store/schema.ts";
import type { Database } from "../store/store.ts";

export interface TrustedToken {
  readonly serial: string;
  readonly model: string;
  readonly firmware: string;
  readonly rootFingerprint: string;
}

/** What token an attestation comes from. Which key it is for, the issuance looks at. @throws IssuanceError */
export function tokenOf({ attestation, issuer }: KeyEvidence, { trust }: IssuanceDesk, at: Date): TrustedToken {
  try {
    const roots = { roots: trust.roots, at };
    const told = verifyAttestation(attestation, issuer, roots);
    if (told.isSimulated && !trust.isDemo) throw new IssuanceError("simulated");
    const { model, root } = verifyAttestationKey(issuer, roots);
    return { serial: told.serial, model, firmware: firmwareText(told.firmware), rootFingerprint: fingerprintOfRoot(root) };
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    const isUnknown = ["untrusted", "not-a-ca", "simulator-root"].includes(error.problem);
    throw new IssuanceError(isUnknown ? "untrusted-root" : "bad-attestation", { cause: error });
  }
}

type TokenRow = typeof tokens.$inferSelect;

/** The office of the person's organisation. */
async function homeOf(tx: Database, personId: string): Promise<string> {
  const [home] = await tx
    .select({ officeId: organisations.officeId })
    .from(people)
    .innerJoin(organisations, eq(organisations.id, people.organisationId))
    .where(eq(people.id, personId));
  if (home === undefined) throw new OfficerError("unknown");
  return home.officeId;
}

/**
 * Nobody's, or this person's already; and in service. One of another office's stock is that office's to give out.
 * @throws IssuanceError unassigned: it is somebody else's; other-stock; withdrawn-device
 */
export async function requireFree(tx: Database, { personId, state, officeId }: TokenRow, whose: string): Promise<void> {
  if (personId !== null && personId !== whose) throw new IssuanceError("unassigned");
  const isBlank = personId === null && (state === "blank" || state === "formatted");
  if (!isBlank && !isInService(state)) throw new IssuanceError("withdrawn-device");
  if (personId === null && officeId !== (await homeOf(tx, whose))) throw new IssuanceError("other-stock");
}

/** Puts it on record where it is not there yet, and holds it. @returns whether it is new */
async function holdToken(tx: Database, told: TrustedToken, personId: string, now: Date): Promise<{ row: TokenRow; isNew: boolean }> {
  const fresh = { ...told, officeId: await homeOf(tx, personId), state: "blank" as const, createdAt: now };
  const added = await tx.insert(tokens).values(fresh).onConflictDoNothing().returning({ serial: tokens.serial });
  const [row] = await tx.select().from(tokens).where(eq(tokens.serial, told.serial)).for("update");
  if (row === undefined) throw new Error("a token that was not added");
  return { row, isNew: added.length > 0 };
}

/**
 * What registration/tokens.ts does in steps, without their audit, which has to wait for the issuance (IssuanceSteps).
 * @returns what is to be audited
 * @throws IssuanceError unassigned, other-stock, withdrawn-device
 */
export async function takeToken(tx: Database, told: TrustedToken, personId: string, { actor, now }: Acting): Promise<AuditEvent[]> {
  const { serial, model, firmware } = told;
  const { row, isNew } = await holdToken(tx, told, personId, now);
  await requireFree(tx, row, personId);
  const event = (action: string) => ({ at: now, actor, action, subject: `token:${serial}` });
  const events: AuditEvent[] = isNew ? [{ ...event("token.add"), details: { model, firmware } }] : [];
  let { state } = row;
  for (const step of ["format", "assign"] as const) {
    if (!TOKEN.allows(state, step)) continue;
    state = TOKEN.after(state, step);
    events.push(event(`token.${step}`));
  }
  await tx.update(tokens).set({ state, personId }).where(eq(tokens.serial, serial));
  return events;
}
