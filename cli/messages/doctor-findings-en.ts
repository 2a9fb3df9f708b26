// What the doctor says of each finding, in English. French: doctor-findings-fr.ts.

import { doctorDesktopEn } from "./doctor-desktop-en.ts";
import { doctorOfficeEn } from "./doctor-office-en.ts";
import type { DoctorFindingTexts } from "./doctor-texts.ts";

const folder = {
  looking: "the folders",
  found: {
    fine: ({ path }: { path: string }) => `${path} is yours, and can be written.`,
    "to-be-made": ({ path }: { path: string }) => `${path} is not there yet, and can be made.`,
    "not-writable": ({ at, owner, mode }: { at: string; owner: string; mode: string }) =>
      `You may not write in ${at} (owner ${owner}, mode ${mode}).`,
    "read-only": ({ at }: { at: string }) => `${at} is on a file system that can only be read.`,
    "not-a-folder": ({ at }: { at: string }) => `${at} is a file, where a folder should be.`,
    "other-owner": ({ at, owner }: { at: string; owner: string }) =>
      `${at} belongs to ${owner}, not to you. That happens when a command was run with sudo.`,
    others: ({ at, owner }: { at: string; owner: string }) => `${at} belongs to ${owner}, not to you.`,
    "open-to-others": ({ at, mode }: { at: string; mode: string }) => `Other users of this computer can get into ${at} (mode ${mode}).`,
    shared: ({ at, mode }: { at: string; mode: string }) =>
      `Other users of this computer can get into ${at} (mode ${mode}), and it is not Sceau's alone.`,
    "chosen-file": ({ at }: { at: string }) => `${at} is a file, where a folder should be.`,
  },
  mend: {
    "not-writable": () => "Take the right to write in it, or choose another folder with --state.",
    "read-only": () => "Have it made writable, or choose another folder with --state.",
    "not-a-folder": () => "Move that file away:",
    "other-owner": () => "Take it back:",
    others: ({ owner }: { owner: string }) =>
      `${owner === "root" ? "Choose" : `Go on as ${owner}, or choose`} a folder of your own with --state.`,
    "open-to-others": () => "Shut the others out:",
    shared: () => "Choose a folder of your own with --state, for Sceau alone.",
    "chosen-file": () => "Choose a folder with --state.",
  },
};

const openOrProxy = ({ host, port }: { host: string; port: number }): string =>
  `Have TCP port ${port} to ${host} opened; or, where there is a proxy, name it:`;

