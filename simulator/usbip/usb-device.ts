// The simulated token as a composite USB device: hands each transfer to the endpoint that it is for.

import { EMPTY_BYTES } from "../../protocol/bytes.ts";
import { type ControlRequest, parseControlRequest } from "./control-request.ts";
import type { Endpoint } from "./endpoint.ts";
import { answerStandardRequest, type StandardDevice } from "./standard-requests.ts";
import { DONE, STALLED, type Transfer } from "./transfer.ts";
import type { UsbFunction } from "./usb-function.ts";

const TYPE_BITS = 0x60;
const RECIPIENT_BITS = 0x1f;
const STANDARD = 0x00;
const INTERFACE = 0x01;
const TO_HOST = 0x80;
const FROM_INTERFACE = 0x81;
const GET_DESCRIPTOR = 6;

/** As after power-on; what was under way ends first, for its end may have something to tell. */
function restart(one: UsbFunction, isConfigured: boolean): void {
  one.powerOff();
  for (const endpoint of one.endpoints) endpoint.reset();
  if (isConfigured) one.configured();
}

export class UsbDevice implements StandardDevice {
  readonly serial: string;
  configuration = 0;
  private readonly functions: readonly UsbFunction[];

  constructor(serial: string, functions: readonly UsbFunction[]) {
    this.serial = serial;
    this.functions = functions;
  }

  /** @param address of the endpoint, with bit 7 for the direction; @param setup of a control transfer: 8 bytes */
  submit(address: number, setup: Uint8Array, transfer: Transfer): void {
    if ((address & ~TO_HOST) === 0) {
      this.control(address, setup, transfer);
      return;
    }
    const endpoint = this.configuration === 0 ? null : this.endpoint(address);
    if (endpoint === null) transfer.complete(STALLED, EMPTY_BYTES);
    else endpoint.submit(transfer);
  }

  /** Takes a transfer back; false: it is over, or never was. */
  unlink(seqnum: number): boolean {
    return this.endpoints.some((endpoint) => endpoint.unlink(seqnum));
  }

  powerOff(): void {
    for (const each of this.functions) each.powerOff();
  }

  configure(value: number): void {
    this.configuration = value;
    for (const each of this.functions) restart(each, value !== 0);
  }

  endpoint(address: number): Endpoint | null {
    return this.endpoints.find((endpoint) => endpoint.address === address) ?? null;
  }

  resetInterface(interfaceNumber: number): void {
    for (const each of this.functions) if (each.interfaceNumber === interfaceNumber) restart(each, true);
  }

  private get endpoints(): Endpoint[] {
    return this.functions.flatMap(({ endpoints }) => endpoints);
  }

  private control(address: number, setup: Uint8Array, transfer: Transfer): void {
    const request = parseControlRequest(setup, transfer.data);
    const isOneWay = (request.requestType & TO_HOST) === address || request.lengthBytes === 0;
    const answer = isOneWay ? this.answer(request) : null;
    if (answer === null) transfer.complete(STALLED, EMPTY_BYTES);
    else
      transfer.complete(DONE, address === TO_HOST ? answer.subarray(0, Math.min(request.lengthBytes, transfer.lengthBytes)) : EMPTY_BYTES);
  }

  private answer(request: ControlRequest): Uint8Array | null {
    const isOfInterface = (request.requestType & RECIPIENT_BITS) === INTERFACE;
    const isStandard = (request.requestType & TYPE_BITS) === STANDARD;
    const isOwnDescriptor = request.requestType === FROM_INTERFACE && request.request === GET_DESCRIPTOR; // a class's own (USB 2.0 §9.4.3)
    if (isStandard && !isOwnDescriptor) return answerStandardRequest(request, this);
    if (!isOfInterface || this.configuration === 0) return null;
    return this.functions.find(({ interfaceNumber }) => interfaceNumber === request.index)?.control(request) ?? null;
  }
}
