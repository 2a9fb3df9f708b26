// The management keys of tokens that were initialised here, for the bridge: `sceau bridge` runs as the very user who owns those files.

import type { ManagementKeys } from "../host-bridge/token/management-keys.ts";
import { forgetTokenSecrets, keepManagementKey, loadManagementKey } from "./secrets.ts";
import type { StateFolder } from "./state-folder.ts";
import { UsageError } from "./usage-error.ts";

export function keptManagementKeys(state: StateFolder): ManagementKeys {
  return {
    find: (serial) => {
      try {
        return loadManagementKey(state, serial);
      } catch (error) {
        if (error instanceof UsageError) return null; // no file, or one that can't be read: the commands of `sceau token` say which
        throw error;
      }
    },
    keep: (serial) => keepManagementKey(state, serial),
    forget: (serial) => forgetTokenSecrets(state, serial),
  };
}
