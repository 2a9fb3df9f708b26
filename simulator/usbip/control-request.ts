// A setup packet: what endpoint 0 is asked for (USB 2.0 §9.3).

export interface ControlRequest {
  /** Direction, kind and recipient. */
  readonly requestType: number;
  readonly request: number;
  readonly value: number;
  readonly index: number;
  /** The most that the answer may have. */
  readonly lengthBytes: number;
  /** What the host sent along. */
  readonly data: Uint8Array;
}

/** @param setup 8 bytes */
export function parseControlRequest(setup: Uint8Array, data: Uint8Array): ControlRequest {
  const [requestType = 0, request = 0, valueLow = 0, valueHigh = 0, indexLow = 0, indexHigh = 0, lengthLow = 0, lengthHigh = 0] = setup;
  return {
    requestType,
    request,
    value: valueLow | (valueHigh << 8),
    index: indexLow | (indexHigh << 8),
    lengthBytes: lengthLow | (lengthHigh << 8),
    data,
  };
}
