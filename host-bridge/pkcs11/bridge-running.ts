// Why a bridge may refuse to start.

/** Another bridge answers on the socket: applications would lose it, and its tokens. */
export class BridgeRunningError extends Error {
  override readonly name = "BridgeRunningError";
}
