// What `sceau doctor` says around its findings, in English. French has the same keys (doctor-fr.ts).

import type { Area, Mender } from "../../host-bridge/doctor/finding.ts";
import { doctorFindingsEn } from "./doctor-findings-en.ts";

export const doctorEn = {
  help: {
    doctor: "look for what would stop an activation on this computer, and say what mends it; changes nothing",
    port: "the agent's port on this computer",
    office: "the office's address, as in its e-mail; by default the offices that the agent trusts",
  },
  area: {
    suite: "Sceau and what it needs are there and running",
    office: "Firewall and proxy let the office through",
    rights: "Rights on this computer",
    installation: "The installation is whole",
  } satisfies Record<Area, string> as Record<Area, string>,
  /** Who can mend it; nothing when the person can do it alone. */
  mender: {
    user: "",
    administrator: "for your IT support, with administrator rights",
    network: "for your IT support: firewall and proxy",
    office: "for the office",
  } satisfies Record<Mender, string> as Record<Mender, string>,
  looking: (what: string) => `… ${what}`,
  well: "All is well: an activation can begin.",
  wellButOffice: "All is well on this computer. The way to an office was not tried.",
  warnings: (count: number) =>
    count === 1 ? "One remark (!) does not stop an activation." : `${count} remarks (!) do not stop an activation.`,
  troubles: (count: number) =>
    count === 1 ? "One trouble (✘) would stop an activation." : `${count} troubles (✘) would stop an activation.`,
  again: "When it is mended, run the same command again.",
  findings: doctorFindingsEn,
};
