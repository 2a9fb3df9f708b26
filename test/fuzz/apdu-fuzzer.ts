// Fuzzing sessions over APDUs: made step by step, done again, made shorter when they found something.

import { CLA_CHAINING } from "../../protocol/apdu.ts";
import { INS_SELECT, OBJECT_CHUID } from "../../protocol/piv.ts";
import type { FlashImage } from "../../simulator/modelled-flash.ts";
import { apdu, putData, verifyPin } from "../firmware/card-commands.ts";
import { PIN } from "../firmware/test-token.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { CORPUS, HEADER_BYTES } from "./corpus.ts";
import { type FoundInSession, reasonOf } from "./finding.ts";
import { CHANNELS, FuzzedToken, type Step } from "./fuzzed-token.ts";
import { mutate } from "./mutate.ts";
import { shorten } from "./shorten.ts";
import { START_STATES } from "./start-states.ts";

const STEPS_A_SESSION = 120;
/** Worlds repeat themselves, so that few keys have to be worked out. */
const WORLDS = 8;
const MAX_LEARNT = 2000;
const LONG_COMMANDS = [putData(OBJECT_CHUID, new Uint8Array(3072)), { ins: INS_SELECT, p1: 4, data: new Uint8Array(3264) }];

export function describe(step: Step): string {
  if (step.kind === "apdu") return `channel ${step.channel}: ${Buffer.from(step.bytes).toString("hex")}`;
  if (step.kind === "time") return `${step.ms} ms pass`;
  return step.kind === "prove management" ? `channel ${step.channel}: ${step.kind}` : step.kind;
}

export class ApduFuzzer {
  /** "state|ins|sw" → how often. */
  readonly seen = new Map<string, number>();
  /** APDUs sent. */
  executions = 0;
  private readonly random: SeededRandom;
  /** Inputs that met an answer that none had met before. */
  private readonly learnt: Uint8Array[] = [];

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
  }

  /** One session. null: all that is promised held, or what did not is known. */
  session(known: ReadonlySet<string> = new Set()): FoundInSession | null {
    const start = this.random.pick(START_STATES);
    const world = this.random.below(WORLDS);
    const steps: Step[] = [];
    const token = new FuzzedToken(start.image, world, this.seen);
    try {
      let queue: Step[] = [];
      for (let i = 0; i < STEPS_A_SESSION; i++) {
        if (queue.length === 0) queue = this.nextSteps(token.isWaiting());
        const step = queue.shift() as Step;
        steps.push(step);
        const known = this.seen.size;
        token.take(step);
        if (step.kind === "apdu") this.learn(step.bytes, this.seen.size > known);
      }
      token.finish();
    } catch (error) {
      const why = reasonOf(error);
      if (known.has(why)) return null;
      const fewest = shorten(steps, why, (fewer) => replay(start.image, world, fewer));
      return { start: start.name, why, steps: fewest.map(describe) };
    }
    return null;
  }

  private learn(bytes: Uint8Array, isNew: boolean): void {
    this.executions++;
    if (isNew && this.learnt.length < MAX_LEARNT) this.learnt.push(bytes);
  }

  private nextSteps(isWaiting: boolean): Step[] {
    const random = this.random;
    if (isWaiting) return [{ kind: random.pick(["press", "press", "run out", "cancel"] as const) }];
    const channel = random.below(3) === 0 ? random.below(CHANNELS) : 0;
    const what = random.below(100);
    if (what < 1) return [{ kind: "power" }];
    if (what < 2) return [{ kind: "time", ms: random.pick([100, 16000, 400000]) }];
    if (what < 3) return this.begunEverywhere();
    if (what < 6) return [{ kind: "prove management", channel }];
    if (what < 10) return [{ kind: "apdu", channel, bytes: apdu(verifyPin(PIN)) }];
    if (what < 13) return [{ kind: "apdu", channel, bytes: random.bytes(random.below(300)) }];
    const chain = this.learnt.length > 0 && random.below(3) === 0 ? [random.pick(this.learnt)] : random.pick(CORPUS);
    return chain.map((bytes) => ({ kind: "apdu", channel, bytes: what < 45 ? bytes : this.mutated(bytes) }));
  }

  /** A long command begun on each channel, and ended on none. */
  private begunEverywhere(): Step[] {
    const bytes = apdu({ ...this.random.pick(LONG_COMMANDS), cla: CLA_CHAINING });
    return Array.from({ length: CHANNELS }, (_, channel) => ({ kind: "apdu", channel, bytes }));
  }

  private mutated(bytes: Uint8Array): Uint8Array {
    const random = this.random;
    if (random.below(4) > 0 || bytes.length < 4) return mutate(bytes, random, random.pick(random.pick(CORPUS)));
    const copy = bytes.slice();
    copy[random.below(4)] = random.pick(HEADER_BYTES);
    return copy;
  }
}

/** What these steps find, or null. */
export function replay(image: FlashImage, world: number, steps: readonly Step[]): string | null {
  try {
    const token = new FuzzedToken(image, world, new Map());
    for (const step of steps) token.take(step);
    token.finish();
    return null;
  } catch (error) {
    return reasonOf(error);
  }
}
