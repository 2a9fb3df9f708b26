// Whether the packages with a native part load: they are built for one Node.js, and want libraries of the system.

import { shellWord } from "../desktop/shell-word.ts";
import { debianPackages } from "./as-root.ts";
import type { Check } from "./check.ts";
import { ok, trouble, warning } from "./found.ts";
import { installCommands } from "./packages.ts";

/** smartcard: cards in PC/SC readers. An optional package: what lacks pcsc-lite when npm installs is installed without it. */
const OF_READERS = "smartcard";
/** node-hid: tokens on USB; serialport: on serial ports; argon2: an office's answers; pkcs11js: signing. */
export const NATIVE_PACKAGES = ["pkcs11js", "node-hid", "serialport", "@node-rs/argon2"] as const;
const OF_USB = /lib(?:usb|udev)/;

export const NATIVE: Check<"native"> = {
  name: "native",
  area: "installation",
  needs: ["packages"],
  look: (place) => {
    const { machine, checkout } = place;
    const failed = NATIVE_PACKAGES.map((name) => ({ name, reason: machine.loadNative(checkout, name) })).filter(
      ({ reason }) => reason !== null,
    );
    const [first] = failed;
    const noReaders = machine.loadNative(checkout, OF_READERS);
    if (first === undefined && noReaders !== null)
      return warning(
        "native",
        "card-readers",
        { names: OF_READERS, reason: noReaders },
        { mender: "administrator", commands: [debianPackages(place, "libpcsclite1", "libpcsclite-dev"), ...installCommands(place)] },
      );
    if (first === undefined) return ok("native", "fine", { names: [...NATIVE_PACKAGES, OF_READERS].join(", "), reason: "" });
    const facts = { names: failed.map(({ name }) => name).join(", "), reason: first.reason ?? "" };
    if (failed.every(({ reason }) => OF_USB.test(reason ?? "")))
      return warning("native", "usb-libraries", facts, {
        mender: "administrator",
        commands: [debianPackages(place, "libudev1", "libusb-1.0-0")],
      });
    return trouble("native", "not-loading", facts, { commands: [`npm --prefix ${shellWord(checkout)} ci`] });
  },
};
