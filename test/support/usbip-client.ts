// A USB/IP host inside the test: what usbip and vhci-hcd say on their connection, byte by byte, and no more.

import { once } from "node:events";
import { connect, type Socket } from "node:net";

const VERSION = 0x0111;
const DEVLIST = 0x8005;
const IMPORT = 0x8003;
const DEVICE_ID = (1 << 16) | 2;
const RET_SUBMIT = 3;
const HEADER_BYTES = 48;
const DEVICE_BYTES = 312;

export interface Result {
  /** 0, or a negative errno. */
  readonly status: number;
  readonly actualBytes: number;
  readonly data: Buffer;
}

export interface Submitted {
  readonly seqnum: number;
  readonly result: Promise<Result>;
}

interface Waiting {
  readonly isIn: boolean;
  readonly resolve: (result: Result) => void;
}

/** A request before the device is taken. */
export function opRequest(code: number, body: Uint8Array = new Uint8Array(0), version = VERSION): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(version, 0);
  header.writeUInt16BE(code, 2);
  return Buffer.concat([header, body]);
}

export function importRequest(busId: string): Buffer {
  const body = Buffer.alloc(32);
  body.write(busId, "latin1");
  return opRequest(IMPORT, body);
}

export interface SubmitFields {
  readonly seqnum: number;
  readonly endpoint: number;
  readonly isIn: boolean;
  readonly lengthBytes: number;
  readonly setup?: Uint8Array;
  readonly data?: Uint8Array;
  readonly deviceId?: number;
  readonly packets?: number;
}

export function submitCommand(fields: SubmitFields): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(1, 0);
  header.writeUInt32BE(fields.seqnum, 4);
  header.writeUInt32BE(fields.deviceId ?? DEVICE_ID, 8);
  header.writeUInt32BE(fields.isIn ? 1 : 0, 12);
  header.writeUInt32BE(fields.endpoint, 16);
  header.writeUInt32BE(fields.lengthBytes, 24);
  header.writeUInt32BE(fields.packets ?? 0, 32);
  header.set(fields.setup ?? [], 40);
  return Buffer.concat([header, fields.data ?? new Uint8Array(0)]);
}

