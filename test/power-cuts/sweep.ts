// Sweeps a scenario: cuts the power at every point of what it does to the flash, plugs the token in again, and judges what is left.

import type { FlashImage } from "../../simulator/modelled-flash.ts";
import { copyImage } from "../firmware/test-token.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { goOn } from "./afterlife.ts";
import { type CardState, defectOf, firstDifference, readState, secretsOf } from "./card-state.ts";
import { type Cut, copyImageInto, countCuts, emptyImage, FlashCuts } from "./flash-cuts.ts";
import { type Opened, openOn, SWEPT_GEOMETRY } from "./laboratory.ts";
import type { FlashOperation } from "./recorded-flash.ts";
import type { Scenario } from "./scenario.ts";

/** How much is tried. */
export interface Extent {
  readonly seed: number;
  /** Cuts a scenario, at random; Infinity: every one. */
  readonly cutsAScenario: number;
  /** Cuts of the recovery after a cut, at random. */
  readonly secondCuts: number;
  /** One cut in so many is followed by a life in which every page is used again; those in an erasure always are in a full sweep. */
  readonly oneLifeIn: number;
}

export interface SweepResult {
  readonly name: string;
  readonly operations: number;
  /** Cuts tried, cuts of a recovery among them. */
  readonly cuts: number;
  readonly secondCuts: number;
  readonly lives: number;
  readonly failed: number;
  /** The first of them, in words. */
  readonly failures: readonly string[];
}

const FAILURES_TOLD = 5;
/** A shorter run of a secret's bytes proves nothing: it might be there by chance. */
const SECRET_WINDOW_BYTES = 6;
const SEED_OF_THE_WORLD = 7;

/** A scenario, run once without a cut. */
interface Run {
  readonly start: FlashImage;
  readonly operations: readonly FlashOperation[];
  /** Operations that were complete when a key was used or a secret compared; −1: none was. */
  readonly usedAfter: number;
  /** The state before, those in between, the state after. */
  readonly states: readonly CardState[];
  /** For each state the secrets that were there before and must be gone. */
  readonly gone: readonly (readonly Uint8Array[])[];
}

class Failure extends Error {
  override readonly name = "Failure";
}

/** Calls `seen` before the crypto of a kind is used. @throws Failure when the HAL has no such function */
function watchUse(opened: Opened, kind: NonNullable<Scenario["spentBefore"]>, seen: () => void): void {
  const crypto = opened.token.token.card.hal.crypto;
  const watched =
    kind === "comparison"
      ? [{ on: crypto, names: ["sha256"] }]
      : [crypto.p256, crypto.p384].map((on) => ({ on, names: ["sign", "sharedSecret"] }));
  for (const { on, names } of watched) {
    const target = on as unknown as Record<string, (...args: unknown[]) => unknown>;
    for (const name of names) {
      const before = target[name];
      if (before === undefined) throw new Failure(`the HAL has no ${name}`);
      target[name] = (...args) => {
        seen();
        return before(...args);
      };
    }
  }
}

function stateOn(image: FlashImage): CardState {
  return readState(openOn(copyImage(image)).token.token.card);
}

/** The state that steps leave, one after the other, each done to a token of its own. */
function statesOf(scenario: Scenario, start: FlashImage, end: FlashImage): CardState[] {
  const image = copyImage(start);
  const states = [stateOn(image)];
  for (const step of scenario.between ?? []) {
    step(openOn(image).token.token.card);
    states.push(stateOn(image));
  }
  states.push(stateOn(end));
  return states;
}

function goneSecrets(states: readonly CardState[]): Uint8Array[][] {
  return states.map((state, i) => {
    const here = [...secretsOf(state).values()].map((secret) => Buffer.from(secret).toString("hex"));
    const before = states.slice(0, i).flatMap((other) => [...secretsOf(other).values()]);
    return before.filter((secret) => !here.includes(Buffer.from(secret).toString("hex")));
  });
}

