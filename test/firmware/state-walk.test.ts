// Every command in every state of the token with every proof, compared with the tables of firmware/README.md; and every event that changes
// the state. The state is read from the token's answers, not from its memory.

import { describe, expect, test } from "vitest";
import { Channel } from "../../firmware/channel.ts";
import { CLA_CHAINING, INS_GET_RESPONSE } from "../../protocol/apdu.ts";
import { EMPTY_BYTES } from "../../protocol/bytes.ts";
import { SLOT_SIGNATURE, TAG_RESPONSE } from "../../protocol/piv.ts";
import { SW_CONDITIONS_NOT_SATISFIED, SW_OK, SW_SECURITY_STATUS_NOT_SATISFIED, SW_TRIES_LEFT } from "../../protocol/status-words.ts";
import type { FlashImage } from "../../simulator/modelled-flash.ts";
import { apdu, authenticate, type CommandParts, changePin, changePuk, resetPin, verifyPin } from "./card-commands.ts";
import { INSTANCES, NEW_PIN, NEW_PUK } from "./state-commands.ts";
import {
  type CommandRow,
  cellOf,
  type EventRow,
  readCommandRows,
  readEndingRows,
  readEventRows,
  STATES,
  type State,
} from "./state-table.ts";
import { isReady, PROOFS, type Proof, type Subject, spendTries, subject, subjectsIn } from "./state-token.ts";
import { copyImage, WRONG_PIN, WRONG_PUK } from "./test-token.ts";

const ROWS = readCommandRows();
const EVENTS = readEventRows();

const nameOf = (state: State): string => state.life + (state.tries || "–");
const hex = (sw: number | null): string => (sw === null ? "silence" : sw.toString(16).toUpperCase());

/** Refusals that tell of what is not there, after the proof. */
const AFTER_PROOF = ["6A82", "6A88"];
/** What a row may need. */
const NEEDS: Readonly<Record<string, (pin: Proof["pin"], management: boolean) => boolean>> = {
  "–": () => true,
  PIN: (pin) => pin !== "none",
  "PIN now or list": (pin) => pin === "now" || pin === "list",
  "PIN now, no list": (pin) => pin === "now",
  "PIN now": (pin) => pin === "now",
  "9B": (_, management) => management,
  "PIN and 9B": (pin, management) => pin !== "none" && management,
  "PIN or 9B": (pin, management) => pin !== "none" || management,
};

/** What the README's tables say that a command answers: a status word, or `yes`. */
function told(row: CommandRow, state: State, proof: Proof): string {
  const cell = cellOf(row, state);
  const pinLost = state.tries === "p" || state.tries === "x";
  const pin = pinLost ? "none" : proof.pin === "list" && !isReady(state.life) ? "before" : proof.pin;
  if (cell === "63Cx") return pin === "none" ? "63Cx" : "yes";
  if (cell !== "yes" && !AFTER_PROOF.includes(cell)) return cell;
  const needs = row.needs.replace(" + button", "");
  if (needs.endsWith("no list") && pin === "list") return hex(SW_CONDITIONS_NOT_SATISFIED);
  const isMet = NEEDS[needs];
  if (isMet === undefined) throw new Error(`${row.label}: unknown need «${needs}»`);
  return isMet(pin, proof.management) ? cell : hex(SW_SECURITY_STATUS_NOT_SATISFIED);
}

function seenAs(sw: number | null): string {
  if (sw === null) return "silence";
  if (sw === SW_OK || (sw & 0xff00) === 0x6100) return "yes";
  return (sw & 0xfff0) === SW_TRIES_LEFT ? "63Cx" : hex(sw);
}

/** The event that a command is when it is run by this subject, or null when it changes no state. */
function eventOf(label: string, who: Subject): string | null {
  const secret = { "CHANGE REFERENCE DATA: PIN": "PIN", "CHANGE REFERENCE DATA: PUK": "PUK", "SET MANAGEMENT KEY": "9B" }[label];
  if (secret !== undefined) {
    const after = new Set([...who.changed, secret]).size;
    if (after === who.changed.length) return null;
    return after === 3 ? "the last of the three secrets is changed" : "a secret is changed, and another is not yet";
  }
  if (label === "factory: seal") return "the factory seals";
  return label === "RESET RETRY COUNTER" || label === "RESET" ? label : null;
}

function stateAfter(event: string | null, state: State): State {
  if (event === null) return state;
  const row = EVENTS.find((candidate) => candidate.event === event);
  if (row === undefined) throw new Error(`firmware/README.md does not tell of «${event}»`);
  return row.becomes(state) ?? state;
}

