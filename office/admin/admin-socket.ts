// Which of the servers that share a folder answers `sceau office …`: the one whose socket is at the path, and no other. The others look again and again,
// and the next one takes it when that one is gone, however it went.
//
// A server binds its socket under a name of its own and renames it into place (rename(2) is atomic), so that there is never a moment without one, two
// that start at once cannot fail over the name, and whoever comes too late sees by the file's inode that it has the path no more. Rather than a lock
// beside it (an abstract socket, as PGlite's folder has): a lock and the path could disagree, it ends at a container's network namespace, and anybody
// on the machine could take its name.

import { randomBytes } from "node:crypto";
import { chmodSync, renameSync, rmSync, statSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import type { FastifyInstance } from "fastify";

/** How long a command may find nobody after a server has died. */
export const LOOK_EVERY_MS = 500;
/** Nobody has the path, or whoever had it is dead. */
const GONE: ReadonlySet<string | undefined> = new Set(["ENOENT", "ECONNREFUSED"]);
/** Somebody is there, with too many waiting (unix(7)). */
const BUSY = "EAGAIN";

export interface AdminSocketOptions {
  readonly path: string;
  /** A new server for the commands, which listens nowhere yet. */
  serve(): FastifyInstance;
  /** Told when the path cannot be had; then it is tried again. The same code is told once. */
  failed(error: unknown): void;
  readonly everyMs?: number;
}

export interface AdminSocket {
  /** Whether the commands come to this server, now. */
  isOurs(): boolean;
  /** Answers what was asked, and leaves the path to another. */
  close(): Promise<void>;
}

interface Held {
  readonly app: FastifyInstance;
  readonly inode: string;
}

/** Of a file: which one it is, as long as somebody has it. Null: there is none. */
function inodeOf(path: string): string | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? null : `${stat.dev}:${stat.ino}`;
}

/** @throws what is against it, other than that nobody is there */
function isAnswering(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === BUSY) resolve(true);
      else if (GONE.has(error.code)) resolve(false);
      else reject(error);
    });
  });
}

async function take({ path, serve }: AdminSocketOptions): Promise<Held> {
  const fresh = join(dirname(path), `.s-${randomBytes(4).toString("hex")}`); // no longer than the path itself: sockets have a limit
  const app = serve();
  try {
    await app.listen({ path: fresh });
    chmodSync(fresh, 0o600);
    const inode = inodeOf(fresh);
    if (inode === null) throw new Error("the socket has gone");
    renameSync(fresh, path);
    return { app, inode };
  } catch (error) {
    await app.close();
    rmSync(fresh, { force: true });
    throw error;
  }
}

class TakingTurns implements AdminSocket {
  readonly #options: AdminSocketOptions;
  #held: Held | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;
  #looking: Promise<void> = Promise.resolve();
  #lastCode: string | undefined;

  constructor(options: AdminSocketOptions) {
    this.#options = options;
  }

  isOurs(): boolean {
    return this.#held !== null && inodeOf(this.#options.path) === this.#held.inode;
  }

  /** Once; @throws when the path cannot be had */
  async look(): Promise<void> {
    if (this.isOurs()) return;
    const lost = this.#held;
    this.#held = null;
    await lost?.app.close();
    if (!(await isAnswering(this.#options.path))) this.#held = await take(this.#options);
  }

  lookAgain(): void {
    this.#timer = setTimeout(() => {
      this.#looking = this.look()
        .then(() => {
          this.#lastCode = undefined;
        })
        .catch((error: NodeJS.ErrnoException) => {
          if (error.code === undefined || error.code !== this.#lastCode) this.#options.failed(error);
          this.#lastCode = error.code;
        })
        .finally(() => {
          if (!this.#isClosed) this.lookAgain();
        });
    }, this.#options.everyMs ?? LOOK_EVERY_MS);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#looking;
    // While it still answers: nobody else puts a socket there meanwhile.
    if (this.isOurs()) rmSync(this.#options.path, { force: true });
    await this.#held?.app.close();
    this.#held = null;
  }
}

/** @throws when the path cannot be had now, for another reason than that somebody has it */
export async function openAdminSocket(options: AdminSocketOptions): Promise<AdminSocket> {
  const socket = new TakingTurns(options);
  await socket.look();
  socket.lookAgain();
  return socket;
}
