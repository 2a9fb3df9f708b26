// Tokens on USB that are HID devices: those with our usage page and usage that tell our numbers or our name, and no others.

import { readdir } from "node:fs/promises";
import type { Device } from "node-hid";
import { HID_USAGE, HID_USAGE_PAGE, USB_NAME, USB_PRODUCT_ID, USB_VENDOR_ID } from "../../protocol/usb.ts";
import { deviceFile } from "../transport/device-file.ts";
import { openHidTransport } from "../transport/hid.ts";
import type { HidLibrary } from "../transport/hid-library.ts";
import type { TokenPort, TokenSource } from "./token-source.ts";

const RETRY_MS = 2000;
/** How often the library is asked where the system does not tell cheaply whether anything changed; and how often it is tried to load. */
const SLOW_LOOK_MS = 2000;
const LINUX_LIST = "/sys/class/hidraw";

/**
 * What changes when a HID device comes, goes, or may be opened; "": there is none. The cheap question that is asked at each look: the
 * library goes through all devices. null: this system (not Linux) does not tell.
 */
export type HidMark = () => Promise<string | null>;

export async function linuxHidMark(): Promise<string | null> {
  if (process.platform !== "linux") return null;
  const names = await readdir(LINUX_LIST).catch(() => []); // a kernel without hidraw
  const marks = names.sort().map(async (name) => {
    const file = await deviceFile(`/dev/${name}`);
    return file === null ? name : `${file.identity}:${file.mark}`;
  });
  return (await Promise.all(marks)).join(" ");
}

/**
 * Whether a device may be opened: bytes that are sent to a stranger's device may do harm there. The page and usage are from the range that every
 * vendor may use as they like, so they alone are no proof; the numbers are for trials, and boards keep their makers', so the name counts as well.
 */
function isToken({ usagePage, usage, vendorId, productId, product, manufacturer }: Device): boolean {
  if (usagePage !== HID_USAGE_PAGE || usage !== HID_USAGE) return false;
  const isNamed = [product, manufacturer].some((name) => new RegExp(`\\b${USB_NAME}\\b`).test(name ?? ""));
  return isNamed || (vendorId === USB_VENDOR_ID && productId === USB_PRODUCT_ID);
}

export class HidSource implements TokenSource {
  readonly kind = "hid";
  private readonly library: HidLibrary;
  private readonly mark: HidMark;
  private lastMark: string | null = null;
  private ports: readonly TokenPort[] = [];
  private failure: unknown = null;
  private notBeforeMs = 0;

  constructor(library: HidLibrary, mark: HidMark = linuxHidMark) {
    this.library = library;
    this.mark = mark;
  }

  async look(): Promise<readonly TokenPort[]> {
    const mark = await this.mark();
    const isSame = mark !== null && mark === this.lastMark;
    const isTooSoon = (mark === null || this.failure !== null) && Date.now() < this.notBeforeMs;
    if (isTooSoon && this.failure !== null) throw this.failure;
    if (isSame || isTooSoon) return this.ports;
    this.notBeforeMs = Date.now() + SLOW_LOOK_MS;
    try {
      this.ports = mark === "" ? [] : await this.list();
    } catch (error) {
      this.failure = error;
      throw error;
    }
    this.failure = null;
    this.lastMark = mark;
    return this.ports;
  }

  private async list(): Promise<readonly TokenPort[]> {
    const devices = (await this.library.list()).filter(isToken);
    return Promise.all(devices.flatMap(({ path }) => (path === undefined ? [] : [this.port(path)])));
  }

  private async port(path: Device["path"] & string): Promise<TokenPort> {
    const file = await deviceFile(path);
    return {
      id: `hid:${file?.identity ?? path}`, // elsewhere than on Linux the path is another after a replug
      name: path,
      mark: file?.mark ?? "",
      retryMs: RETRY_MS, // it says that it is a token, so it may be asked again
      open: () => openHidTransport(this.library, path),
    };
  }
}
