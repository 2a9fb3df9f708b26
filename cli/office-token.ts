// The token of an officer's command. Until those on USB are reached through the bridge, it is a simulated one, and whoever has none is told so.

import { OfficeCommandError } from "./office-error.ts";
import type { StateFolder } from "./state-folder.ts";
import { type ConnectedToken, withToken } from "./tokens.ts";
import { UsageError } from "./usage-error.ts";

/** @throws OfficeCommandError no-token; UsageError which-token */
export async function withOfficerToken<T>(
  state: StateFolder,
  wanted: string | undefined,
  use: (token: ConnectedToken) => Promise<T>,
): Promise<T> {
  try {
    return await withToken(state, wanted, use);
  } catch (error) {
    if (error instanceof UsageError && error.problem === "no-token-plugged-in")
      throw new OfficeCommandError("no-token", wanted ?? "", { cause: error });
    throw error;
  }
}
