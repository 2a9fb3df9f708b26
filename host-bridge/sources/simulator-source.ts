// Simulated tokens: each has a socket in one folder.

import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { openSocketTransport } from "../transport/socket.ts";
import type { TokenPort, TokenSource } from "./token-source.ts";

const SOCKET_SUFFIX = ".sock";

export class SimulatorSource implements TokenSource {
  readonly kind = "simulators";
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  async look(): Promise<readonly TokenPort[]> {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    return readdirSync(this.folder)
      .filter((file) => file.endsWith(SOCKET_SUFFIX))
      .map((file) => {
        const name = file.slice(0, -SOCKET_SUFFIX.length);
        // Asked again at every look: a simulator that starts has its socket before it answers.
        return { id: `simulator:${file}`, name, mark: "", retryMs: 0, open: () => openSocketTransport(join(this.folder, file), name) };
      });
  }
}
