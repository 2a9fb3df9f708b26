// npm start: sets everything up, then runs the tour (`sceau tour`) with the arguments it was given.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { RUN_NEEDS } from "./needs.mjs";
import { ROOT, setUp, withSetupErrors } from "./setup.mjs";

await withSetupErrors(async () => {
  await setUp(RUN_NEEDS);
  const cli = join(ROOT, "cli", "sceau.mjs");
  const { INIT_CWD: folder = process.cwd() } = process.env; // where npm was called: paths in the arguments are relative to it
  const { status, signal } = spawnSync(process.execPath, [cli, "tour", ...process.argv.slice(2)], { stdio: "inherit", cwd: folder });
  process.exitCode = signal === null ? (status ?? 1) : 1;
});
