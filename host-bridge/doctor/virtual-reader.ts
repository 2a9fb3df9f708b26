// Who reaches vpcd, the virtual reader that the bridge puts tokens into: its driver listens on all addresses of the computer and asks nobody who they are.
// Whoever comes first is the card. And whether the way to it is the fast one.

import { isPcscSetUp, pcscSetup } from "../desktop/pcsc-setup.ts";
import { readerAddresses, VPCD_HOST } from "../pcsc/vpcd-address.ts";
import { addressText, isLoopback, type TcpSocket } from "../tcp-sockets.ts";
import { asRoot } from "./as-root.ts";
import { askProgram } from "./ask-program.ts";
import type { Check } from "./check.ts";
import type { Facts } from "./finding.ts";
import { ok, warning } from "./found.ts";
import { machineInstallCommand } from "./install-command.ts";
import { isReaderThere } from "./pcsc.ts";
import type { Place } from "./place.ts";
import { ownerOf } from "./socket-owner.ts";

type Stranger = "stranger" | "other-user" | "other-program";
interface Card {
  readonly code: Stranger;
  readonly facts: Partial<Facts<"virtual-reader">>;
}

/** By the words that it was started with. */
const isSceau = (words: readonly string[]): boolean => words.some((word) => /(?:^|\/)(?:sceau(?:\.mjs)?|cli\/main\.js)$/.test(word));

/** @param card a connection as the driver has it. @returns null: it is this user's Sceau, or has just gone */
function strangerAt(place: Place, card: TcpSocket, all: readonly TcpSocket[]): Card | null {
  const from = addressText(card.remote);
  if (!isLoopback(card.remote)) return { code: "stranger", facts: { from } };
  const client = all.find(({ local, remote }) => local.port === card.remote.port && remote.port === card.local.port);
  if (client === undefined) return null;
  const { uid } = client;
  if (uid !== place.machine.uid) return { code: "other-user", facts: { from, uid } };
  const owner = ownerOf(client);
  return owner === null || isSceau(owner.words)
    ? null
    : { code: "other-program", facts: { from, uid, program: owner.name, pid: owner.pid } };
}

function commands(place: Place, code: Stranger, { pid = 0 }: Partial<Facts<"virtual-reader">>): string[] {
  if (code === "stranger") return [machineInstallCommand(place, "--pcsc"), asRoot(place, "systemctl restart pcscd.service")];
  if (code === "other-user")
    return [asRoot(place, `ss -tnp dst ${VPCD_HOST} or dport = :${place.vpcdPort} or dport = :${place.vpcdPort + 1}`)];
  return [`kill ${pid}`];
}

/** ip-route(8). null: it can't be asked. */
function isFast(place: Place): boolean | null {
  const told = askProgram(place, "ip", ["-4", "route", "show", "table", "local", VPCD_HOST]);
  return told === null || told.status !== 0 ? null : /\bquickack 1\b/.test(told.text);
}

export const VIRTUAL_READER: Check<"virtual-reader"> = {
  name: "virtual-reader",
  area: "suite",
  look: (place) => {
    const { machine, root, vpcdPort } = place;
    const ports = readerAddresses({ host: VPCD_HOST, port: vpcdPort }).map(({ port }) => port);
    const none = { ports: ports.join(", "), reachable: machine.addresses().join(", "), from: "", uid: machine.uid, program: "", pid: 0 };
    const all = machine.tcpSockets();
    const own = all.filter(({ local }) => ports.includes(local.port));
    const isListening = own.some(({ local, state }) => state === "listening" && !isLoopback(local));
    if (!isReaderThere(place) && own.length === 0) return ok("virtual-reader", "unused", none);
    const cards = own.filter(({ state }) => state === "established").map((card) => strangerAt(place, card, all));
    const order: readonly Stranger[] = ["stranger", "other-user", "other-program"];
    for (const code of order) {
      const found = cards.find((card) => card?.code === code);
      if (found === undefined || found === null) continue;
      const mender = code === "other-program" ? "user" : "administrator";
      return warning("virtual-reader", code, { ...none, ...found.facts }, { mender, commands: commands(place, code, found.facts) });
    }
    const mend = { mender: "administrator", commands: [machineInstallCommand(place, "--pcsc")] } as const;
    if (isListening && pcscSetup(root).networkLimit !== "same") return warning("virtual-reader", "open", none, mend);
    if (isPcscSetUp(root) && isFast(place) === false) return warning("virtual-reader", "slow", none, mend);
    return ok("virtual-reader", isPcscSetUp(root) ? "fine" : "unused", none);
  },
};
