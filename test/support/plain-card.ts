// A PIV card in one of pcscd's readers that is not ours: SP 800-73-5 and nothing else. A simulated token behind a filter, in the test's own process:
// whoever asks it anything must leave this process its turn (no spawnSync).

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_VPCD } from "../../host-bridge/pcsc/vpcd-address.ts";
import {
  CONTROL_GET_ATR,
  CONTROL_POWER_OFF,
  CONTROL_POWER_ON,
  CONTROL_RESET,
  VpcdMessageReader,
  vpcdMessage,
} from "../../host-bridge/pcsc/vpcd-messages.ts";
import type { TokenChannel } from "../../host-bridge/transport/transport.ts";
import { INS_GENERAL_AUTHENTICATE } from "../../protocol/piv.ts";
import type { RunningPcscd } from "./pcscd.ts";
import { answerAsPlainCard, PLAIN_ATR, shortNameOf } from "./plain-card-answers.ts";
import { ROOT } from "./run.ts";
import type { SimulatedToken } from "./simulated-token.ts";

const RELAY = join(ROOT, "test", "support", "vpcd-relay.mjs");
const RESETS = [CONTROL_POWER_OFF, CONTROL_POWER_ON, CONTROL_RESET];

export interface PlainCardOptions {
  /** 0 or 1. */
  readonly reader?: number;
}

export class PlainCard {
  /** Instruction and P2 of what was asked, in order, with «+» when it carried data; «reset» between them. */
  readonly seen: string[] = [];
  /** Waits before the answer to the next command that signs. */
  beforeSigning: (() => Promise<void>) | null = null;
  private readonly token: SimulatedToken;
  private readonly options: PlainCardOptions;
  private readonly folder = mkdtempSync(join(tmpdir(), "sceau-card-"));
  private server: Server | null = null;
  private relay: ChildProcess | null = null;
  private channel: TokenChannel;

  private constructor(token: SimulatedToken, options: PlainCardOptions) {
    this.token = token;
    this.options = options;
    this.channel = token.channel();
  }

  /** Puts it into a reader. `pull` must follow. */
  static async insert(pcscd: RunningPcscd, token: SimulatedToken, options: PlainCardOptions = {}): Promise<PlainCard> {
    const card = new PlainCard(token, options);
    await card.insert(pcscd);
    return card;
  }

  /** Out of the reader; what it was asked is not answered any more. */
  async pull(): Promise<void> {
    const { relay } = this;
    this.relay = null;
    if (relay !== null && relay.exitCode === null && relay.signalCode === null) {
      const exited = once(relay, "exit");
      relay.kill("SIGKILL");
      await exited;
    }
    this.server?.close();
    this.reset();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async insert(pcscd: RunningPcscd): Promise<void> {
    const path = join(this.folder, "card");
    this.server = createServer((socket) => this.serve(socket)).listen(path);
    await once(this.server, "listening");
    const port = DEFAULT_VPCD.port + (this.options.reader ?? 0);
    const [program = "", ...args] = [...pcscd.launcher, process.execPath, RELAY, path, DEFAULT_VPCD.host, String(port)];
    this.relay = spawn(program, args, { stdio: "inherit" });
  }

  private serve(socket: Socket): void {
    const messages = new VpcdMessageReader();
    socket.on("error", () => {}); // the card was pulled
    socket.on("data", (bytes) => {
      for (const message of messages.take(bytes)) void this.take(message, socket);
    });
  }

  private async take(message: Uint8Array, socket: Socket): Promise<void> {
    const [code = 0] = message;
    if (message.length > 1) socket.write(vpcdMessage(await this.answer(message)));
    else if (code === CONTROL_GET_ATR) socket.write(vpcdMessage(PLAIN_ATR));
    else if (RESETS.includes(code)) this.reset();
  }

  private reset(): void {
    this.seen.push("reset");
    this.channel.close();
    this.channel = this.token.channel();
  }

  private async answer(apdu: Uint8Array): Promise<Uint8Array> {
    this.seen.push(shortNameOf(apdu));
    if (apdu[1] === INS_GENERAL_AUTHENTICATE) await this.beforeSigning?.();
    return answerAsPlainCard(this.channel, apdu);
  }
}
