// What a dossier asks of an officer now, by their roles in its office: the same rule for a row of the list and for the query that finds «to do».

import { and, inArray, isNull, ne, or, type SQL, sql } from "drizzle-orm";
import type { Officer } from "../../registration/officers.ts";
import { isPermitted, officesWith, type Permission } from "../../registration/roles.ts";
import type { DossierState } from "../../states/dossier-states.ts";
import type { PaymentState } from "../../states/payment-states.ts";
import { dossiers } from "../../store/application-schema.ts";

export type DossierTask = "identity" | "reopen" | "payment" | "approve" | "desk";

interface Rule {
  readonly task: DossierTask;
  readonly permission: Permission;
  readonly states: readonly DossierState[];
  /** absent: whatever the payment is. */
  readonly payments?: readonly PaymentState[];
  /** Not for whoever checked the identity. */
  readonly isAnothers?: true;
}

const SETTLED: readonly PaymentState[] = ["paid", "waived", "covered"];

/** The first that fits is shown. */
const RULES: readonly Rule[] = [
  { task: "approve", permission: "approve", states: ["identity_verified"], payments: SETTLED, isAnothers: true },
  { task: "payment", permission: "payments", states: ["submitted", "identity_pending", "identity_verified"], payments: ["due"] },
  { task: "identity", permission: "identity", states: ["identity_pending"] },
  { task: "reopen", permission: "identity", states: ["identity_failed"] },
  { task: "reopen", permission: "approve", states: ["identity_failed"], isAnothers: true },
  { task: "desk", permission: "issue", states: ["activation_ready"] },
];

export interface Listed {
  readonly officeId: string;
  readonly state: DossierState;
  readonly payment: PaymentState;
  readonly verifierId: string | null;
}

/** null: nothing, now. */
export function taskOf({ officeId, state, payment, verifierId }: Listed, { id, assignments }: Officer): DossierTask | null {
  const rule = RULES.find(
    ({ permission, states, payments, isAnothers }) =>
      isPermitted(assignments, permission, officeId) &&
      states.includes(state) &&
      (payments?.includes(payment) ?? true) &&
      !(isAnothers && verifierId === id),
  );
  return rule?.task ?? null;
}

/** The dossiers that `taskOf` has something for. */
export function waitingFor({ id, assignments }: Officer): SQL {
  const each = RULES.map(({ permission, states, payments, isAnothers }) => {
    const offices = officesWith(assignments, permission);
    if (offices.length === 0) return sql`false`;
    return and(
      inArray(dossiers.officeId, offices),
      inArray(dossiers.state, [...states]),
      payments === undefined ? undefined : inArray(dossiers.payment, [...payments]),
      isAnothers ? or(isNull(dossiers.verifierId), ne(dossiers.verifierId, id)) : undefined,
    );
  });
  return or(...each) ?? sql`false`;
}
