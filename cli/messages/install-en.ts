// What `sceau install` says, in English. French has the same keys (install-fr.ts).

import type { Part, Reason, StepName, StepOutcome } from "../../host-bridge/desktop/step.ts";

const PROGRAMS: Readonly<Record<string, string>> = {
  firefox: "Firefox sees your tokens",
  thunderbird: "Thunderbird sees your tokens",
  chromium: "Chromium, Chrome, Edge and Brave see your tokens",
};
const AGAIN = "then run the same command again";

type Say = (software: string) => string;

export const installEn = {
  help: {
    install: "set up this desktop: the bridge as a service, p11-kit, browsers and mail, rights for USB; running it again changes nothing",
    uninstall: "undo all of it, and nothing else",
    dryRun: "show exactly what would change, and change nothing",
    pcsc: "set up PC/SC too: the bridge's tokens are smart cards for this computer's software",
    user: "your user's part only; root is asked for it by this option",
    machine: "the computer's part only, with administrator rights",
  },
  part: {
    user: "For your user",
    machine: "For this computer, with administrator rights",
  } satisfies Record<Part, string> as Record<Part, string>,
  what: {
    "own-folders": () => "The folders are the right ones",
    service: () => "The bridge starts at login, and again should it crash",
    "module-file": () => "p11-kit knows the bridge",
    nss: (software) => PROGRAMS[software] ?? "Browsers and mail see your tokens",
    openssl: () => "openssl uses your tokens",
    "udev-rule": () => "Whoever sits at this computer may open tokens on USB",
    "pcsc-network": () => "Nobody on the network reaches PC/SC's virtual readers",
    "pcsc-packages": () => "PC/SC and its virtual readers are installed",
    "pcsc-route": () => "PC/SC signs fast: a route to 127.83.67.69 of its own",
  } satisfies Record<StepName, Say> as Record<StepName, Say>,
  /** What it is good for, and what it changes. */
  why: {
    "own-folders": "Sceau writes where your programs read.",
    service: "Software finds your tokens without anybody starting anything.",
    "module-file": "Software that asks p11-kit for its modules (p11tool, GnuTLS, OpenConnect) needs no setting of its own.",
    nss: "These programs do not ask p11-kit: the module is entered into each of their databases.",
    openssl: "openssl reads its settings from a file that is yours, and stays yours.",
    "udev-rule": "Devices on USB belong to root; the rule hands tokens to whoever is logged in at the screen.",
    "pcsc-network":
      "The virtual readers listen on every network address and ask nobody who they are. systemd now keeps pcscd to this computer's own addresses; nothing else of it changes.",
    "pcsc-packages": "They come from your system's packages: pcscd shows the bridge's tokens as smart cards.",
    "pcsc-route":
      "Without it each command waits 40 ms. It is for this one address, lasts until it is stopped, and leaves all other traffic alone.",
  } satisfies Record<StepName, string> as Record<StepName, string>,
  outcome: {
    done: "done already",
    changed: "done",
    "to-do": "to be done",
    waits: "to be done with administrator rights",
    foreign: "left alone",
    "by-hand": "for you to do, if you wish",
    cannot: "not possible yet",
    failed: "failed; all is as it was before",
    broken: "failed, and not all of it could be taken back",
  } satisfies Record<StepOutcome, string> as Record<StepOutcome, string>,
  undone: {
    done: "nothing to undo",
    changed: "undone",
    "to-do": "to be undone",
    waits: "to be undone with administrator rights",
    foreign: "left alone",
    "by-hand": "for you to do, if you wish",
    cannot: "not possible yet",
    failed: "failed; all is as it was before",
    broken: "failed, and not all of it could be taken back",
  } satisfies Record<StepOutcome, string> as Record<StepOutcome, string>,
  reason: {
    "": () => "",
    "others-folder": () =>
      "This folder is another user's: sudo or su left it in HOME or in an XDG variable. That person runs the same command without sudo; root runs it from a login of its own (sudo -i).",
    "relative-folder": () => `HOME or XDG_CONFIG_HOME is no absolute path. Set it right, ${AGAIN}.`,
    "not-ours": () => `Sceau did not write this. If you do not need it, move it away, ${AGAIN}:`,
    "no-client": () => `p11-kit's client is not installed. Install it, ${AGAIN}:`,
    "no-modutil": () => `modutil, which enters the module, is not installed. Install it, ${AGAIN}:`,
    "in-use": () => `It is running, or it crashed. Close it (if it is not open: start it first), ${AGAIN}.`,
    snap: (software) =>
      software === "firefox"
        ? "This one is a snap, and loads no module from outside. PC/SC is its way: run «sceau install --pcsc» and the line below; then, in Firefox's settings under Security Devices, load /snap/firefox/current/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so (by typing it), which the snap has of its own."
        : "This one is a snap, and loads no module from outside: it cannot see your tokens. Use another package of the program: your system's, or its maker's.",
    flatpak: () =>
      "This one is a flatpak: it sees neither the module nor the bridge. These lines let it; they open its sandbox that far, and that is for you to decide. Close the program first, and start it again while the bridge runs:",
    "other-library": () => `There is an entry «Sceau» that leads to another module. If you do not need it, remove it, ${AGAIN}:`,
    "other-name": () => "p11-kit's client is there already, under a name of somebody else's.",
    proxy: () => "p11-kit's proxy is there already, and shows the bridge by itself.",
    unreadable: () => `Its list of modules can't be read. See whose the folder and its pkcs11.txt are (ls -l), mend that, ${AGAIN}.`,
    "no-database": () => `No browser or mail program has been used here yet. Start yours once, close it, ${AGAIN}.`,
    "next-login": () => "No systemd of yours answers here: the service starts at your next login. Where it does not:",
    packages: () => `Something is missing. Install it, ${AGAIN}:`,
    "no-systemd": () => "systemd does not run here. Where it does, this takes effect at the next start; the bridge can be started by hand.",
    text: () => "Copy these lines into a file, and name it by OPENSSL_CONF=FILE before openssl:",
  } satisfies Record<Reason, Say> as Record<Reason, Say>,
  stays: "Sceau did not write this: it stays.",
  failed: (problem: string) => `It went wrong: ${problem}`,
  change: {
    write: (path: string) => `write ${path}`,
    replace: (path: string) => `change ${path}`,
    link: (path: string, target: string) => `link ${path} to ${target}`,
    remove: (path: string) => `remove ${path}`,
    run: (line: string) => `run ${line}`,
  },
  nothingChanged: "This only showed what would be done: nothing was changed.",
  rootAlone:
    "As root only the computer's part is looked at. For the rest, the person who signs runs the same command without sudo (for root itself: --user).",
  machineLine: "What wants administrator rights is done by this line:",
  incomplete: "Not everything could be done (✘, !). Do what is said there, then run the same command again.",
  allDone: "Everything is set up already.",
  nothingThere: "Nothing of it is here.",
  doctor: (program: string) => `Does all of it work? ${program} doctor`,
};
