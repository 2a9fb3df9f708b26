// A HID device in memory with a token behind it: has of node-hid's HIDAsync what the bridge uses.

import { EventEmitter } from "node:events";
import type { PacketPort } from "../../firmware/packet-port.ts";
import type { HidDevice } from "../../host-bridge/transport/hid-library.ts";

export class FakeHidDevice extends EventEmitter implements HidDevice {
  /** All that the host wrote. */
  readonly reports: Buffer[] = [];
  isSilent = false;
  isUnplugged = false;
  isClosed = false;
  /** How long each of the next writes takes. */
  writeDelaysMs: number[] = [];
  mostAtOnce = 0;
  private atOnce = 0;
  private readonly port: PacketPort;

  constructor(port: PacketPort) {
    super();
    this.port = port;
  }

  async write(report: number[] | Buffer): Promise<number> {
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
    const delayMs = this.writeDelaysMs.shift() ?? 0;
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    this.atOnce--;
    if (this.isUnplugged) throw new Error("Cannot write to hid device");
    this.reports.push(Buffer.from(report));
    if (!this.isSilent) this.port.receive(new Uint8Array(Buffer.from(report).subarray(1)), this.send);
    return report.length;
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  private readonly send = (packet: Uint8Array): void => {
    queueMicrotask(() => this.emit("data", Buffer.from(packet)));
  };
}
