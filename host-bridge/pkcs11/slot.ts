// A slot: one token that the bridge holds, with what it shows.

import type { DeviceInfo } from "../token/device-info.ts";
import { TokenClient } from "../token/token-client.ts";
import type { Transport } from "../transport/transport.ts";
import { readTokenObjects, type TokenObject } from "./objects.ts";

export class Slot {
  readonly id: number;
  readonly transport: Transport;
  info: DeviceInfo;
  objects: readonly TokenObject[] = [];
  isPresent = true;
  /** For what needs no PIN; shared by all applications. */
  private readonly reader: TokenClient;

  private constructor(id: number, transport: Transport, reader: TokenClient, info: DeviceInfo) {
    this.id = id;
    this.transport = transport;
    this.reader = reader;
    this.info = info;
  }

  /** @throws TransportError, TokenError when the token does not answer as one */
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
  async refresh(): Promise<void> {
    const info = await this.reader.deviceInfo();
    if (info.revision !== this.info.revision) this.objects = await readTokenObjects(this.reader);
    this.info = info;
  }

  pinTriesLeft(): Promise<number | null> {
    return this.reader.pinTriesLeft();
  }

  /** A channel of one's own, for an application that logs in. */
  async openClient(): Promise<TokenClient> {
    return new TokenClient(await this.transport.openChannel());
  }
}

/** The slots that applications see. */
export interface SlotList {
  all(): readonly Slot[];
}
