// node-hid, loaded when a HID device is there: its native part wants libudev.so.1 and libusb-1.0.so.0, which small machines lack.

import { createRequire } from "node:module";
import type { Device, HIDAsync } from "node-hid";
import { LibraryMissingError } from "./port-error.ts";

/** What is used of an open device. */
export type HidDevice = Pick<HIDAsync, "write" | "close"> & {
  on(event: "data", take: (report: Buffer) => void): unknown;
  on(event: "error", take: (error: Error) => void): unknown;
};

/** What is used of node-hid. */
export interface HidLibrary {
  /** @throws LibraryMissingError */
  list(): Promise<readonly Device[]>;
  open(path: string): Promise<HidDevice>;
}

type NodeHid = typeof import("node-hid");

export function loadNodeHid(): HidLibrary {
  // CommonJS: a failed load is not remembered there, so that it may go better when the packages are installed meanwhile.
  const require = createRequire(import.meta.url);
  const library = (): NodeHid => {
    try {
      const nodeHid = require("node-hid") as NodeHid;
      nodeHid.getHidapiVersion(); // loads the native part
      return nodeHid;
    } catch (cause) {
      const [reason = ""] = (cause instanceof Error ? cause.message : "unknown").split("\n"); // the rest names every path that was tried
      throw new LibraryMissingError("hid", reason, { cause });
    }
  };
  return {
    list: async () => library().devicesAsync(),
    open: async (path) => library().HIDAsync.open(path),
  };
}
