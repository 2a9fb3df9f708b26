// One connection of a USB/IP host: asks what there is, or takes the device and has it until one of both goes.

import type { Socket } from "node:net";
import { EMPTY_BYTES } from "../../protocol/bytes.ts";
import type { UsbDevice } from "./usb-device.ts";
import {
  encodeDeviceList,
  encodeImport,
  encodeSubmitAnswer,
  encodeUnlinkAnswer,
  ST_OK,
  type SubmitCommand,
  UsbipProtocolError,
  UsbipReader,
} from "./usbip-messages.ts";

/** A host that does not read is cut off when this much waits for it. */
const MAX_UNREAD_BYTES = 1 << 20;
/** Transfers that wait for data at the same time; Linux has two for each interface. */
const MAX_WAITING = 256;

/** What the connections of a host share. */
export interface Hub {
  /** False: unplugged, or another host has it. */
  readonly isFree: boolean;
  /** The device under power, from now on this connection's; a number (ST_*): why not. */
  attach(connection: UsbipConnection, busId: string): UsbDevice | number;
  /** The connection has ended. */
  ended(connection: UsbipConnection): void;
}

export class UsbipConnection {
  private readonly socket: Socket;
  private readonly hub: Hub;
  private readonly reader = new UsbipReader();
  private device: UsbDevice | null = null;
  /** Numbers of the transfers that wait. */
  private readonly waiting = new Set<number>();
  private readonly deadline: NodeJS.Timeout;
  /** A request was answered that gives no device: whatever follows is not heard. */
  private isAnswered = false;
  private isOver = false;

  /** @param requestLimitMs it may take so long to say what it wants */
  constructor(socket: Socket, hub: Hub, requestLimitMs: number) {
    this.socket = socket;
    this.hub = hub;
    socket.setNoDelay(true);
    socket.setKeepAlive(true);
    this.deadline = setTimeout(() => this.close(), requestLimitMs);
    socket.on("data", (bytes) => this.take(bytes));
    socket.on("error", () => this.close());
    socket.on("close", () => this.close());
  }

  /** The host finds the device gone, and the device finds its power gone. */
  close(): void {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.deadline);
    this.socket.destroy();
    this.device?.powerOff();
    this.hub.ended(this);
  }

  private take(bytes: Buffer): void {
    if (this.isOver || this.isAnswered) return;
    this.reader.take(bytes);
    this.socket.cork(); // what is answered to one piece of the stream goes out together
    try {
      while (!this.isOver && this.step());
    } catch (error) {
      if (!(error instanceof UsbipProtocolError)) throw error;
      this.close();
    } finally {
      this.socket.uncork();
    }
  }

  /** Carries out the next message; false: it is not there yet, or nothing is to follow. @throws UsbipProtocolError */
  private step(): boolean {
    const { device } = this;
    if (device === null) return this.request();
    const command = this.reader.nextCommand();
    if (command === null) return false;
    if (command.command === "submit") this.submit(device, command);
    else {
      const isUnlinked = device.unlink(command.unlinked);
      if (isUnlinked) this.waiting.delete(command.unlinked);
      this.send(encodeUnlinkAnswer(command.seqnum, isUnlinked));
    }
    return true;
  }

  /** As Linux has it: a connection serves one request, and goes on only as the host's who took the device. */
  private request(): boolean {
    const request = this.reader.nextRequest();
    if (request === null) return false;
    const attached = request.op === "import" ? this.hub.attach(this, request.busId) : null;
    if (attached === null || typeof attached === "number") {
      this.isAnswered = true;
      this.socket.end(attached === null ? encodeDeviceList(this.hub.isFree) : encodeImport(attached));
      return false;
    }
    clearTimeout(this.deadline);
    this.device = attached;
    this.send(encodeImport(ST_OK));
    return true;
  }

  private submit(device: UsbDevice, { seqnum, endpoint, lengthBytes, setup, data }: SubmitCommand): void {
    if (this.waiting.has(seqnum) || this.waiting.size === MAX_WAITING)
      throw new UsbipProtocolError("a number twice, or too many transfers");
    const isIn = endpoint >= 0x80;
    this.waiting.add(seqnum);
    device.submit(endpoint, setup, {
      seqnum,
      lengthBytes,
      data,
      complete: (status, answer) => {
        this.waiting.delete(seqnum);
        const actualBytes = isIn ? answer.length : lengthBytes;
        this.send(encodeSubmitAnswer(seqnum, status, status === 0 ? actualBytes : answer.length, isIn ? answer : EMPTY_BYTES));
      },
    });
  }

  private send(bytes: Buffer): void {
    if (this.isOver) return;
    this.socket.write(bytes);
    if (this.socket.writableLength > MAX_UNREAD_BYTES) this.close();
  }
}
