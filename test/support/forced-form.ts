// What a page does not offer, sent all the same: from the same browser, with the session's own token, as somebody would who knows the address.

import type { Page } from "playwright-core";

export interface ForcedAnswer {
  readonly status: number;
  /** The heading of the page that came back. */
  readonly title: string;
  /** What the page says against it; "": nothing. */
  readonly alert: string;
  readonly text: string;
}

const TOKENS = ["csrf", "account-csrf"] as const;
const plain = (text = ""): string => text.replaceAll("&#39;", "'").replaceAll("&amp;", "&");

/** @param page of the session, whichever it shows; nothing of what comes back is shown in it */
export async function forceForm(page: Page, path: string, fields: Readonly<Record<string, string>> = {}): Promise<ForcedAnswer> {
  const form: Record<string, string> = { ...fields };
  for (const name of TOKENS) {
    const token = page.locator(`input[name="${name}"]`).first();
    if ((await token.count()) > 0) form[name] = await token.inputValue();
  }
  const { origin } = new URL(page.url());
  const headers = { origin, "accept-language": (await page.locator("html").getAttribute("lang")) ?? "fr" };
  const answer = await page.context().request.post(`${origin}${path}`, { form, headers, maxRedirects: 0 });
  const text = await answer.text();
  return {
    status: answer.status(),
    title: plain(/<h1>([^<]*)<\/h1>/.exec(text)?.[1]),
    alert: plain(/role="alert"[^>]*><p>([^<]*)</.exec(text)?.[1]),
    text,
  };
}
