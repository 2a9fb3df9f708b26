// The smart card interface: CCID's pipes. Joins transfers to messages, and gives them to the slot.

import { concatBytes, EMPTY_BYTES } from "../../protocol/bytes.ts";
import type { CardToken } from "./card-exchange.ts";
import { CARD_WAS_INSERTED, CCID_HEADER_BYTES, dataLengthOf, parseCcidCommand } from "./ccid-messages.ts";
import { CcidSlot } from "./ccid-slot.ts";
import type { ControlRequest } from "./control-request.ts";
import {
  CCID_BULK_IN,
  CCID_BULK_OUT,
  CCID_INTERFACE,
  CCID_INTERRUPT_IN,
  CLOCK_KHZ,
  DATA_RATE_BPS,
  MAX_CCID_MESSAGE_BYTES,
  MAX_PACKET_BYTES,
} from "./descriptors.ts";
import { InEndpoint, OutEndpoint } from "./endpoint.ts";
import type { UsbFunction } from "./usb-function.ts";

/** Class requests, §5.3. */
const TO_INTERFACE = 0x21;
const FROM_INTERFACE = 0xa1;
const ABORT = 0x01;
const GET_CLOCK_FREQUENCIES = 0x02;
const GET_DATA_RATES = 0x03;
/** Of answers that nobody fetches; a host asks one thing after the other. */
const MAX_QUEUED = 64;

const dword = (value: number): Uint8Array => Uint8Array.of(value, value >> 8, value >> 16, value >>> 24);

export class CcidFunction implements UsbFunction {
  readonly interfaceNumber = CCID_INTERFACE;
  readonly endpoints;
  private readonly slot: CcidSlot;
  private readonly notifications = new InEndpoint(CCID_INTERRUPT_IN, 1);
  private received: Uint8Array = EMPTY_BYTES;

  /** @param extensionMs how often a host that waits is told to wait longer */
  constructor(token: CardToken, extensionMs: number) {
    const answers = new InEndpoint(CCID_BULK_IN, MAX_QUEUED);
    this.slot = new CcidSlot(token, extensionMs, answers);
    this.endpoints = [new OutEndpoint(CCID_BULK_OUT, (bytes) => this.take(bytes)), answers, this.notifications];
  }

  configured(): void {
    this.notifications.send(CARD_WAS_INSERTED);
  }

  powerOff(): void {
    this.received = EMPTY_BYTES;
    this.slot.powerOff();
  }

  control({ requestType, request, value }: ControlRequest): Uint8Array | null {
    if (requestType === FROM_INTERFACE) {
      if (request === GET_CLOCK_FREQUENCIES) return dword(CLOCK_KHZ);
      return request === GET_DATA_RATES ? dword(DATA_RATE_BPS) : null;
    }
    if (requestType !== TO_INTERFACE || request !== ABORT || (value & 0xff) !== 0) return null;
    this.slot.takeAbort(value >> 8, "control");
    return EMPTY_BYTES;
  }

  /** A message begins with a transfer, and ends with its last byte or with a short packet. */
  private take(bytes: Uint8Array): void {
    const message = this.received.length === 0 ? bytes : concatBytes([this.received, bytes]);
    this.received = EMPTY_BYTES;
    if (message.length < CCID_HEADER_BYTES) return; // nobody could be answered
    const end = CCID_HEADER_BYTES + dataLengthOf(message);
    const isCut = bytes.length % MAX_PACKET_BYTES !== 0 || bytes.length === 0;
    if (end <= MAX_CCID_MESSAGE_BYTES && message.length < end && !isCut) this.received = message;
    else if (end !== message.length || end > MAX_CCID_MESSAGE_BYTES) this.slot.refuseLength(parseCcidCommand(message));
    else this.slot.take(parseCcidCommand(message));
  }
}
