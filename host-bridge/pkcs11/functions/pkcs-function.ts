// What a PKCS#11 function is to the bridge.

import type { Application } from "../application/application.ts";
import type { Argument } from "../rpc/rpc-reader.ts";
import type { Result } from "../rpc/rpc-writer.ts";

/** Results in the order of the call's signature. @throws CkError, TokenError, TransportError */
export type PkcsFunction = (application: Application, args: readonly Argument[]) => readonly Result[] | Promise<readonly Result[]>;
