// How what was installed looks: for a person, and for a machine.

import { sep } from "node:path";
import type { Change } from "../host-bridge/desktop/change.ts";
import { shellWord } from "../host-bridge/desktop/shell-word.ts";
import type { Part, Step, StepOutcome } from "../host-bridge/desktop/step.ts";
import { lineDifference } from "./line-difference.ts";
import type { Messages } from "./messages/en.ts";
import { programName } from "./program-name.ts";
import { dim, mark, visible, warningMark } from "./terminal.ts";
import { wrapped } from "./wrapped.ts";

export interface Shown {
  readonly step: Step;
  readonly outcome: StepOutcome;
  /** What went wrong; empty: nothing. */
  readonly problem: string;
}

export interface Installed {
  readonly shown: readonly Shown[];
  readonly isUninstall: boolean;
  readonly isDryRun: boolean;
  /** Nothing that this call was to do is left undone. */
  readonly isComplete: boolean;
  /** What somebody with administrator rights is to type; null: nothing. */
  readonly machineLine: string | null;
  /** As root, the machine's part alone. */
  readonly isRootAlone: boolean;
  readonly home: string;
}

const PARTS: readonly Part[] = ["user", "machine"];

const MARKS: Readonly<Record<StepOutcome, () => string>> = {
  done: () => mark(true),
  changed: () => mark(true),
  "to-do": () => "+",
  waits: () => "…",
  foreign: warningMark,
  "by-hand": () => "i",
  cannot: () => mark(false),
  failed: () => mark(false),
  broken: () => mark(false),
};

/** The path as a person reads it, below their home. */
const shortPath = (path: string, home: string): string => (path.startsWith(`${home}${sep}`) ? `~${path.slice(home.length)}` : path);

function changeLines(change: Change, home: string, { install: { change: say } }: Messages): string[] {
  const path = change.kind === "run" ? "" : visible(shortPath(change.path, home));
  const text = (before: string, after: string): string[] => lineDifference(before, after).map((line) => `  ${visible(line)}`);
  switch (change.kind) {
    case "write":
      return [change.before === null ? say.write(path) : say.replace(path), ...text(change.before ?? "", change.after)];
    case "link":
      return [say.link(path, visible(change.target))];
    case "remove":
      return [say.remove(path)];
    case "run":
      return [say.run(visible(change.words.map(shellWord).join(" ")))];
  }
}

interface Spoken {
  readonly what: string;
  readonly why: string;
  readonly outcome: string;
  /** Why it stands so, and what to do; empty: nothing to say. */
  readonly note: string;
}

function speak({ step, outcome, problem }: Shown, { isUninstall }: Installed, { install }: Messages): Spoken {
  const words = isUninstall ? install.undone : install.outcome;
  const reason = isUninstall && step.reason === "not-ours" ? install.stays : install.reason[step.reason](step.software);
  return {
    what: install.what[step.name](step.software),
    why: install.why[step.name],
    outcome: words[outcome],
    note: problem === "" ? reason : install.failed(visible(problem)),
  };
}

const INDENT = "      ";
const inside = (line: string): string => `${INDENT}${line}`;

/** @param columns of the terminal; Infinity: it is no terminal. What is to be copied is not broken. */
function stepLines(one: Shown, installed: Installed, say: Messages, columns: number): string[] {
  const { step, outcome } = one;
  const { what, why, outcome: word, note } = speak(one, installed, say);
  // What was changed on the machine is said once more: others use it, too.
  const isSettled = outcome === "done" || (outcome === "changed" && (step.part === "user" || installed.isUninstall));
  const isShowing = outcome === "to-do" || (outcome === "waits" && installed.isDryRun);
  const hasFailed = outcome === "failed" || outcome === "broken";
  const sentence = (text: string): string[] => wrapped(text, columns - INDENT.length);
  const [head = "", ...more] = sentence(`${what} — ${word}`);
  return [
    `  ${MARKS[outcome]()} ${head}`,
    ...more.map(inside),
    ...(step.where === "" ? [] : [inside(dim(visible(shortPath(step.where, installed.home))))]),
    ...(isSettled && !installed.isDryRun ? [] : sentence(why).map((line) => inside(dim(line)))),
    ...(note === "" ? [] : sentence(visible(note)).map(inside)),
    ...(hasFailed ? [] : step.commands.map((command) => inside(`    ${visible(command)}`))),
    ...step.text.map((line) => inside(`    ${visible(line)}`)),
    ...(isShowing ? step.changes.flatMap((change) => changeLines(change, installed.home, say)).map(inside) : []),
  ];
}

function closing(installed: Installed, { install }: Messages, columns: number): string[] {
  const { shown, isUninstall, isDryRun, isComplete, machineLine, isRootAlone } = installed;
  const isUnchanged = shown.every(({ outcome }) => outcome !== "changed" && outcome !== "waits" && outcome !== "to-do");
  return [
    ...(isDryRun ? [install.nothingChanged] : []),
    ...(isRootAlone ? wrapped(install.rootAlone, columns) : []),
    ...(machineLine === null ? [] : [install.machineLine, `  ${visible(machineLine)}`]),
    ...(isComplete ? [] : wrapped(install.incomplete, columns)),
    ...(isComplete && isUnchanged && !isDryRun ? [isUninstall ? install.nothingThere : install.allDone] : []),
    ...(isUninstall || isDryRun ? [] : [install.doctor(programName())]),
  ];
}

/** @param columns of the terminal; Infinity: it is no terminal */
export function installScreen(installed: Installed, say: Messages, columns: number): string[] {
  const parts = PARTS.map((part) => ({ part, own: installed.shown.filter(({ step }) => step.part === part) }));
  return [
    ...parts
      .filter(({ own }) => own.length > 0)
      .flatMap(({ part, own }) => [say.install.part[part], ...own.flatMap((one) => stepLines(one, installed, say, columns)), ""]),
    ...closing(installed, say, columns),
  ];
}

function changeForMachines(change: Change): object {
  if (change.kind === "run") return { kind: change.kind, words: change.words };
  const { of: _place, ...told } = change;
  return told;
}

/** One JSON value: everything that the screen has. */
export function installResult(installed: Installed, say: Messages): object {
  const { isUninstall, isDryRun, isComplete, machineLine } = installed;
  const steps = installed.shown.map((one) => {
    const { name, part, where, software, reason, commands, text, changes } = one.step;
    const { outcome: _word, ...spoken } = speak(one, installed, say);
    const facts = { name, part, where, software, outcome: one.outcome, reason, problem: one.problem };
    return { ...facts, ...spoken, commands, text, changes: changes.map(changeForMachines) };
  });
  return { isUninstall, isDryRun, isComplete, machineLine, steps };
}
