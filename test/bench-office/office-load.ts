// The load: so many requesters at once, each from an address of its own; afterwards the office is judged, and its OCSP is raced.

import { Caller, ownAddress } from "./caller.ts";
import { type DatabasePeaks, DatabaseWatch } from "./database-watch.ts";
import { type Judged, judge } from "./judgement.ts";
import { Ledger, type StepSummary } from "./ledger.ts";
import type { LoadedOffice } from "./loaded-office.ts";
import { type RacePlan, type Racer, race } from "./ocsp-race.ts";
import { Requester } from "./requester.ts";

export interface LoadPlan {
  /** At once. */
  readonly requesters: number;
  /** AUTH certificates that each asks for, one after the other; as many SIGN certificates. */
  readonly requests: number;
  readonly race: Omit<RacePlan, "clients">;
}

export const FULL: LoadPlan = { requesters: 50, requests: 4, race: { questions: 20, rounds: 3 } };
/** To see that everything works: its figures mean nothing. */
export const QUICK: LoadPlan = { requesters: 8, requests: 1, race: { questions: 2, rounds: 1 } };

export interface LoadResult {
  readonly wallMs: number;
  /** Of the simulated tokens, in the requesters' process: part of the wall's time, and not of the office's. */
  readonly tokenMs: number;
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly certificatesPerSecond: number;
  readonly steps: readonly StepSummary[];
  readonly connections: { readonly http: number; readonly database: DatabasePeaks };
  readonly judged: Judged;
  readonly ocsp: readonly Racer[];
  readonly errors: number;
  /** The first of them, in words. */
  readonly told: readonly string[];
}

export async function runLoad(office: LoadedOffice, { requesters, requests, race: racePlan }: LoadPlan): Promise<LoadResult> {
  const ledger = Ledger.ofRequesters();
  const prepared = [];
  for (let i = 0; i < requesters; i++) prepared.push(await office.prepare(requests));
  const watch = await DatabaseWatch.start(office.database);
  const startMs = performance.now();
  const all = await Promise.all(
    prepared.map((each, number) => new Requester(office.url, new Caller(ownAddress(number), { counter: ledger }), ledger).work(each)),
  );
  const wallMs = performance.now() - startMs;
  const { lockWaits: _, ...database } = await watch.stop();
  const certified = all.flat();
  const judged = await judge(office, certified, ledger);
  const ocsp = await race(office.folder, certified, { clients: requesters, ...racePlan }, ledger);
  return {
    wallMs,
    tokenMs: ledger.tokenMs,
    requests: ledger.requests,
    requestsPerSecond: (ledger.requests * 1000) / wallMs,
    certificatesPerSecond: (certified.length * 1000) / wallMs,
    steps: ledger.summaries(),
    connections: { http: ledger.peakConnections, database },
    judged,
    ocsp,
    errors: ledger.errors,
    told: ledger.told,
  };
}
