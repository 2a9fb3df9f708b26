// Ways to the pages of the demonstration's people: applicants with dossiers in every state, managers.

import { fill, type Step, submit, type Ways } from "./page-steps.ts";
import type { WholePages } from "./whole-pages.ts";

/** Whose dossier is in which state. */
const OWN: Readonly<Record<string, string>> = {
  draft: "Victor Blanc",
  submitted: "Camille Aubin",
  identity_pending: "Léa Morel",
  identity_verified: "Manon Girard",
  identity_failed: "Yann Le Goff",
  approved: "Rémi Vasseur",
  rejected: "Thomas Roy",
  activation_ready: "Clara Fontaine",
  active: "Sophie Delcourt",
  cancelled: "Paul Aubert",
  expired: "Olivier Petit",
};

const answerQuestions: Step = async (page) => {
  for (const number of [1, 2, 3]) {
    await page.locator(`#question${number}`).selectOption({ index: number });
    await page.locator(`#answer${number}`).fill(`réponse ${number}`);
  }
};

export async function accountWays(pages: WholePages): Promise<Ways> {
  const own = (name: string, part = ""): Step[] => [
    pages.as(name),
    pages.goWhere(async () => `/my/dossiers/${await pages.dossierOf(name)}${part}`),
  ];
  const managed = (name: string, organisation: string): Step[] => [
    pages.as(name),
    pages.goWhere(async () => `/my/organisations/${await pages.organisationNamed(organisation)}`),
  ];
  const states = Object.entries(OWN).map(([state, name]) => [`own-${state}`, own(name)] as const);
  return {
    ...Object.fromEntries(states),
    account: [pages.as("Léa Morel"), pages.go("/account")],
    "account-manager": [pages.as("Nadia Benali"), pages.go("/account")],
    apply: [pages.as("Nadia Benali"), pages.go("/apply")],
    "apply-invited": [pages.as("Juliette Roche"), pages.go("/apply")],
    details: own("Victor Blanc", "/details"),
    "details-problems": [...own("Victor Blanc", "/details"), fill("#phone", "six"), submit],
    questions: own("Victor Blanc", "/questions"),
    "questions-problems": [...own("Victor Blanc", "/questions"), submit],
    consents: [...own("Igor Petrov", "/questions"), answerQuestions, submit],
    "cancel-draft": own("Victor Blanc", "/cancel"),
    cancel: own("Camille Aubin", "/cancel"),
    "cancel-problems": [...own("Camille Aubin", "/cancel"), fill("#confirmation", "12345678"), submit],
    appointment: own("Camille Aubin", "/appointment"),
    "appointment-booked": own("Nora Haddad", "/appointment"),
    evidence: own("Camille Aubin", "/evidence"),
    "evidence-brought": own("Léa Morel", "/evidence"),
    reference: own("Rémi Vasseur", "/reference"),
    "corporate-open": managed("Nadia Benali", "Société Boréale"),
    "corporate-invite-problems": [
      ...managed("Nadia Benali", "Société Boréale"),
      fill("#email", "no address"),
      (page) => page.locator("main form button").first().click(),
    ],
    "corporate-requested": managed("Odile Cormoran", "Atelier Cormoran"),
    "corporate-refused": managed("Marc Delta", "Comptoir Delta"),
    "corporate-request": [pages.as("Nadia Benali"), pages.go("/my/organisations/request")],
    "corporate-request-problems": [pages.as("Nadia Benali"), pages.go("/my/organisations/request"), fill("#users", "4"), submit],
  };
}
