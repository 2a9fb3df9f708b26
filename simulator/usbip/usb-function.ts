// A function of the composite device: an interface with its endpoints.

import type { ControlRequest } from "./control-request.ts";
import type { Endpoint } from "./endpoint.ts";

export interface UsbFunction {
  /** bInterfaceNumber. */
  readonly interfaceNumber: number;
  readonly endpoints: readonly Endpoint[];
  /** A request to this interface that is none of every device's: what it answers, empty when there is nothing to tell; null: the endpoint stalls. */
  control(request: ControlRequest): Uint8Array | null;
  /** The device was configured: as after power-on, and ready. */
  configured(): void;
  /** Power is gone: nothing is answered any more, and nothing goes on. */
  powerOff(): void;
}
