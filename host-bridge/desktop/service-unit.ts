// The systemd user service that runs the bridge from login to logout: its file, its link, and how systemd wants words quoted.

import { readlinkSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { look, MARK } from "./marked-file.ts";

export const SERVICE_NAME = "sceau-bridge.service";

/** What the service starts. */
export interface BridgeCommand {
  /** Absolute path of Node.js. */
  readonly node: string;
  /** Absolute path of cli/sceau.mjs. */
  readonly program: string;
  /** What follows: bridge, --pcsc, … */
  readonly words: readonly string[];
  /** Variables of this session that the service's own might lack, such as XDG_STATE_HOME. */
  readonly variables: Readonly<Record<string, string>>;
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "%": "%%" };

/** A word as systemd.syntax(7) reads it, with % as it is. */
const quoted = (text: string): string => `"${text.replace(/[\\"\n\t%]/g, (character) => ESCAPES[character] ?? character)}"`;

/** A word of ExecStart= after the first: in these a dollar sign begins a variable (systemd.service(5), command lines). */
const argument = (text: string): string => quoted(text).replaceAll("$", "$$$$");

/** A path as ConditionPathExists= reads it: without quotation marks, to the end of the line. None: it can't be said in one. */
const condition = (path: string): string => (/\n|\\$/.test(path) ? "" : `ConditionPathExists=${path.replaceAll("%", "%%")}\n`);

/**
 * The unit's whole text. It may use no more than the bridge does: these limits need no namespace, which a user's own systemd is not everywhere allowed to make.
 */
export function serviceUnit({ node, program, words, variables }: BridgeCommand): string {
  return `${MARK}
[Unit]
Description=Sceau bridge: signing tokens for PKCS#11 software
# Another bridge of this user, started by hand, is waited for however long it takes.
StartLimitIntervalSec=0
# When Sceau's folder or Node.js has gone, it is not started again and again.
${[node, program].map(condition).join("")}
[Service]
Type=exec
${Object.entries(variables)
  .map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}\n`)
  .join("")}ExecStart=${quoted(node)} ${[program, ...words].map(argument).join(" ")}
Restart=on-failure
RestartSec=5
UMask=0077
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictNamespaces=yes
# Sockets of applications, PC/SC's readers on loopback, and the kernel's word of what is plugged in.
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native

[Install]
WantedBy=default.target
`;
}

/** Where a user's systemd reads units that the user wrote: $XDG_CONFIG_HOME/systemd/user (systemd.unit(5)). */
export function userUnitFolder(environment: NodeJS.ProcessEnv, home: string = homedir()): string {
  const configured = environment["XDG_CONFIG_HOME"];
  const folder = configured !== undefined && isAbsolute(configured) ? configured : join(home, ".config");
  return join(folder, "systemd", "user");
}

export interface ServicePlaces {
  readonly unit: string;
  /** What `systemctl --user enable` makes: it starts the service at login. */
  readonly link: string;
}

export function servicePlaces(environment: NodeJS.ProcessEnv, home: string = homedir()): ServicePlaces {
  const folder = userUnitFolder(environment, home);
  return { unit: join(folder, SERVICE_NAME), link: join(folder, "default.target.wants", SERVICE_NAME) };
}

/** Whether a link leads to the unit, as `systemctl enable` makes it: to its absolute path, or beside it. */
export function isEnabled({ unit, link }: ServicePlaces): boolean {
  return look(link)?.isSymbolicLink() === true && [unit, `../${SERVICE_NAME}`].includes(readlinkSync(link));
}
