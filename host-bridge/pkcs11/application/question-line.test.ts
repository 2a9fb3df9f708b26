// An application that asks again and again after the person has declined.

import { expect, test } from "vitest";
import { QuestionLine } from "./question-line.ts";

const CKR_FUNCTION_CANCELED = 0x50;
const { signal } = new AbortController();
let now = 0;
let asked = 0;

/** @returns whether the person was asked */
async function ask(line: QuestionLine, answer: "declines" | "answers"): Promise<boolean> {
  const before = asked;
  const question = async (): Promise<void> => {
    asked += 1;
    if (answer === "declines") line.decline();
    else line.answer();
  };
  await line.inTurn(question, signal).catch((error: unknown) => expect(error).toMatchObject({ rv: CKR_FUNCTION_CANCELED }));
  return asked > before;
}

test("three refusals in a row are answered for the person for a minute; then one is enough, until they answer or a while has passed", async () => {
  const line = new QuestionLine(() => now);
  for (let i = 0; i < 3; i++) expect(await ask(line, "declines"), `refusal ${i}`).toBe(true);
  now += 59_999;
  for (let i = 0; i < 100; i++) expect(await ask(line, "answers")).toBe(false);
  now += 1;
  expect(await ask(line, "declines")).toBe(true);
  expect(await ask(line, "declines")).toBe(false);
  now += 60_000;
  expect(await ask(line, "answers")).toBe(true);
  for (let i = 0; i < 2; i++) expect(await ask(line, "declines")).toBe(true);
  now += 120_000; // it was about something else
  for (let i = 0; i < 3; i++) expect(await ask(line, "declines")).toBe(true);
  expect(await ask(line, "declines")).toBe(false);
});
