// Time, as it is given to whoever needs it, and how certificates count it: in whole seconds.

export interface Clock {
  now(): Date;
}

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

export function wholeSeconds(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1000) * 1000);
}

/** 29 February becomes 1 March in a year that has none. */
export function yearsLater(from: Date, years: number): Date {
  const date = new Date(from);
  date.setUTCFullYear(date.getUTCFullYear() + years);
  return date;
}

export const later = (from: Date, byMs: number): Date => new Date(from.getTime() + byMs);
export const earlier = (a: Date, b: Date): Date => (a < b ? a : b);
