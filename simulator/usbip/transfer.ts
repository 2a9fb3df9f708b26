// One transfer (a USB request block): what the host asks an endpoint for, and what may become of it.

/** Status of a transfer: the negative errno of Linux. */
export const DONE = 0;
/** -EPIPE: the endpoint stalls. */
export const STALLED = -32;
/** -EOVERFLOW: more came than the host had room for. */
export const BABBLE = -75;

export interface Transfer {
  readonly seqnum: number;
  /** Of `data`, or the most that the host has room for. */
  readonly lengthBytes: number;
  /** From the host; empty when the transfer goes to it. */
  readonly data: Uint8Array;
  /** To be called once. @param status DONE, STALLED or BABBLE; `data` goes to the host */
  complete(status: number, data: Uint8Array): void;
}
