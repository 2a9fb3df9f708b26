// What `sceau bridge --register` and `--unregister` do: p11-kit's module file for this user.

import { userInfo } from "node:os";
import { moduleFile, NotOurFileError, register, unregister } from "../../host-bridge/discovery/module-file.ts";
import { p11KitAddress } from "../../host-bridge/signing/pkcs11-module.ts";
import type { CliContext } from "../context.ts";
import { visible } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";

const ROOT_UID = 0;

/** @throws UsageError not-our-file */
function unlessForeign<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof NotOurFileError) throw new UsageError("not-our-file", error.path, { cause: error });
    throw error;
  }
}

export function runRegister({ state, say, report }: CliContext): void {
  const path = moduleFile(process.env);
  const address = p11KitAddress(state.pkcs11Socket);
  unlessForeign(() => register(path, address));
  const isRead = userInfo().uid !== ROOT_UID;
  const lines = [visible(say.bridge.registered(path)), ...(isRead ? [] : [say.bridge.rootReadsNone])];
  report({ event: "registered", path, address, isRead }, lines);
}

export function runUnregister({ say, report }: CliContext): void {
  const path = moduleFile(process.env);
  const wasThere = unlessForeign(() => unregister(path));
  report({ event: "unregistered", path, wasThere }, [visible(say.bridge[wasThere ? "unregistered" : "notRegistered"](path))]);
}
