// One application's login at one token. Context logins (CKU_CONTEXT_SPECIFIC) have channels of their own: a PIN that is given for one
// signature counts for that one only, and a wrong one takes nothing away from the login. Not so on a card that has one security status for all
// (host-bridge/transport/card-status.ts): there another channel's PIN would end the login, so one channel serves both.

import type { TokenClient } from "../../token/token-client.ts";
import { CKR_HOST_MEMORY, CKR_USER_NOT_LOGGED_IN } from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";

/** A PIN that was verified for one signing operation. */
export interface ContextLogin {
  readonly login: UserLogin;
  readonly client: TokenClient;
}

/** The token keeps 128 channels, for all applications, and forgets the oldest: one application must not push out the others' logins. */
const MAX_CONTEXTS = 16;

export class UserLogin {
  /** The PIN is verified on it. */
  readonly client: TokenClient;
  /** null: context logins are on `client`. */
  private readonly openClient: (() => Promise<TokenClient>) | null;
  /** Channels of context logins that are over: the token forgets its oldest channel when too many are opened, and that could be `client`. */
  private readonly idle: TokenClient[] = [];
  private readonly inUse = new Set<TokenClient>();
  private isEnded = false;

  constructor(client: TokenClient, openClient: (() => Promise<TokenClient>) | null) {
    this.client = client;
    this.openClient = openClient;
  }

  /**
   * @throws TokenError with `triesLeft` when the PIN is wrong or blocked; TransportError; CkError CKR_HOST_MEMORY: too many are under way,
   *   CKR_USER_NOT_LOGGED_IN: the login ended meanwhile, and the PIN is not tried
   */
  async verifyContext(pin: Uint8Array): Promise<ContextLogin> {
    if (this.isEnded) throw new CkError(CKR_USER_NOT_LOGGED_IN);
    if (this.inUse.size >= MAX_CONTEXTS) throw new CkError(CKR_HOST_MEMORY);
    const client = this.idle.pop() ?? (await this.openClient?.()) ?? this.client;
    this.inUse.add(client);
    try {
      await client.verifyPin(pin);
    } catch (error) {
      this.giveBack(client, false);
      throw error;
    }
    return { login: this, client };
  }

  /** @param isUsable false after a failure: the channel may be dead */
  giveBack(client: TokenClient, isUsable: boolean): void {
    this.inUse.delete(client);
    if (client === this.client) return; // the login's own
    if (isUsable && !this.isEnded) this.idle.push(client);
    else client.close();
  }

  end(): void {
    this.isEnded = true;
    for (const client of new Set([this.client, ...this.idle.splice(0), ...this.inUse])) client.close();
  }
}