function isSame(one: FlashImage, other: FlashImage): boolean {
  return Buffer.compare(one.bytes, other.bytes) === 0 && Buffer.compare(one.writes, other.writes) === 0;
}

/** What is left of a command after its first byte of data, which is sent. */
function lastPiece(who: Subject, command: CommandParts): CommandParts {
  const data = command.data ?? EMPTY_BYTES;
  const first = { ...command, cla: (command.cla ?? 0) | CLA_CHAINING, data: data.subarray(0, 1), le: 0 };
  if (who.token.sw(first, who.channel) !== SW_OK) throw new Error("no chain begins");
  return { ...command, data: data.subarray(1) };
}

/** Runs a row's command and tells everything that differs from the README. */
function differences(row: CommandRow, who: Subject, inPieces = false): string[] {
  const found: string[] = [];
  const where = `${row.label} in ${nameOf(who.state)} [${who.changed.join()}] with PIN ${who.proof.pin}${who.proof.management ? ", 9B" : ""}`;
  const command = INSTANCES[row.label]?.(who) as CommandParts;
  const isFresh = who.proof.pin !== "now" || who.channel.pinFresh;
  if (row.needs.includes("PIN now") && !isFresh) throw new Error(`${where}: the instance has used up «now»`);
  const before = copyImage(who.token.image);
  const expected = told(row, who.state, who.proof);
  const waits = who.token.button.waits;
  const answered = seenAs(who.press(inPieces ? lastPiece(who, command) : command));
  if (answered !== expected) found.push(`${where}: ${answered}, not ${expected}`);
  const asked = who.token.button.waits - waits;
  const shouldAsk = expected === "yes" && row.needs.endsWith(" + button") ? 1 : 0;
  if (asked !== shouldAsk) found.push(`${where}: asked for the button ${asked} times, not ${shouldAsk}`);
  if (answered !== "yes" && !isSame(before, who.token.image)) found.push(`${where}: refused, and has changed the flash`);
  const state = answered === "yes" ? stateAfter(eventOf(row.label, who), who.state) : who.state;
  const seen = who.seen();
  if (nameOf(seen) !== nameOf(state)) found.push(`${where}: is in ${nameOf(seen)} afterwards, not ${nameOf(state)}`);
  return found;
}

test("the table has the twenty states, and an instance of each command", () => {
  for (const row of ROWS) for (const state of STATES) expect(cellOf(row, state)).toMatch(/^(yes|63Cx|6[0-9A-F]{3})$/);
  expect(ROWS.map((row) => row.label).sort()).toEqual(Object.keys(INSTANCES).sort());
});

describe("each command with each proof answers as the table says, in", () => {
  test.each(STATES.map((state) => [nameOf(state), state] as const))("%s", (_name, state) => {
    const found: string[] = [];
    let pairs = 0;
    for (const proof of PROOFS) {
      for (const row of ROWS) {
        for (const who of subjectsIn(state, proof)) {
          found.push(...differences(row, who));
          pairs++;
        }
      }
    }
    expect(found).toEqual([]);
    expect(pairs).toBeGreaterThanOrEqual(PROOFS.length * ROWS.length);
  });
});

test("a command in two pieces answers as in one", () => {
  const found: string[] = [];
  for (const life of ["F", "B", "R"] as const) {
    for (const proof of PROOFS) {
      for (const row of ROWS) for (const who of subjectsIn({ life, tries: "" }, proof)) found.push(...differences(row, who, true));
    }
  }
  expect(found).toEqual([]);
});

test("a button that is not pressed: 6985, and nothing is changed", () => {
  const rows = ROWS.filter((row) => row.needs.endsWith(" + button"));
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) {
    const who = subject({ life: "R", tries: "" }, { pin: "now", management: false }, ["PIN", "PUK", "9B"]);
    const command = INSTANCES[row.label]?.(who) as CommandParts;
    const before = copyImage(who.token.image);
    let sw = 0;
    const atOnce = who.token.raw(apdu(command), who.channel, (response) => {
      sw = response.sw;
    });
    expect(atOnce).toBeNull();
    who.token.token.cancel(who.channel);
    expect(hex(sw)).toBe("6985");
    expect(isSame(before, who.token.image)).toBe(true);
  }
});

test("GET RESPONSE, when nothing waits: 6985 in each state", () => {
  for (const state of STATES)
    for (const who of subjectsIn(state)) expect(hex(who.token.sw({ ins: INS_GET_RESPONSE, le: 256 }))).toBe("6985");
});