function runOnce(scenario: Scenario): Run {
  const image = copyImage(scenario.image);
  const opened = openOn(image, SEED_OF_THE_WORLD);
  scenario.prepare?.(opened);
  const start = scenario.isOpening ? scenario.image : copyImage(image);
  let usedAfter = -1;
  if (scenario.spentBefore !== undefined) {
    watchUse(opened, scenario.spentBefore, () => {
      if (usedAfter < 0) usedAfter = opened.flash.operations.length;
    });
  }
  if (!scenario.isOpening) opened.flash.restart();
  scenario.act(opened);
  if (scenario.spentBefore !== undefined && usedAfter < 0) throw new Failure(`no ${scenario.spentBefore} was seen`);
  const operations = opened.flash.operations;
  const states = scenario.isOpening ? [stateOn(image)] : statesOf(scenario, start, image);
  const live = readState(opened.token.token.card);
  const after = states[states.length - 1] as CardState;
  if (live.text !== after.text) throw new Failure(`plugged in again: ${firstDifference(after, live)}`);
  const defect = defectOf(opened.token.token.card);
  if (defect !== null) throw new Failure(defect);
  const gone = goneSecrets(states);
  if (leftOver(image, gone[gone.length - 1] ?? [])) throw new Failure("a secret that is gone stays in the flash until the power goes");
  return { start, operations, usedAfter, states, gone };
}

function leftOver(image: FlashImage, secrets: readonly Uint8Array[]): boolean {
  const bytes = Buffer.from(image.bytes.buffer, image.bytes.byteOffset, image.bytes.length);
  for (const secret of secrets) {
    for (let at = 0; at + SECRET_WINDOW_BYTES <= secret.length; at += 2)
      if (bytes.includes(Buffer.from(secret.subarray(at, at + SECRET_WINDOW_BYTES)))) return true;
  }
  return false;
}

class Sweep {
  private readonly run: Run;
  private readonly extent: Extent;
  private readonly random: SeededRandom;
  private readonly cuts: FlashCuts;
  private readonly second: FlashImage;
  private readonly failures: string[] = [];
  private tried = 0;
  private triedSecond = 0;
  private lives = 0;
  private failed = 0;

  constructor(run: Run, extent: Extent, random: SeededRandom) {
    this.run = run;
    this.extent = extent;
    this.random = random;
    this.cuts = new FlashCuts(SWEPT_GEOMETRY, random);
    this.second = emptyImage(run.start);
  }

  result(name: string): SweepResult {
    this.judgeAll();
    const { tried: cuts, triedSecond: secondCuts, lives, failed, failures } = this;
    return { name, operations: this.run.operations.length, cuts, secondCuts, lives, failed, failures };
  }

  private judgeAll(): void {
    const { start, operations, states, usedAfter } = this.run;
    const reached: number[] = [];
    for (const cut of this.cuts.between(start, operations)) {
      const from = reached[reached.length - 1] ?? 0;
      reached.push(this.judge(cut, from, Math.min(from + 1, states.length - 1)) ?? from); // one step an operation, none left out
    }
    const last = reached[reached.length - 1];
    if (last !== states.length - 1) this.fail("the whole", `ends in state ${last} of ${states.length - 1}: a step was not seen`);
    if (usedAfter >= 0 && (reached[usedAfter] ?? 0) === 0)
      this.fail("the whole", "a key was used, or a secret compared, before the flash told of it");
    const share = this.extent.cutsAScenario / countCuts(operations, SWEPT_GEOMETRY.wordBytes);
    const choose = share >= 1 ? () => true : () => this.random.fraction() < share;
    for (const cut of this.cuts.inside(start, operations, choose)) {
      this.judge(cut, reached[cut.operation] ?? 0, reached[cut.operation + 1] ?? states.length - 1);
    }
  }

