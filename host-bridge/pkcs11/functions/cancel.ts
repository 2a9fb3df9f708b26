// PKCS#11 3.0 §5.6: C_SessionCancel. It goes past the calls of its session that wait (rpc-calls.ts), and ends the one that the token is at.

import type { Application, Session } from "../application/application.ts";
import * as ck from "../ck/ck.ts";
import { numberAt } from "./arguments.ts";
import type { PkcsFunction } from "./pkcs-function.ts";

/** By the flag that names an operation, as CK_MECHANISM_INFO does. What is not under way is left out, and so is a flag without operations here. */
const ENDINGS: readonly (readonly [flag: number, end: (application: Application, session: Session) => void])[] = [
  [
    ck.CKF_FIND_OBJECTS,
    (_, session) => {
      session.found = null;
    },
  ],
  [
    ck.CKF_DIGEST,
    (_, session) => {
      session.digesting = null;
    },
  ],
  [
    ck.CKF_VERIFY,
    (_, session) => {
      session.verifying = null;
    },
  ],
  [ck.CKF_SIGN, (application, session) => application.endKeyOperation(session, "signing")],
  [ck.CKF_DECRYPT, (application, session) => application.endKeyOperation(session, "decrypting")],
];

/** Nothing is refused: all that may be under way can be ended. */
const sessionCancel: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  const flags = numberAt(args, 1);
  for (const [flag, end] of ENDINGS) if ((flags & flag) !== 0) end(application, session);
  const use = session.keyUse;
  if (use !== null && (flags & use.flag) !== 0) use.giveUp();
  return [];
};

export const cancelFunctions: Record<string, PkcsFunction> = { C_SessionCancel: sessionCancel };
