// How a token on USB is known for one, before a byte is sent to it.

/** Usage page of the HID interface that carries packets: from the vendors' own, FF00 to FFFF (HID Usage Tables 1.5 §3.1); not FIDO's F1D0. */
export const HID_USAGE_PAGE = 0xff5c;
export const HID_USAGE = 0x01;
/** The reports have no number: on write it is told as 0 in front of the packet, and does not travel. */
export const HID_REPORT_ID = 0x00;
/** The word that stands in the USB product or manufacturer name of a token. */
export const USB_NAME = "Sceau";
