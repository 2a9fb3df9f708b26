// Secrets that people can remember or type (answers, short codes): argon2id (RFC 9106), so that whoever has the database does not try them all.

import { hash, verify } from "@node-rs/argon2";

/** RFC 9106 §4, second choice, with fewer lanes for small machines: 19 MiB, two passes (OWASP's minimum). */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** @returns PHC string, with its salt */
export function slowHash(secret: string): Promise<string> {
  return hash(secret, PARAMETERS);
}

/** In constant time, off the main thread. @param hashed null: there is none; it takes as long, and is false */
export async function isSlowHashOf(hashed: string | null, secret: string): Promise<boolean> {
  const isEqual = await verify(hashed ?? (await nobodys()), secret);
  return isEqual && hashed !== null;
}

let ofNobody: Promise<string> | null = null;

/** A hash to compare with where there is none. */
function nobodys(): Promise<string> {
  ofNobody ??= slowHash("nobody's secret");
  return ofNobody;
}
