// A slot: one token that the bridge holds, with what it shows.

import type { DeviceInfo } from "../token/device-info.ts";
import { TokenClient } from "../token/token-client.ts";
import { type Transport, TransportError } from "../transport/transport.ts";
import { keepKnownObjects, readTokenObjects, type TokenObject } from "./objects.ts";

export class Slot {
  readonly id: number;
  readonly transport: Transport;
  info: DeviceInfo;
  objects: readonly TokenObject[] = [];
  isPresent = true;
  /** For what needs no PIN; shared by all applications. null: to be opened. */
  private reader: Promise<TokenClient> | null;

  private constructor(id: number, transport: Transport, reader: TokenClient, info: DeviceInfo) {
    this.id = id;
    this.transport = transport;
    this.reader = Promise.resolve(reader);
    this.info = info;
  }

  /** @throws TransportError, TokenError, MalformedAnswerError when the token does not answer as one */
  static async open(id: number, transport: Transport): Promise<Slot> {
    const reader = new TokenClient(await transport.openChannel());
    const slot = new Slot(id, transport, reader, await reader.deviceInfo());
    slot.objects = await readTokenObjects(reader);
    void transport.gone.then(() => {
      slot.isPresent = false;
    });
    return slot;
  }

  /** Reads keys and certificates again when the token tells that they changed. */
  refresh(): Promise<void> {
    return this.read(async (reader) => {
      const info = await reader.deviceInfo();
      if (info.revision !== this.info.revision) this.objects = keepKnownObjects(this.objects, await readTokenObjects(reader));
      this.info = info;
    });
  }

  pinTriesLeft(): Promise<number | null> {
    return this.read((reader) => reader.pinTriesLeft());
  }

  /** A channel of one's own, for an application that logs in. */
  async openClient(): Promise<TokenClient> {
    return new TokenClient(await this.transport.openChannel());
  }

  private async read<T>(work: (reader: TokenClient) => Promise<T>): Promise<T> {
    this.reader ??= this.openClient();
    const own = this.reader;
    try {
      return await work(await own);
    } catch (error) {
      // A channel that failed stays dead; the next who reads gets a new one.
      if (error instanceof TransportError && this.reader === own) {
        this.reader = null;
        own.then(
          (reader) => reader.close(),
          () => undefined,
        );
      }
      throw error;
    }
  }
}

/** The slots that applications see. */
export interface SlotList {
  all(): readonly Slot[];
}