/** What each event of the README is, done to a token; null for those that the walk above has done already. */
const DEEDS: Readonly<Record<string, ((who: Subject) => readonly CommandParts[]) | null>> = {
  "the factory seals": null,
  "a secret is changed, and another is not yet": null,
  "the last of the three secrets is changed": null,
  "RESET RETRY COUNTER": null,
  RESET: null,
  "the PIN's last try is spent": (who) => [verifyPin(WRONG_PIN), changePin(WRONG_PIN, who.changed.includes("PIN") ? NEW_PIN : "594038")],
  "the PUK's last try is spent": (who) =>
    isReady(who.state.life) ? [changePuk(WRONG_PUK, NEW_PUK), resetPin(WRONG_PUK, NEW_PIN)] : [changePuk(WRONG_PUK, NEW_PUK)],
};

test("the README's events are these", () => {
  expect(EVENTS.map((row) => row.event).sort()).toEqual(Object.keys(DEEDS).sort());
});

/** Leaves one try of the secret, then spends it by each command that can. */
function spendLast(row: EventRow, state: State): string[] {
  const found: string[] = [];
  const secret = row.event.includes("PIN") ? "PIN" : "PUK";
  for (const which of [0, 1]) {
    for (const who of subjectsIn(state)) {
      const wrong = DEEDS[row.event]?.(who)[which];
      if (wrong === undefined) continue;
      spendTries(who.token, secret, 1);
      const sw = who.token.sw(wrong);
      const expected = row.becomes(state) ?? state;
      const seen = who.seen();
      if (hex(sw) !== "6983") found.push(`${row.event} in ${nameOf(state)}: ${hex(sw)}`);
      if (nameOf(seen) !== nameOf(expected)) found.push(`${row.event} in ${nameOf(state)}: ${nameOf(seen)}, not ${nameOf(expected)}`);
    }
  }
  return found;
}

test.each(EVENTS.filter((row) => row.event.endsWith("is spent")).map((row) => [row.event, row] as const))("%s", (_event, row) => {
  expect(STATES.flatMap((state) => spendLast(row, state))).toEqual([]);
});

/** What a channel has: PIN, 9B, list. */
function proofsOf(who: Subject, channel: Channel): string[] {
  const card = who.token.token.card;
  const key = card.keys.info(SLOT_SIGNATURE);
  const has: string[] = [];
  if (channel.isPinVerified(card)) has.push("PIN");
  if (channel.isManagementVerified(card)) has.push("9B");
  if (key !== null && channel.batch(card, SLOT_SIGNATURE, key.publicKey) !== null) has.push("list");
  return has;
}

const WRONG_VALUES: Readonly<Record<string, (who: Subject) => CommandParts>> = {
  "GENERAL AUTHENTICATE, 9B: wrong": (who) => authenticate(who.managementAlgorithm, [[TAG_RESPONSE, new Uint8Array(16)]]),
  "VERIFY, wrong": () => verifyPin(WRONG_PIN),
  "VERIFY, wrong, last try": (who) => {
    spendTries(who.token, "PIN", 1);
    return verifyPin(WRONG_PIN);
  },
  "CHANGE REFERENCE DATA: PIN, wrong": () => changePin(WRONG_PIN, NEW_PIN),
  "CHANGE REFERENCE DATA: PUK, wrong": () => changePuk(WRONG_PUK, NEW_PUK),
  "RESET RETRY COUNTER, wrong": () => resetPin(WRONG_PUK, NEW_PIN),
};

describe("what a command takes away from its own channel and from the others:", () => {
  const endings = readEndingRows();
  const all = { ...INSTANCES, ...WRONG_VALUES };

  test("the README tells of no other command", () => {
    expect(endings.map((row) => row.label).filter((label) => all[label] === undefined)).toEqual([]);
  });

  test.each(Object.keys(all))("%s", (label) => {
    const blocked = label === "RESET";
    const who = subject({ life: "R", tries: blocked ? "x" : "" }, { pin: "list", management: true }, ["PIN", "PUK", "9B"]);
    const other = new Channel();
    if (blocked) who.prove(other, { pin: "none", management: true });
    else who.prove(other, { pin: "list", management: true });
    const command = all[label]?.(who) as CommandParts;
    const had = [proofsOf(who, who.channel), proofsOf(who, other)];
    const given = blocked ? ["9B"] : ["PIN", "9B", "list"];
    expect(had).toEqual([given, given]);
    who.press(command);
    const row = endings.find((candidate) => candidate.label === label);
    const left = [row?.here ?? [], row?.elsewhere ?? []].map((ended, index) => had[index]?.filter((proof) => !ended.includes(proof)));
    expect([proofsOf(who, who.channel), proofsOf(who, other)]).toEqual(left);
  });
});
