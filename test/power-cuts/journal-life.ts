// A journal's life on one flash, through cuts of the power, and what it must hold: reckoned without a journal.

import { expect } from "vitest";
import { Journal, type JournalEntry, JournalFullError } from "../../firmware/journal.ts";
import { ID_TRIES } from "../../firmware/journal-ids.ts";
import { type FlashGeometry, type FlashImage, ModelledFlash } from "../../simulator/modelled-flash.ts";
import { nobleCrypto } from "../../simulator/noble-crypto.ts";
import { copyImage } from "../firmware/test-token.ts";
import { type Cut, CutFlash, PowerCut } from "./cut-flash.ts";

export const COUNTER = ID_TRIES | 0x99;
/** Records written before the power goes in any case. */
const MOST_RECORDS = 300;

/** A journal's flash: how many of its pages are the journal's, all when absent. */
export interface Ground {
  readonly geometry: FlashGeometry;
  readonly ownPages?: number;
  /** More may be written than fits. Else a full journal is a fault: a cut has taken room away. */
  readonly canBeFull?: boolean;
}

export function open(ground: Ground, image: FlashImage, cut?: Cut): Journal {
  const { geometry, ownPages } = ground;
  const flash = cut === undefined ? new ModelledFlash(geometry, image, () => {}) : new CutFlash(geometry, image, cut);
  return new Journal(flash, nobleCrypto.crc32, ownPages);
}

/** All values: by id, in hexadecimal. */
export type Values = ReadonlyMap<number, string>;

function hex(bytes: Uint8Array | null): string {
  return Buffer.from(bytes ?? []).toString("hex");
}

export function withEntries(values: Values, entries: readonly JournalEntry[]): Values {
  const changed = new Map(values);
  for (const { id, value } of entries) {
    if (value === null) changed.delete(id);
    else changed.set(id, hex(value));
  }
  return changed;
}

function textOf(values: Iterable<readonly [number, string]>): string {
  return JSON.stringify([...values].sort(([one], [other]) => one - other));
}

function contents(journal: Journal): string {
  return textOf(journal.ids().map((id) => [id, hex(journal.read(id))] as const));
}

export class Life {
  readonly image: FlashImage;
  private readonly ground: Ground;
  private values: Values;
  /** What it holds when the record under way counts. */
  private maybe: Values;

  constructor(ground: Ground, image: FlashImage, values: Values) {
    this.ground = ground;
    this.image = image;
    this.values = values;
    this.maybe = values;
  }

  /** Opens the journal and writes until the power goes; nothing may be read on the way but what was written. */
  writeUntil(cut: Cut, next: () => readonly JournalEntry[]): void {
    try {
      const journal = open(this.ground, this.image, cut);
      expect(contents(journal)).toBe(textOf(this.values));
      for (let i = 0; i < MOST_RECORDS; i++) this.write(journal, next());
      expect(contents(journal)).toBe(textOf(this.values));
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
    }
  }

  /** The record under way is there as a whole or not at all, and so it stays. */
  expectBeforeOrAfter(): void {
    const image = copyImage(this.image);
    const found = contents(open(this.ground, image));
    expect([textOf(this.values), textOf(this.maybe)]).toContain(found);
    expect(contents(open(this.ground, image))).toBe(found);
    if (found !== textOf(this.values)) this.values = this.maybe;
    this.maybe = this.values;
  }

  /** Long enough for every page to be reclaimed. */
  expectGoesOn(): void {
    const journal = open(this.ground, this.image);
    for (let i = 0; i < 100; i++) this.write(journal, [{ id: COUNTER, value: new Uint8Array([i]) }]);
    expect(contents(journal)).toBe(textOf(this.values));
    expect(contents(open(this.ground, this.image))).toBe(textOf(this.values));
  }

  private write(journal: Journal, entries: readonly JournalEntry[]): void {
    this.maybe = withEntries(this.values, entries);
    try {
      journal.write(entries);
      this.values = this.maybe;
    } catch (error) {
      if (!(error instanceof JournalFullError && this.ground.canBeFull)) throw error;
      this.maybe = this.values;
    }
  }
}
