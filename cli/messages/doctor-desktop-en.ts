// What the doctor says of the desktop: the bridge's service, browsers, PC/SC, rights. In English. French: doctor-desktop-fr.ts.

import type { DesktopFindingTexts } from "./doctor-texts.ts";

const databases = (count: number): string => (count === 1 ? "" : ` (${count} profiles)`);

export const doctorDesktopEn: DesktopFindingTexts = {
  service: {
    looking: "the bridge's service",
    why: "The service starts the bridge when you sign in, and again when it has ended.",
    found: {
      fine: () => "The bridge starts by itself when you sign in.",
      "no-systemd": () => "This session has no systemd of yours: the bridge is started by hand.",
      missing: () => "The bridge does not start by itself when you sign in.",
      gone: ({ reason }) => `The bridge's service can't start: ${reason} is not there any more.`,
      "other-checkout": ({ reason }) => `The bridge's service starts another Sceau than this one: ${reason}`,
      "no-pcsc": () => "The bridge's service does not put tokens into the virtual card reader, which is set up here.",
      unreadable: ({ path }) => `You may not read ${path}: it is another user's.`,
      foreign: ({ path }) => `${path} is not by Sceau.`,
      "not-loaded": ({ path }) => `systemd has not read ${path} as it is now.`,
      "not-enabled": () => "The bridge's service is there, and does not start when you sign in.",
      failed: ({ reason }) => `The bridge's service ends again and again (${reason}).`,
      waiting: () => "The bridge runs, started by hand; when it ends, its service takes over.",
      stopped: () => "The bridge starts by itself when you sign in; just now its service is stopped.",
    },
    mend: {
      missing: () => "Set it up, once:",
      unreadable: () => "Take it back, and set the service up again:",
      gone: () => "Set it up again:",
      "other-checkout": () => "If this Sceau is the one that you use:",
      "no-pcsc": () => "Set it up again:",
      foreign: () => "If nobody needs it, move it away and set up the service:",
      "not-loaded": () => "Have it read again:",
      "not-enabled": () => "Have it started:",
      failed: () => "Its last words say why; when that is mended, start it:",
    },
  },
  browsers: {
    looking: "browsers",
    why: "Browsers and mail programs keep a list of modules of their own; without p11-kit's client they don't see the token.",
    found: {
      none: () => "No profile of a browser or a mail program is here.",
      fine: ({ software, count }) => `The token's module is there in ${software}${databases(count)}.`,
      missing: ({ software, count }) => `The token's module is missing in ${software}${databases(count)}.`,
      moved: ({ software, folder }) =>
        `In ${software} the token's module leads to a file that is not the one of this computer (${folder}).`,
      "other-library": ({ software, folder }) => `In ${software} the module called Sceau is another library (${folder}).`,
      unreadable: ({ software, folder }) => `The list of modules of ${software} can't be read: ${folder}`,
    },
    mend: {
      missing: ({ software }) => `Close ${software}, then:`,
      moved: ({ software }) => `Close ${software}, then:`,
      "other-library": ({ software }) => `Close ${software}; if nobody needs that module, take it out:`,
      unreadable: () => "Whose are these files? They have to be yours; the software makes pkcs11.txt again when it starts.",
    },
  },
  confined: {
    looking: "browsers in a Snap or a Flatpak",
    why: "Software in a Snap or a Flatpak is shut off: it sees neither this computer's modules nor the bridge.",
    found: {
      none: () => "No browser is in a Snap or a Flatpak.",
      fine: ({ software }) => `${software}, in a Snap or a Flatpak, was let through to the token.`,
      flatpak: ({ software, application }) => `${software} is in a Flatpak (${application}) and can't see the token.`,
      "firefox-snap": () => "Firefox is in a Snap and can't load the token's module.",
      snap: ({ software, application }) => `${software} is in a Snap (${application}) and can't load the token's module.`,
    },
    mend: {
      flatpak: ({ software }) => `Use another package of ${software}; or close it, and let it through to the bridge:`,
      "firefox-snap": () =>
        "Use Mozilla's own package (https://support.mozilla.org/kb/install-firefox-linux). Or let the Snap reach the card reader, then load /snap/firefox/current/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so in Settings › Security Devices (type the path):",
      snap: ({ software }) => `Use another package of ${software}: the distribution's, or its maker's.`,
    },
  },
  pcsc: {
    looking: "smart cards (PC/SC)",
    why: "Software that knows smart cards only reaches the token through pcscd.",
    found: {
      unused: () => "PC/SC is not used.",
      fine: () => "PC/SC software is let in: pcscd answers.",
      "no-daemon": () => "PC/SC is set up, and pcscd is not installed.",
      "no-driver": () => "PC/SC is set up, and its virtual reader is not installed.",
      "no-socket": ({ path }) => `pcscd is not ready: ${path} is not there.`,
      "dead-socket": ({ path }) => `pcscd is not running: ${path} was left behind.`,
      forbidden: ({ path }) => `You may not open pcscd's socket ${path}.`,
      refused: () => "pcscd refuses you: polkit lets in only who sits at this computer.",
      silent: () => "pcscd does not answer.",
    },
    mend: {
      "no-daemon": () => "Install it:",
      "no-driver": () => "Install it:",
      "no-socket": () => "Have systemd hold it ready:",
      "dead-socket": () => "Start it again:",
      forbidden: () => "Start it again, as the package has it:",
      refused: () => "Run this from the desktop, not by ssh; or allow it for this user:",
      silent: () => "Start it again:",
    },
  },
  "virtual-reader": {
    looking: "the virtual card reader",
    why: "The virtual card reader (vpcd) asks nobody who they are: whoever connects to it is the card.",
    found: {
      unused: () => "The virtual card reader is not used.",
      fine: () => "The virtual card reader can be reached from this computer only.",
      stranger: ({ from }) => `Somebody from the network (${from}) is the card in the virtual reader. Do not type a PIN there.`,
      "other-user": ({ uid }) =>
        `Another user of this computer (number ${uid}) is the card in the virtual reader. Do not type a PIN there.`,
      "other-program": ({ program, pid }) => `Another program is the card in the virtual reader: ${program} (process ${pid}).`,
      open: ({ reachable, ports }) =>
        `The virtual card reader is open to the network: anybody who reaches ${reachable || "this computer"} (TCP ports ${ports}) can put a card into it.`,
      slow: () => "The way to the virtual card reader is slow: about 90 ms for each signature.",
    },
    mend: {
      stranger: () => "Shut the network out:",
      "other-user": () => "Ask them to end it; an administrator sees which program it is:",
      "other-program": () => "End it, if it is not meant to be there:",
      open: () => "Shut the network out (or, when nobody uses it, remove the package vsmartcard-vpcd):",
      slow: () => "Have the fast way made:",
    },
  },
  administrator: {
    looking: "administrator rights",
    why: "The commands with sudo on this screen want administrator rights. Signing itself wants none.",
    found: {
      member: ({ group }) => `You are in the group ${group}: you can run the commands with sudo yourself.`,
      "no-member": ({ group, names }) => `You are in no group that has administrator rights here. Who has them: ${names} (group ${group}).`,
      nobody: () =>
        "Neither you nor anybody else is listed with administrator rights here: ask your IT support, or who set this computer up.",
    },
    mend: {
      "no-member": () => "Give them this screen: what is theirs is marked.",
      nobody: () => "Give them this screen: what is theirs is marked.",
    },
  },
};
