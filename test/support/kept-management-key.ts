// The management key of a test's token where `sceau token init` would have kept it: the bridge then lends it to the token's user.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { MANAGEMENT_KEY, PUK, type Workbench } from "./workbench.ts";

/** After `initialise`. */
export async function keepManagementKey(bench: Workbench): Promise<void> {
  const client = await bench.client();
  const path = bench.state.secrets((await client.deviceInfo()).serial);
  client.close();
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, JSON.stringify({ puk: PUK, managementKey: MANAGEMENT_KEY }), { mode: 0o600 });
}
