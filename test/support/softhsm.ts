// A token of SoftHSM2 for one test file: its objects are in a folder of the test's.

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mustRun } from "./run.ts";

const MODULES = [
  "/usr/lib/softhsm/libsofthsm2.so",
  "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
  "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
];
export const SOFTHSM_PIN = "4711-0815";

export interface SoftHsm {
  readonly module: string;
  /** File with the user's PIN. */
  readonly pinFile: string;
  /** A PKCS#11 URI (RFC 7512) of an object, with its PIN's file. */
  uri(object: string): string;
}

/** SoftHSM2 reads where its objects are from the environment of this process: once, when it is loaded. */
export function softHsm(folder: string, label = "sceau-ca"): SoftHsm {
  const module = MODULES.find(existsSync);
  if (module === undefined) throw new Error("libsofthsm2.so is missing: npm test installs softhsm2");
  const objects = join(folder, "softhsm");
  mkdirSync(objects, { recursive: true });
  const configuration = join(folder, "softhsm2.conf");
  writeFileSync(configuration, `directories.tokendir = ${objects}\nobjectstore.backend = file\nlog.level = ERROR\n`);
  process.env["SOFTHSM2_CONF"] = configuration;
  mustRun("softhsm2-util", ["--init-token", "--free", "--label", label, "--so-pin", "12345678", "--pin", SOFTHSM_PIN]);
  const pinFile = join(folder, "softhsm-pin");
  writeFileSync(pinFile, `${SOFTHSM_PIN}\n`, { mode: 0o600 });
  return {
    module,
    pinFile,
    uri: (object) => `pkcs11:token=${label};object=${object}?module-path=${module}&pin-source=file:${pinFile}`,
  };
}
