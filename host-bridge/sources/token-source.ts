// Where tokens come from: one source for each kind of cable. A source says what is plugged in; the bridge (token-watch.ts) opens it.

import type { Transport } from "../transport/transport.ts";

export type SourceKind = "simulators" | "hid" | "serial" | "pcsc";

/** Something that may be a token. */
export interface TokenPort {
  /** The same as long as it stays plugged in, another after a replug. */
  readonly id: string;
  /** For messages and logs. */
  readonly name: string;
  /** Changes when a port that was not allowed may be allowed now. */
  readonly mark: string;
  /** After how long one that did not answer is asked again; null: not before it is plugged in anew. */
  readonly retryMs: number | null;
  /** @throws TransportError, PortForbiddenError, PortBusyError, LibraryMissingError */
  open(): Promise<Transport>;
}

export interface TokenSource {
  readonly kind: SourceKind;
  /**
   * What is plugged in now. Called four times a second: cheap when nothing has changed.
   * @throws when it cannot be found out; what was found before then stays
   */
  look(): Promise<readonly TokenPort[]>;
  /** Looks no more. */
  close?(): void;
}
