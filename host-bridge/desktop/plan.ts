// All steps, in their order, and carrying them out. A plan changes nothing.

import { carryOutAll, NotTakenBackError } from "./change.ts";
import type { Desktop } from "./desktop.ts";
import { machineSteps, undoMachineSteps } from "./machine-steps.ts";
import { installModuleFile, uninstallModuleFile } from "./module-file-step.ts";
import { installNss, uninstallNss } from "./nss-step.ts";
import { showOpenssl } from "./openssl-step.ts";
import { wrongFolder } from "./own-folders-step.ts";
import { isPcscSetUp } from "./pcsc-setup.ts";
import { installService, uninstallService } from "./service-step.ts";
import type { Part, Step } from "./step.ts";

export interface Wanted {
  readonly parts: readonly Part[];
  readonly isPcsc: boolean;
}

function plan(desktop: Desktop, parts: readonly Part[], user: () => Step[], machine: () => Step[]): Step[] {
  const wrong = parts.includes("user") ? wrongFolder(desktop) : null;
  const own = wrong === null ? user : () => [wrong];
  return [...(parts.includes("user") ? own() : []), ...(parts.includes("machine") ? machine() : [])];
}

export function planInstall(desktop: Desktop, { parts, isPcsc }: Wanted): Step[] {
  const user = (): Step[] => [
    installService(desktop, isPcsc || isPcscSetUp(desktop.root)),
    installModuleFile(desktop),
    ...installNss(desktop),
    showOpenssl(desktop),
  ];
  return plan(desktop, parts, user, () => machineSteps(desktop, isPcsc));
}

/** The other way round: the service last, so that no software is left that looks for it. */
export function planUninstall(desktop: Desktop, { parts }: Pick<Wanted, "parts">): Step[] {
  const user = (): Step[] => [...uninstallNss(desktop), uninstallModuleFile(desktop), uninstallService(desktop)];
  return plan(desktop, parts, user, () => undoMachineSteps(desktop));
}

/** What became of a step. `left`: there was nothing to change, or it was not possible. `broken`: it failed, and not all of it could be taken back. */
export type Result =
  | { readonly step: Step; readonly became: "changed" | "left" }
  | { readonly step: Step; readonly became: "failed" | "broken"; readonly problem: string };

/** Carries out what is to be done. A step that fails is as it was before, and the others go on. */
export function carryOut(step: Step, desktop: Desktop): Result {
  if (step.state !== "to-do") return { step, became: "left" };
  try {
    carryOutAll(step.changes, desktop);
    return { step, became: "changed" };
  } catch (error) {
    const became = error instanceof NotTakenBackError ? "broken" : "failed";
    return { step, became, problem: error instanceof Error ? error.message : String(error) };
  }
}
