// USB/IP 1.1.1, the bytes: what a host asks for before and after it has taken the device, and the answers (Linux Documentation/usb/usbip_protocol.rst).
// All numbers are big-endian, except in USB's own setup packets and descriptors.

import { USB_PRODUCT_ID, USB_VENDOR_ID } from "../../protocol/usb.ts";
import { DEVICE_RELEASE, INTERFACE_CLASSES } from "./descriptors.ts";

const VERSION = 0x0111;
const OP_REQ_DEVLIST = 0x8005;
const OP_REP_DEVLIST = 0x0005;
const OP_REQ_IMPORT = 0x8003;
const OP_REP_IMPORT = 0x0003;
const USBIP_CMD_SUBMIT = 1;
const USBIP_CMD_UNLINK = 2;
const USBIP_RET_SUBMIT = 3;
const USBIP_RET_UNLINK = 4;
const DIRECTION_IN = 1;

const OP_HEADER_BYTES = 8;
const BUS_ID_BYTES = 32;
const HEADER_BYTES = 48;
const DEVICE_BYTES = 312;
const INTERFACE_BYTES = 4;
/** More than any transfer to a token has; usbfs cuts what programs send into 16 KB. */
const MAX_OUT_BYTES = 65_536;
/** What a transfer that is not isochronous has for a number of packets: 0 by Linux until now, all ones by the document. */
const NOT_ISOCHRONOUS = [0, 0xffffffff];

/** Where the device is, in the manner of Linux: what `usbip attach -b` wants. */
export const BUS_ID = "1-1";
const SYSFS_PATH = `/sys/devices/sceau/usb1/${BUS_ID}`;
const BUS_NUMBER = 1;
const DEVICE_NUMBER = 2;
/** How transfers name the device. */
const DEVICE_ID = (BUS_NUMBER << 16) | DEVICE_NUMBER;
/** Linux enum usb_device_speed. */
const SPEED_FULL = 2;

/** Answers to OP_REQ_IMPORT (tools/usb/usbip/libsrc/usbip_common.h). */
export const ST_OK = 0;
export const ST_DEV_BUSY = 2;
export const ST_NODEV = 4;

/** What became of a transfer that was to be taken back: -ECONNRESET, it was in time; 0, it was over before. */
const UNLINKED = -104;
const OVER = 0;

/** Bytes that are no USB/IP, or ask for what no token does: the connection ends. */
export class UsbipProtocolError extends Error {
  override readonly name = "UsbipProtocolError";
}

export type OpRequest = { readonly op: "list" } | { readonly op: "import"; readonly busId: string };

export interface SubmitCommand {
  readonly command: "submit";
  readonly seqnum: number;
  /** With bit 7 set when the transfer goes to the host: as in endpoint descriptors. */
  readonly endpoint: number;
  /** Of `data`, or the most that the host has room for. */
  readonly lengthBytes: number;
  /** Of a control transfer: 8 bytes. */
  readonly setup: Uint8Array;
  readonly data: Uint8Array;
}

export interface UnlinkCommand {
  readonly command: "unlink";
  readonly seqnum: number;
  /** The transfer to take back. */
  readonly unlinked: number;
}

/** Cuts the stream of a connection into messages. Keeps one message at most, of 64 KB. */
export class UsbipReader {
  private received: Buffer = Buffer.alloc(0);

  take(bytes: Buffer): void {
    this.received = this.received.length === 0 ? bytes : Buffer.concat([this.received, bytes]);
  }

  /** What is asked for before the device is taken; null: not whole yet. @throws UsbipProtocolError */
  nextRequest(): OpRequest | null {
    if (this.received.length < OP_HEADER_BYTES) return null;
    const version = this.received.readUInt16BE(0);
    const code = this.received.readUInt16BE(2);
    if (version !== VERSION) throw new UsbipProtocolError("another version of USB/IP, or none");
    if (code === OP_REQ_DEVLIST) {
      this.cut(OP_HEADER_BYTES);
      return { op: "list" };
    }
    if (code !== OP_REQ_IMPORT) throw new UsbipProtocolError("an unknown request");
    if (this.received.length < OP_HEADER_BYTES + BUS_ID_BYTES) return null;
    const [busId = ""] = this.cut(OP_HEADER_BYTES + BUS_ID_BYTES)
      .toString("latin1", OP_HEADER_BYTES)
      .split("\0");
    return { op: "import", busId };
  }

