// One use of a private key on the token: on which channel, what becomes of the login afterwards, and how its wait for the button is given up.

import { SW_SECURITY_STATUS_NOT_SATISFIED } from "../../../protocol/status-words.ts";
import type { KeyPurpose } from "../../pin-prompt/pin-prompt.ts";
import type { TokenClient } from "../../token/token-client.ts";
import { TokenError } from "../../token/token-error.ts";
import { type TransmitOptions, TransportError } from "../../transport/transport.ts";
import * as ck from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";
import type { TokenKey } from "../objects/token-object.ts";
import type { Slot } from "../slots/slot.ts";
import type { Application, Session } from "./application.ts";
import { askedForUse, askForUse } from "./context-login.ts";
import type { OngoingUse } from "./operations.ts";
import type { ContextLogin } from "./user-login.ts";

/** By the flag of the use: what a person is asked for the PIN as. */
const PURPOSES: ReadonlyMap<number, KeyPurpose> = new Map([
  [ck.CKF_SIGN, "signature"],
  [ck.CKF_DECRYPT, "decryption"],
  [ck.CKF_DERIVE, "key-agreement"],
]);

/** What is asked of the token; the options are passed on to it. */
type KeyWork = (client: TokenClient, options: TransmitOptions) => Promise<Uint8Array>;

/** A use that is under way, for whoever gives it up meanwhile: C_SessionCancel, C_CloseSession. */
class KeyUse implements OngoingUse {
  /** The flag by which C_SessionCancel names it. */
  readonly flag: number;
  private readonly client: TokenClient;
  private readonly slot: Slot;
  private wait: { done(): void } | null = null;
  isGivenUp = false;

  constructor(flag: number, client: TokenClient, slot: Slot) {
    this.flag = flag;
    this.client = client;
    this.slot = slot;
  }

  /** To be called each time the token tells that it waits for the button. */
  atButton(): void {
    this.wait ??= this.slot.waitForButton();
    if (this.isGivenUp) this.client.cancel();
  }

  /**
   * Sessions share their login's channel, and a cancel is for the command that runs on it: while that may be another session's, nothing
   * is sent; the token is told when it waits for this one.
   */
  giveUp(): void {
    this.isGivenUp = true;
    if (this.wait !== null) this.client.cancel();
  }

  /** The token has answered, or failed. */
  end(): void {
    this.wait?.done();
  }
}

/** A login whose channel has failed, or on which the PIN counts no more (it was changed elsewhere), is none: the user may log in again. */
function isLoginLost(error: unknown): boolean {
  if (error instanceof TransportError) return error.failure === "silent" || error.failure === "confused";
  return error instanceof TokenError && error.sw === SW_SECURITY_STATUS_NOT_SATISFIED;
}

async function run(session: Session, flag: number, client: TokenClient, work: KeyWork): Promise<Uint8Array> {
  const use = new KeyUse(flag, client, session.slot);
  session.keyUse = use;
  try {
    const result = await work(client, { onButton: () => use.atButton() });
    // Pressed, or done without a button, before the token heard of it: what was given up is not given out.
    if (use.isGivenUp) throw new CkError(ck.CKR_FUNCTION_CANCELED);
    return result;
  } finally {
    use.end();
    if (session.keyUse === use) session.keyUse = null;
  }
}

/** For a key without CKA_ALWAYS_AUTHENTICATE: on the login's channel; without login on a new one, where the token decides. */
async function useWithLogin(application: Application, session: Session, flag: number, work: KeyWork): Promise<Uint8Array> {
  const { slot } = session;
  const login = application.login(slot);
  const client = login?.client ?? (await slot.openClient());
  try {
    return await run(session, flag, client, work);
  } catch (error) {
    if (login !== undefined && application.login(slot) === login && isLoginLost(error)) application.endLogin(slot);
    throw error;
  } finally {
    if (login === undefined) client.close();
  }
}

async function useInContext(session: Session, flag: number, { login, client }: ContextLogin, work: KeyWork): Promise<Uint8Array> {
  let isUsable = false;
  try {
    const result = await run(session, flag, client, work);
    isUsable = true;
    return result;
  } finally {
    login.giveBack(client, isUsable);
  }
}

/** The application gave no PIN for this use: the bridge asks for it, where it can. */
async function useWithAskedPin(
  application: Application,
  session: Session,
  key: TokenKey,
  flag: number,
  work: KeyWork,
): Promise<Uint8Array> {
  const login = application.login(session.slot);
  if (login === undefined || application.services.pinPrompt === null) throw new CkError(ck.CKR_USER_NOT_LOGGED_IN);
  const ending = new AbortController();
  const use: OngoingUse = { flag, giveUp: () => ending.abort() };
  session.keyUse = use;
  try {
    const context = await askForUse(application, session, login, askedForUse(session, key, PURPOSES.get(flag) ?? "signature"), ending);
    if (ending.signal.aborted) {
      login.giveBack(context.client, false);
      throw new CkError(ck.CKR_FUNCTION_CANCELED); // given up, logged out or closed while the token looked at the PIN
    }
    return await useInContext(session, flag, context, work);
  } finally {
    if (session.keyUse === use) session.keyUse = null;
  }
}

/**
 * Uses a private key: one exchange with the token.
 * @param context the PIN that was given for this very use; null: none
 * @param flag CKF_SIGN, CKF_DECRYPT or CKF_DERIVE
 * @throws CkError CKR_USER_NOT_LOGGED_IN, CKR_FUNCTION_CANCELED when it was given up; TokenError, TransportError
 */
export function useKey(
  application: Application,
  session: Session,
  { key, context, flag }: { readonly key: TokenKey; readonly context: ContextLogin | null; readonly flag: number },
  work: KeyWork,
): Promise<Uint8Array> {
  if (context !== null) {
    // After C_Logout the PIN counts no more; the channel was closed then.
    if (application.login(session.slot) !== context.login) return Promise.reject(new CkError(ck.CKR_USER_NOT_LOGGED_IN));
    return useInContext(session, flag, context, work);
  }
  // The user is asked for the PIN of this very use (§5.6 C_Login), though the token might take the login's, once.
  if (key.alwaysAuthenticate) return useWithAskedPin(application, session, key, flag, work);
  return useWithLogin(application, session, flag, work);
}
