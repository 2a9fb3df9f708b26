// What every USB device answers on endpoint 0 (USB 2.0 §9.4).

import { EMPTY_BYTES } from "../../protocol/bytes.ts";
import type { ControlRequest } from "./control-request.ts";
import {
  CONFIGURATION_DESCRIPTOR,
  CONFIGURATION_VALUE,
  DESCRIPTOR_CONFIGURATION,
  DESCRIPTOR_DEVICE,
  DESCRIPTOR_STRING,
  DEVICE_DESCRIPTOR,
  INTERFACE_CLASSES,
  LANGUAGE_ENGLISH,
  stringDescriptor,
} from "./descriptors.ts";
import type { Endpoint } from "./endpoint.ts";

const TO_DEVICE = 0x00;
const TO_INTERFACE = 0x01;
const TO_ENDPOINT = 0x02;
const FROM_DEVICE = 0x80;
const FROM_INTERFACE = 0x81;
const FROM_ENDPOINT = 0x82;

const GET_STATUS = 0;
const CLEAR_FEATURE = 1;
const SET_FEATURE = 3;
const SET_ADDRESS = 5;
const GET_DESCRIPTOR = 6;
const GET_CONFIGURATION = 8;
const SET_CONFIGURATION = 9;
const GET_INTERFACE = 10;
const SET_INTERFACE = 11;

const FEATURE_ENDPOINT_HALT = 0;
/** In an endpoint's address. */
const DIRECTION_BIT = 0x80;
/** Powered by the bus, no remote wakeup; interfaces and endpoint 0 have nothing to tell. */
const NO_STATUS = Uint8Array.of(0, 0);
const HALTED = Uint8Array.of(1, 0);

/** The device as its standard requests see it. */
export interface StandardDevice {
  /** String, of the device. */
  readonly serial: string;
  /** bConfigurationValue, or 0: not configured. */
  readonly configuration: number;
  configure(value: number): void;
  /** null: there is none of this address. */
  endpoint(address: number): Endpoint | null;
  resetInterface(interfaceNumber: number): void;
}

function descriptorOf({ value, index }: ControlRequest, serial: string): Uint8Array | null {
  const type = value >> 8;
  const number = value & 0xff;
  if (type === DESCRIPTOR_STRING) return number === 0 || index === LANGUAGE_ENGLISH ? stringDescriptor(number, serial) : null;
  if (number !== 0) return null;
  if (type === DESCRIPTOR_DEVICE) return DEVICE_DESCRIPTOR;
  return type === DESCRIPTOR_CONFIGURATION ? CONFIGURATION_DESCRIPTOR : null; // no other speed, so neither qualifier nor other configuration (§9.6.2)
}

function ofDevice(request: ControlRequest, device: StandardDevice): Uint8Array | null {
  if (request.request === GET_STATUS) return NO_STATUS;
  if (request.request === GET_DESCRIPTOR) return descriptorOf(request, device.serial);
  return request.request === GET_CONFIGURATION ? Uint8Array.of(device.configuration) : null;
}

function toDevice({ request, value }: ControlRequest, device: StandardDevice): Uint8Array | null {
  if (request === SET_ADDRESS) return EMPTY_BYTES; // the host's own business: vhci-hcd keeps it
  if (request !== SET_CONFIGURATION || (value !== 0 && value !== CONFIGURATION_VALUE)) return null;
  device.configure(value);
  return EMPTY_BYTES;
}

const isInterface = (index: number, { configuration }: StandardDevice): boolean => configuration !== 0 && index < INTERFACE_CLASSES.length;

function fromInterface({ request, index }: ControlRequest, device: StandardDevice): Uint8Array | null {
  if (!isInterface(index, device)) return null;
  if (request === GET_STATUS) return NO_STATUS;
  return request === GET_INTERFACE ? Uint8Array.of(0) : null;
}

function toInterface({ request, value, index }: ControlRequest, device: StandardDevice): Uint8Array | null {
  if (!isInterface(index, device) || request !== SET_INTERFACE || value !== 0) return null; // each has one setting
  device.resetInterface(index);
  return EMPTY_BYTES;
}

/** Endpoint 0 never halts. */
function ofEndpointZero({ requestType, request, value }: ControlRequest): Uint8Array | null {
  if (requestType === FROM_ENDPOINT) return request === GET_STATUS ? NO_STATUS : null;
  return request === CLEAR_FEATURE && value === FEATURE_ENDPOINT_HALT ? EMPTY_BYTES : null;
}

function ofEndpoint(asked: ControlRequest, device: StandardDevice): Uint8Array | null {
  const { requestType, request, value, index } = asked;
  if ((index & ~DIRECTION_BIT) === 0) return ofEndpointZero(asked);
  const endpoint = device.configuration === 0 ? null : device.endpoint(index);
  if (endpoint === null) return null;
  if (requestType === FROM_ENDPOINT) {
    if (request !== GET_STATUS) return null;
    return endpoint.isHalted ? HALTED : NO_STATUS;
  }
  if (value !== FEATURE_ENDPOINT_HALT || (request !== CLEAR_FEATURE && request !== SET_FEATURE)) return null;
  endpoint.isHalted = request === SET_FEATURE;
  return EMPTY_BYTES;
}

/** The answer to a standard request; empty when there is nothing to tell; null: it is refused. */
export function answerStandardRequest(request: ControlRequest, device: StandardDevice): Uint8Array | null {
  switch (request.requestType) {
    case FROM_DEVICE:
      return ofDevice(request, device);
    case TO_DEVICE:
      return toDevice(request, device);
    case FROM_INTERFACE:
      return fromInterface(request, device);
    case TO_INTERFACE:
      return toInterface(request, device);
    case FROM_ENDPOINT:
    case TO_ENDPOINT:
      return ofEndpoint(request, device);
    default:
      return null;
  }
}
