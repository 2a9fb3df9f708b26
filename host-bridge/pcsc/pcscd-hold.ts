// Keeps pcscd running while there are tokens for it. Debian's is started by systemd when somebody connects to its socket, and ends 60 s after its last
// client has left (--auto-exit): a token alone is no client. An open connection is, even one that never says anything (README.md).

import { connect, type Socket } from "node:net";

const REDIAL_MS = 1000;
/** A connection that ends so soon was refused: a pcscd that is built with polkit asks it who may connect. */
const REFUSED_MS = 500;
/** Shorter than pcscd's 60 s, so that even a refused connection keeps it; not shorter, because pcscd writes each refusal into the system's log. */
const REFUSED_REDIAL_MS = 30_000;
const REFUSALS = 3;

export interface HoldEvents {
  held?(): void;
  /** pcscd cannot be reached, or refuses this user. */
  failed?(reason: string): void;
}

export interface PcscdHold {
  close(): void;
}

class Hold implements PcscdHold {
  private readonly path: string;
  private readonly events: HoldEvents;
  private readonly redialMs: number;
  private socket: Socket | null = null;
  private timer: NodeJS.Timeout | null = null;
  private refusals = 0;
  private isClosed = false;

  constructor(path: string, events: HoldEvents, redialMs: number) {
    this.path = path;
    this.events = events;
    this.redialMs = redialMs;
    this.dial();
  }

  close(): void {
    this.isClosed = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.socket?.destroy();
  }

  private dial(): void {
    const socket = connect(this.path);
    this.socket = socket;
    let isConnected = false;
    socket.on("error", (error) => this.events.failed?.(error.message));
    socket.once("connect", () => {
      isConnected = true;
      this.timer = setTimeout(() => {
        this.refusals = 0;
        this.events.held?.();
      }, REFUSED_MS);
    });
    socket.resume(); // sees the end
    const since = Date.now();
    socket.once("close", () => {
      if (this.timer !== null) clearTimeout(this.timer);
      if (this.isClosed) return;
      if (isConnected && Date.now() - since < REFUSED_MS) this.refusals++;
      const isRefused = this.refusals >= REFUSALS;
      if (isRefused) this.events.failed?.("it closes the connection: this user may not use it (polkit, org.debian.pcsc-lite.access_pcsc)");
      this.timer = setTimeout(() => this.dial(), isRefused ? REFUSED_REDIAL_MS : this.redialMs);
    });
  }
}

/** Connects to pcscd's socket at `path`, again and again until `close`. */
export function holdPcscd(path: string, events: HoldEvents = {}, redialMs = REDIAL_MS): PcscdHold {
  return new Hold(path, events, redialMs);
}
