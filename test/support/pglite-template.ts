// A PGlite folder that is initialised and migrated, to begin from: to make one takes seconds, to copy it does not. Kept in node_modules/.cache, by what it
// was made of.

import { createHash, randomBytes } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CHECKOUT } from "../../cli/checkout.ts";
import { MIGRATIONS, migrate } from "../../office/store/migrate.ts";
import { openFolder } from "../../office/store/store.ts";

const CACHE = join(CHECKOUT, "node_modules", ".cache", "sceau");
const PGLITE = join(CHECKOUT, "node_modules", "@electric-sql", "pglite", "package.json");

function nameOfTemplate(): string {
  const made = createHash("sha256").update(readFileSync(PGLITE)).update(process.version);
  for (const { script } of MIGRATIONS) made.update(script);
  return `pglite-${made.digest("hex").slice(0, 16)}`;
}

/** Makes `folder` a copy of it. Several processes may make the template at once: the first one's stays. */
export async function copyTemplate(folder: string): Promise<void> {
  const template = join(CACHE, nameOfTemplate());
  if (!existsSync(template)) {
    mkdirSync(CACHE, { recursive: true });
    const fresh = `${template}.${randomBytes(4).toString("hex")}`;
    const store = await openFolder(fresh);
    await migrate(store);
    await store.close();
    try {
      renameSync(fresh, template);
    } catch (error) {
      if (!["ENOTEMPTY", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
      rmSync(fresh, { recursive: true });
    }
  }
  cpSync(template, folder, { recursive: true });
}
