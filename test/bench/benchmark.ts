// Measures the subjects side by side: in each round every one of them has its turn, so that whatever else the machine does hits all alike.

import { Collected } from "./collected.ts";
import type { Plan } from "./plan.ts";
import type { Load, MadeSignature, Measured, Programs } from "./programs.ts";
import { ourRoundTrips, type RoundTrips, serverRoundTrips } from "./round-trips.ts";
import type { Summary } from "./statistics.ts";
import type { Subject, SubjectName, Subjects } from "./subjects.ts";
import { mustVerify } from "./verify.ts";

export const SIGNATURE_OPERATIONS = ["sign", "find-sign"] as const;
export type SignatureOperation = (typeof SIGNATURE_OPERATIONS)[number];
export const START_CALLS = ["C_Initialize", "C_GetSlotList", "C_Finalize"] as const;

export type BySubject<T> = Readonly<Record<SubjectName, T>>;

export interface Parallel {
  readonly connections: number;
  readonly latencyNs: BySubject<Summary>;
  readonly signaturesPerSecond: BySubject<Summary>;
}

export interface Benchmark {
  /**
   * GENERAL AUTHENTICATE at the token's own socket: asked again as soon as it has answered; and after a rest, as it is asked through a bridge. A process that
   * has just answered is still awake, and this is no merit of the token's.
   */
  readonly tokenNs: { readonly atOnce: Summary; readonly rested: Summary };
  readonly signatureNs: Readonly<Record<SignatureOperation, BySubject<Summary>>>;
  /**
   * What stands between an application and what signs adds to each signature: the bridge to the rested token's own time, p11-kit's server to SoftHSM2's in
   * process. Differences of pairs: the same digest, in the same round.
   */
  readonly addedNs: Readonly<Record<SignatureOperation, { readonly sceau: Summary; readonly "p11-kit server": Summary }>>;
  readonly startNs: Readonly<Record<string, BySubject<Summary>>>;
  readonly parallel: readonly Parallel[];
  readonly roundTrips: Readonly<Record<SignatureOperation, { readonly sceau: RoundTrips; readonly "p11-kit server": RoundTrips }>>;
  /** Signatures that openssl found good: one of each process of each turn. */
  readonly verified: BySubject<number>;
}

const TOKEN_AT_ONCE = "token at once";
const TOKEN_RESTED = "token rested";
/** What passes between an answer of the token and the next command when one application signs through the bridge, about. */
const REST_US = 100;
/** Between the seeds of two rounds: more than there are connections. */
const SEED_STEP = 1000;

const key = (subject: SubjectName, name: string): string => `${subject} ${name}`;

function bySubject(collected: Collected, name: string): BySubject<Summary> {
  const of = (subject: SubjectName): Summary => collected.summary(key(subject, name));
  return { sceau: of("sceau"), softhsm2: of("softhsm2"), "p11-kit server": of("p11-kit server") };
}

class Run {
  private readonly subjects: Subjects;
  private readonly programs: Programs;
  private readonly plan: Plan;
  private readonly collected = new Collected();
  private readonly verified: Record<SubjectName, number> = { sceau: 0, softhsm2: 0, "p11-kit server": 0 };

  constructor(subjects: Subjects, programs: Programs, plan: Plan) {
    this.subjects = subjects;
    this.programs = programs;
    this.plan = plan;
  }

  async measure(): Promise<Benchmark> {
    for (let i = 0; i < this.plan.warmUpRounds; i++) await this.round(SEED_STEP * (1 + i), new Collected());
    for (let i = 0; i < this.plan.rounds; i++) await this.round(SEED_STEP * (1 + i), this.collected);
    const parallel: Parallel[] = [];
    for (const each of this.plan.parallel) parallel.push(await this.inParallel(each));
    const { collected } = this;
    const added = (operation: SignatureOperation) => ({
      sceau: collected.difference(key("sceau", operation), TOKEN_RESTED),
      "p11-kit server": collected.difference(key("p11-kit server", operation), key("softhsm2", operation)),
    });
    return {
      tokenNs: { atOnce: collected.summary(TOKEN_AT_ONCE), rested: collected.summary(TOKEN_RESTED) },
      signatureNs: { sign: bySubject(collected, "sign"), "find-sign": bySubject(collected, "find-sign") },
      addedNs: { sign: added("sign"), "find-sign": added("find-sign") },
      startNs: Object.fromEntries(START_CALLS.map((call) => [call, bySubject(collected, call)])),
      parallel,
      roundTrips: { sign: await this.roundTrips("sign"), "find-sign": await this.roundTrips("find-sign") },
      verified: this.verified,
    };
  }

  private async round(seed: number, into: Collected): Promise<void> {
    const { times, warmUp, starts } = this.plan;
    const signing = { processes: 1, times, warmUp, seed };
    const token = async (restUs: number) => (await this.programs.token(this.subjects.tokenSocket, signing, restUs)).times.get("token");
    into.add(TOKEN_AT_ONCE, await token(0));
    into.add(TOKEN_RESTED, await token(REST_US));
    for (const operation of SIGNATURE_OPERATIONS) {
      for (const subject of this.subjects.all()) {
        const { times: durations } = await this.load(subject, { operation, ...signing });
        into.add(key(subject.name, operation), durations.get(operation));
      }
    }
    for (const subject of this.subjects.all()) {
      const { times: durations } = await this.load(subject, { operation: "initialize", ...signing, times: starts });
      for (const call of START_CALLS) into.add(key(subject.name, call), durations.get(call));
    }
  }

  private async inParallel({ connections, times, rounds }: Plan["parallel"][number]): Promise<Parallel> {
    const collected = new Collected();
    for (let i = 0; i < rounds; i++) {
      for (const subject of this.subjects.all()) {
        const { times: durations, wallNs } = await this.load(subject, {
          operation: "sign",
          processes: connections,
          times,
          warmUp: 1,
          seed: SEED_STEP,
        });
        collected.add(key(subject.name, "latency"), durations.get("sign"));
        if (wallNs !== null) collected.add(key(subject.name, "per second"), [(connections * times * 1e9) / wallNs]);
      }
    }
    return { connections, latencyNs: bySubject(collected, "latency"), signaturesPerSecond: bySubject(collected, "per second") };
  }

  private async roundTrips(operation: SignatureOperation): Promise<Benchmark["roundTrips"][SignatureOperation]> {
    const { subjects, programs, plan } = this;
    const sceau = await ourRoundTrips(subjects, programs, operation, plan.counted);
    return { sceau, "p11-kit server": await serverRoundTrips(subjects, programs, operation, plan.counted) };
  }

  private async load(subject: Subject, load: Load): Promise<Measured> {
    const measured = await this.programs.load(subject, load);
    this.verify(subject.name, measured.signatures);
    return measured;
  }

  /** @throws when openssl refuses one: what signs wrongly is not compared */
  private verify(name: SubjectName, signatures: readonly MadeSignature[]): void {
    for (const signature of signatures) mustVerify(signature);
    this.verified[name] += signatures.length;
  }
}

/** @throws when a subject fails, or openssl refuses a signature */
export function measure(subjects: Subjects, programs: Programs, plan: Plan): Promise<Benchmark> {
  return new Run(subjects, programs, plan).measure();
}
