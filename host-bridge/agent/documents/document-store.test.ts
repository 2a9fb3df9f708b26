// What is kept of documents: for how long, how much, and that nothing is left.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DocumentError } from "./document-error.ts";
import { DocumentStore } from "./document-store.ts";
import { KEEP_MINUTES, MAX_KEPT_BYTES } from "./limits.ts";
import type { ReceivedDocument } from "./received-document.ts";

const START = Date.parse("2026-03-01T10:00:00Z");
const MINUTE_MS = 60_000;
let nowMs = START;
let store: DocumentStore;

beforeEach(() => {
  nowMs = START;
  store = new DocumentStore({ now: () => new Date(nowMs) });
});
afterEach(() => store.close());

const received = (lengthBytes = 10): ReceivedDocument => ({
  name: "a.pdf",
  bytes: new Uint8Array(lengthBytes),
  pages: [],
  reports: [],
  refusal: null,
  features: [],
});
const failureOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof DocumentError) return error.failure;
    throw error;
  }
  return "none";
};

describe("documents are forgotten", () => {
  test(`${KEEP_MINUTES} minutes after they were last asked for`, () => {
    const { id } = store.add([received()]);
    nowMs += (KEEP_MINUTES - 1) * MINUTE_MS;
    expect(store.get(id).documents).toHaveLength(1);
    nowMs += (KEEP_MINUTES - 1) * MINUTE_MS;
    expect(store.get(id).documents).toHaveLength(1);
    nowMs += KEEP_MINUTES * MINUTE_MS + 1;
    expect(store.all()).toEqual([]);
    expect(failureOf(() => store.get(id))).toBe("unknown");
  });

  test("on request", () => {
    const { id } = store.add([received()]);
    store.forget(id);
    expect(failureOf(() => store.get(id))).toBe("unknown");
  });

  test("but not while the token signs them", () => {
    const set = store.add([received()]);
    set.isBeingSigned = true;
    nowMs += 10 * KEEP_MINUTES * MINUTE_MS;
    expect(failureOf(() => store.forget(set.id))).toBe("being-signed");
    expect(store.get(set.id)).toBe(set);
  });
});

test("what is kept has room to be kept signed, too; there is room again when something is forgotten", () => {
  const quarter = MAX_KEPT_BYTES / 4;
  expect(store.roomBytes).toBe(2 * quarter);
  const first = store.add([received(quarter)]);
  store.add([received(quarter)]);
  expect(store.roomBytes).toBe(0);
  expect(failureOf(() => store.add([received(1)]))).toBe("too-much");
  store.forget(first.id);
  expect(store.roomBytes).toBe(quarter);
});

test("an id is nobody's to guess, and no two are the same", () => {
  const ids = Array.from({ length: 50 }, () => store.add([received()]).id);
  expect(new Set(ids).size).toBe(50);
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{43}$/);
});
