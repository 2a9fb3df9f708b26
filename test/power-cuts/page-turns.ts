// The same scenarios where what they write begins a new page: in the journal, or in the signature journal.

import { splitFlash } from "../../firmware/flash-regions.ts";
import type { Flash } from "../../firmware/hal.ts";
import { ID_OBJECT, ID_TRIES } from "../../firmware/journal-ids.ts";
import { KEY_REF_PUK, OBJECT_AUTH_CERTIFICATE, SLOT_AUTHENTICATION } from "../../protocol/piv.ts";
import { ENTRY_SIGNATURE } from "../../protocol/vendor.ts";
import type { FlashImage } from "../../simulator/modelled-flash.ts";
import { copyImage } from "../firmware/test-token.ts";
import { type Opened, openOn } from "./laboratory.ts";
import type { FlashOperation } from "./recorded-flash.ts";
import type { Scenario } from "./scenario.ts";

/** Which memory turns its page, and whether a used page has to be reclaimed for that. */
export type Turn = "journal opens" | "journal reclaims" | "log opens" | "log reclaims";

export const TURNS: readonly Turn[] = ["journal opens", "journal reclaims", "log opens", "log reclaims"];

const ID_SMALL_FILLER = ID_TRIES | KEY_REF_PUK;
const ID_LARGE_FILLER = ID_OBJECT | (OBJECT_AUTH_CERTIFICATE & 0xff);
const SEED = 7;

interface Filler {
  readonly kind: "object" | "tries" | "entry";
  readonly times: number;
}

/** Coarse first. An object is written anew in few long records, which are quicker to read again at each opening than many short ones. */
const FILLERS: { readonly journal: readonly Filler[]; readonly log: readonly Filler[] } = {
  journal: [
    { kind: "object", times: 4 },
    { kind: "object", times: 1 },
    { kind: "tries", times: 8 },
    { kind: "tries", times: 1 },
  ],
  log: [
    { kind: "entry", times: 40 },
    { kind: "entry", times: 8 },
    { kind: "entry", times: 1 },
  ],
};
const MOST_FILLERS = 400;

/** Writes values again as they are, or uses a key. */
function fill(opened: Opened, filler: Filler): void {
  const { journal, log } = opened.token.token.card;
  const object = filler.kind === "object" ? journal.read(ID_LARGE_FILLER) : null;
  const tries = journal.read(ID_SMALL_FILLER) ?? new Uint8Array([3, 3]);
  for (let i = 0; i < filler.times; i++) {
    if (filler.kind === "entry") log.append(SLOT_AUTHENTICATION, ENTRY_SIGNATURE, new Uint8Array(32).fill(i));
    else if (object !== null) journal.write([{ id: ID_LARGE_FILLER, value: object }]);
    else journal.write([{ id: ID_SMALL_FILLER, value: tries }]);
  }
}

/** The operation by which the region's page is turned so; −1: none. */
function turnAt(operations: readonly FlashOperation[], flash: Flash, turn: Turn): number {
  const regions = splitFlash(flash);
  const pages = turn.startsWith("journal") ? regions.journal.pages : regions.log.pages;
  const starts = pages.map((page) => page.address);
  return operations.findIndex((one) =>
    turn.endsWith("reclaims")
      ? one.kind === "erase" && starts.includes(flash.pages[one.page]?.address ?? -1)
      : one.kind === "program" && starts.includes(one.address) && one.bytes.some((byte) => byte !== 0),
  );
}

const NONE = -1;
/** What comes before the scenario turns the page: it is filled too far. */
const TOO_FAR = -2;

function turnOf(scenario: Scenario, image: FlashImage, turn: Turn): number {
  const opened = openOn(copyImage(image), SEED);
  scenario.prepare?.(opened);
  if (turnAt(opened.flash.operations, opened.flash, turn) !== NONE) return TOO_FAR;
  opened.flash.restart();
  scenario.act(opened);
  return turnAt(opened.flash.operations, opened.flash, turn);
}

/** The first, the last and the one in the middle. */
function spread<T>(list: readonly T[]): T[] {
  return list.filter((_, i) => i === 0 || i === list.length - 1 || i === list.length >> 1);
}

/** The scenario's image, with so much more in it that the scenario turns a page, each time at another of its operations. */
function turningImages(scenario: Scenario, turn: Turn): FlashImage[] {
  const fillers = turn.startsWith("journal") ? FILLERS.journal : FILLERS.log;
  const found = new Map<number, FlashImage>();
  let image = scenario.image;
  const unfilled = turnOf(scenario, image, turn); // the first write ever opens a page
  if (unfilled >= 0) found.set(unfilled, image);
  let finer = 0;
  for (let i = 0; i < MOST_FILLERS; i++) {
    const next = copyImage(image);
    const opened = openOn(next, SEED);
    fill(opened, fillers[finer] as Filler);
    const isTurned = turnAt(opened.flash.operations, opened.flash, turn) !== NONE;
    const at = isTurned ? TOO_FAR : turnOf(scenario, next, turn);
    if (finer < fillers.length - 1) {
      if (at === NONE) image = next;
      else finer++;
      continue;
    }
    if (at >= 0 && !found.has(at)) found.set(at, next);
    if (isTurned) break;
    image = next;
  }
  return [...found.values()];
}

/** The scenario's variants that turn a page in this way, none when it writes nothing there. */
export function turning(scenario: Scenario, turn: Turn): Scenario[] {
  return spread(turningImages(scenario, turn)).map((image, i) => ({
    ...scenario,
    image,
    name: `${scenario.name} · ${turn}${i === 0 ? "" : `, ${i + 1}`}`,
  }));
}
