// The ways to a token as a table for people.

import { type Aim, lines, number, type Row, spread } from "./report.ts";
import { IN_GUEST, type Way, type Ways, YARDSTICKS } from "./ways.ts";

const MILLISECONDS = 1e6;
/** What issue 8 asks of a C_Sign over PC/SC on a stock Debian: 10 ms. */
const SIGN_LIMIT_NS = 10 * MILLISECONDS;

function rowOf({ name, apduNs, signNs }: Way, base: Way): Row {
  const apdu = apduNs === null ? "–" : spread(apduNs, MILLISECONDS);
  return [name, apdu, spread(signNs, MILLISECONDS), `× ${number(signNs.median / base.signNs.median)}`];
}

/** Each way against the first one of its machine. */
function group(ways: readonly Way[], base: string): string {
  const [first] = ways;
  if (first === undefined) return "";
  const against = ways.find(({ name }) => name === base) ?? first;
  const head = ["median (quartiles), ms", "APDU", "C_Sign", `C_Sign to ${against.name}`];
  return `${lines([head, ...ways.map((way) => rowOf(way, against))])}\n`;
}

const isGuests = ({ name }: Way): boolean => name.startsWith(IN_GUEST);

/** How many times longer the same program takes in the guest. */
function pace(ways: readonly Way[], name: string): string {
  const [here, there] = [name, IN_GUEST + name].map((each) => ways.find((way) => way.name === each)?.signNs.median);
  return here === undefined || there === undefined
    ? ""
    : `the guest's processor is emulated: ${name} takes × ${number(there / here)} there\n`;
}

/** Medians, with the quartiles in brackets. */
export function waysTables({ ways, skipped }: Ways): string {
  const here = group(
    ways.filter((way) => !isGuests(way)),
    "RPC (p11-kit)",
  );
  const guest = group(ways.filter(isGuests), "guest: SoftHSM2 behind p11-kit server");
  const slower = [YARDSTICKS.softhsm2, YARDSTICKS["p11-kit server"]].map((name) => pace(ways, name)).join("");
  return `${here}${guest}${slower}${skipped.map((what) => `skipped: ${what}\n`).join("")}`;
}

export function aimsOfWays({ ways }: Ways): Aim[] {
  const ours = ways.find(({ name }) => name === "PC/SC, vpcd with Sceau's route")?.signNs.median;
  if (ours === undefined) return [];
  return [{ aim: "a C_Sign over PC/SC takes less than 10 ms (ns)", isMet: ours < SIGN_LIMIT_NS, ours, atMost: SIGN_LIMIT_NS }];
}
