import { describe, expect, test } from "vitest";
import { HABITS, measureWear } from "./wear.ts";

/** Some fifty erasures of each page: enough to tell 2.5 million from less, and the same count in each run. */
const TIMES = 20000;
const EIGHT_PAGES = 8;

describe("on eight pages of 4 KB that bear 10,000 erasures, a token lives for", () => {
  test.each(HABITS.map((habit) => [habit.name, habit] as const))("more than 2.5 million %s", (_, habit) => {
    const wear = measureWear(habit, EIGHT_PAGES, TIMES);
    expect(wear.worstPagePerThousand).toBeGreaterThan(0.5);
    expect(wear.life).toBeGreaterThan(2_500_000);
  });
});
