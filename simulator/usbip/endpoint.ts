// The device's ends of the pipes. Data to the host wait for a transfer that fetches them, and transfers wait for data.

import { EMPTY_BYTES } from "../../protocol/bytes.ts";
import { MAX_PACKET_BYTES } from "./descriptors.ts";
import { BABBLE, DONE, STALLED, type Transfer } from "./transfer.ts";

export interface Endpoint {
  readonly address: number;
  isHalted: boolean;
  submit(transfer: Transfer): void;
  /** Takes a transfer back; false: it does not wait here. */
  unlink(seqnum: number): boolean;
  /** As after power-on. */
  reset(): void;
}

export class OutEndpoint implements Endpoint {
  readonly address: number;
  isHalted = false;
  private readonly take: (bytes: Uint8Array) => void;

  /** @param take is given each transfer as it comes */
  constructor(address: number, take: (bytes: Uint8Array) => void) {
    this.address = address;
    this.take = take;
  }

  submit(transfer: Transfer): void {
    if (this.isHalted) {
      transfer.complete(STALLED, EMPTY_BYTES);
      return;
    }
    transfer.complete(DONE, EMPTY_BYTES);
    this.take(transfer.data);
  }

  unlink(): boolean {
    return false; // what comes from the host is taken at once
  }

  reset(): void {
    this.isHalted = false;
  }
}

export class InEndpoint implements Endpoint {
  readonly address: number;
  private halted = false;
  private readonly maxQueued: number;
  private waiting: Transfer[] = [];
  private queue: Uint8Array[] = [];

  /** @param maxQueued as many of what nobody fetches are kept; then the oldest go */
  constructor(address: number, maxQueued: number) {
    this.address = address;
    this.maxQueued = maxQueued;
  }

  get isHalted(): boolean {
    return this.halted;
  }

  set isHalted(isHalted: boolean) {
    this.halted = isHalted;
    if (!isHalted) return;
    const stalled = this.waiting;
    this.waiting = [];
    for (const transfer of stalled) transfer.complete(STALLED, EMPTY_BYTES);
  }

  /** The host waits for data. */
  get isAwaited(): boolean {
    return this.waiting.length > 0;
  }

  /** What nobody has fetched is not for whoever comes next. */
  dropQueued(): void {
    this.queue = [];
  }

  submit(transfer: Transfer): void {
    if (this.halted) {
      transfer.complete(STALLED, EMPTY_BYTES);
      return;
    }
    this.waiting.push(transfer);
    this.serve();
  }

  unlink(seqnum: number): boolean {
    const others = this.waiting.filter((transfer) => transfer.seqnum !== seqnum);
    const isFound = others.length < this.waiting.length;
    this.waiting = others;
    return isFound;
  }

  /** One message to the host, which ends with a short packet. */
  send(bytes: Uint8Array): void {
    if (this.queue.length === this.maxQueued) this.queue.shift();
    this.queue.push(bytes);
    this.serve();
  }

  reset(): void {
    this.halted = false;
    this.dropQueued();
  }

  private serve(): void {
    for (;;) {
      const [transfer] = this.waiting;
      const [bytes] = this.queue;
      if (transfer === undefined || bytes === undefined) return;
      this.waiting.shift();
      this.queue.shift();
      this.give(transfer, bytes);
    }
  }

  /** A device sends whole packets: a message that is longer than the transfer fills it only when its room ends with a packet's (USB 2.0 §5.8.3). */
  private give(transfer: Transfer, bytes: Uint8Array): void {
    const room = transfer.lengthBytes;
    if (bytes.length <= room) {
      transfer.complete(DONE, bytes);
    } else if (room % MAX_PACKET_BYTES === 0 && room > 0) {
      this.queue.unshift(bytes.subarray(room));
      transfer.complete(DONE, bytes.subarray(0, room));
    } else {
      transfer.complete(BABBLE, bytes.subarray(0, room));
    }
  }
}
