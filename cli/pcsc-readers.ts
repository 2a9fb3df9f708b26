// vpcd's readers for the commands that fill them: which ones, and what is told of them.

import type { PcscEvent } from "../host-bridge/pcsc/pcsc-readers.ts";
import { DEFAULT_VPCD, parseVpcdAddress, type VpcdAddress } from "../host-bridge/pcsc/vpcd-address.ts";
import type { Messages } from "./messages/en.ts";
import { visible, visibleLines } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

/**
 * @param text of an option whose value may be left out
 * @throws UsageError bad-vpcd-address
 */
export function vpcdAddress(text: string | true): VpcdAddress {
  const address = text === true ? DEFAULT_VPCD : parseVpcdAddress(text);
  if (address === null) throw new UsageError("bad-vpcd-address", String(text));
  return address;
}

/** What a person wants to see of an event. */
export function pcscLine(event: PcscEvent, { bridge }: Pick<Messages, "bridge">): string {
  switch (event.event) {
    case "pcsc-in":
      return visible(bridge.pcsc.in(event.name, event.reader));
    case "pcsc-out":
      return visible(bridge.pcsc.out(event.name, event.reader));
    case "pcsc-full":
      return visible(bridge.pcsc.full(event.name));
    case "pcsc-stranger":
      return visible(bridge.pcsc.stranger(event.name, event.reader, event.uid));
    case "trouble":
      return visibleLines(bridge.trouble[event.about](visible(event.reason)));
  }
}
