// What every command is given.

import type { Messages } from "./messages/en.ts";
import type { StateFolder } from "./state-folder.ts";

export interface CliContext {
  readonly say: Messages;
  readonly state: StateFolder;
  /** Results for machines: one JSON value. */
  readonly isJson: boolean;
  now(): Date;
  /** A line for people; silent with --json. */
  print(line: string): void;
  /** The result: as JSON with --json, else the lines. */
  report(result: unknown, lines: readonly string[]): void;
}
