// Whether PC/SC software reaches the reader that the bridge puts tokens into: pcscd, the virtual reader's driver, and polkit between them and this user.

import { isPcscSetUp, pcscSetup } from "../desktop/pcsc-setup.ts";
import { shellWord } from "../desktop/shell-word.ts";
import { PCSCD_SOCKET } from "../pcsc/vpcd-address.ts";
import { asRoot, debianPackages } from "./as-root.ts";
import { askPcscd, type PcscdAnswer } from "./ask-pcscd.ts";
import type { Check } from "./check.ts";
import { ok, warning } from "./found.ts";
import type { Place } from "./place.ts";

const DRIVER = "vsmartcard-vpcd";
const DAEMON = "pcscd";

/** Whether anybody here means to use the reader: it is set up, or its driver is installed. */
export const isReaderThere = ({ root }: Place): boolean => !pcscSetup(root).missingPackages.includes(DRIVER);
export const isReaderWanted = (place: Place): boolean => isReaderThere(place) || isPcscSetUp(place.root);

/** polkit(8): by default only who sits at the computer may; this lets one user in, from anywhere. */
function polkitRule(place: Place): string {
  const user = JSON.stringify(place.machine.userName(place.machine.uid));
  const condition = `action.id.indexOf("org.debian.pcsc-lite.") === 0 && subject.user === ${user}`;
  const rule = `polkit.addRule(function (action, subject) { if (${condition}) return polkit.Result.YES; });`;
  return `echo ${shellWord(rule)} | ${asRoot(place, "tee /etc/polkit-1/rules.d/70-sceau-pcsc.rules")}`;
}

function commands(place: Place, answer: Exclude<PcscdAnswer, "fine">): string[] {
  if (answer === "no-socket") return [asRoot(place, "systemctl enable --now pcscd.socket")];
  if (answer === "refused") return [polkitRule(place)];
  return [asRoot(place, "systemctl restart pcscd.socket")];
}

export const PCSC: Check<"pcsc"> = {
  name: "pcsc",
  area: "suite",
  look: async (place) => {
    const { environment, root, timeLimitMs } = place;
    const path = environment["PCSCLITE_CSOCK_NAME"] ?? PCSCD_SOCKET;
    const facts = { path };
    if (!isReaderWanted(place)) return ok("pcsc", "unused", facts);
    const missing = pcscSetup(root).missingPackages.filter((name) => name === DAEMON || name === DRIVER);
    const mender = "administrator";
    if (missing.length > 0) {
      const code = missing.includes(DAEMON) ? "no-daemon" : "no-driver";
      return warning("pcsc", code, facts, { mender, commands: [debianPackages(place, ...missing)] });
    }
    const answer = await askPcscd(path, timeLimitMs);
    return answer === "fine" ? ok("pcsc", "fine", facts) : warning("pcsc", answer, facts, { mender, commands: commands(place, answer) });
  },
};
