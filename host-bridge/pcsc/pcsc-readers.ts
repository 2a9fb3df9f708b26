// The readers that the bridge has tokens in: who lies where, who waits for a place. vpcd has two, always.

import type { Transport } from "../transport/transport.ts";
import { holdPcscd, type PcscdHold } from "./pcscd-hold.ts";
import type { VpcdAddress } from "./vpcd-address.ts";
import { type PlugOptions, plugIntoVpcd, type VpcdPlug } from "./vpcd-plug.ts";

export type PcscEvent =
  /** `reader`: HOST:PORT. */
  | { readonly event: "pcsc-in"; readonly name: string; readonly reader: string }
  | { readonly event: "pcsc-out"; readonly name: string; readonly reader: string }
  /** Every reader has a token; this one gets the next that is free. */
  | { readonly event: "pcsc-full"; readonly name: string }
  /** Another user's program waits where the reader should be; the token is kept from it. */
  | { readonly event: "pcsc-stranger"; readonly name: string; readonly reader: string; readonly uid: number }
  /** pcscd: it cannot be reached, or refuses this user. vpcd: nobody asks for the card in the reader. Told once until it is over. */
  | { readonly event: "trouble"; readonly about: "pcscd" | "vpcd"; readonly reason: string };

export interface PcscOptions {
  /** Of the readers, in the order in which they are filled. */
  readonly addresses: readonly VpcdAddress[];
  /** The path of pcscd's own socket. */
  readonly pcscdSocket: string;
  readonly log: (event: PcscEvent) => void;
  /** See PlugOptions. */
  readonly emptyMs?: number;
  readonly patienceMs?: number;
  /** How soon pcscd is called again; shorter in a test. */
  readonly redialMs?: number;
}

interface Shown {
  readonly name: string;
  readonly transport: Transport;
}

interface Reader {
  readonly address: VpcdAddress;
  plug: VpcdPlug | null;
}

export class PcscReaders {
  private readonly readers: readonly Reader[];
  private readonly pcscdSocket: string;
  private readonly log: (event: PcscEvent) => void;
  private readonly plugOptions: PlugOptions;
  private readonly redialMs: number | undefined;
  /** In the order in which they came. */
  private readonly waiting = new Set<Shown>();
  private hold: PcscdHold | null = null;
  private readonly troubles = new Set<string>();
  private isClosed = false;

  constructor({ addresses, pcscdSocket, log, redialMs, ...plugOptions }: PcscOptions) {
    this.readers = addresses.map((address) => ({ address, plug: null }));
    this.pcscdSocket = pcscdSocket;
    this.log = log;
    this.plugOptions = plugOptions;
    this.redialMs = redialMs;
  }

  /** The token comes into the first reader that is free, now or later, and stays until it has gone. */
  show(name: string, transport: Transport): void {
    if (this.isClosed) return;
    const shown = { name, transport };
    const reader = this.readers.find(({ plug }) => plug === null);
    if (reader !== undefined) this.plugIn(reader, shown);
    else {
      this.log({ event: "pcsc-full", name });
      this.waiting.add(shown);
      void transport.gone.then(() => this.waiting.delete(shown));
    }
  }

  /** Takes all tokens out. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.hold?.close();
    await Promise.all(this.readers.map(({ plug }) => plug?.close()));
  }

  private plugIn(reader: Reader, { name, transport }: Shown): void {
    const { address } = reader;
    const at = `${address.host}:${address.port}`;
    this.hold ??= this.holdPcscd();
    reader.plug = plugIntoVpcd(transport, address, {
      ...this.plugOptions,
      in: () => {
        this.troubles.delete("vpcd");
        this.log({ event: "pcsc-in", name, reader: at });
      },
      out: () => this.log({ event: "pcsc-out", name, reader: at }),
      stranger: (uid) => this.log({ event: "pcsc-stranger", name, reader: at, uid }),
      kept: (reason) => {
        if (!this.troubles.has("pcscd")) this.tell("vpcd", reason === "" ? `nobody asks for the card at ${at}` : reason);
      },
    });
    void transport.gone.then(() => this.free(reader));
  }

  private free(reader: Reader): void {
    reader.plug = null;
    if (this.isClosed) return;
    const [next] = this.waiting;
    if (next !== undefined) {
      this.waiting.delete(next);
      this.plugIn(reader, next);
    } else if (this.readers.every(({ plug }) => plug === null)) {
      this.hold?.close(); // pcscd may end as it would without us
      this.hold = null;
    }
  }

  private holdPcscd(): PcscdHold {
    const events = { held: () => this.troubles.delete("pcscd"), failed: (reason: string) => this.tell("pcscd", reason) };
    return holdPcscd(this.pcscdSocket, events, this.redialMs);
  }

  private tell(about: "pcscd" | "vpcd", reason: string): void {
    if (this.troubles.has(about)) return;
    this.troubles.add(about);
    this.log({ event: "trouble", about, reason });
  }
}
