// The folder of a simulated token: its identity, and the lock that one simulator at a time has.

import { randomInt } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { AlreadyPluggedInError } from "./already-plugged-in.ts";
import { EngineError } from "./engine/engine-error.ts";
import { lockFolder } from "./folder-lock.ts";
import { OtherProfileError } from "./other-profile-error.ts";

const IDENTITY_FILE = "device.json";
const MIN_SERIAL = 10_000_000;
const MAX_SERIAL = 99_999_999;

/** How a simulated token can have left its factory. */
export type ProfileName = "strict" | "compat";

/** What runs the firmware: this process, or an interpreter as on a board (engine/). Each has a flash of its own, so a token stays with one. */
export type Machine = "node" | "interpreter";

/** What a simulated token was made as: kept beside its flash. */
export interface Identity {
  readonly serial: number;
  readonly profile: ProfileName;
  readonly machine: Machine;
}

export interface WantedIdentity {
  /** Of a new token, `strict` when undefined; a token that is there must have it. */
  readonly profile: ProfileName | undefined;
  readonly machine: Machine;
}

export interface TokenPlace {
  /** Where the token is kept; a new token is made when there is none. */
  readonly folder: string;
  readonly socketPath: string;
}

function isAnswering(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** Older tokens tell neither profile nor machine. */
function readIdentity(path: string): Identity | null {
  try {
    const told = JSON.parse(readFileSync(path, "utf8")) as Pick<Identity, "serial"> & Partial<Identity>;
    return { profile: "strict", machine: "node", ...told };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return null;
  }
}

/**
 * The token in `folder`; a new one has a new serial number of eight digits.
 * @throws OtherProfileError; EngineError `needs-engine`, `not-on-engine` when it was made for the other machine
 */
export function identityOf(folder: string, wanted: WantedIdentity): Identity {
  const path = join(folder, IDENTITY_FILE);
  const known = readIdentity(path);
  if (known !== null) {
    if (wanted.profile !== undefined && wanted.profile !== known.profile) throw new OtherProfileError(known.profile);
    if (wanted.machine !== known.machine) throw new EngineError(known.machine === "node" ? "not-on-engine" : "needs-engine", folder);
    return known;
  }
  const serial = randomInt(MIN_SERIAL, MAX_SERIAL + 1);
  const identity: Identity = { serial, profile: wanted.profile ?? "strict", machine: wanted.machine };
  writeFileSync(path, `${JSON.stringify(identity)}\n`, { mode: 0o600 });
  return identity;
}

/**
 * Makes the folder when there is none, and has it locked until what `plugIn` gives is closed.
 * @throws AlreadyPluggedInError
 */
export async function inTokenFolder<T extends { close(): Promise<void> }>(place: TokenPlace, plugIn: () => Promise<T>): Promise<T> {
  if (await isAnswering(place.socketPath)) throw new AlreadyPluggedInError(place.socketPath);
  mkdirSync(place.folder, { recursive: true, mode: 0o700 });
  const unlock = lockFolder(place.folder);
  try {
    const running = await plugIn();
    return {
      ...running,
      close: async () => {
        await running.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}
