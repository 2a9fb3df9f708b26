import { describe, expect, it } from "vitest";
import { SW_AUTH_METHOD_BLOCKED, SW_TRIES_LEFT, triesLeftOf } from "./status-words.ts";

describe("triesLeftOf", () => {
  it("reads 63Cx as x tries, for every x", () => {
    for (let tries = 0; tries <= 15; tries++) expect(triesLeftOf(SW_TRIES_LEFT + tries)).toBe(tries);
  });

  it("reads 6983 as no tries", () => {
    expect(triesLeftOf(0x6983)).toBe(0);
  });

  it("reads no tries out of any other status word", () => {
    const telling: number[] = [];
    for (let sw = 0; sw <= 0xffff; sw++) if (triesLeftOf(sw) !== null) telling.push(sw);
    const counters = Array.from({ length: 16 }, (_, tries) => 0x63c0 + tries);
    expect(telling).toEqual([...counters, SW_AUTH_METHOD_BLOCKED]);
  });
});
