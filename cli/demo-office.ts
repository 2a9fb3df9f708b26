// The demonstration of `sceau office --demo`: its tokens are this checkout's simulator's.

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { demoStart, demoTokenName, demoTrustFile, fillDemo } from "../office/demo/demo.ts";
import type { OfficeConfig } from "../office/office.ts";
import { OfficeFolder } from "../office/process/office-folder.ts";
import { ROLES } from "../office/registration/roles.ts";
import { offices } from "../office/store/schema.ts";
import { toPem } from "./certificates.ts";
import type { CliContext } from "./context.ts";
import { DEMO_PIN, demoTokens } from "./demo-tokens.ts";

/** Fills the demonstration's store the first time. */
export function demoFiller(context: CliContext): NonNullable<OfficeConfig["fillDemo"]> {
  return async (store, { folder, authorityFolder, publicUrl, host, port, clock }) => {
    const [known] = await store.db.select({ id: offices.id }).from(offices).limit(1);
    if (known !== undefined) return;
    rmSync(authorityFolder, { recursive: true, force: true }); // of a demonstration that was never finished
    const now = clock.now();
    const tokens = await demoTokens(context.state, join(folder, "factory"), demoStart(now));
    writeFileSync(demoTrustFile(new OfficeFolder(folder).trust), toPem(tokens.root), { mode: 0o600 });
    await fillDemo({ store, authorityFolder, publicUrl: publicUrl ?? `http://${host}:${port}`, now, tokens });
  };
}

/** What the demonstration says at each start. */
export function tellDemo(context: CliContext): void {
  const officers = ROLES.map(demoTokenName);
  context.report({ event: "demo", officers, pin: DEMO_PIN }, [context.say.officeServer.demo.made(officers.join(", "), DEMO_PIN)]);
}
