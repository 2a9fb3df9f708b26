// A crowd: so many people apply, are checked, approved and activate at once, at two servers over one PostgreSQL; officers work at their desks meanwhile, and
// three people lose their computers in the middle. Afterwards the office is judged.

import { type CrowdJudged, CrowdJudgement } from "./crowd-judgement.ts";
import { type CrowdDay, CrowdOfficer } from "./crowd-officer.ts";
import { CrowdPerson, CUTS } from "./crowd-person.ts";
import { CROWD_REQUESTS, CROWD_STEPS, type CrowdStep } from "./crowd-steps.ts";
import type { CrowdedOffice } from "./crowded-office.ts";
import { type DatabasePeaks, DatabaseWatch, type LockWait } from "./database-watch.ts";
import { Ledger, type StepSummary } from "./ledger.ts";
import { MailRoom } from "./mail-room.ts";

/** Six in an hour. */
const SLOTS_AN_HOUR = 6;
const MAX_HOURS = 10;
const MINUTE_MS = 60_000;

export interface CrowdPlan {
  /** At once. */
  readonly people: number;
  readonly verifiers: number;
  readonly approvers: number;
}

export const FULL_CROWD: CrowdPlan = { people: 50, verifiers: 4, approvers: 4 };
/** To see that everything works: its figures mean nothing. */
export const QUICK_CROWD: CrowdPlan = { people: 8, verifiers: 2, approvers: 2 };

export interface CrowdResult {
  readonly plan: CrowdPlan;
  readonly wallMs: number;
  readonly peoplePerMinute: number;
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly steps: readonly StepSummary[];
  /** People whose computers were lost in the middle of the activation, and who went on. */
  readonly cutOff: number;
  /** Hours that somebody else booked first; checks and dossiers that a colleague took first. */
  readonly takenByOthers: { readonly hours: number; readonly tasks: number };
  readonly database: DatabasePeaks;
  readonly lockWaits: readonly LockWait[];
  /** Seconds of processor, in the time of the run. */
  readonly processorSeconds: { readonly servers: number; readonly crowd: number };
  readonly judged: CrowdJudged;
  readonly errors: number;
  readonly told: readonly string[];
}

const words = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : String(error));

export async function runCrowd(office: CrowdedOffice, plan: CrowdPlan): Promise<CrowdResult> {
  const ledger = new Ledger<CrowdStep>(CROWD_STEPS, CROWD_REQUESTS);
  const { people: count, verifiers, approvers } = plan;
  const mails = new MailRoom(office.mails);
  const people: CrowdPerson[] = [];
  for (let number = 0; number < count; number++) {
    const cut = CUTS[number] ?? null;
    people.push(new CrowdPerson({ office, number, mails, ledger, token: await office.blankToken(), cut }));
  }
  const atDesk = async (role: "verifier" | "approver", number: number): Promise<CrowdOfficer> =>
    new CrowdOfficer(office, count + number, ledger, await office.officerSession(role));
  const verifying: CrowdOfficer[] = [];
  for (let i = 0; i < verifiers; i++) verifying.push(await atDesk("verifier", i));
  const approving: CrowdOfficer[] = [];
  for (let i = 0; i < approvers; i++) approving.push(await atDesk("approver", verifiers + i));

  const day: CrowdDay = { isOver: false };
  const failed = (who: string) => (error: unknown) => {
    ledger.fail(`${who}: ${words(error)}`);
    return null;
  };
  const watch = await DatabaseWatch.start(office.database);
  const before = office.processorSeconds();
  const startMs = performance.now();
  const hours = Math.min(MAX_HOURS, Math.ceil((2 * count) / verifiers / SLOTS_AN_HOUR));
  await Promise.all(verifying.map((officer, i) => officer.offer(`https://video.example/${i}`, hours)));
  const working = [...verifying.map((each) => each.verify(day)), ...approving.map((each) => each.approve(day))].map((work) =>
    work.catch((error: unknown) => {
      mails.close(); // nobody is to wait for whoever works no more
      return failed("an officer")(error);
    }),
  );
  const become = people.map((person) => person.become().catch(failed(person.email)));
  const dossiers = await Promise.all(become);
  const wallMs = performance.now() - startMs;
  const after = office.processorSeconds();
  day.isOver = true;
  const decided = await Promise.all(working);
  const { lockWaits, ...database } = await watch.stop();
  if (decided.some((number) => number === 0)) ledger.fail("an officer had nothing to do");

  await office.outboxIsEmpty();
  mails.look();
  mails.close();
  const judged = await new CrowdJudgement(office, ledger).judge({ people, dossiers, mails: mails.mails });
  return {
    plan,
    wallMs,
    peoplePerMinute: (count * MINUTE_MS) / wallMs,
    requests: ledger.requests,
    requestsPerSecond: (ledger.requests * 1000) / wallMs,
    steps: ledger.summaries(),
    cutOff: people.filter(({ wasCut }) => wasCut).length,
    takenByOthers: {
      hours: people.reduce((sum, { choicesAgain }) => sum + choicesAgain, 0),
      tasks: [...verifying, ...approving].reduce((sum, { metColleagues }) => sum + metColleagues, 0),
    },
    database,
    lockWaits,
    processorSeconds: { servers: after.servers - before.servers, crowd: after.crowd - before.crowd },
    judged,
    errors: ledger.errors,
    told: ledger.told,
  };
}
