// Why `sceau token generate` may end with a key and without a request.

/** The new key is in its slot, but the button was not pressed, so it has signed no request. */
export class KeyNotProvenError extends Error {
  override readonly name = "KeyNotProvenError";
  readonly slot: string;
  constructor(slot: string, options?: ErrorOptions) {
    super(`the key in ${slot} has signed no request`, options);
    this.slot = slot;
  }
}
