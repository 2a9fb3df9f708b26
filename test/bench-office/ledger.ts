// What a run writes down: how long each step took, what went wrong, how many connections were open.

import { quantile } from "../bench/statistics.ts";

/** A step that is a request to the office, in the order of a requester's doing. */
export const REQUESTS = [
  "AUTH: challenge",
  "AUTH: certificate",
  "AUTH: proof of possession",
  "sign-in challenge",
  "sign-in answer",
  "sign-in link",
  "OCSP: good",
  "page of the certificate",
  "revocation",
  "OCSP: revoked",
] as const;
/** A step by the office's own functions, over the same database: no address takes requests for SIGN certificates yet. */
export const CALLS = ["SIGN: challenge", "SIGN: certificate", "SIGN: proof of possession"] as const;
export const STEPS = [...REQUESTS, ...CALLS] as const;
export type Step = (typeof STEPS)[number];

/** Milliseconds. */
export interface StepSummary {
  readonly step: string;
  readonly count: number;
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly maxMs: number;
}

/** A few are enough to see what is wrong. */
const TOLD_ERRORS = 10;

export class Ledger<S extends string = Step> {
  /** In words; only the first few. */
  readonly told: string[] = [];
  errors = 0;
  openConnections = 0;
  peakConnections = 0;
  /** What the simulated tokens computed in this process: no time of the office. */
  tokenMs = 0;
  readonly #steps: readonly S[];
  readonly #requests: readonly S[];
  readonly #durations = new Map<S, number[]>();

  /** @param steps in the order in which they are told @param requests those over HTTP */
  constructor(steps: readonly S[], requests: readonly S[]) {
    this.#steps = steps;
    this.#requests = requests;
  }

  static ofRequesters(): Ledger {
    return new Ledger<Step>(STEPS, REQUESTS);
  }

  /** Over HTTP. */
  get requests(): number {
    return this.#requests.reduce((sum, step) => sum + (this.#durations.get(step)?.length ?? 0), 0);
  }

  time(step: S, ms: number): void {
    const known = this.#durations.get(step);
    if (known === undefined) this.#durations.set(step, [ms]);
    else known.push(ms);
  }

  fail(what: string): void {
    this.errors++;
    if (this.told.length < TOLD_ERRORS) this.told.push(what);
  }

  connected(): void {
    this.peakConnections = Math.max(this.peakConnections, ++this.openConnections);
  }

  disconnected(): void {
    this.openConnections--;
  }

  summaries(): StepSummary[] {
    return this.#steps.flatMap((step) => {
      const sorted = [...(this.#durations.get(step) ?? [])].sort((a, b) => a - b);
      if (sorted.length === 0) return [];
      const [medianMs, p95Ms, maxMs] = [quantile(sorted, 0.5), quantile(sorted, 0.95), quantile(sorted, 1)];
      return [{ step, count: sorted.length, medianMs, p95Ms, maxMs }];
    });
  }
}
