// Why a simulated token may refuse to be plugged in.

/** Another simulator answers on the socket: one flash must not have two tokens. */
export class AlreadyPluggedInError extends Error {
  override readonly name = "AlreadyPluggedInError";
}
