// The zone in which times are shown: the office's; for lists over several offices, that of the first.

import { asc, inArray } from "drizzle-orm";
import { offices } from "../../store/schema.ts";
import type { Database } from "../../store/store.ts";

/** @param scope offices, by their ids */
export async function timeZoneOf(db: Database, scope: readonly string[]): Promise<string> {
  if (scope.length === 0) return "UTC";
  const [row] = await db
    .select({ timeZone: offices.timeZone })
    .from(offices)
    .where(inArray(offices.id, [...scope]))
    .orderBy(asc(offices.createdAt), asc(offices.id))
    .limit(1);
  return row?.timeZone ?? "UTC";
}
