// Which mailbox a browser asked a code for: shown to that browser only, so that a slip of the pen is seen.

import { eq } from "drizzle-orm";
import { secretDigest } from "../registration/secret.ts";
import { mailCodes } from "../store/application-schema.ts";
import type { Database } from "../store/store.ts";

/** @param secret of the cookie @returns null: none asked for, or used, or over */
export async function askedMailbox(db: Database, secret: string, now: Date): Promise<string | null> {
  const [row] = await db
    .select()
    .from(mailCodes)
    .where(eq(mailCodes.digest, secretDigest(secret)));
  return row === undefined || row.usedAt !== null || row.expiresAt <= now ? null : row.email;
}
