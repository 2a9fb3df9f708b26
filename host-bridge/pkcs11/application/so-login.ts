// The security officer of an application at one token: whoever knows the PUK, or the management key. The token asks for either with the very
// commands that need it and has no login by them, so the bridge keeps it from C_Login to C_Logout, and overwrites it then.

import { hexToBytes } from "../../../protocol/bytes.ts";
import * as ck from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";

/** AES-128, -192, -256 in hexadecimal digits, as ykcs11 takes the key. */
const MANAGEMENT_KEY_HEX = /^(?:[0-9a-f]{32}|[0-9a-f]{48}|[0-9a-f]{64})$/i;
/** No PUK is as long, and no PIN. */
const SHORTEST_HEX = 32;

/** The management key that an officer's PIN spells; null: it is none. The caller overwrites it. */
export function managementKeyIn(pin: Uint8Array): Uint8Array | null {
  if (pin.length < SHORTEST_HEX) return null;
  const text = Buffer.from(pin).toString("latin1");
  return MANAGEMENT_KEY_HEX.test(text) ? hexToBytes(text) : null;
}

export class SoLogin {
  /** What the officer gave. */
  readonly by: "PUK" | "management key";
  private readonly held: Buffer;
  private isEnded = false;

  /** @param secret the PUK (8 bytes), or the management key (16, 24 or 32); it is copied: the caller may overwrite it */
  constructor(by: SoLogin["by"], secret: Uint8Array) {
    this.by = by;
    this.held = Buffer.from(secret);
  }

  /**
   * The PUK, for as long as `work` runs; then the copy is overwritten. A login that has ended has none.
   * @throws CkError CKR_FUNCTION_FAILED when the officer gave the management key, which says nothing of the PUK
   */
  async withPuk<T>(work: (puk: Uint8Array) => Promise<T>): Promise<T> {
    if (this.by !== "PUK") throw new CkError(ck.CKR_FUNCTION_FAILED);
    return this.withSecret(work);
  }

  /** The management key, for as long as `work` runs. @throws CkError CKR_TOKEN_WRITE_PROTECTED when the officer gave the PUK */
  async withManagementKey<T>(work: (key: Uint8Array) => Promise<T>): Promise<T> {
    if (this.by !== "management key") throw new CkError(ck.CKR_TOKEN_WRITE_PROTECTED);
    return this.withSecret(work);
  }

  /** After C_SetPIN. A PUK has one length, 8 bytes. */
  replacePuk(puk: Uint8Array): void {
    if (!this.isEnded) this.held.set(puk);
  }

  end(): void {
    this.isEnded = true;
    this.held.fill(0);
  }

  private async withSecret<T>(work: (secret: Uint8Array) => Promise<T>): Promise<T> {
    if (this.isEnded) throw new Error("the security officer has logged out");
    const copy = new Uint8Array(this.held);
    try {
      return await work(copy);
    } finally {
      copy.fill(0);
    }
  }
}
