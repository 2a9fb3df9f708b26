// How one comes to a page in a browser: steps, one after the other.

import type { Page } from "playwright-core";

export type Step = (page: Page) => Promise<unknown>;
/** Each page by its name. */
export type Ways = Readonly<Record<string, readonly Step[]>>;

export const fill =
  (selector: string, text: string): Step =>
  (page) =>
    page.locator(selector).fill(text);

export const check =
  (selector: string): Step =>
  (page) =>
    page.locator(selector).check();

/** The first link of the page's own part that matches. */
export const followLink =
  (selector: string): Step =>
  (page) =>
    page.locator(`main ${selector}`).first().click();

/** The last form's button that does something. */
export const submit: Step = (page) => page.locator("main form button:not(.quiet)").last().click();