  /** What is asked of the device; null: not whole yet. @throws UsbipProtocolError */
  nextCommand(): SubmitCommand | UnlinkCommand | null {
    if (this.received.length < HEADER_BYTES) return null;
    const command = this.received.readUInt32BE(0);
    const seqnum = this.received.readUInt32BE(4);
    if (command === USBIP_CMD_UNLINK) return { command: "unlink", seqnum, unlinked: this.cut(HEADER_BYTES).readUInt32BE(20) };
    if (command !== USBIP_CMD_SUBMIT) throw new UsbipProtocolError("an unknown command");
    return this.nextSubmit(seqnum);
  }

  private nextSubmit(seqnum: number): SubmitCommand | null {
    const header = this.received;
    if (header.readUInt32BE(8) !== DEVICE_ID) throw new UsbipProtocolError("a transfer to another device");
    const isIn = header.readUInt32BE(12) === DIRECTION_IN;
    const number = header.readUInt32BE(16);
    if (number > 15) throw new UsbipProtocolError("an endpoint over 15");
    const lengthBytes = header.readUInt32BE(24);
    if (!NOT_ISOCHRONOUS.includes(header.readUInt32BE(32))) throw new UsbipProtocolError("an isochronous transfer");
    if (!isIn && lengthBytes > MAX_OUT_BYTES) throw new UsbipProtocolError("a transfer over 64 KB");
    const end = HEADER_BYTES + (isIn ? 0 : lengthBytes);
    if (header.length < end) return null;
    const message = this.cut(end);
    const setup = new Uint8Array(message.subarray(40, HEADER_BYTES));
    const data = new Uint8Array(message.subarray(HEADER_BYTES));
    return { command: "submit", seqnum, endpoint: number | (isIn ? 0x80 : 0), lengthBytes, setup, data };
  }

  private cut(end: number): Buffer {
    const message = this.received.subarray(0, end);
    this.received = this.received.subarray(end);
    return message;
  }
}

function opHeader(code: number, status: number): Buffer {
  const header = Buffer.alloc(OP_HEADER_BYTES);
  header.writeUInt16BE(VERSION, 0);
  header.writeUInt16BE(code, 2);
  header.writeUInt32BE(status, 4);
  return header;
}

/** struct usbip_usb_device: the device as `usbip list` shows it and vhci-hcd takes it. Not configured yet: the host does that. */
function deviceRecord(): Buffer {
  const record = Buffer.alloc(DEVICE_BYTES);
  record.write(SYSFS_PATH, 0, "latin1");
  record.write(BUS_ID, 256, "latin1");
  record.writeUInt32BE(BUS_NUMBER, 288);
  record.writeUInt32BE(DEVICE_NUMBER, 292);
  record.writeUInt32BE(SPEED_FULL, 296);
  record.writeUInt16BE(USB_VENDOR_ID, 300);
  record.writeUInt16BE(USB_PRODUCT_ID, 302);
  record.writeUInt16BE(DEVICE_RELEASE, 304);
  record.set([0, 0, 0, 0, 1, INTERFACE_CLASSES.length], 306); // class, subclass, protocol, configuration now, configurations, interfaces
  return record;
}

/** @param isThere false: the device is unplugged, or a host has it */
export function encodeDeviceList(isThere: boolean): Buffer {
  const count = Buffer.alloc(4);
  count.writeUInt32BE(isThere ? 1 : 0, 0);
  const header = opHeader(OP_REP_DEVLIST, ST_OK);
  if (!isThere) return Buffer.concat([header, count]);
  const interfaces = Buffer.alloc(INTERFACE_BYTES * INTERFACE_CLASSES.length); // class, subclass, protocol, padding of each
  for (const [index, interfaceClass] of INTERFACE_CLASSES.entries()) interfaces[INTERFACE_BYTES * index] = interfaceClass;
  return Buffer.concat([header, count, deviceRecord(), interfaces]);
}

/** @param status ST_* */
export function encodeImport(status: number): Buffer {
  const header = opHeader(OP_REP_IMPORT, status);
  return status === ST_OK ? Buffer.concat([header, deviceRecord()]) : header;
}

function answerHeader(command: number, seqnum: number, status: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(command, 0);
  header.writeUInt32BE(seqnum, 4);
  header.writeInt32BE(status, 20);
  return header;
}

/** @param status DONE, STALLED or BABBLE; `actualBytes` were moved; `data` of a transfer to the host, else empty */
export function encodeSubmitAnswer(seqnum: number, status: number, actualBytes: number, data: Uint8Array): Buffer {
  const header = answerHeader(USBIP_RET_SUBMIT, seqnum, status);
  header.writeUInt32BE(actualBytes, 24);
  return data.length === 0 ? header : Buffer.concat([header, data]);
}

/** @param isUnlinked false: the transfer was over before */
export function encodeUnlinkAnswer(seqnum: number, isUnlinked: boolean): Buffer {
  return answerHeader(USBIP_RET_UNLINK, seqnum, isUnlinked ? UNLINKED : OVER);
}
