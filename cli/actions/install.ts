// What `sceau install` does: sets up the desktop of one user, and with administrator rights the machine; undoes both; or only shows it.

import { spawnSync } from "node:child_process";
import { homedir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Desktop, Outcome } from "../../host-bridge/desktop/desktop.ts";
import { findOpensslParts } from "../../host-bridge/desktop/openssl-step.ts";
import { carryOut, planInstall, planUninstall, type Result } from "../../host-bridge/desktop/plan.ts";
import { shellWord } from "../../host-bridge/desktop/shell-word.ts";
import type { Part, Step, StepOutcome } from "../../host-bridge/desktop/step.ts";
import { findP11KitClient } from "../../host-bridge/signing/pkcs11-module.ts";
import { CHECKOUT } from "../checkout.ts";
import type { CliContext } from "../context.ts";
import { EXIT_NEGATIVE, EXIT_OK } from "../failure.ts";
import { type Installed, installResult, installScreen, type Shown } from "../install-screen.ts";
import { findProgram } from "../programs.ts";

export interface InstallOptions {
  readonly uninstall?: true;
  readonly dryRun?: true;
  readonly pcsc?: true;
  /** Only this part; both: both. */
  readonly user?: true;
  readonly machine?: true;
}

const ROOT_UID = 0;
const COMMAND_LIMIT_MS = 60_000;
const PROGRAM = join(CHECKOUT, "cli", "sceau.mjs");

function runWords(words: readonly string[]): Outcome {
  const [program = "", ...args] = words;
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    timeout: COMMAND_LIMIT_MS,
  });
  return { status, output: error === undefined ? `${stdout}${stderr}` : error.message };
}

function desktopOf({ state }: CliContext, isRoot: boolean): Desktop {
  return {
    home: homedir(),
    isRoot,
    environment: process.env,
    root: "/",
    node: process.execPath,
    program: PROGRAM,
    pkcs11Socket: state.pkcs11Socket,
    stateWords: state.isDefault ? [] : ["--state", state.root],
    module: findP11KitClient(),
    openssl: findOpensslParts(),
    asRoot: isRoot ? "" : "sudo ",
    find: (program) => findProgram(program, process.env),
    run: runWords,
  };
}

/** Root sets up the machine and no user: p11-kit reads no user's modules in root's programs, and root's browser is nobody's. */
function wantedParts({ user, machine }: InstallOptions, isRoot: boolean): Part[] {
  const named = [...(user ? ["user" as const] : []), ...(machine ? ["machine" as const] : [])];
  if (named.length > 0) return named;
  return isRoot ? ["machine"] : ["user", "machine"];
}

/** The one line for whoever has administrator rights. The path of Node.js stands in it: root may find another one, or none. */
function machineLine({ uninstall, pcsc }: InstallOptions): string {
  const options = [...(pcsc ? ["--pcsc"] : []), ...(uninstall ? ["--uninstall"] : [])];
  return ["sudo", process.execPath, PROGRAM, "install", "--machine", ...options].map(shellWord).join(" ");
}

function show(result: Result): Shown {
  const { step, became } = result;
  if (became === "failed" || became === "broken") return { step, outcome: became, problem: result.problem };
  if (became === "changed") return { step, outcome: "changed", problem: "" };
  return { step, outcome: step.state, problem: "" };
}

const UNDONE: ReadonlySet<StepOutcome> = new Set(["failed", "broken", "cannot", "foreign"]);

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** One after the other. A signal ends the program that a step runs, which takes the step back; the steps after it are left as they are. */
async function carryOutEach(steps: readonly Step[], carryOutOne: (step: Step) => Shown): Promise<Shown[]> {
  let isStopped = false;
  const stop = (): void => {
    isStopped = true;
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  const shown: Shown[] = [];
  for (const step of steps) {
    shown.push(isStopped ? { step, outcome: step.state, problem: "" } : carryOutOne(step));
    // Signals that came while the step was at it are heard of here: between two of these the event loop looks for them.
    await setImmediate();
    await setImmediate();
  }
  for (const signal of SIGNALS) process.off(signal, stop);
  return shown;
}

/** @returns the exit code: 1 when something that this call was to do is left undone */
export async function runInstall(context: CliContext, options: InstallOptions): Promise<number> {
  const isRoot = process.getuid?.() === ROOT_UID;
  const desktop = desktopOf(context, isRoot);
  const parts = wantedParts(options, isRoot);
  const isMine = ({ part }: Step): boolean => part === "user" || isRoot;
  const steps = options.uninstall ? planUninstall(desktop, { parts }) : planInstall(desktop, { parts, isPcsc: options.pcsc === true });
  const shown = await carryOutEach(steps, (step) => {
    if (!isMine(step) && step.state === "to-do") return { step, outcome: "waits", problem: "" };
    return options.dryRun ? { step, outcome: step.state, problem: "" } : show(carryOut(step, desktop));
  });
  const isWaiting = shown.some(({ outcome }) => outcome === "waits");
  const isLeft = (outcome: StepOutcome): boolean => UNDONE.has(outcome) || (outcome === "to-do" && !options.dryRun);
  const isComplete = !shown.some(({ step, outcome }) => isMine(step) && isLeft(outcome));
  const installed: Installed = {
    shown,
    isUninstall: options.uninstall === true,
    isDryRun: options.dryRun === true,
    isComplete,
    machineLine: isWaiting ? machineLine(options) : null,
    isRootAlone: isRoot && !parts.includes("user"),
    home: desktop.home,
  };
  context.report(
    installResult(installed, context.say),
    installScreen(installed, context.say, process.stdout.columns ?? Number.POSITIVE_INFINITY),
  );
  const isOnlyWaiting = isWaiting && !parts.includes("user") && !options.dryRun;
  return isComplete && !isOnlyWaiting ? EXIT_OK : EXIT_NEGATIVE;
}
