// What `sceau flash` says, in English. French has the same keys (flash-fr.ts).

import type { FlashingProblem } from "../../host-bridge/flashing/flashing-error.ts";

/** Held for less, the board waits for another firmware by radio; held for ten seconds, it erases its program. */
const HELD =
  "Only if it was you who began to flash it: hold its button while plugging it in, until its light turns white (about three seconds), and let go at once (hardware/boards/jolt-js/README.md).";

export const flashEn = {
  help: {
    flash: "give an Espruino board the firmware, read it back and run the token's first self-test",
    port: "the board's serial port",
    board: "which kind of board",
    serial: "serial number of eight digits; by default the board's own, else a random one",
    yes: "do not ask before a program on the board is replaced",
  },
  looking: (port: string) => `Look at the board on ${port}`,
  writing: "Write the firmware and read it back",
  starting: "Start the token and its self-test",
  keepsKeys: (serial: string) =>
    `There is a Sceau on this board (serial number ${serial}). Only its program is replaced: keys, PIN, certificates and journal stay.`,
  foreignFiles: (files: string) => `There is another program on this board. It will be erased: ${files}`,
  confirm: (board: string) => `Type ${board} to go on:`,
  model: "Model",
  serial: "Serial number",
  firmware: "Firmware",
  part: {
    sha256: "SHA-256: known answer",
    aes: "AES: known answer",
    p256: "P-256: known answers (key, signature, shared secret)",
    random: "random bytes",
    flash: "the flash's pages can be read",
    button: "the button is there and rests",
    lights: "the lights' pins follow",
  },
  done: (serial: string) => `This board is a token now: ${serial}.`,
  next: (port: string) => `Serve it to software: sceau bridge --serial ${port}`,
  selfTestFailed: "The self-test failed: do not use this board as a token. Unplug it, plug it in again and flash it once more.",
  failure: {
    "not-built": (board: string) =>
      board === "jolt-js"
        ? "The firmware for jolt-js is not built. Build it: npm run build:board -- jolt-js"
        : `There is no firmware for ${board}: today a jolt-js can be flashed, and no other board (hardware/boards/README.md).`,
    "damaged-files": (file: string) =>
      `${file} in the board's folder is not the file that its manifest tells. Build it again: npm run build:board. Nothing was changed.`,
    "no-such-port": (port: string) =>
      `There is no port ${port}. Plug the board in with a cable that carries data; the port is /dev/ttyACM0, mostly (ls /dev/ttyACM*).`,
    "no-answer": () => `Nothing answers on this port. Is it the board's? Plug it in again and wait three seconds. ${HELD}`,
    "token-running": () => `A Sceau runs on this board already, and its console is closed. Nothing was changed. ${HELD}`,
    "other-board": (board: string) =>
      `This board calls itself ${board}: it is not the one that this firmware is for (hardware/boards/README.md has those that there are). Nothing was changed.`,
    "too-old": (version: string) =>
      `The Espruino on this board is too old (${version}). Update it to 2v29 or newer first: espruino.com/Firmware+Update. Nothing was changed.`,
    "no-noise": () => "This board gives the same random numbers again and again: no key may be made on it. Nothing was changed.",
    "flash-taken": (version: string) =>
      `This Espruino (${version}) uses the pages of flash that are for the token. Load the official version for this board. Nothing was changed.`,
    "other-serial": (serial: string) =>
      `This token has the serial number ${serial}, and keeps it. Leave out --serial. Nothing was changed.`,
    refused: (detail: string) =>
      `The board refuses: ${detail}\nIs its storage full? Its console (espruino.com/ide) erases everything by: require("Storage").eraseAll()`,
    interrupted: () =>
      "The board was unplugged, or fell silent. It starts no half-written program: plug it in again, and run the same command once more.",
    verification: (file: string) =>
      `What was read back of ${file} is not what was written. The board starts no wrong program. Run the same command once more; if it happens again, the board's flash is worn out.`,
    "not-started": (detail: string) =>
      `The firmware is on the board and does not answer. Unplug it, plug it in again without touching the button, and try: sceau bridge --serial PORT${detail === "" ? "" : `\nThe board said: ${detail}`}`,
  } satisfies Record<FlashingProblem, (detail: string) => string> as Record<FlashingProblem, (detail: string) => string>,
  port: {
    busy: "Another program has this port: the bridge (sceau bridge), or a terminal. Stop it and run the command again.",
    none: (path: string) => `${path} is no serial port. A board's is /dev/ttyACM0, mostly (ls /dev/ttyACM*).`,
    forbidden: (path: string, group: string) =>
      `You may not open ${path}. Its group is ${group}: sudo usermod -aG ${group} "$USER", then log out and in again.`,
    hidForbidden: (path: string) =>
      `You may not open ${path}. Sceau's udev rule allows it to whoever sits at the computer: sceau install sets it up.`,
    noLibrary: {
      serial: (reason: string) => `The library for serial ports can't be loaded: ${reason}. Install the packages again: npm ci`,
      hid: (reason: string) =>
        `The library for USB tokens (HID) can't be loaded: ${reason}. On Debian and Ubuntu: sudo apt install libudev1 libusb-1.0-0`,
      pcsc: (reason: string) =>
        `The library for smart card readers can't be loaded: ${reason}. On Debian and Ubuntu: sudo apt install pcscd libpcsclite1 libpcsclite-dev, then npm ci`,
    },
  },
};
