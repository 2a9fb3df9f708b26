// What `sceau doctor` does: looks for what would stop an activation, and says what mends it (S4, S14). It changes nothing.

import { homedir } from "node:os";
import { join } from "node:path";
import { shellWord } from "../../host-bridge/desktop/shell-word.ts";
import { UDEV_RULE_FOLDERS } from "../../host-bridge/desktop/udev-rule.ts";
import { examine, isWell, type Progress } from "../../host-bridge/doctor/examine.ts";
import { NODE_MACHINE } from "../../host-bridge/doctor/node-machine.ts";
import type { Place } from "../../host-bridge/doctor/place.ts";
import { VPCD_PORT } from "../../host-bridge/pcsc/vpcd-address.ts";
import { findP11KitClient } from "../../host-bridge/signing/pkcs11-module.ts";
import { CHECKOUT } from "../checkout.ts";
import type { CliContext } from "../context.ts";
import { doctorResult, doctorScreen } from "../doctor-screen.ts";
import { EXIT_NEGATIVE, EXIT_OK } from "../failure.ts";
import { readPort } from "../port.ts";
import { programName } from "../program-name.ts";
import { visible } from "../terminal.ts";

export interface DoctorOptions {
  readonly office?: string;
  readonly port: string;
}

const QUESTION_LIMIT_MS = 8000;
/** A check that takes longer is named while it lasts. */
const LONG_MS = 1000;
const CLEAR_LINE = "\r\u001b[K";

function placeOf({ state, now }: CliContext, { office, port }: DoctorOptions): Place {
  return {
    machine: NODE_MACHINE,
    environment: process.env,
    checkout: CHECKOUT,
    state: {
      root: state.root,
      run: state.run,
      pkcs11Socket: state.pkcs11Socket,
      agent: join(state.root, "agent"),
      option: state.isDefault ? "" : ` --state ${shellWord(state.root)}`,
    },
    program: programName(),
    home: homedir(),
    module: findP11KitClient(),
    agentPort: readPort(port),
    office: office ?? null,
    systemAuthorities: "/etc/ssl/certs/ca-certificates.crt",
    udevRules: UDEV_RULE_FOLDERS,
    devices: { sys: "/sys", dev: "/dev" },
    root: "/",
    vpcdPort: VPCD_PORT,
    now,
    timeLimitMs: QUESTION_LIMIT_MS,
  };
}

/** Names what takes long, on a terminal and nowhere else. */
function progressOn({ say, isJson }: CliContext): Progress & { end(): void } {
  const { stderr } = process;
  const isShown = stderr.isTTY === true && !isJson;
  let timer: NodeJS.Timeout | null = null;
  let isWritten = false;
  const end = (): void => {
    if (timer !== null) clearTimeout(timer);
    if (isWritten) stderr.write(CLEAR_LINE);
    [timer, isWritten] = [null, false];
  };
  return {
    begins: (check) => {
      end();
      if (!isShown) return;
      timer = setTimeout(() => {
        isWritten = true;
        stderr.write(visible(say.doctor.looking(say.doctor.findings[check].looking)));
      }, LONG_MS);
    },
    found: end,
    end,
  };
}

/** @returns the exit code: 1 when something would stop an activation */
export async function runDoctor(context: CliContext, options: DoctorOptions): Promise<number> {
  const progress = progressOn(context);
  try {
    const all = await examine(placeOf(context, options), progress);
    // A terminal that does not know how wide it is says 0.
    const columns = (process.stdout.isTTY && process.stdout.columns) || Number.POSITIVE_INFINITY;
    context.report(doctorResult(all, context.say), doctorScreen(all, context.say, columns));
    return isWell(all) ? EXIT_OK : EXIT_NEGATIVE;
  } finally {
    progress.end();
  }
}
