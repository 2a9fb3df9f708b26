// How a token on USB is known for one, before a byte is sent to it.

/** Usage page of the HID interface that carries packets: from the vendors' own, FF00 to FFFF (HID Usage Tables 1.5 §3.1); not FIDO's F1D0. */
export const HID_USAGE_PAGE = 0xff5c;
export const HID_USAGE = 0x01;
/** The reports have no number: on write it is told as 0 in front of the packet, and does not travel. */
export const HID_REPORT_ID = 0x00;
/** The word that stands in the USB product or manufacturer name of a token. */
export const USB_NAME = "Sceau";
/**
 * Vendor and product id of a simulated token on USB. pid.codes keeps 1209:0001 for trials on one's own computer; Sceau has no number of its own yet,
 * and boards keep those of their makers. So these alone make no token: the usage page does.
 */
export const USB_VENDOR_ID = 0x1209;
export const USB_PRODUCT_ID = 0x0001;
