// Looks at pages one after the other, each loaded once: at a phone's width all that axe-core and Tab find, then the same page at a desk's width and in the
// dark. What is around every page (head, menu, foot) is judged once.

import type { Page } from "playwright-core";
import { expect } from "vitest";
import { axeFindings, keyboardFindings, overflowPixels, picture } from "./browser.ts";

export const LANGUAGES = ["fr", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

const HEIGHT = 800;
const PHONE_WIDTH = 360;
const DESK_WIDTH = 1280;

export class PageLooks {
  readonly #page: Page;
  readonly #language: Language;
  readonly #pictures: string;
  #isFirst = true;

  /** @param page of a phone's width @param pictures what their names begin with */
  constructor(page: Page, language: Language, pictures: string) {
    this.#page = page;
    this.#language = language;
    this.#pictures = pictures;
  }

  async look(name: string): Promise<void> {
    const page = this.#page;
    expect(await page.locator("html").getAttribute("lang"), name).toBe(this.#language);
    expect(await page.locator("h1").count(), name).toBe(1);
    await this.#look(name, "360");
    await page.setViewportSize({ width: DESK_WIDTH, height: HEIGHT });
    await this.#look(name, "1280");
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await axeFindings(page, { within: "main", rules: ["color-contrast"] }), `${name} in the dark`).toEqual([]);
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize({ width: PHONE_WIDTH, height: HEIGHT });
    expect(await axeFindings(page, { within: this.#isFirst ? "html" : "main" }), name).toEqual([]);
    this.#isFirst = false;
    expect(await keyboardFindings(page), name).toEqual([]);
  }

  async #look(name: string, width: string): Promise<void> {
    await picture(this.#page, `${this.#pictures}${name}-${width}`);
    expect(await overflowPixels(this.#page), `${name} is wider than the window at ${width} pixels`).toBe(0);
  }
}
