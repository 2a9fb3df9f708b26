// What the device tells of itself: USB 2.0 §9.6, CCID 1.1 §5.1, HID 1.11 §6.2. A composite device at full speed: a smart card that is always in
// its reader, and packets of 64 bytes. Numbers are little-endian.

import { FIRMWARE_VERSION } from "../../firmware/version.ts";
import { PACKET_BYTES } from "../../protocol/packet.ts";
import { HID_USAGE, HID_USAGE_PAGE, USB_NAME, USB_PRODUCT_ID, USB_VENDOR_ID } from "../../protocol/usb.ts";

export const DESCRIPTOR_DEVICE = 1;
export const DESCRIPTOR_CONFIGURATION = 2;
export const DESCRIPTOR_STRING = 3;
const DESCRIPTOR_INTERFACE = 4;
const DESCRIPTOR_ENDPOINT = 5;
/** HID and CCID have the same number for theirs: each counts within its interface. */
export const DESCRIPTOR_HID = 0x21;
const DESCRIPTOR_CCID = 0x21;
export const DESCRIPTOR_HID_REPORT = 0x22;

export const CCID_INTERFACE = 0;
export const HID_INTERFACE = 1;
const CLASS_SMART_CARD = 0x0b;
const CLASS_HID = 0x03;
/** Of each interface, in order. */
export const INTERFACE_CLASSES = [CLASS_SMART_CARD, CLASS_HID] as const;

/** Endpoint addresses; bit 7: to the host. */
export const CCID_BULK_OUT = 0x01;
export const CCID_BULK_IN = 0x81;
export const CCID_INTERRUPT_IN = 0x82;
export const HID_OUT = 0x03;
export const HID_IN = 0x83;

/** At full speed the most that a bulk or interrupt packet has. */
export const MAX_PACKET_BYTES = 64;
const NOTIFICATION_BYTES = 8;
const BULK = 2;
const INTERRUPT = 3;
/** bInterval at full speed is in milliseconds. */
const HID_INTERVAL_MS = 1;
const CCID_INTERVAL_MS = 32;

export const CONFIGURATION_VALUE = 1;
/** Powered by the bus, no remote wakeup. */
const BUS_POWERED = 0x80;
/** In units of 2 mA. */
const MAX_POWER = 50;

export const LANGUAGE_ENGLISH = 0x0409;
const STRING_MANUFACTURER = 1;
const STRING_PRODUCT = 2;
const STRING_SERIAL = 3;
const STRING_CCID = 4;
const STRING_HID = 5;

/** The longest message on CCID's bulk endpoints: a data object of 3,072 bytes with its tags and headers fits whole. */
export const MAX_CCID_MESSAGE_BYTES = 4096;
/** kHz; of a card's clock there is none, so the one that every card has at first (ISO 7816-3 §7.1). */
export const CLOCK_KHZ = 4000;
/** bit/s: that clock divided by 372 (ISO 7816-3 §7.1). */
export const DATA_RATE_BPS = 10_752;
const PROTOCOL_T1 = 0x0002;
const MAX_IFSD = 254;
const ALL_VOLTAGES = 0x07;
/** The class of GET RESPONSE and ENVELOPE is that of the command. */
const CLASS_ECHO = 0xff;
/**
 * Parameters from the answer to reset (02), activation on insertion (04), voltage (08), clock (10) and rate (20) chosen and parameters negotiated (40)
 * by the reader itself; short and extended APDUs (40000). Of 40 and 80 (PPS by the parameters in force) only one may be there, and with APDUs one must.
 */
const FEATURES = 0x0004007e;

const le16 = (value: number): number[] => [value & 0xff, (value >> 8) & 0xff];
const le32 = (value: number): number[] => [...le16(value & 0xffff), ...le16(value >>> 16)];

/** Binary-coded decimal, as bcdDevice wants it: JJ.MN. */
function releaseOf([major = 0, minor = 0, patch = 0]: readonly number[]): number {
  const tens = Math.floor(major / 10);
  return (tens << 12) | ((major % 10) << 8) | (Math.min(minor, 9) << 4) | Math.min(patch, 9);
}

/** The firmware's version: 0.1.0 is 0x0010. */
export const DEVICE_RELEASE = releaseOf(FIRMWARE_VERSION);

export const DEVICE_DESCRIPTOR = Uint8Array.from([
  18,
  DESCRIPTOR_DEVICE,
  ...le16(0x0200),
  ...[0, 0, 0], // class, subclass, protocol: each interface tells its own
  64, // bMaxPacketSize0
  ...le16(USB_VENDOR_ID),
  ...le16(USB_PRODUCT_ID),
  ...le16(DEVICE_RELEASE),
  ...[STRING_MANUFACTURER, STRING_PRODUCT, STRING_SERIAL],
  1, // bNumConfigurations
]);

