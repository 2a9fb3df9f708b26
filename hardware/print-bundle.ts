// npm run bundle: writes the firmware's bundle to dist/firmware.js and tells its size and SHA-256.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { BUDGET_BYTES, BundleError, bundleFirmware, CHECKOUT, LIBRARY_ENTRY } from "./bundle-firmware.ts";

const OUTPUT = join(CHECKOUT, "dist", "firmware.js");

try {
  const { code, lengthBytes, sha256 } = await bundleFirmware(LIBRARY_ENTRY);
  writeFileSync(OUTPUT, code);
  process.stdout.write(`${OUTPUT}\n${lengthBytes} bytes of ${BUDGET_BYTES}\nSHA-256 ${sha256}\n`);
} catch (error) {
  if (!(error instanceof BundleError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
