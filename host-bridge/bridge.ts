// The daemon: holds every token that is plugged in, and serves them to applications.

import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { CallLog } from "./pkcs11/connection.ts";
import { checkNobodyListens, servePkcs11 } from "./pkcs11/server.ts";
import { Slot } from "./pkcs11/slot.ts";
import { SlotTable } from "./pkcs11/slot-table.ts";
import { openSocketTransport } from "./transport/socket.ts";
import type { Transport } from "./transport/transport.ts";

const LOOK_MS = 250;
const SOCKET_SUFFIX = ".sock";

/** What the bridge tells: names, status words and CKRs; never what a call carried. */
export type BridgeEvent =
  | { readonly event: "token-in"; readonly name: string; readonly serial: string; readonly slot: number }
  | { readonly event: "token-out"; readonly name: string; readonly slot: number }
  | { readonly event: "token-refused"; readonly name: string; readonly reason: string }
  /** The folder of the tokens cannot be read. Told once; the tokens that are there stay. */
  | { readonly event: "trouble"; readonly reason: string }
  | { readonly event: "call"; readonly name: string; readonly rv: number };

export interface BridgeOptions {
  /** Folder in which simulated tokens have their sockets. */
  readonly tokenFolder: string;
  /** Where PKCS#11 applications connect. */
  readonly pkcs11Socket: string;
  readonly log: (event: BridgeEvent) => void;
}

export interface RunningBridge {
  close(): Promise<void>;
}

/** What an error tells. Something thrown that is no Error tells nothing of use. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : "unknown";
}

class TokenWatch {
  private readonly options: BridgeOptions;
  readonly slots = new SlotTable();
  private readonly known = new Map<string, Transport | null>();
  /** Why a token was last refused, by file: told once, tried again at every look. */
  private readonly refused = new Map<string, string>();
  private trouble: string | null = null;

  constructor(options: BridgeOptions) {
    this.options = options;
  }

  /** Plugs in what is new. A token that has gone leaves its slot by itself. */
  async look(): Promise<void> {
    mkdirSync(this.options.tokenFolder, { recursive: true, mode: 0o700 });
    const files = readdirSync(this.options.tokenFolder).filter((file) => file.endsWith(SOCKET_SUFFIX));
    await Promise.all(files.filter((file) => !this.known.has(file)).map((file) => this.plugIn(file)));
  }

  /** As `look`, but a look that fails (no more file descriptors, no folder) is told, and the next may go better. */
  async lookAgain(): Promise<void> {
    try {
      await this.look();
      this.trouble = null;
    } catch (error) {
      const reason = reasonOf(error);
      if (this.trouble !== reason) this.options.log({ event: "trouble", reason });
      this.trouble = reason;
    }
  }

  close(): void {
    for (const transport of this.known.values()) transport?.close();
  }

  private async openSlot(transport: Transport): Promise<Slot> {
    let id: number | null = null;
    const idOf = (serial: string): number => {
      id = this.slots.reserve(serial);
      return id;
    };
    try {
      const slot = await Slot.open(idOf, transport);
      this.slots.plugIn(slot);
      return slot;
    } catch (error) {
      if (id !== null) this.slots.release(id);
      throw error;
    }
  }

  private async plugIn(file: string): Promise<void> {
    const name = file.slice(0, -SOCKET_SUFFIX.length);
    this.known.set(file, null);
    try {
      const transport = await openSocketTransport(join(this.options.tokenFolder, file), name);
      this.known.set(file, transport);
      void transport.gone.then(() => this.known.delete(file));
      const slot = await this.openSlot(transport);
      this.refused.delete(file);
      this.options.log({ event: "token-in", name, serial: slot.info.serial, slot: slot.id });
      void transport.gone.then(() => {
        this.options.log({ event: "token-out", name, slot: slot.id });
      });
    } catch (error) {
      this.known.get(file)?.close();
      this.known.delete(file); // looked at again next time: a simulator that starts has its socket before it answers
      const reason = reasonOf(error);
      if (this.refused.get(file) !== reason) this.options.log({ event: "token-refused", name, reason });
      this.refused.set(file, reason);
    }
  }
}

/**
 * Serves until `close`. Tokens that are plugged in already are there when it resolves.
 * @throws BridgeRunningError when another bridge has the socket; the system's error when a folder cannot be made or read
 */
export async function startBridge(options: BridgeOptions): Promise<RunningBridge> {
  await checkNobodyListens(options.pkcs11Socket); // before any token is opened
  const watch = new TokenWatch(options);
  await watch.look();
  const log: CallLog = (name, rv) => options.log({ event: "call", name, rv });
  const server = await servePkcs11(options.pkcs11Socket, watch.slots, log).catch((error: unknown) => {
    watch.close(); // a token that is held keeps the process alive
    throw error;
  });
  let looking = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(() => watch.lookAgain());
  }, LOOK_MS);
  return {
    close: async () => {
      clearInterval(timer);
      await looking;
      await server.close();
      watch.close();
    },
  };
}
