// What signing software sees: p11-kit's client, loaded by a program of its own in this environment, as any other program would load it. It logs in nowhere.

import { execFile } from "node:child_process";
import { shellWord } from "../desktop/shell-word.ts";
import { defaultSocket } from "../discovery/default-socket.ts";
import { p11KitAddress } from "../signing/pkcs11-module.ts";
import type { Check } from "./check.ts";
import { ok, trouble, warning } from "./found.ts";
import type { Place } from "./place.ts";

const TIME_LIMIT_MS = 10_000;
/** C_GetInfo of the bridge (pkcs11/functions/general.ts). */
const OURS = "Sceau";
/** C_GetInfo of p11-kit's client when nobody answers it. */
const NO_CONNECTION = "(no connection)";

/** Not in this process: the module would stay loaded in it, and a module that crashes takes its process along. */
const PROGRAM = `
const { PKCS11, CKF_OS_LOCKING_OK } = require("pkcs11js");
const pkcs11 = new PKCS11();
pkcs11.load(process.argv[1]);
pkcs11.C_Initialize({ flags: CKF_OS_LOCKING_OK });
const { manufacturerID, libraryDescription } = pkcs11.C_GetInfo();
const count = pkcs11.C_GetSlotList(true).length;
process.stdout.write(JSON.stringify({ manufacturer: manufacturerID.trim(), description: libraryDescription.trim(), count }));
pkcs11.C_Finalize();
`;

interface Seen {
  readonly manufacturer: string;
  readonly description: string;
  /** Tokens. */
  readonly count: number;
}

/** @throws with what went wrong in its message */
function ask({ checkout, environment }: Place, module: string): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const options = { cwd: checkout, env: environment, timeout: TIME_LIMIT_MS };
    execFile(process.execPath, ["-e", PROGRAM, module], options, (error, stdout, stderr) => {
      if (error !== null) reject(new Error(/^\w*Error: .*$/m.exec(stderr)?.[0] ?? "no answer"));
      else resolve(JSON.parse(stdout) as Seen);
    });
  });
}

export const SOFTWARE: Check<"software"> = {
  name: "software",
  area: "suite",
  needs: ["packages", "native", "module", "bridge"],
  look: async (place) => {
    const { environment, state, module } = place;
    const address = environment["P11_KIT_SERVER_ADDRESS"] ?? p11KitAddress(defaultSocket(environment));
    const none = { address, count: 0, manufacturer: "", reason: "" };
    const commands = [`export P11_KIT_SERVER_ADDRESS=${shellWord(p11KitAddress(state.pkcs11Socket))}`];
    let seen: Seen;
    try {
      seen = await ask(place, module ?? "");
    } catch (error) {
      return trouble("software", "not-loading", { ...none, reason: error instanceof Error ? error.message : "" }, {});
    }
    const facts = { ...none, count: seen.count, manufacturer: seen.manufacturer };
    if (seen.description.includes(NO_CONNECTION)) return warning("software", "nobody", facts, { commands });
    if (seen.manufacturer !== OURS) return warning("software", "other-server", facts, { commands });
    return seen.count === 0 ? warning("software", "no-token", facts) : ok("software", "fine", facts);
  },
};
