// Looks at pages one after the other, each loaded once: at a phone's width all that axe-core and Tab find, then the same page at a desk's width and in the
// dark. What is around every page (head, menu, foot) is judged once. `npm test` takes Tab of every second page and the dark of the others, `npm run walks`
// both of all: they are half of the time.

import type { Page } from "playwright-core";
import { expect } from "vitest";
import { axeFindings, keyboardFindings, overflowPixels, picture } from "./browser.ts";

export const LANGUAGES = ["fr", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

const isAll = process.env["WALKS"] === "all";
const HEIGHT = 800;
const PHONE_WIDTH = 360;
const DESK_WIDTH = 1280;

export class PageLooks {
  readonly #page: Page;
  readonly #language: Language;
  readonly #pictures: string;
  #looked = 0;

  /** @param page of a phone's width @param pictures what their names begin with */
  constructor(page: Page, language: Language, pictures: string) {
    this.#page = page;
    this.#language = language;
    this.#pictures = pictures;
  }

  async look(name: string): Promise<void> {
    const page = this.#page;
    const number = this.#looked++;
    expect(await page.locator("html").getAttribute("lang"), name).toBe(this.#language);
    expect(await page.locator("h1").count(), name).toBe(1);
    await this.#look(name, "360");
    await page.setViewportSize({ width: DESK_WIDTH, height: HEIGHT });
    await this.#look(name, "1280");
    if (isAll || number % 2 === 1) await this.#lookInTheDark(name);
    await page.setViewportSize({ width: PHONE_WIDTH, height: HEIGHT });
    expect(await axeFindings(page, { within: number === 0 ? "html" : "main" }), name).toEqual([]);
    if (isAll || number % 2 === 0) expect(await keyboardFindings(page), name).toEqual([]);
  }

  async #lookInTheDark(name: string): Promise<void> {
    const page = this.#page;
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await axeFindings(page, { within: "main", rules: ["color-contrast"] }), `${name} in the dark`).toEqual([]);
    await page.emulateMedia({ colorScheme: "light" });
  }

  async #look(name: string, width: string): Promise<void> {
    await picture(this.#page, `${this.#pictures}${name}-${width}`);
    expect(await overflowPixels(this.#page), `${name} is wider than the window at ${width} pixels`).toBe(0);
  }
}
