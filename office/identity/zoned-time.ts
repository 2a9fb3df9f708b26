// From what a clock on the office's wall shows to a point in time. Where the clock is put forward there are hours that do not exist.

import { DAY_MS } from "../issuance/clock.ts";

/** What the wall clock shows, as if it were UTC. */
function shown(at: Date, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(at);
  const value = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.find((part) => part.type === type)?.value);
  return Date.UTC(value("year"), value("month") - 1, value("day"), value("hour"), value("minute"), value("second"));
}

/**
 * @param day 2026-12-01
 * @param hour 09:30
 * @param timeZone IANA
 * @returns null: that hour does not exist. Of an hour that comes twice, the first
 */
export function zonedTime(day: string, hour: string, timeZone: string): Date | null {
  const wall = Date.parse(`${day}T${hour}:00Z`);
  if (Number.isNaN(wall) || !new Date(wall).toISOString().startsWith(day)) return null;
  const offsets = [wall - DAY_MS, wall + DAY_MS].map((at) => shown(new Date(at), timeZone) - at);
  const candidates = offsets.map((offset) => wall - offset).filter((at) => shown(new Date(at), timeZone) === wall);
  return candidates.length === 0 ? null : new Date(Math.min(...candidates));
}

/** 2026-12-01, as the wall's calendar has it. */
export const zonedDay = (at: Date, timeZone: string): string => new Date(shown(at, timeZone)).toISOString().slice(0, 10);
