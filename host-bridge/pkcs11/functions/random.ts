// PKCS#11 2.40 §5.16: random bytes, from the token's own generator.

import { SW_INS_NOT_SUPPORTED } from "../../../protocol/status-words.ts";
import { TokenError } from "../../token/token-error.ts";
import * as ck from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";
import { numberAt, roomAt } from "./arguments.ts";
import type { PkcsFunction } from "./pkcs-function.ts";

/** A call's most: 256 exchanges with the token. */
const MAX_RANDOM_BYTES = 64 << 10;

const generateRandom: PkcsFunction = async (application, args) => {
  const session = application.session(numberAt(args, 0));
  const count = roomAt(args, 1);
  const isNullPointer = numberAt(args, 1) === 0; // p11-kit's client tells a buffer of no bytes apart
  if (isNullPointer || count > MAX_RANDOM_BYTES) throw new CkError(ck.CKR_ARGUMENTS_BAD);
  try {
    return [await session.slot.randomBytes(count)];
  } catch (error) {
    // A token of before GET CHALLENGE.
    if (error instanceof TokenError && error.sw === SW_INS_NOT_SUPPORTED) throw new CkError(ck.CKR_RANDOM_NO_RNG, { cause: error });
    throw error;
  }
};

/** The token's generator takes nothing from outside. */
const seedRandom: PkcsFunction = (application, args) => {
  application.session(numberAt(args, 0));
  throw new CkError(ck.CKR_RANDOM_SEED_NOT_SUPPORTED);
};

export const randomFunctions: Record<string, PkcsFunction> = { C_GenerateRandom: generateRandom, C_SeedRandom: seedRandom };
