// What scenarios do to a token: commands that must be answered as expected, or the scenario is not what it says.

import { hexToBytes } from "../../protocol/bytes.ts";
import { ALG_AES_192, FACTORY_MANAGEMENT_KEY } from "../../protocol/piv.ts";
import { SW_OK } from "../../protocol/status-words.ts";
import { type CommandParts, verifyPin } from "../firmware/card-commands.ts";
import { PIN } from "../firmware/test-token.ts";
import { type Opened, pressed } from "./laboratory.ts";

type Act = (opened: Opened) => void;

/** Sends a command, presses the button when it is asked for, expects this status word. */
export function command(parts: CommandParts, sw = SW_OK): Act {
  return (opened) => {
    const answered = pressed(opened, parts);
    if (answered !== sw) throw new Error(`${parts.ins.toString(16)} answered ${answered.toString(16)} instead of ${sw.toString(16)}`);
  };
}

export function inTurn(...acts: readonly Act[]): Act {
  return (opened) => {
    for (const act of acts) act(opened);
  };
}

export const pinProved: Act = command(verifyPin(PIN));
export const managementProved: Act = ({ token }) => void token.authenticate();
export const factoryManagementProved: Act = ({ token }) => void token.authenticate(ALG_AES_192, hexToBytes(FACTORY_MANAGEMENT_KEY));
