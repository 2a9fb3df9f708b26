// What the bridge does for each PKCS#11 function: a table from the function's name to its handler. A function that is not in the table is
// answered CKR_FUNCTION_NOT_SUPPORTED.

import { cancelFunctions } from "./cancel.ts";
import { createFunctions } from "./create.ts";
import { decryptFunctions } from "./decrypt.ts";
import { deriveFunctions } from "./derive.ts";
import { digestFunctions } from "./digest.ts";
import { generalFunctions } from "./general.ts";
import { generateFunctions } from "./generate.ts";
import { initTokenFunctions } from "./init-token.ts";
import { objectFunctions } from "./object.ts";
import { pinFunctions } from "./pin.ts";
import type { PkcsFunction } from "./pkcs-function.ts";
import { randomFunctions } from "./random.ts";
import { sessionFunctions } from "./session.ts";
import { signFunctions } from "./sign.ts";
import { verifyFunctions } from "./verify.ts";

export const PKCS_FUNCTIONS: ReadonlyMap<string, PkcsFunction> = new Map(
  Object.entries({
    ...generalFunctions,
    ...sessionFunctions,
    ...cancelFunctions,
    ...initTokenFunctions,
    ...pinFunctions,
    ...objectFunctions,
    ...createFunctions,
    ...generateFunctions,
    ...signFunctions,
    ...verifyFunctions,
    ...decryptFunctions,
    ...digestFunctions,
    ...deriveFunctions,
    ...randomFunctions,
  }),
);
