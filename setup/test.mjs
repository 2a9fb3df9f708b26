// npm test: sets everything up, then lint, type check (the build) and every test. Arguments go to vitest.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { TEST_NEEDS } from "./needs.mjs";
import { ROOT, SetupError, setUp, withSetupErrors } from "./setup.mjs";

function step(name, args) {
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: "inherit" });
  if (status !== 0) throw new SetupError(`${name} failed: see above.`);
}

await withSetupErrors(async () => {
  await setUp(TEST_NEEDS);
  step("lint", [join(ROOT, "node_modules", "@biomejs", "biome", "bin", "biome"), "check", "--error-on-warnings"]);
  step("test", [join(ROOT, "node_modules", "vitest", "vitest.mjs"), "run", ...process.argv.slice(2)]);
});
