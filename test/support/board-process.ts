// An Espruino interpreter that plays a board on a serial port: pty-process.py puts its console behind a pseudo terminal. Its flash is a file in `folder`.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { ROOT } from "./run.ts";

export class BoardProcess {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;

  private constructor(interpreter: string, folder: string, link: string) {
    const script = join(ROOT, "test", "support", "pty-process.py");
    this.child = spawn("python3", [script, link, interpreter], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  }

  static async plugIn(interpreter: string, folder: string, link: string): Promise<BoardProcess> {
    const board = new BoardProcess(interpreter, folder, link);
    await once(createInterface({ input: board.child.stdout }), "line");
    return board;
  }

  /** Pulls the cable after so many more bytes from the host. */
  cutAfter(bytes: number): void {
    this.child.stdin.write(`cut ${bytes}\n`);
  }

  async unplug(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const exited = once(this.child, "exit");
    this.child.stdin.end();
    await exited;
  }
}
