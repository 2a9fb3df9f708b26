// The agent's desk and its work, with a simulated token behind a socket, and a clock of the test's.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TokenDesk } from "../../host-bridge/agent/tokens/token-desk.ts";
import { WorkList, type WorkOrder } from "../../host-bridge/agent/tokens/work.ts";
import { SimulatorSource } from "../../host-bridge/sources/simulator-source.ts";
import { SERIAL, SimulatedToken } from "./simulated-token.ts";

const LIMIT_MS = 5000;

export async function sleepUntil(isSo: () => boolean): Promise<void> {
  for (const end = Date.now() + LIMIT_MS; !isSo(); await new Promise((resolve) => setTimeout(resolve, 10))) {
    if (Date.now() > end) throw new Error("it never came to that");
  }
}

export class WorkBench {
  readonly desk: TokenDesk;
  readonly works: WorkList;
  nowMs = Date.now();
  readonly #folder: string;
  readonly #plug: { close(): Promise<void> };

  private constructor(desk: TokenDesk, folder: string, plug: { close(): Promise<void> }) {
    this.desk = desk;
    this.works = new WorkList(desk, { now: () => new Date(this.nowMs) });
    this.#folder = folder;
    this.#plug = plug;
  }

  static async start(): Promise<WorkBench> {
    const folder = mkdtempSync(join(tmpdir(), "sceau-desk-"));
    const token = await SimulatedToken.initialised();
    const plug = await token.plugIn(join(folder, "token.sock"));
    const desk = new TokenDesk([new SimulatorSource(folder)], () => {});
    await desk.start();
    await sleepUntil(() => desk.tokens().length > 0);
    return new WorkBench(desk, folder, plug);
  }

  /** An order that overwrites its PIN when it is over. */
  order(run: WorkOrder["run"]): { readonly order: WorkOrder; readonly pin: Uint8Array } {
    const pin = new Uint8Array([1, 2, 3]);
    return { pin, order: { serial: String(SERIAL), title: () => "Work", again: "/", end: () => pin.fill(0), run } };
  }

  async close(): Promise<void> {
    this.works.cancelAll();
    await this.desk.close();
    await this.#plug.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
