// Where the doctor looks: folders, addresses, and the machine behind an interface, so that a test can break each of them.

import type { Socket } from "node:net";
import type { TcpSocket } from "../tcp-sockets.ts";

/** Where this user's Sceau keeps things. */
export interface StatePlaces {
  readonly root: string;
  /** Sockets; mode 0700. */
  readonly run: string;
  readonly pkcs11Socket: string;
  /** The agent's: its trusted offices. */
  readonly agent: string;
  /** What `sceau` is to be told to use this one; empty: nothing. Words for a shell. */
  readonly option: string;
}

/** What the operating system says. Nothing here changes anything. */
export interface Machine {
  /** 20.19.0 */
  readonly nodeVersion: string;
  readonly uid: number;
  /** The account's name; of another one its number, when it has none. */
  userName(uid: number): string;
  /** Whether this user may read and write the device's file; what is not there may be. */
  mayOpen(path: string): boolean;
  /** Free for this user, in the file system of the path or of its nearest folder that is there. */
  freeBytes(path: string): number;
  /** Loads an npm package with a native part, as the folder's own programs do. @returns null: it loads; else why not */
  loadNative(checkout: string, name: string): string | null;
  /** @throws an error with the system's code */
  lookup(host: string): Promise<readonly string[]>;
  /** @throws an error with the system's code; ETIMEDOUT when nothing is heard in time */
  connect(host: string, port: number, timeLimitMs: number): Promise<Socket>;
  tcpSockets(): readonly TcpSocket[];
  /** By which others reach this computer: those of loopback are left out. */
  addresses(): readonly string[];
  /** Whether a program of that name is running, whoever's. */
  isRunning(program: string): boolean;
  /** Who may become root by sudo. */
  administrators(): Administrators;
}

export interface Administrators {
  /** sudo, admin or wheel: what this system has; null: none of them, so root's own password is the only way. */
  readonly group: string | null;
  readonly names: readonly string[];
  /** Whether this user is one, in this session. */
  readonly isOne: boolean;
}

export interface Place {
  readonly machine: Machine;
  readonly environment: NodeJS.ProcessEnv;
  /** The folder that Sceau was cloned into. */
  readonly checkout: string;
  readonly state: StatePlaces;
  /** How `sceau` is called here: `npx sceau`, or `sceau` where it is installed. */
  readonly program: string;
  /** The user's home folder. */
  readonly home: string;
  /** p11-kit's client; null: it is nowhere. */
  readonly module: string | null;
  readonly agentPort: number;
  /** As it was typed; null: those that the agent trusts. */
  readonly office: string | null;
  /** Authorities that the administrator of this computer trusts, PEM: Debian's file. */
  readonly systemAuthorities: string;
  readonly udevRules: readonly string[];
  readonly devices: { readonly sys: string; readonly dev: string };
  /** Prefix of the machine's own files, as desktop/ has it: "/". */
  readonly root: string;
  /** Of the first of vpcd's readers. */
  readonly vpcdPort: number;
  now(): Date;
  /** For each question to the network. */
  readonly timeLimitMs: number;
}
