// All walks through the office's pages: what each is called, who goes, and by which ways.

import type { Ways } from "./page-steps.ts";
import type { WholePages } from "./whole-pages.ts";
import { accountWays } from "./whole-pages-accounts.ts";
import { applicationWays } from "./whole-pages-applications.ts";
import { decisionWays, helpdeskWays, publicWays, recordWays } from "./whole-pages-records.ts";

export interface Walk {
  readonly name: string;
  /** Who is signed in as an officer. */
  readonly who: "helpdesk" | "everybody" | null;
  steps(): Promise<Ways>;
}

/** @param mark so that nobody is invited twice */
export function wholeWalks(pages: WholePages, mark: string): readonly Walk[] {
  return [
    { name: "in public", who: null, steps: async () => publicWays(pages) },
    { name: "accounts", who: null, steps: () => accountWays(pages) },
    { name: "helpdesk", who: "helpdesk", steps: async () => helpdeskWays(pages) },
    { name: "records", who: "everybody", steps: () => recordWays(pages, mark) },
    { name: "decisions", who: "everybody", steps: async () => decisionWays(pages) },
    { name: "applications", who: "everybody", steps: () => applicationWays(pages) },
  ];
}
