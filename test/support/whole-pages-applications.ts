// Ways to the pages of officers' work with applications: dossiers, appointments, the desk, secrets, what is locked, settings, corporate accounts.

import { eq } from "drizzle-orm";
import { DOSSIER, type DossierState } from "../../office/states/dossier-states.ts";
import type { IdentityCheckState } from "../../office/states/identity-check-states.ts";
import { dossiers, identityChecks, tokenSecrets } from "../../office/store/application-schema.ts";
import { fill, followLink, type Step, submit, type Ways } from "./page-steps.ts";
import { first, type WholePages } from "./whole-pages.ts";

const CHECK_STATES = ["booked", "in_review", "inconclusive", "accepted", "refused"] as const satisfies readonly IdentityCheckState[];

async function dossierWays(pages: WholePages): Promise<Ways> {
  const { db } = pages.office.store;
  const found: Record<string, Step[]> = {};
  for (const state of Object.keys(DOSSIER.table) as DossierState[]) {
    if (state === "draft") continue; // nobody's but the applicant's
    const { id } = first(await db.select().from(dossiers).where(eq(dossiers.state, state)));
    found[`dossier-${state}`] = [pages.go(`/dossiers/${id}`)];
  }
  for (const state of CHECK_STATES) {
    const { id } = first(await db.select().from(identityChecks).where(eq(identityChecks.state, state)));
    found[`check-${state}`] = [pages.go(`/identity/checks/${id}`)];
  }
  const action = (name: string, what: string) => pages.goWhere(async () => `/dossiers/${await pages.dossierOf(name)}/${what}`);
  return {
    ...found,
    dossiers: [pages.go("/dossiers")],
    "dossiers-found": [pages.go("/dossiers?q=morel")],
    approve: [action("Lucas Faure", "approve")],
    "approve-problems": [action("Lucas Faure", "approve"), submit],
    "approve-refused": [action("Manon Girard", "approve")],
    reject: [action("Manon Girard", "reject")],
    "reject-problems": [action("Manon Girard", "reject"), submit],
    pay: [action("Manon Girard", "pay")],
    "waive-problems": [action("Manon Girard", "waive"), submit],
    undo: [action("Lucas Faure", "undo")],
    reopen: [action("Yann Le Goff", "reopen")],
    "reference-of": [action("Rémi Vasseur", "reference")],
    "cancel-dossier": [action("Camille Aubin", "cancel")],
    "identity-day": [pages.go("/identity")],
    slots: [pages.go("/identity/slots")],
    "slots-problems": [pages.go("/identity/slots"), submit],
  };
}

function corporateWays(pages: WholePages): Ways {
  const of = (name: string, rest: string) => pages.goWhere(async () => `/organisations/${await pages.organisationNamed(name)}${rest}`);
  const order = pages.goWhere(async () => `/associations/${await pages.organisationNamed("Ordre de démonstration")}/close`);
  const newManager: Step = async (page) => {
    await page.locator("#email").fill("juliette.roche@exemple.fr");
    await page.locator("#name").fill("Juliette Roche");
    await page.locator("#phone").fill("+33 1 98 76 54 32");
    await page.locator("#reason").fill("Départ de M. Delta");
  };
  return {
    "corporate-asked": [of("Atelier Cormoran", "")],
    "corporate-to-open": [of("Atelier Cormoran", "/open")],
    "corporate-to-refuse": [of("Atelier Cormoran", "/refuse")],
    "corporate-refuse-problems": [of("Atelier Cormoran", "/refuse"), submit],
    manager: [of("Société Boréale", "/manager")],
    "manager-problems": [of("Société Boréale", "/manager"), fill("#email", "personne@exemple.fr"), submit],
    "manager-replaced": [of("Comptoir Delta", "/manager"), newManager, submit],
    associations: [pages.go("/associations")],
    "association-new": [pages.go("/associations/new")],
    "association-new-problems": [pages.go("/associations/new"), submit],
    "association-close": [order],
    "association-close-problems": [order, fill("#confirmation", "autre"), submit],
  };
}

export async function applicationWays(pages: WholePages): Promise<Ways> {
  const { tokenSerial } = first(await pages.office.store.db.select().from(tokenSecrets));
  const ready = pages.goWhere(async () => `/desk/${await pages.dossierOf("Clara Fontaine")}`);
  return {
    ...(await dossierWays(pages)),
    ...corporateWays(pages),
    desk: [pages.go("/desk")],
    "desk-person": [ready],
    "desk-problems": [ready, submit],
    "token-secrets": [pages.go("/token-secrets")],
    "token-secrets-asked": [pages.go("/token-secrets"), followLink('a[href^="/token-secrets/"]')],
    "token-secrets-ask": [pages.go(`/tokens/${tokenSerial}/secrets`)],
    "token-secrets-problems": [pages.go(`/tokens/${tokenSerial}/secrets`), submit],
    unlock: [pages.go("/unlock")],
    "unlock-mailbox": [pages.go("/unlock"), followLink('a[href^="/unlock/"]')],
    settings: [pages.go("/settings")],
    "settings-help": [pages.go("/settings/help")],
    "settings-terms": [pages.go("/settings/terms")],
    "settings-privacy": [pages.go("/settings/privacy")],
    "settings-periods": [pages.go("/settings/periods")],
  };
}
