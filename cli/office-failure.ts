// What the office's server and the commands that ask it have against something, as a message and an exit code.

import { OfficeClientError, OfficeRefusedError } from "../host-bridge/office-client/office-client-error.ts";
import { AdminRefusedError, NoOfficeRunningError } from "../office/admin/admin-client.ts";
import { BackupError } from "../office/backup/sealed-file.ts";
import {
  ClockBehindError,
  DatabaseUnreachableError,
  FolderPathError,
  OfficeKindError,
  OtherAddressError,
  PortTakenError,
  TrustFileError,
} from "../office/process/start-errors.ts";
import { OcspKeyError } from "../office/status/ocsp-key.ts";
import { FolderInUseError } from "../office/store/folder-lock.ts";
import type { Messages } from "./messages/en.ts";
import { OfficeCommandError } from "./office-error.ts";

export const EXIT_OFFICE = 5;
const EXIT_USAGE = 2;

export interface OfficeFailure {
  readonly message: string;
  readonly exitCode: number;
  readonly code: string;
}

const USAGE_PROBLEMS: ReadonlySet<string> = new Set(["url", "insecure", "proxy", "code", "no-token"]);

/** By its name: its file loads the database's driver, which no other command needs. */
const isCalled = (error: unknown, name: string): error is Error => error instanceof Error && error.name === name;

/** What a server that starts has against its folder, its database or its port. */
function startFailure(error: unknown, { officeServer: { failure: text } }: Messages): Omit<OfficeFailure, "exitCode"> | null {
  if (error instanceof FolderInUseError) return { code: "folder-in-use", message: text.folderInUse(error.message) };
  if (error instanceof PortTakenError) return { code: "port-taken", message: text.portTaken(error.message) };
  if (error instanceof OtherAddressError) return { code: "other-address", message: text.otherAddress(error.fixed) };
  if (isCalled(error, "OtherAuthorityError")) return { code: "other-authority", message: text.otherAuthority(error.message) };
  if (error instanceof OfficeKindError) return { code: "other-kind", message: error.isDemo ? text.isDemo : text.isNoDemo };
  if (isCalled(error, "NewerStoreError")) return { code: "newer-store", message: text.newerStore };
  if (error instanceof DatabaseUnreachableError) return { code: "database", message: text.database(error.code) };
  if (error instanceof FolderPathError) return { code: "state-path-too-long", message: text.folderPath(error.message) };
  if (error instanceof ClockBehindError) {
    return { code: "clock-behind", message: text.clockBehind(error.now.toISOString(), error.newest.toISOString()) };
  }
  if (error instanceof TrustFileError) return { code: "bad-trust-file", message: text.trustFile(error.message) };
  return error instanceof OcspKeyError ? { code: "ocsp-key", message: text.ocspKey } : null;
}

/** What the office said to an officer's program: in words where there are some. */
function refusal({ type, title, triesLeft }: OfficeRefusedError, say: Messages): Omit<OfficeFailure, "exitCode"> {
  const word = type.split(":").at(-1) ?? type;
  if (type.startsWith("urn:sceau:activation:")) {
    const text = (say.activate.refused as Readonly<Record<string, string>>)[word];
    if (text !== undefined) return { code: word, message: `${text}${triesLeft === null ? "" : ` ${say.activate.triesLeft(triesLeft)}`}` };
  }
  const known = type.startsWith("urn:sceau:issuance:") ? (say.failure.issuance as Readonly<Record<string, string>>)[word] : undefined;
  return { code: word, message: known ?? say.officeServer.failure.refused(`${title} (${word})`) };
}

/** Null: it is nothing of the office's. */
export function officeFailure(error: unknown, say: Messages): OfficeFailure | null {
  const text = say.officeServer.failure;
  const start = startFailure(error, say);
  if (start !== null) return { ...start, exitCode: EXIT_OFFICE };
  if (error instanceof OfficeRefusedError) return { ...refusal(error, say), exitCode: EXIT_OFFICE };
  if (error instanceof OfficeClientError) {
    const exitCode = USAGE_PROBLEMS.has(error.problem) ? EXIT_USAGE : EXIT_OFFICE;
    return { code: error.problem, message: text.client[error.problem](error.about), exitCode };
  }
  if (error instanceof OfficeCommandError) {
    const exitCode = USAGE_PROBLEMS.has(error.problem) ? EXIT_USAGE : EXIT_OFFICE;
    return { code: error.problem, message: text.command[error.problem](error.detail), exitCode };
  }
  if (error instanceof NoOfficeRunningError) return { code: "not-running", message: text.notRunning, exitCode: EXIT_OFFICE };
  if (error instanceof AdminRefusedError)
    return { code: error.problem, message: text.admin[error.problem] ?? text.refused(error.problem), exitCode: EXIT_OFFICE };
  if (error instanceof BackupError) return { code: error.problem, message: text.backup[error.problem], exitCode: EXIT_OFFICE };
  return null;
}
