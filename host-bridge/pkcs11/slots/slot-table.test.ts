// Which token has which slot id.

import { describe, expect, test } from "vitest";
import type { Slot } from "./slot.ts";
import { SlotTable } from "./slot-table.ts";

const MAX_SLOT_ID = 0x7fff_ffff;

describe("the slot id of a token", () => {
  test("is its serial number, in any table", () => {
    for (const table of [new SlotTable(), new SlotTable()]) expect(table.reserve("40718225")).toBe(40_718_225);
  });

  test.each(["", "4294967295", "AB-12", "1.5", "-1", "99999999999999999999999"])(
    "is of 31 bits and always the same for serial %j",
    (serial) => {
      const id = new SlotTable().reserve(serial);
      expect(Number.isInteger(id) && id >= 0 && id <= MAX_SLOT_ID).toBe(true);
      expect(new SlotTable().reserve(serial)).toBe(id);
    },
  );

  test("is never another token's, though that has gone; the token itself gets it again", () => {
    const table = new SlotTable();
    expect(table.reserve("7")).toBe(7);
    expect(table.reserve("7")).toBe(8); // two that tell one serial number
    table.release(8);
    table.release(7);
    expect(table.reserve("8")).toBe(9);
    expect(table.reserve("7")).toBe(7);
  });

  test("goes on from 0 after the last", () => {
    const table = new SlotTable();
    expect([table.reserve(String(MAX_SLOT_ID)), table.reserve(String(MAX_SLOT_ID))]).toEqual([MAX_SLOT_ID, 0]);
  });
});

test("listeners are told of the token that comes and of its going, until they stop listening", async () => {
  const table = new SlotTable();
  const told: string[] = [];
  const stop = table.onEvent((slot) => told.push(`first ${slot.id}`));
  table.onEvent((slot) => told.push(`second ${slot.id}`));
  let pull = (): void => {};
  const gone = new Promise<void>((resolve) => {
    pull = resolve;
  });
  table.plugIn({ id: table.reserve("3"), transport: { gone } } as unknown as Slot);
  stop();
  pull();
  await gone;
  await Promise.resolve();
  expect(told).toEqual(["first 3", "second 3", "second 3"]);
});
