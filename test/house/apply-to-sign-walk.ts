// Who walks from application to signature, and how: what the steps in the files beside this one share.

import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { AgentBench } from "../support/agent-bench.ts";
import { judgePage } from "../support/browser.ts";
import type { Hands } from "../support/hands.ts";
import type { SimulatedToken } from "../support/simulated-token.ts";
import type { Language, Look, WholeHouse } from "../support/whole-house.ts";

/** The four steps of S11, as the pages name them, with their usual durations. */
const STEPS: Readonly<Record<Language, readonly string[]>> = {
  fr: ["Abonnement", "Vérification d'identité", "Approbation", "Activation"],
  en: ["Subscription", "Identity check", "Approval", "Activation"],
};
const DURATIONS = ["5 min", "10 min", "–", "5 min"];

export interface Applicant {
  readonly givenName: string;
  readonly surname: string;
  readonly email: string;
  readonly title: string;
  readonly memberNumber: string;
  /** Invited by it; null: on one's own. */
  readonly company: string | null;
}

/** One person's way, each step going on where the one before has left it. */
export interface Walk {
  readonly house: WholeHouse;
  readonly look: Look;
  readonly hands: Hands;
  readonly who: Applicant;
  /** The applicant's own browser. */
  page: Page;
  agent: AgentBench;
  token: SimulatedToken;
  dossierId: string;
  reference: string;
}

/** axe-core finds nothing, nothing sticks out, and there is a picture of it. */
export async function seen({ look: { language, width } }: Walk, page: Page, name: string): Promise<void> {
  await page.waitForLoadState("load");
  await judgePage(page, language, `house/${name}-${language}-${width}`);
}

/** S11: the four steps with their durations, and which one it is; 5: all are done. */
export async function expectStep({ look: { language } }: Walk, page: Page, step: 1 | 2 | 3 | 4 | 5): Promise<void> {
  const stepper = page.locator("ol.stepper > li");
  expect(await stepper.locator(".step").allInnerTexts()).toEqual(STEPS[language]);
  expect(await stepper.locator("small > [aria-hidden]").allInnerTexts()).toEqual(DURATIONS);
  const expected = [1, 2, 3, 4].map((each) => (each < step ? "done" : each === step ? "now" : "ahead"));
  expect(await stepper.evaluateAll((items) => items.map((item) => item.className))).toEqual(expected);
}

/** The text of the language that is walked in. */
export const told = ({ look: { language } }: Walk, fr: string, en: string): string => (language === "fr" ? fr : en);
