// What a step changes: files, links, commands. The same list is shown by --dry-run and carried out, so that what is shown is what is done.

import {
  chmodSync,
  constants,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Desktop } from "./desktop.ts";

export type Change =
  | { readonly kind: "write"; readonly path: string; readonly before: string | null; readonly after: string; readonly of: Place }
  | { readonly kind: "link"; readonly path: string; readonly target: string; readonly of: Place }
  | { readonly kind: "remove"; readonly path: string; readonly before: string; readonly of: Place }
  | {
      readonly kind: "run";
      readonly words: readonly string[];
      /** A file that the program changes: put back as it was when the program fails, or did not do it. */
      readonly keeps?: string;
      /** Whether that file is as it is to be, whatever the exit code says: another installation may have done it. @param before its text */
      isDone?(before: string): boolean;
      /** Its failure is no failure of the step's: the service to be stopped may never have run. */
      readonly mayFail?: true;
      /** Run once more when the step is taken back: it tells a program to read files anew. */
      readonly isReload?: true;
    };

/** How files are made there, and what is tidied up when they go. */
export interface Place {
  /** The folder that stays, whatever else is empty. */
  readonly stays: string;
  /** Of the file: 0600 for a user's, 0644 for the machine's. */
  readonly mode: number;
  /** Of folders that are made. */
  readonly folderMode: number;
  /** The machine's files are for everybody to read, whatever the administrator's umask. */
  readonly isForAll?: true;
  /** Where a file is drafted; by default beside itself. */
  readonly draftFolder?: string;
}

/** A program ended otherwise than it should. Its words and what it said are in the message. */
export class CommandFailedError extends Error {
  override readonly name = "CommandFailedError";
  constructor(words: readonly string[], output: string) {
    super(`${words.join(" ")}: ${output.trim().split("\n").slice(-3).join(" ")}`);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A step failed, and not all of what it had done could be taken back: the message says what. */
export class NotTakenBackError extends Error {
  override readonly name = "NotTakenBackError";
  constructor(cause: unknown, problems: readonly unknown[]) {
    super([cause, ...problems].map(messageOf).join("; "), { cause });
  }
}

/** @returns false: it stays, there is something in it, or it is somebody else's. Nothing else would be wrong with that. */
function removeIfEmpty(folder: string): boolean {
  try {
    if (!lstatSync(folder).isDirectory() || readdirSync(folder).length > 0) return false;
    rmdirSync(folder);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
}

/** Removes folders that are empty, from one upwards; `stays` and what is not below it are left. */
function tidy(folder: string, stays: string): void {
  const below = relative(stays, folder);
  if (below === "" || below.startsWith("..")) return;
  if (removeIfEmpty(folder)) tidy(dirname(folder), stays);
}

function makeFolder(folder: string, { folderMode, isForAll }: Place): void {
  const made = mkdirSync(folder, { recursive: true, mode: folderMode });
  if (made === undefined || !isForAll) return;
  for (let each = folder; each.startsWith(made); each = dirname(each)) chmodSync(each, folderMode);
}

const draftIn = (folder: string): string => join(folder, `.sceau-${process.pid}`);

/** Whole or not at all: a draft takes the file's place. */
function put(path: string, text: string, of: Place): void {
  const { mode, isForAll, draftFolder = dirname(path) } = of;
  makeFolder(dirname(path), of);
  const draft = draftIn(draftFolder);
  try {
    writeFileSync(draft, text, { mode, flag: "wx" });
    if (isForAll) chmodSync(draft, mode);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

type Undo = () => void;

/** Makes something at a path; when that fails, folders that were made for it go again. */
function making(path: string, of: Place, make: () => void): void {
  try {
    make();
  } catch (error) {
    tidy(dirname(path), of.stays);
    throw error;
  }
}

function unmake(path: string, of: Place): void {
  rmSync(path);
  tidy(dirname(path), of.stays);
}

const leadsTo = (path: string, target: string): boolean =>
  lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true && readlinkSync(path) === target;

function makeLink(path: string, target: string, of: Place): Undo {
  try {
    making(path, of, () => {
      makeFolder(dirname(path), of);
      symlinkSync(target, path);
    });
  } catch (error) {
    if (!leadsTo(path, target)) throw error;
    // Another installation that runs at the same time has made it: it is that one's to take back.
    return () => undefined;
  }
  return () => unmake(path, of);
}

function writeText({ path, before, after, of }: Extract<Change, { kind: "write" }>): Undo {
  making(path, of, () => put(path, after, of));
  return () => (before === null ? unmake(path, of) : put(path, before, of));
}

function remove({ path, before, of }: Extract<Change, { kind: "remove" }>): Undo {
  const isLink = lstatSync(path).isSymbolicLink();
  unmake(path, of);
  return () => void (isLink ? makeLink(path, before, of) : put(path, before, of));
}

interface Kept {
  readonly text: Buffer;
  putBack(): void;
  /** It is not needed any more. */
  drop(): void;
}

/** A copy beside the file, before a program changes it: once the disk is full there is no room for one. @throws the system's error; then nothing is changed */
function keep(path: string): Kept {
  const copy = draftIn(dirname(path));
  try {
    copyFileSync(path, copy, constants.COPYFILE_EXCL);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") rmSync(copy, { force: true });
    throw error;
  }
  return { text: readFileSync(copy), putBack: () => renameSync(copy, path), drop: () => rmSync(copy) };
}

/** @throws CommandFailedError; then the file that it keeps is as it was */
function runProgram({ words, keeps, isDone, mayFail }: Extract<Change, { kind: "run" }>, desktop: Desktop): Undo {
  const kept = keeps === undefined ? null : keep(keeps);
  const { status, output } = desktop.run(words);
  const isRight = isDone === undefined ? status === 0 : isDone(kept?.text.toString("utf8") ?? "");
  if (isRight || mayFail === true) {
    kept?.drop();
    return () => {
      if (kept !== null && keeps !== undefined) writeFileSync(keeps, kept.text);
    };
  }
  const failure = new CommandFailedError(words, status === 0 ? `${output.trim()} (${keeps}: not so; is the disk full?)` : output);
  try {
    kept?.putBack();
  } catch (error) {
    throw new NotTakenBackError(failure, [error]);
  }
  throw failure;
}

function carryOut(change: Change, desktop: Desktop): Undo {
  switch (change.kind) {
    case "write":
      return writeText(change);
    case "link":
      return makeLink(change.path, change.target, change.of);
    case "remove":
      return remove(change);
    case "run":
      return runProgram(change, desktop);
  }
}

/** @returns what went wrong; none of it keeps the others from being tried */
function problemsOf(tries: readonly (() => void)[]): unknown[] {
  return tries.flatMap((attempt) => {
    try {
      attempt();
      return [];
    } catch (error) {
      return [error];
    }
  });
}

/**
 * Carries out all, one after the other. When one fails, those before it are taken back: files are as they were.
 * @throws what went wrong; NotTakenBackError
 */
export function carryOutAll(changes: readonly Change[], desktop: Desktop): void {
  const done: Undo[] = [];
  try {
    for (const change of changes) done.push(carryOut(change, desktop));
  } catch (error) {
    const reloads = changes.slice(0, done.length).filter((change) => change.kind === "run" && change.isReload);
    const again = reloads.map((reload) => () => void carryOut({ ...reload, mayFail: true } as Change, desktop));
    const problems = problemsOf([...done.reverse(), ...again]);
    throw problems.length === 0 ? error : new NotTakenBackError(error, problems);
  }
}
