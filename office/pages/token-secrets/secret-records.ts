// Releases of token secrets, as officers see them: never what is released.

import { desc, eq, inArray } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { releaseState } from "../../activation/secret-release.ts";
import type { SecretReleaseState } from "../../states/secret-release-states.ts";
import { secretReleases } from "../../store/application-schema.ts";
import { officers, offices, people, tokens } from "../../store/schema.ts";
import type { Database } from "../../store/store.ts";
import { NothingThereError } from "../edge/visit.ts";

export interface ReleaseRecord {
  readonly release: typeof secretReleases.$inferSelect;
  /** Also what the clock says before its job has run. */
  readonly state: SecretReleaseState;
  readonly timeZone: string;
  readonly askedBy: string;
  /** null: nobody has decided. */
  readonly decidedBy: string | null;
}

const MAX_ROWS = 200;
const asking = alias(officers, "asking");
const askingPerson = alias(people, "asking_person");
const deciding = alias(officers, "deciding");
const decidingPerson = alias(people, "deciding_person");

const query = (db: Database) =>
  db
    .select({
      release: secretReleases,
      officeId: offices.id,
      timeZone: offices.timeZone,
      asking: askingPerson,
      deciding: decidingPerson,
    })
    .from(secretReleases)
    .innerJoin(tokens, eq(tokens.serial, secretReleases.tokenSerial))
    .innerJoin(offices, eq(offices.id, tokens.officeId))
    .innerJoin(asking, eq(asking.id, secretReleases.askedBy))
    .innerJoin(askingPerson, eq(askingPerson.id, asking.personId))
    .leftJoin(deciding, eq(deciding.id, secretReleases.decidedBy))
    .leftJoin(decidingPerson, eq(decidingPerson.id, deciding.personId));

type Row = Awaited<ReturnType<typeof query>>[number];
const nameOf = ({ givenName, surname }: typeof people.$inferSelect): string => `${givenName} ${surname}`;

const recordOf = ({ release, timeZone, asking: by, deciding: other }: Row, now: Date): ReleaseRecord => ({
  release,
  state: releaseState(release, now),
  timeZone,
  askedBy: nameOf(by),
  decidedBy: other === null ? null : nameOf(other),
});

/** The newest first. @param scope the officer's offices with the permission */
export async function releaseRecords(db: Database, scope: readonly string[], now: Date): Promise<ReleaseRecord[]> {
  const rows = await query(db)
    .where(inArray(offices.id, [...scope]))
    .orderBy(desc(secretReleases.askedAt), desc(secretReleases.id))
    .limit(MAX_ROWS);
  return rows.map((row) => recordOf(row, now));
}

/** @throws NothingThereError */
export async function releaseRecord(db: Database, id: string, scope: readonly string[], now: Date): Promise<ReleaseRecord> {
  const [row] = await query(db).where(eq(secretReleases.id, id));
  if (row === undefined || !scope.includes(row.officeId)) throw new NothingThereError();
  return recordOf(row, now);
}
