// One thing that the installation sets up: how it stands, and what would change. Sentences for people are cli/messages/install-….

import type { Change } from "./change.ts";

export type StepName =
  | "own-folders"
  | "service"
  | "module-file"
  | "nss"
  | "openssl"
  | "udev-rule"
  | "pcsc-network"
  | "pcsc-packages"
  | "pcsc-route";

/** `user`: in the user's own files. `machine`: with administrator rights. */
export type Part = "user" | "machine";

/**
 * `done`: nothing is to be changed. `to-do`: there are changes. `foreign`: somebody else's, left alone. `cannot`: something is missing. `by-hand`: it is the
 * person's to do, or not possible there; said, and no failure.
 */
export type StepState = "done" | "to-do" | "foreign" | "cannot" | "by-hand";

/** What became of a step. `waits`: for somebody with administrator rights. `broken`: failed, and not all of it could be taken back. */
export type StepOutcome = StepState | "changed" | "failed" | "broken" | "waits";

/** Why it stands so, where the state does not say it all. */
export type Reason =
  | "" // the state says it
  | "others-folder"
  | "relative-folder"
  | "not-ours"
  | "no-client"
  | "no-modutil"
  | "in-use"
  | "snap"
  | "flatpak"
  | "other-library"
  | "other-name"
  | "proxy"
  | "unreadable"
  | "no-database"
  | "next-login"
  | "packages"
  | "no-systemd"
  | "text";

export interface Step {
  readonly name: StepName;
  readonly part: Part;
  /** A file or a folder; empty: nothing of the kind. */
  readonly where: string;
  /** Whose database it is; empty: no database. */
  readonly software: string;
  readonly state: StepState;
  readonly reason: Reason;
  /** In their order; none unless it is `to-do`. */
  readonly changes: readonly Change[];
  /** For the person: what mends it, or what is left to do. */
  readonly commands: readonly string[];
  /** Lines to copy into a file. */
  readonly text: readonly string[];
}

type Known = Pick<Step, "name" | "part" | "state"> & Partial<Step>;

/** A step with nothing in what is not said. */
export const step = (known: Known): Step => ({ where: "", software: "", reason: "", changes: [], commands: [], text: [], ...known });
