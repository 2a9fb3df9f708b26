// What `sceau install --pcsc` sets up on the machine, so that the bridge's tokens are smart cards for PC/SC software: fast, and out of the network's reach.

import { existsSync, lstatSync } from "node:fs";
import { join } from "node:path";
import { QUICK_ACK_ROUTE, VPCD_HOST } from "../pcsc/vpcd-address.ts";
import { type FileState, fileState, MARK } from "./marked-file.ts";

export const ROUTE_UNIT_NAME = "sceau-pcsc-route.service";
const ROUTE = QUICK_ACK_ROUTE.join(" ");

/** The route ends with the service that made it. */
export const ROUTE_UNIT_TEXT = `${MARK}
[Unit]
Description=Quick acknowledgements between Sceau and PC/SC's virtual reader (${VPCD_HOST})

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=ip route replace ${ROUTE}
ExecStop=ip route del ${ROUTE}

[Install]
WantedBy=multi-user.target
`;

/** The virtual reader's driver listens on all addresses and asks nobody who they are. */
export const NETWORK_LIMIT_TEXT = `${MARK}
# The virtual reader (vsmartcard-vpcd) listens on all addresses, without asking who calls: only this computer may.
[Service]
IPAddressDeny=any
IPAddressAllow=localhost
`;

export interface PcscPlaces {
  readonly routeUnit: string;
  /** What `systemctl enable` makes. */
  readonly routeLink: string;
  readonly networkLimit: string;
}

/** @param root prefix of the machine's files; "/" is the machine itself */
export function pcscPlaces(root: string): PcscPlaces {
  const units = join(root, "/etc/systemd/system");
  return {
    routeUnit: join(units, ROUTE_UNIT_NAME),
    routeLink: join(units, "multi-user.target.wants", ROUTE_UNIT_NAME),
    networkLimit: join(units, "pcscd.service.d", "sceau.conf"),
  };
}

export interface PcscSetup {
  readonly route: FileState;
  readonly isRouteEnabled: boolean;
  readonly networkLimit: FileState;
  /** Debian packages that are not there. */
  readonly missingPackages: readonly string[];
}

const ARCHITECTURES = ["x86_64-linux-gnu", "aarch64-linux-gnu", "arm-linux-gnueabihf", "."] as const;

function missingPackages(root: string): string[] {
  const hasPcscd = existsSync(join(root, "/usr/sbin/pcscd"));
  const drivers = ARCHITECTURES.map((name) => join(root, "/usr/lib", name, "pcsc/drivers/serial/libifdvpcd.so"));
  const hasIp = ["/usr/sbin/ip", "/usr/bin/ip", "/sbin/ip", "/bin/ip"].some((path) => existsSync(join(root, path)));
  return [
    ...(hasPcscd ? [] : ["pcscd"]),
    ...(drivers.some((path) => existsSync(path)) ? [] : ["vsmartcard-vpcd"]),
    ...(hasIp ? [] : ["iproute2"]),
  ];
}

/** How it stands on this machine, read from its files. @param root as pcscPlaces has it */
export function pcscSetup(root: string): PcscSetup {
  const { routeUnit, routeLink, networkLimit } = pcscPlaces(root);
  return {
    route: fileState(routeUnit, ROUTE_UNIT_TEXT),
    isRouteEnabled: lstatSync(routeLink, { throwIfNoEntry: false })?.isSymbolicLink() === true,
    networkLimit: fileState(networkLimit, NETWORK_LIMIT_TEXT),
    missingPackages: missingPackages(root),
  };
}

/** Whether somebody has set it up here, maybe with an older Sceau: then the user's service holds the readers, too. */
export function isPcscSetUp(root: string): boolean {
  const { route, networkLimit } = pcscSetup(root);
  return [route, networkLimit].some((state) => state === "same" || state === "other");
}
