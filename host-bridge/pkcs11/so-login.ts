// The security officer of an application at one token: whoever knows the PUK. The token asks for the PUK with the very command that uses
// it and has no login by PUK, so the bridge keeps it from C_Login to C_Logout, and overwrites it then.

export class SoLogin {
  private readonly held: Buffer;
  private isEnded = false;

  /** @param puk is copied: the caller may overwrite it */
  constructor(puk: Uint8Array) {
    this.held = Buffer.from(puk);
  }

  /** The PUK, for as long as `work` runs; then the copy is overwritten. A login that has ended has none. */
  async withPuk<T>(work: (puk: Uint8Array) => Promise<T>): Promise<T> {
    if (this.isEnded) throw new Error("the security officer has logged out");
    const copy = new Uint8Array(this.held);
    try {
      return await work(copy);
    } finally {
      copy.fill(0);
    }
  }

  /** After C_SetPIN. A PUK has one length, 8 bytes. */
  replace(puk: Uint8Array): void {
    if (!this.isEnded) this.held.set(puk);
  }

  end(): void {
    this.isEnded = true;
    this.held.fill(0);
  }
}
