// What `sceau bridge` says, in English. French has the same keys (bridge-fr.ts).

import type { PinQuestion } from "../../host-bridge/pin-prompt/pin-prompt.ts";

const purpose: Record<PinQuestion["what"], (token: string, key: string) => string> = {
  login: (token) => `A program wants to use token ${token}.\n\nThe PIN goes to the token only; the program does not see it.`,
  signature: (token, key) =>
    `A program wants ONE SIGNATURE of token ${token}${key === "" ? "" : ` with the key ${key}`}.\n\nDecline if you did not just ask for a signature.`,
  decryption: (token, key) =>
    `A program wants token ${token} to DECRYPT ONE MESSAGE${key === "" ? "" : ` with the key ${key}`}.\n\nDecline if you did not just open an encrypted message.`,
  "key-agreement": (token, key) =>
    `A program wants token ${token} to AGREE ON ONE SECRET${key === "" ? "" : ` with the key ${key}`}, which opens an encrypted message or connection.\n\nDecline if you did not just open one.`,
  officer: (token) => `A program wants to administer token ${token}. That needs its PUK, not its PIN.`,
  "old-pin": (token) => `A program wants to change the PIN of token ${token}. First its present PIN.`,
  "new-pin": (token) => `Choose a new PIN for token ${token}: 6 to 8 digits.`,
};

export const bridgeEn = {
  ready: "The bridge is running. Software reaches it with this line:",
  readyByItself: "The bridge is running. p11-kit's client finds it by itself; where the environment is another one, with this line:",
  tokenIn: (name: string, serial: string) => `+ token ${name}, serial number ${serial}`,
  tokenOut: (name: string) => `- token ${name}`,
  tokenRefused: (name: string, reason: string) => `! token ${name} does not answer: ${reason}`,
  forbidden: {
    serial: (path: string, group: string) =>
      `! ${path} may be opened by group ${group} only. Join it and log in again: sudo usermod -aG ${group} "$USER". It is tried again when that changes.`,
    hid: (path: string) =>
      `! ${path} may not be opened by you. A udev rule allows it to whoever sits at the computer: sceau install sets it up. It is tried again when that changes.`,
  },
  trouble: {
    simulators: (reason: string) => `! looking for simulated tokens failed, and goes on: ${reason}`,
    hid: (reason: string) => `! looking for tokens on USB (HID) failed, and goes on: ${reason}`,
    serial: (reason: string) => `! looking for tokens on serial ports failed, and goes on: ${reason}`,
    pcsc: (reason: string) => `! looking for cards in readers failed, and goes on: ${reason}`,
    pcscd: (reason: string) =>
      `! pcscd cannot be reached, and is tried again: ${reason}\n  sceau doctor finds out what is wrong. Not installed? On Debian and Ubuntu: sudo apt install pcscd vsmartcard-vpcd`,
    vpcd: (reason: string) =>
      `! no reader takes the token, and it is tried again: ${reason}\n  The reader is vpcd's (sudo apt install vsmartcard-vpcd, then sudo systemctl restart pcscd), and nobody else may use it. sceau doctor finds out more.`,
    "pin-prompt": (reason: string) => `! no PIN could be asked for: ${reason}`,
    "hid-library": (reason: string) =>
      `! tokens on USB (HID) are not seen: ${reason}\n  On Debian and Ubuntu: sudo apt install libudev1 libusb-1.0-0\n  All others are served; --no-hid leaves this out.`,
    "serial-library": (reason: string) =>
      `! serial ports cannot be opened: ${reason}\n  All other tokens are served; --no-serial leaves this out.`,
    "pcsc-library": (reason: string) =>
      `! cards in readers are not seen: ${reason}\n  On Debian and Ubuntu: sudo apt install pcscd libpcsclite1 libpcsclite-dev, then npm ci\n  All other tokens are served.`,
  },
  pcsc: {
    in: (name: string, reader: string) => `> token ${name} is in a smart card reader (${reader})`,
    out: (name: string, reader: string) => `< token ${name} is out of the smart card reader (${reader})`,
    stranger: (name: string, reader: string, uid: number) =>
      `! a program of another user (uid ${uid}) waits at ${reader}, where the smart card reader should be. Token ${name} is kept from it. sceau doctor finds out more.`,
    full: (name: string) => `! token ${name} finds both smart card readers taken. It gets the next one that is free.`,
  },
  defaultTaken: (path: string) =>
    `Another server (p11-kit's own, or another bridge) is at ${path}, where p11-kit's client looks by itself. It was left alone.`,
  defaultFailed: (path: string, reason: string) => `! p11-kit's client will not find the bridge by itself: no socket at ${path}: ${reason}`,
  stopped: "The bridge has stopped.",
  registered: (path: string) => `The bridge is a module of p11-kit now, for all software of yours that asks p11-kit: ${path}`,
  unregistered: (path: string) => `${path} was removed.`,
  notRegistered: (path: string) => `Nothing to remove: there is no ${path}`,
  rootReadsNone:
    "Note: p11-kit reads no user's modules in programs that run as root. Run this as the user whose software is to see the tokens.",
  pin: {
    title: "Sceau",
    describe: (what: PinQuestion["what"], token: string, key: string) => purpose[what](token, key),
    label: {
      login: "PIN:",
      signature: "PIN:",
      decryption: "PIN:",
      "key-agreement": "PIN:",
      officer: "PUK:",
      "old-pin": "PIN:",
      "new-pin": "New PIN:",
    } satisfies Record<PinQuestion["what"], string>,
    again: "Once more:",
    notTheSame: "The two were not the same.",
    triesLeft: (left: number) => `${left} tries are left.`,
    lastTry: "LAST TRY: a wrong one blocks the token.",
  },
  help: {
    serial: "serial port to open, whatever is there (more than once)",
    noSerial: "open no serial ports",
    noHid: "open no USB HID devices",
    reader: "serve the PIV card in the smart card reader of this name, or with this in its name; any: in all of them (more than once)",
    defaultSocket: "be where p11-kit's client looks without any variable; without --state by default",
    noDefaultSocket: "do not be there",
    register: "make the bridge a module of p11-kit for your user, and end",
    unregister: "take that back, and end",
    pcsc: "put the first two tokens into the virtual smart card readers of pcscd too (HOST:PORT of the first)",
    askPin: "ask for PINs with pinentry, when software leaves that to the bridge",
  },
};
