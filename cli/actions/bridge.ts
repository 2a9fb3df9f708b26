// What `sceau bridge` does.

import { type BridgeEvent, startBridge } from "../../host-bridge/bridge.ts";
import { p11KitAddress } from "../../host-bridge/signing/pkcs11-module.ts";
import type { CliContext } from "../context.ts";
import type { Messages } from "../messages/en.ts";
import { jsonLine, shellWord, visible } from "../terminal.ts";
import { untilStopped } from "../until-stopped.ts";

/** What a person wants to see of an event; null: nothing. */
function line(event: BridgeEvent, say: Messages): string | null {
  if (event.event === "token-in") return say.bridge.tokenIn(event.name, event.serial);
  if (event.event === "token-out") return say.bridge.tokenOut(event.name);
  if (event.event === "trouble") return say.bridge.trouble(event.reason);
  return event.event === "token-refused" ? say.bridge.tokenRefused(event.name, event.reason) : null;
}

export async function runBridge({ state, say, isJson, report, print }: CliContext): Promise<void> {
  const log = (event: BridgeEvent): void => {
    const text = line(event, say);
    if (isJson) process.stdout.write(jsonLine(event));
    else if (text !== null) print(visible(text));
  };
  const bridge = await startBridge({ tokenFolder: state.tokenSockets, pkcs11Socket: state.pkcs11Socket, log });
  const address = p11KitAddress(state.pkcs11Socket);
  report({ event: "ready", address }, [say.bridge.ready, `  export P11_KIT_SERVER_ADDRESS=${shellWord(address)}`]);
  await untilStopped();
  await bridge.close();
  print(say.bridge.stopped);
}
