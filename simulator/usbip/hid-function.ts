// The HID interface: each report is one packet of the token's packet port (HID 1.11).

import { EMPTY_BYTES } from "../../protocol/bytes.ts";
import { PACKET_BYTES } from "../../protocol/packet.ts";
import type { ClientPort } from "../packet-socket.ts";
import type { ControlRequest } from "./control-request.ts";
import { DESCRIPTOR_HID, DESCRIPTOR_HID_REPORT, HID_DESCRIPTOR, HID_IN, HID_INTERFACE, HID_OUT, REPORT_DESCRIPTOR } from "./descriptors.ts";
import { InEndpoint, OutEndpoint } from "./endpoint.ts";
import type { UsbFunction } from "./usb-function.ts";

const FROM_INTERFACE_STANDARD = 0x81;
const FROM_INTERFACE = 0xa1;
const TO_INTERFACE = 0x21;
const GET_DESCRIPTOR = 0x06;
const GET_REPORT = 0x01;
const GET_IDLE = 0x02;
const SET_REPORT = 0x09;
const SET_IDLE = 0x0a;
/** wValue of GET_REPORT and SET_REPORT: the type, and report number 0. */
const INPUT_REPORT = 0x0100;
const OUTPUT_REPORT = 0x0200;
/** Of packets that nobody fetches: four of the longest messages. */
const MAX_QUEUED = 512;

export class HidFunction implements UsbFunction {
  readonly interfaceNumber = HID_INTERFACE;
  readonly endpoints;
  private readonly port: ClientPort;
  private readonly input = new InEndpoint(HID_IN, MAX_QUEUED);
  /** Duration and report number as they were set; the reports come when there are any all the same. */
  private idle = 0;
  private readonly send = (packet: Uint8Array): void => this.input.send(packet);

  constructor(port: ClientPort) {
    this.port = port;
    this.endpoints = [this.input, new OutEndpoint(HID_OUT, (bytes) => this.take(bytes))];
  }

  configured(): void {
    this.idle = 0;
  }

  powerOff(): void {
    this.port.disconnect(this.send);
  }

  control({ requestType, request, value, lengthBytes, data }: ControlRequest): Uint8Array | null {
    if (requestType === FROM_INTERFACE_STANDARD && request === GET_DESCRIPTOR) {
      if (value === DESCRIPTOR_HID << 8) return HID_DESCRIPTOR;
      return value === DESCRIPTOR_HID_REPORT << 8 ? REPORT_DESCRIPTOR : null;
    }
    if (requestType === FROM_INTERFACE) {
      if (request === GET_REPORT && value === INPUT_REPORT) return new Uint8Array(PACKET_BYTES); // packets are no state that could be asked for
      return request === GET_IDLE ? Uint8Array.of(this.idle) : null;
    }
    if (requestType !== TO_INTERFACE) return null;
    if (request === SET_IDLE) {
      this.idle = value >> 8;
      return EMPTY_BYTES;
    }
    if (request !== SET_REPORT || value !== OUTPUT_REPORT || lengthBytes !== PACKET_BYTES || data.length !== PACKET_BYTES) return null;
    this.take(data);
    return EMPTY_BYTES;
  }

  /** One report a packet; what is too short for a report is dropped. @param bytes the port keeps them: nobody writes into a transfer's data again */
  private take(bytes: Uint8Array): void {
    for (let start = 0; start + PACKET_BYTES <= bytes.length; start += PACKET_BYTES) {
      this.port.receive(bytes.subarray(start, start + PACKET_BYTES), this.send);
    }
  }
}
