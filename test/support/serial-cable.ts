// A serial port without hardware: pty-cable.py puts a simulated token, or nothing, behind a pseudo terminal.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { ROOT } from "./run.ts";

export class SerialCable {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly lines: Interface;

  private constructor(tokenSocket: string | null, link: string) {
    const script = join(ROOT, "test", "support", "pty-cable.py");
    this.child = spawn("python3", [script, tokenSocket ?? "-", link], { stdio: ["pipe", "pipe", "inherit"] });
    this.lines = createInterface({ input: this.child.stdout });
  }

  /** @param tokenSocket of a simulated token; null: nobody is there. @param link the port's path */
  static async plugIn(tokenSocket: string | null, link: string): Promise<SerialCable> {
    const cable = new SerialCable(tokenSocket, link);
    await once(cable.lines, "line");
    return cable;
  }

  /** Sends bytes to the host. */
  garbage(bytes: Uint8Array): void {
    this.tell(`garbage ${Buffer.from(bytes).toString("hex")}`);
  }

  /** Puts bytes into the token's next answer, so many bytes after its beginning. */
  within(offset: number, bytes: Uint8Array): void {
    this.tell(`within ${offset} ${Buffer.from(bytes).toString("hex")}`);
  }

  /** From now on bytes are lost, doubled and turned both ways, by chance; null: no more. */
  harm(seed: number | null): void {
    this.tell(seed === null ? "heal" : `harm ${seed}`);
  }

  /** Sends something every 5 ms, whether or not the host asks. */
  talk(isOn: boolean): void {
    this.tell(isOn ? "talk" : "hush");
  }

  /** How many bytes the host has sent since this was last asked. */
  async bytesFromHost(): Promise<number> {
    const told = once(this.lines, "line");
    this.tell("bytes");
    return Number((await told)[0]);
  }

  async unplug(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const exited = once(this.child, "exit");
    this.child.stdin.end();
    await exited;
  }

  private tell(command: string): void {
    this.child.stdin.write(`${command}\n`);
  }
}
