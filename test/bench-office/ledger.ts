// What a run writes down: how long each step took, what went wrong, how many connections were open.

/** A step that is a request to the office, in the order of a requester's doing. */
export const STEPS = [
  "challenge for a certificate",
  "certificate",
  "proof of possession",
  "OCSP: good",
  "sign-in challenge",
  "sign-in answer",
  "sign-in link",
  "page of the certificate",
  "revocation",
  "OCSP: revoked",
] as const;
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

/** The value below which `part` (0 to 1) of the sorted values lie; between two values, as far as `part` says. */
export function quantile(sorted: readonly number[], part: number): number {
  const place = (sorted.length - 1) * part;
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined) throw new Error("no durations");
  return below + (above - below) * (place - Math.floor(place));
}

export class Ledger {
  /** In words; only the first few. */
  readonly told: string[] = [];
  errors = 0;
  openConnections = 0;
  peakConnections = 0;
  /** What the simulated tokens computed in this process: no time of the office. */
  tokenMs = 0;
  readonly #durations = new Map<Step, number[]>();

  get requests(): number {
    return [...this.#durations.values()].reduce((sum, each) => sum + each.length, 0);
  }

  time(step: Step, ms: number): void {
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
    return STEPS.flatMap((step) => {
      const sorted = [...(this.#durations.get(step) ?? [])].sort((a, b) => a - b);
      if (sorted.length === 0) return [];
      const [medianMs, p95Ms, maxMs] = [quantile(sorted, 0.5), quantile(sorted, 0.95), quantile(sorted, 1)];
      return [{ step, count: sorted.length, medianMs, p95Ms, maxMs }];
    });
  }
}