export class UsbipClient {
  readonly socket: Socket;
  private received = Buffer.alloc(0);
  private readonly waiting = new Map<number, Waiting>();
  private readonly unlinking = new Map<number, (status: number) => void>();
  private wanted: { bytes: number; resolve: (bytes: Buffer | null) => void } | null = null;
  private hasDevice = false;
  private seqnum = 0;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("error", () => {}); // `close` follows
    socket.on("data", (bytes) => {
      this.received = Buffer.concat([this.received, bytes]);
      if (this.hasDevice) while (this.takeAnswer());
      else this.giveWanted();
    });
    socket.on("close", () => this.wanted?.resolve(null));
  }

  static async connect(port: number): Promise<UsbipClient> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new UsbipClient(socket);
  }

  /** Resolves when the connection is over. */
  get closed(): Promise<unknown> {
    return this.socket.closed ? Promise.resolve() : once(this.socket, "close");
  }

  get isClosed(): boolean {
    return this.socket.destroyed;
  }

  /** As `usbip list`. The answer is the devices' records with those of their interfaces, each a buffer of its own. */
  async list(): Promise<Buffer[]> {
    this.socket.write(opRequest(DEVLIST));
    const count = (await this.take(12)).readUInt32BE(8);
    const devices: Buffer[] = [];
    for (let i = 0; i < count; i++) {
      const device = await this.take(DEVICE_BYTES);
      devices.push(Buffer.concat([device, await this.take(4 * (device[DEVICE_BYTES - 1] ?? 0))]));
    }
    return devices;
  }

  /** As `usbip attach`. @returns the status, and the device's record when it is 0 */
  async import(busId = "1-1"): Promise<{ status: number; device: Buffer | null }> {
    this.socket.write(importRequest(busId));
    const status = (await this.take(8)).readUInt32BE(4);
    if (status !== 0) return { status, device: null };
    const device = await this.take(DEVICE_BYTES);
    this.hasDevice = true;
    return { status, device };
  }

  submit(fields: Omit<SubmitFields, "seqnum">): Submitted {
    const seqnum = ++this.seqnum;
    const result = new Promise<Result>((resolve) => this.waiting.set(seqnum, { isIn: fields.isIn, resolve }));
    this.socket.write(submitCommand({ seqnum, ...fields }));
    return { seqnum, result };
  }

  /** @returns -104 (-ECONNRESET) when the transfer was taken back, 0 when it was over */
  unlink(seqnum: number): Promise<number> {
    const own = ++this.seqnum;
    const header = Buffer.alloc(HEADER_BYTES);
    for (const [index, value] of [2, own, DEVICE_ID, 0, 0, seqnum].entries()) header.writeUInt32BE(value, 4 * index);
    this.socket.write(header);
    return new Promise((resolve) => this.unlinking.set(own, resolve));
  }

  /** A control transfer to the host. @param setup [requestType, request, value, index] */
  controlIn([requestType, request, value, index]: readonly [number, number, number, number], lengthBytes: number): Promise<Result> {
    const setup = setupPacket(requestType, request, value, index, lengthBytes);
    return this.submit({ endpoint: 0, isIn: true, lengthBytes, setup }).result;
  }

  controlOut(
    [requestType, request, value, index]: readonly [number, number, number, number],
    data: Uint8Array = new Uint8Array(0),
  ): Promise<Result> {
    const setup = setupPacket(requestType, request, value, index, data.length);
    return this.submit({ endpoint: 0, isIn: false, lengthBytes: data.length, setup, data }).result;
  }

  out(endpoint: number, data: Uint8Array): Promise<Result> {
    return this.submit({ endpoint, isIn: false, lengthBytes: data.length, data }).result;
  }

  in(endpoint: number, lengthBytes: number): Promise<Result> {
    return this.submit({ endpoint, isIn: true, lengthBytes }).result;
  }

  close(): void {
    this.socket.destroy();
  }

  private async take(bytes: number): Promise<Buffer> {
    const taken = await new Promise<Buffer | null>((resolve) => {
      this.wanted = { bytes, resolve };
      if (this.socket.destroyed) resolve(null);
      this.giveWanted();
    });
    if (taken === null) throw new Error("the connection was closed");
    return taken;
  }

  private giveWanted(): void {
    const { wanted } = this;
    if (wanted === null || this.received.length < wanted.bytes) return;
    this.wanted = null;
    wanted.resolve(this.cut(wanted.bytes));
  }

  private takeAnswer(): boolean {
    if (this.received.length < HEADER_BYTES) return false;
    const command = this.received.readUInt32BE(0);
    const seqnum = this.received.readUInt32BE(4);
    const status = this.received.readInt32BE(20);
    if (command !== RET_SUBMIT) {
      this.cut(HEADER_BYTES);
      this.unlinking.get(seqnum)?.(status);
      this.unlinking.delete(seqnum);
      return true;
    }
    const actualBytes = this.received.readUInt32BE(24);
    const waiting = this.waiting.get(seqnum);
    if (waiting === undefined) throw new Error(`an answer to transfer ${seqnum}, which is over`);
    const end = HEADER_BYTES + (waiting.isIn ? actualBytes : 0);
    if (this.received.length < end) return false;
    this.waiting.delete(seqnum);
    waiting.resolve({ status, actualBytes, data: this.cut(end).subarray(HEADER_BYTES) });
    return true;
  }

  private cut(end: number): Buffer {
    const bytes = this.received.subarray(0, end);
    this.received = this.received.subarray(end);
    return bytes;
  }
}

function setupPacket(requestType: number, request: number, value: number, index: number, length: number): Uint8Array {
  return Uint8Array.of(requestType, request, value & 0xff, value >> 8, index & 0xff, index >> 8, length & 0xff, length >> 8);
}