export const doctorFindingsEn: DoctorFindingTexts = {
  "node-version": {
    looking: "Node.js",
    why: "An older Node.js does not run Sceau.",
    found: {
      fine: ({ version }) => `Node.js ${version}`,
      "too-old": ({ version, needed }) => `Node.js ${version} is too old: Sceau needs ${needed} or later.`,
    },
    mend: { "too-old": () => "Install a later one: https://nodejs.org/en/download" },
  },
  packages: {
    looking: "the npm packages",
    why: "An installation that was broken off leaves packages out; Sceau then stops in the middle of something.",
    found: {
      fine: ({ count }) => `All npm packages are there (${count}).`,
      missing: ({ folder: path }) => `The npm packages are not installed: ${path} is missing.`,
      "half-done": ({ count, example }) => `The installation is half done: ${count} npm packages are missing, ${example} among them.`,
      older: ({ count, example }) => `${count} npm packages are of another version than this Sceau wants, ${example} among them.`,
      "no-lock": ({ folder: path }) => `${path} has no package-lock.json that can be read: it is no complete copy of Sceau.`,
    },
    mend: {
      missing: () => "Install them:",
      "half-done": () => "Install them again:",
      older: () => "Install them again:",
      "no-lock": () => "Clone Sceau again.",
    },
  },
  registry: {
    looking: "npm's registry",
    why: "The packages come from there. When the firewall or the proxy is shut, the installation takes twenty minutes and then fails.",
    found: {
      reached: ({ host, port }) => `npm's registry is reached: ${host}, port ${port}.`,
      "unknown-name": ({ host, proxy }) => `The name ${proxy || host} can't be found, so no packages can be fetched.`,
      refused: ({ host, port, proxy }) => `${proxy || `${host}, port ${port}`} refuses the connection, so no packages can be fetched.`,
      silent: ({ host, port, proxy }) => `${proxy || `${host}, port ${port}`} does not answer, so no packages can be fetched.`,
      "no-route": ({ host, port, proxy }) => `No way leads to ${proxy || `${host}, port ${port}`}, so no packages can be fetched.`,
    },
    mend: {
      "unknown-name": openOrProxy,
      refused: openOrProxy,
      silent: openOrProxy,
      "no-route": openOrProxy,
    },
  },
  native: {
    looking: "packages that were built for this computer",
    why: "They reach tokens and sign. They are built for one version of Node.js and want libraries of the system.",
    found: {
      fine: () => "The packages that were built for this computer load.",
      "usb-libraries": ({ reason }) => `Tokens on USB can't be seen: ${reason}`,
      "card-readers": ({ reason }) => `Cards in PC/SC readers can't be used: ${reason}`,
      "not-loading": ({ names, reason }) => `These packages don't load: ${names} (${reason})`,
    },
    mend: {
      "usb-libraries": () => "Install what is missing:",
      "card-readers": () => "If you have such a card, install what is missing:",
      "not-loading": () => "Build them again, for this Node.js:",
    },
  },
  build: {
    looking: "the build",
    why: "What runs is the build, not the sources: an old one has old faults, and may not understand its office.",
    found: {
      fine: () => "Sceau is built, and as new as its sources.",
      missing: ({ folder: path }) => `Sceau is not built: there is no program in ${path}.`,
      older: ({ newer }) => `The build is older than the sources: ${newer} was changed after it.`,
    },
    mend: { missing: () => "Build it:", older: () => "Build it again:" },
  },
  disk: {
    looking: "the disk",
    why: "When the disk is full, what is being written is lost: also the record of a key that has just been made.",
    found: {
      fine: ({ freeMegabytes }) => `There is room on the disk: ${freeMegabytes} MB.`,
      little: ({ path, freeMegabytes }) => `Little room is left where ${path} is: ${freeMegabytes} MB.`,
      full: ({ path, freeMegabytes }) => `The disk where ${path} is is full: ${freeMegabytes} MB are left.`,
    },
    mend: {
      little: ({ neededMegabytes }) => `Make room, ${neededMegabytes} MB or more. npm's copies can always go:`,
      full: ({ neededMegabytes }) => `Make room, ${neededMegabytes} MB or more. npm's copies can always go:`,
    },
  },
  module: {
    looking: "p11-kit's client",
    why: "By that module signing software reaches the token.",
    found: { fine: ({ path }) => `p11-kit's client is installed: ${path}`, missing: () => "p11-kit's client is not installed." },
    mend: { missing: () => "Install it:" },
  },
  bridge: {
    looking: "the bridge",
    why: "Signing software reaches the token through the bridge.",
    found: {
      fine: ({ path }) => `The bridge is running: ${path}`,
      "not-running": () => "The bridge is not running.",
      "dead-socket": ({ path }) => `The bridge is not running: ${path} was left behind by one that was killed.`,
      "no-socket": ({ path }) => `The bridge can't start: ${path} is a folder, where its socket should be.`,
      forbidden: ({ path }) => `You may not open the bridge's socket ${path}: it is another user's.`,
    },
    mend: {
      "not-running": () => "Start it, in a terminal of its own:",
      "dead-socket": () => "Start it, in a terminal of its own; it takes the place:",
      "no-socket": () => "Move that away, and start the bridge:",
      forbidden: () => "Take the folder back, and start the bridge as yourself:",
    },
  },
  software: {
    looking: "what signing software sees",
    why: "This is what other software sees that loads p11-kit's client from here.",
    found: {
      fine: ({ count }) => `Signing software sees ${count === 1 ? "one token" : `${count} tokens`} through the bridge.`,
      "no-token": () => "Signing software reaches the bridge; no token is plugged in.",
      nobody: ({ address }) => `Software that is started from here does not find the bridge: nobody answers at ${address}`,
      "other-server": ({ manufacturer, address }) =>
        `Software that is started from here reaches another server (${manufacturer}): ${address}`,
      "not-loading": ({ reason }) => `p11-kit's client does not work: ${reason}`,
    },
    mend: {
      "no-token": () => "Plug your token in.",
      nobody: () => "Start software with this variable, or the bridge without --state and --no-default-socket:",
      "other-server": () => "Start software with this variable:",
      "not-loading": () => "Install the package p11-kit-modules again.",
    },
  },
  registration: {
    looking: "p11-kit's modules",
    why: "Some software asks p11-kit for all its modules and finds the bridge by that alone (GnuTLS, some browsers).",
    found: {
      fine: ({ path }) => `The bridge is registered with p11-kit: ${path}`,
      missing: () => "The bridge is not registered with p11-kit.",
      "other-bridge": ({ path }) => `${path} leads to another bridge than this one.`,
      "not-ours": ({ path }) => `${path} is not by Sceau.`,
    },
    mend: {
      missing: () => "Register it, once:",
      "other-bridge": () => "Register this one:",
      "not-ours": () => "If nobody needs it, move it away and register the bridge:",
    },
  },
  agent: {
    looking: "the agent",
    why: "The office's page hands the activation over to the agent, at this port of this computer.",
    found: {
      fine: ({ port }) => `The agent is running, on port ${port}.`,
      "not-running": ({ port }) => `The agent is not running: nobody answers on port ${port} of this computer.`,
      "other-program": ({ port, program, pid }) =>
        `Port ${port} of this computer is taken by another program${program === "" ? "" : `: ${program} (process ${pid})`}.`,
      "other-user": ({ port, uid }) => `Port ${port} of this computer is taken by another user (number ${uid}). Do not type a PIN there.`,
    },
    mend: {
      "not-running": () => "Start it, in a terminal of its own:",
      "other-program": () => "End that program, or give it another port; then start the agent:",
      "other-user": () => "Ask them to end it; an administrator sees which program it is:",
    },
  },
  user: {
    looking: "who you are",
    why: "p11-kit reads no user's modules for root, and what root makes belongs to root.",
    found: {
      fine: ({ name }) => `You are ${name}. Sceau needs no administrator rights; what does is marked.`,
      root: () => "You are root: this is what root would see, not the holder.",
    },
    mend: { root: () => "Run it as the person who will sign." },
  },
  "state-folder": { ...folder, why: "Sceau keeps its records there: the PUK of a token that it formats, the offices that you trust." },
  "runtime-folder": { ...folder, why: "The sockets are there: whoever reaches them reaches your token." },
  devices: {
    looking: "tokens on USB",
    why: "The rule lets whoever sits at the computer open a token on USB, and keeps ModemManager off it. Simulated tokens don't need it.",
    found: {
      fine: ({ rule }) => `The rule for tokens on USB is there: ${rule}`,
      "no-rule": ({ rule }) => `The rule for tokens on USB is missing: ${rule}`,
      "older-rule": ({ rule }) => `The rule for tokens on USB is not the one of this Sceau: ${rule}`,
      "modem-manager": ({ rule }) =>
        `ModemManager is running and writes to every new serial port, a token's too: no rule (${rule}) tells it not to.`,
      forbidden: ({ device }) => `A token is plugged in at ${device}, and you may not open it.`,
      "not-at-the-screen": ({ rule, device }) => `A token is plugged in at ${device}, and the rule (${rule}) does not let you open it.`,
    },
    mend: {
      "no-rule": () => "Write it, once:",
      "older-rule": () => "Write it anew:",
      "modem-manager": () => "Write the rule, and plug the token in again:",
      forbidden: () => "Write the rule, and plug the token in again:",
      "not-at-the-screen": () =>
        "Sign in at this computer's own screen, not by ssh and not behind another person's session. If you sit there: plug the token in again.",
    },
  },
  ...doctorDesktopEn,
  ...doctorOfficeEn,
};