  /** Judges what a cut has left; it must be one of the states `from` to `to`. The answer: which, or null when it is none. */
  private judge(cut: Cut, from: number, to: number): number | null {
    const where = `operation ${cut.operation}${cut.word < 0 ? "" : `, word ${cut.word}`}, ${cut.how}`;
    this.tried++;
    // The recovery is cut too, so what the cut has left must be kept.
    copyImageInto(this.second, cut.image);
    const found = this.attempt(where, () => this.reopen(cut.image, from, to));
    if (found === null) return null;
    if (found.recovery.length > 0) this.cutAgain(where, found.recovery, found.state);
    if (this.random.below(this.extent.oneLifeIn) === 0 || (this.extent.cutsAScenario === Number.POSITIVE_INFINITY && this.isErasure(cut)))
      this.attempt(`${where}, then going on`, () => this.live(cut.image));
    return found.state;
  }

  private isErasure(cut: Cut): boolean {
    return cut.word >= 0 && this.run.operations[cut.operation]?.kind === "erase";
  }

  private reopen(image: FlashImage, from: number, to: number): { state: number; recovery: readonly FlashOperation[] } {
    const opened = openOn(image);
    const state = readState(opened.token.token.card);
    const { states, gone } = this.run;
    for (let i = from; i <= to; i++) {
      if (states[i]?.text !== state.text) continue;
      if (leftOver(image, gone[i] ?? [])) throw new Failure("a secret that is gone is still in the flash");
      return { state: i, recovery: opened.flash.operations };
    }
    const known = states.findIndex((other) => other.text === state.text);
    if (known >= 0) throw new Failure(`state ${known} of ${states.length - 1} came (back), expected ${from} to ${to}`);
    throw new Failure(`no allowed state: ${firstDifference(state, states[to] as CardState)}`);
  }

  /** Cuts of the recovery, the second cut on one flash: they change nothing any more. */
  private cutAgain(where: string, recovery: readonly FlashOperation[], state: number): void {
    const share = this.extent.secondCuts / countCuts(recovery, SWEPT_GEOMETRY.wordBytes);
    const start = emptyImage(this.second);
    copyImageInto(start, this.second);
    for (const cut of this.cuts.inside(start, recovery, () => this.random.fraction() < share)) {
      this.tried++;
      this.triedSecond++;
      const again = `${where}; then operation ${cut.operation} of the recovery, word ${cut.word}, ${cut.how}`;
      this.attempt(again, () => this.reopen(cut.image, state, state));
      if (this.random.below(this.extent.oneLifeIn) === 0) this.attempt(`${again}, then going on`, () => this.live(cut.image));
    }
  }

  private live(image: FlashImage): true {
    this.lives++;
    const wrong = goOn(openOn(image).token.token.card) ?? defectOf(openOn(image).token.token.card);
    if (wrong !== null) throw new Failure(wrong);
    return true;
  }

  /** What `judge` answers, or null when it fails; anything that the firmware throws is a failure. */
  private attempt<T>(where: string, judge: () => T): T | null {
    try {
      return judge();
    } catch (error) {
      const known = error as { message?: string; constructor?: { name: string } };
      this.fail(where, `${error instanceof Failure ? "" : `${known.constructor?.name}: `}${known.message}`);
      return null;
    }
  }

  private fail(where: string, why: string): void {
    this.failed++;
    if (this.failures.length < FAILURES_TOLD) this.failures.push(`${where}: ${why}`);
  }
}

export function sweep(scenario: Scenario, extent: Extent): SweepResult {
  const random = new SeededRandom(extent.seed);
  let run: Run;
  try {
    run = runOnce(scenario);
  } catch (error) {
    const { message } = error as Error;
    return { name: scenario.name, operations: 0, cuts: 0, secondCuts: 0, lives: 0, failed: 1, failures: [`without a cut: ${message}`] };
  }
  return new Sweep(run, extent, random).result(scenario.name);
}
