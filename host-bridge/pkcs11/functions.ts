// What the bridge does for each PKCS#11 function: a table from the function's name to its handler. A function that is not in the table is
// answered CKR_FUNCTION_NOT_SUPPORTED.

import { cancelFunctions } from "./functions-cancel.ts";
import { createFunctions } from "./functions-create.ts";
import { deriveFunctions } from "./functions-derive.ts";
import { digestFunctions } from "./functions-digest.ts";
import { generalFunctions } from "./functions-general.ts";
import { generateFunctions } from "./functions-generate.ts";
import { initTokenFunctions } from "./functions-init-token.ts";
import { objectFunctions } from "./functions-object.ts";
import { pinFunctions } from "./functions-pin.ts";
import { randomFunctions } from "./functions-random.ts";
import { sessionFunctions } from "./functions-session.ts";
import { signFunctions } from "./functions-sign.ts";
import { verifyFunctions } from "./functions-verify.ts";
import type { PkcsFunction } from "./pkcs-function.ts";

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
    ...digestFunctions,
    ...deriveFunctions,
    ...randomFunctions,
  }),
);