/** Two reports without a number, of 64 bytes each: vendor-defined, data, variable, absolute (HID 1.11 §6.2.2). */
export const REPORT_DESCRIPTOR = Uint8Array.from([
  ...[0x06, ...le16(HID_USAGE_PAGE)], // usage page
  ...[0x09, HID_USAGE], // usage
  ...[0xa1, 0x01], // collection: application
  ...[0x09, 0x20], // usage: what comes in
  ...[0x15, 0x00, 0x26, 0xff, 0x00], // logical 0 to 255
  ...[0x75, 8, 0x95, PACKET_BYTES], // 64 times 8 bits
  ...[0x81, 0x02], // input
  ...[0x09, 0x21], // usage: what goes out
  ...[0x91, 0x02], // output; limits and sizes as before
  0xc0, // end of collection
]);

export const HID_DESCRIPTOR = Uint8Array.from([
  9,
  DESCRIPTOR_HID,
  ...le16(0x0111),
  0, // bCountryCode
  1, // bNumDescriptors
  DESCRIPTOR_HID_REPORT,
  ...le16(REPORT_DESCRIPTOR.length),
]);

const CCID_DESCRIPTOR = [
  54,
  DESCRIPTOR_CCID,
  ...le16(0x0110),
  0, // bMaxSlotIndex
  ALL_VOLTAGES,
  ...le32(PROTOCOL_T1),
  ...le32(CLOCK_KHZ),
  ...le32(CLOCK_KHZ), // dwMaximumClock
  1, // bNumClockSupported
  ...le32(DATA_RATE_BPS),
  ...le32(DATA_RATE_BPS), // dwMaxDataRate
  1, // bNumDataRatesSupported
  ...le32(MAX_IFSD),
  ...le32(0), // dwSynchProtocols
  ...le32(0), // dwMechanical
  ...le32(FEATURES),
  ...le32(MAX_CCID_MESSAGE_BYTES),
  CLASS_ECHO, // bClassGetResponse
  CLASS_ECHO, // bClassEnvelope
  ...le16(0), // wLcdLayout
  0, // bPINSupport
  1, // bMaxCCIDBusySlots
];

const endpoint = (address: number, type: number, maxBytes: number, interval: number): number[] => [
  7,
  DESCRIPTOR_ENDPOINT,
  address,
  type,
  ...le16(maxBytes),
  interval,
];

const INTERFACES = [
  ...[9, DESCRIPTOR_INTERFACE, CCID_INTERFACE, 0, 3, CLASS_SMART_CARD, 0, 0, STRING_CCID],
  ...CCID_DESCRIPTOR,
  ...endpoint(CCID_BULK_OUT, BULK, MAX_PACKET_BYTES, 0),
  ...endpoint(CCID_BULK_IN, BULK, MAX_PACKET_BYTES, 0),
  ...endpoint(CCID_INTERRUPT_IN, INTERRUPT, NOTIFICATION_BYTES, CCID_INTERVAL_MS),
  ...[9, DESCRIPTOR_INTERFACE, HID_INTERFACE, 0, 2, CLASS_HID, 0, 0, STRING_HID],
  ...HID_DESCRIPTOR,
  ...endpoint(HID_OUT, INTERRUPT, MAX_PACKET_BYTES, HID_INTERVAL_MS),
  ...endpoint(HID_IN, INTERRUPT, MAX_PACKET_BYTES, HID_INTERVAL_MS),
];

export const CONFIGURATION_DESCRIPTOR = Uint8Array.from([
  9,
  DESCRIPTOR_CONFIGURATION,
  ...le16(9 + INTERFACES.length),
  INTERFACE_CLASSES.length,
  CONFIGURATION_VALUE,
  0, // iConfiguration
  BUS_POWERED,
  MAX_POWER,
  ...INTERFACES,
]);

const textOf = (text: string): Uint8Array => Uint8Array.from([2 + 2 * text.length, DESCRIPTOR_STRING, ...Buffer.from(text, "utf16le")]);

/** The string descriptor of this number; null: there is none. */
export function stringDescriptor(index: number, serial: string): Uint8Array | null {
  if (index === 0) return Uint8Array.from([4, DESCRIPTOR_STRING, ...le16(LANGUAGE_ENGLISH)]);
  if (index === STRING_MANUFACTURER) return textOf(USB_NAME);
  if (index === STRING_PRODUCT) return textOf(`${USB_NAME} token (simulated)`);
  if (index === STRING_SERIAL) return textOf(serial);
  if (index === STRING_CCID) return textOf("PIV");
  return index === STRING_HID ? textOf("packets") : null;
}
