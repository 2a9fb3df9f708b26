// What the bridge does for each PKCS#11 function: a table from the function's name to its handler. A function that is not in the table is
// answered CKR_FUNCTION_NOT_SUPPORTED.

import { generalFunctions } from "./functions-general.ts";
import { objectFunctions } from "./functions-object.ts";
import { pinFunctions } from "./functions-pin.ts";
import { sessionFunctions } from "./functions-session.ts";
import { signFunctions } from "./functions-sign.ts";
import type { PkcsFunction } from "./pkcs-function.ts";

export const PKCS_FUNCTIONS: ReadonlyMap<string, PkcsFunction> = new Map(
  Object.entries({ ...generalFunctions, ...sessionFunctions, ...pinFunctions, ...objectFunctions, ...signFunctions }),
);
