// The office's wall clock, also on the two nights of the year when it is changed.

import { expect, test } from "vitest";
import { zonedDay, zonedTime } from "./zoned-time.ts";

test.each([
  ["2026-12-01", "09:30", "Europe/Paris", "2026-12-01T08:30:00.000Z"],
  ["2026-07-01", "09:30", "Europe/Paris", "2026-07-01T07:30:00.000Z"],
  ["2026-07-01", "00:00", "Pacific/Auckland", "2026-06-30T12:00:00.000Z"],
  ["2026-07-01", "23:45", "America/Martinique", "2026-07-02T03:45:00.000Z"],
  // Put forward at 2: that hour does not exist; put back at 3: it comes twice, and the first one counts.
  ["2026-03-29", "01:59", "Europe/Paris", "2026-03-29T00:59:00.000Z"],
  ["2026-03-29", "02:30", "Europe/Paris", null],
  ["2026-03-29", "03:00", "Europe/Paris", "2026-03-29T01:00:00.000Z"],
  ["2026-10-25", "02:30", "Europe/Paris", "2026-10-25T00:30:00.000Z"],
  ["2026-02-30", "09:00", "Europe/Paris", null],
  ["2026-12-01", "24:30", "Europe/Paris", null],
  ["nonsense", "09:00", "Europe/Paris", null],
])("%s %s in %s", (day, hour, zone, expected) => {
  expect(zonedTime(day, hour, zone)?.toISOString() ?? null).toBe(expected);
});

test("the day at a point in time is the wall calendar's", () => {
  expect(zonedDay(new Date("2026-11-30T23:30:00Z"), "Europe/Paris")).toBe("2026-12-01");
  expect(zonedDay(new Date("2026-11-30T23:30:00Z"), "America/Martinique")).toBe("2026-11-30");
});
