// How somebody uses a page: with a mouse, or by keyboard alone. Every step waits for what comes of it.

import type { Page } from "playwright-core";
import { tabTo } from "./browser.ts";

/** Selectors are CSS; of several controls the first one of the page is meant. */
export interface Hands {
  /** A button or a link that leads to another page. */
  follow(page: Page, selector: string): Promise<void>;
  /** In place of what the field has. */
  type(page: Page, selector: string, text: string): Promise<void>;
  /** A checkbox, or the radio button of its group that the keyboard comes to. */
  tick(page: Page, selector: string): Promise<void>;
  choose(page: Page, selector: string, value: string): Promise<void>;
}

export const MOUSE: Hands = {
  follow: async (page, selector) => {
    await Promise.all([page.waitForNavigation(), page.locator(selector).first().click()]);
  },
  type: (page, selector, text) => page.locator(selector).fill(text),
  tick: (page, selector) => page.locator(selector).first().check(),
  choose: async (page, selector, value) => {
    await page.locator(selector).selectOption(value);
  },
};

const chosen = (page: Page, selector: string): Promise<string> => page.locator(selector).inputValue();
/** No list of ours is longer. */
const MOST_OPTIONS = 40;

/** Tab, Enter, Space and arrows; wherever the focus is on the way, it shows. Controls are used in the order in which the page has them. */
export const KEYBOARD: Hands = {
  follow: async (page, selector) => {
    await tabTo(page, selector);
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  },
  type: async (page, selector, text) => {
    await tabTo(page, selector);
    await page.keyboard.press("Control+A");
    await page.keyboard.type(text);
  },
  tick: async (page, selector) => {
    await tabTo(page, selector);
    await page.keyboard.press("Space");
  },
  choose: async (page, selector, value) => {
    await tabTo(page, selector);
    await page.keyboard.press("Home");
    for (let steps = 0; (await chosen(page, selector)) !== value; steps++) {
      if (steps > MOST_OPTIONS) throw new Error(`no ${value} by arrows in ${selector}`);
      await page.keyboard.press("ArrowDown");
    }
  },
};
