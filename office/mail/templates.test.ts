// Every mail in both languages: the same words as text and as HTML, everything escaped, nothing to load, and as one .eml that holds both.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { MAIL_OFFICE, SAMPLE_MAILS } from "../../test/support/sample-mails.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { folderMailer } from "./folder-mailer.ts";

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
const unescaped = (text: string): string => text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => ENTITIES[name] ?? "");
/** What somebody reads, without regard to lines. */
const words = (text: string): string => text.replace(/\s+/g, " ").trim();
const readable = (html: string): string =>
  words(
    unescaped(
      (/<div class="paper"[^>]*>([\s\S]*?)<\/div>/.exec(html)?.[1] ?? "").replace(/<h1[\s\S]*?<\/h1>/, "").replace(/<[^>]+>/g, " "),
    ),
  );

test("there is a sample of each template", () => {
  const files = readdirSync(new URL("./templates/", import.meta.url)).map((file) => file.replace(/\.ts$/, ""));
  const names = SAMPLE_MAILS.map(({ name }) => name);
  for (const file of files)
    expect(
      names.some((name) => name === file || name.startsWith(`${file}-`)),
      file,
    ).toBe(true);
  expect(files.length).toBeGreaterThan(13);
});

describe.each(["fr", "en"])("%s", (language) => {
  test.each(SAMPLE_MAILS.map((sample) => [sample.name, sample] as const))("%s", (_name, { mail, told }) => {
    const { to, subject, text, html = "" } = mail(language);
    expect(to).toBe("lea.morel@example.org");
    expect(subject).toMatch(/^[^\r\n]{8,120}$/);
    for (const fact of told) expect(words(text), fact).toContain(words(fact));
    for (const fact of told) expect(readable(html), fact).toContain(words(fact));
    expect(text).not.toMatch(/undefined|null|\[object|Invalid|<\/?(p|a|table)\b/);
    // The same words in both, without the foot.
    expect(readable(html)).toBe(words(text.split("\n\n-- \n")[0] ?? ""));
    expect(text).toContain(`\n-- \n`);
    expect(html).toContain(`<html lang="${language}">`);
    // Nothing is loaded, nothing runs, and links lead to the office.
    expect(html).not.toMatch(/<(script|img|link|iframe|object|form|base)\b|\ssrc=|url\(|@import|\son\w+=|javascript:/i);
    for (const [, target] of html.matchAll(/href="([^"]*)"/g)) expect(target?.startsWith(MAIL_OFFICE), target).toBe(true);
    expect(html).not.toContain("<i>O'Hara");
  });

  test("is not in the other language, and French has its spaces", () => {
    const [french, english] = [/\b(Bonjour|bureau d'enregistrement)\b/, /\b(Dear|Hello|registration office)\b/];
    for (const { mail, name } of SAMPLE_MAILS) {
      const { text } = mail(language);
      expect(text, name).toMatch(language === "fr" ? french : english);
      expect(text, name).not.toMatch(language === "fr" ? english : french);
      if (language === "fr")
        expect(
          text
            .split("\n")
            .filter((line) => !/sceau |https?:/.test(line))
            .join("\n"),
          name,
        ).not.toMatch(/[^\u00a0/s][;?!]|[^\u00a0ps0-9]:(?!\/\/)/);
    }
  });
});

test("a mail leaves as one .eml with both forms", async () => {
  const folder = temporaryFolder();
  const sample = SAMPLE_MAILS[0]?.mail("fr");
  if (sample === undefined) throw new Error("no sample");
  await folderMailer(folder, "office@bureau.example", { now: () => new Date("2026-11-24T08:30:00Z") }).send(sample);
  const [file = ""] = readdirSync(folder);
  const eml = readFileSync(`${folder}/${file}`, "latin1");
  expect(eml).toMatch(/^Content-Type: multipart\/alternative;/m);
  expect(eml.match(/^Content-Type: text\/(plain|html); charset=utf-8/gm)).toEqual([
    "Content-Type: text/plain; charset=utf-8",
    "Content-Type: text/html; charset=utf-8",
  ]);
});
