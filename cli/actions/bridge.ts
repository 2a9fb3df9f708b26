// What `sceau bridge` does.

import { type BridgeEvent, type BridgeOptions, startBridge } from "../../host-bridge/bridge.ts";
import { shellWord } from "../../host-bridge/desktop/shell-word.ts";
import { defaultSocket } from "../../host-bridge/discovery/default-socket.ts";
import { pcscdSocket, readerAddresses } from "../../host-bridge/pcsc/vpcd-address.ts";
import { PinentryPrompt } from "../../host-bridge/pin-prompt/pinentry.ts";
import { p11KitAddress } from "../../host-bridge/signing/pkcs11-module.ts";
import { HidSource } from "../../host-bridge/sources/hid-source.ts";
import { PcscSource } from "../../host-bridge/sources/pcsc-source.ts";
import { SerialSource } from "../../host-bridge/sources/serial-source.ts";
import type { TokenSource } from "../../host-bridge/sources/token-source.ts";
import { loadNodeHid } from "../../host-bridge/transport/hid-library.ts";
import { loadPcsc } from "../../host-bridge/transport/pcsc-library.ts";
import type { CliContext } from "../context.ts";
import { keptManagementKeys } from "../kept-management-keys.ts";
import type { Messages } from "../messages/en.ts";
import { pcscLine, vpcdAddress } from "../pcsc-readers.ts";
import { pinTexts } from "../pin-texts.ts";
import { findProgram } from "../programs.ts";
import type { StateFolder } from "../state-folder.ts";
import { jsonLine, visible, visibleLines } from "../terminal.ts";
import { tokenEventLine } from "../token-event-line.ts";
import { untilStopped } from "../until-stopped.ts";
import { UsageError } from "../usage-error.ts";

const DEFAULT_PIN_PROGRAM = "pinentry";

export interface BridgeCommandOptions {
  readonly hid: boolean;
  /** Ports to open whatever they are; false: no serial port at all. */
  readonly serial?: readonly string[] | false;
  readonly defaultSocket?: boolean;
  /** Parts of the names of readers whose cards are served. */
  readonly reader?: readonly string[];
  /** Where vpcd's first reader waits, HOST:PORT, or true: where it usually does. */
  readonly pcsc?: string | true;
  /** A program, or true: the distribution's pinentry. */
  readonly askPin?: string | true;
}

/** What a person wants to see of an event; null: nothing. */
function line(event: BridgeEvent, { bridge }: Pick<Messages, "bridge">): string | null {
  switch (event.event) {
    case "token-in":
    case "token-out":
    case "token-refused":
    case "token-forbidden":
      return tokenEventLine(event, { bridge });
    case "pcsc-in":
    case "pcsc-out":
    case "pcsc-full":
    case "pcsc-stranger":
      return pcscLine(event, { bridge });
    case "trouble":
      return visibleLines(bridge.trouble[event.about](visible(event.reason)));
    case "default-socket":
      if (event.state === "taken") return visible(bridge.defaultTaken(event.path));
      return event.state === "failed" ? visible(bridge.defaultFailed(event.path, event.reason ?? "")) : null;
    case "call":
      return null;
  }
}

/** @throws UsageError no-reader-named */
function cables({ hid, serial, reader }: BridgeCommandOptions): TokenSource[] {
  const sources: TokenSource[] = [];
  if (hid) sources.push(new HidSource(loadNodeHid()));
  if (serial !== false) sources.push(new SerialSource({ paths: serial ?? [], isDiscovering: true }));
  if (reader?.some((name) => name.trim() === "")) throw new UsageError("no-reader-named", "--reader");
  if (reader !== undefined) sources.push(new PcscSource(loadPcsc(), reader));
  return sources;
}

/** @throws UsageError no-pin-program */
function pinPrompt(asked: string | true, say: Messages): PinentryPrompt {
  const name = asked === true ? DEFAULT_PIN_PROGRAM : asked;
  const program = findProgram(name, process.env);
  if (program === null) throw new UsageError("no-pin-program", name);
  return new PinentryPrompt(program, pinTexts(say));
}

/** The place without a variable is the everyday bridge's; one with a state folder of its own is a trial, and takes it only when told to. */
function wantedDefaultSocket(state: StateFolder, isWanted = state.isDefault): { defaultSocket?: string } {
  return isWanted ? { defaultSocket: defaultSocket(process.env) } : {};
}

function wantedReaders(pcsc: string | true | undefined): Pick<BridgeOptions, "pcsc"> {
  return pcsc === undefined ? {} : { pcsc: { addresses: readerAddresses(vpcdAddress(pcsc)), pcscdSocket: pcscdSocket(process.env) } };
}

export async function runBridge(context: CliContext, options: BridgeCommandOptions): Promise<void> {
  const { state, say, isJson, report, print } = context;
  const log = (event: BridgeEvent): void => {
    const text = line(event, say);
    if (isJson) process.stdout.write(jsonLine(event));
    else if (text !== null) print(text);
  };
  const stopped = untilStopped(); // from here on a signal stops it in order, also one that comes right after «ready»
  const bridge = await startBridge({
    tokenFolder: state.tokenSockets,
    sources: cables(options),
    pkcs11Socket: state.pkcs11Socket,
    ...wantedDefaultSocket(state, options.defaultSocket),
    ...wantedReaders(options.pcsc),
    log,
    managementKeys: keptManagementKeys(state),
    ...(options.askPin === undefined ? {} : { pinPrompt: pinPrompt(options.askPin, say) }),
  });
  const address = p11KitAddress(state.pkcs11Socket);
  const { ready, readyByItself } = say.bridge;
  report({ event: "ready", address, isAtDefaultSocket: bridge.isAtDefaultSocket }, [
    bridge.isAtDefaultSocket ? readyByItself : ready,
    `  export P11_KIT_SERVER_ADDRESS=${shellWord(address)}`,
  ]);
  await stopped;
  await bridge.close();
  print(say.bridge.stopped);
}
