// The ways to a token on this machine: one simulated token and one `sceau bridge --pcsc`, which shows it over p11-kit's RPC and in a reader of vpcd; pcscd
// is in namespaces of its own, where the route comes and goes between two turns.

import { QUICK_ACK_ROUTE } from "../../host-bridge/pcsc/vpcd-address.ts";
import { SLOT_AUTHENTICATION } from "../../protocol/piv.ts";
import { awaitCard, type RunningPcscd, startPcscd } from "../support/pcscd.ts";
import { mustRun } from "../support/run.ts";
import { Workbench } from "../support/workbench.ts";
import type { Load } from "./programs.ts";
import type { Subjects } from "./subjects.ts";
import { type LoadPrograms, OPENSC, type Turn, takeTurns, type Ways, type WaysPlan, YARDSTICKS } from "./ways.ts";

const SEED = 8;

function setRoute({ launcher }: RunningPcscd, hasRoute: boolean): void {
  const [program = "", ...args] = [...launcher, "ip", "route", ...(hasRoute ? ["replace"] : ["del"]), ...QUICK_ACK_ROUTE];
  mustRun(program, args);
}

/** The programs whose times tell, here and in the guest, how slow the guest is. */
function yardsticks(subjects: Subjects, programs: LoadPrograms, signing: Load): Turn[] {
  return subjects.all().flatMap((subject) => {
    const name = YARDSTICKS[subject.name];
    return name === null ? [] : [{ name, apdus: null, signatures: () => programs.load(subject, signing) }];
  });
}

function turns(bench: Workbench, pcscd: RunningPcscd, programs: LoadPrograms, subjects: Subjects, plan: WaysPlan): Turn[] {
  const signing = { operation: "sign", processes: 1, times: plan.times, warmUp: plan.warmUp, seed: SEED } as const;
  const sign = (module: string) => programs.load({ module, environment: bench.environment }, signing);
  const pcsc = { apdus: () => programs.pcsc(plan), signatures: () => sign(OPENSC) };
  return [
    { name: "RPC (p11-kit)", apdus: null, signatures: () => sign(bench.module) },
    { name: "PC/SC, vpcd with Sceau's route", ...pcsc, prepare: () => setRoute(pcscd, true) },
    { name: "PC/SC, vpcd as it is", ...pcsc, prepare: () => setRoute(pcscd, false) },
    ...yardsticks(subjects, programs, signing),
  ];
}

/** @throws when something fails; what this machine cannot do is told as skipped */
export async function waysHere(programs: LoadPrograms, subjects: Subjects, plan: WaysPlan): Promise<Ways> {
  if (process.getuid?.() !== 0) return { ways: [], skipped: ["PC/SC and vpcd: pcscd in namespaces of its own needs root"] };
  const pcscd = await startPcscd();
  try {
    const bench = await Workbench.open({ withBridge: false, launcher: pcscd.launcher });
    try {
      await bench.initialise();
      await bench.certify(SLOT_AUTHENTICATION);
      await bench.startBridge(["--pcsc"]);
      await awaitCard();
      return { ways: await takeTurns(turns(bench, pcscd, programs, subjects, plan), plan.rounds), skipped: [] };
    } finally {
      await bench.close();
    }
  } finally {
    await pcscd.stop();
  }
}
