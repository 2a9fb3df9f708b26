// The tokens that are plugged in, and one of them to talk to.

import { existsSync, readdirSync, realpathSync } from "node:fs";
import { basename, isAbsolute } from "node:path";
import { HidSource } from "../host-bridge/sources/hid-source.ts";
import { PcscSource } from "../host-bridge/sources/pcsc-source.ts";
import type { TokenSource } from "../host-bridge/sources/token-source.ts";
import type { DeviceInfo } from "../host-bridge/token/device-info.ts";
import { accessToken } from "../host-bridge/token/token-access.ts";
import type { TokenClient } from "../host-bridge/token/token-client.ts";
import { openHidTransport } from "../host-bridge/transport/hid.ts";
import { loadNodeHid } from "../host-bridge/transport/hid-library.ts";
import { loadPcsc } from "../host-bridge/transport/pcsc-library.ts";
import { openSerialTransport } from "../host-bridge/transport/serial.ts";
import { openSocketTransport } from "../host-bridge/transport/socket.ts";
import { type Transport, TransportError } from "../host-bridge/transport/transport.ts";
import type { StateFolder } from "./state-folder.ts";
import { UsageError } from "./usage-error.ts";

const SOCKET_SUFFIX = ".sock";
/** What stands before the name of a reader, or part of it. */
const READER_PREFIX = "pcsc:";
/** What Linux calls a HID device's file. */
const HID_FILE = /^hidraw\d+$/;

export interface ConnectedToken {
  readonly name: string;
  readonly client: TokenClient;
  readonly info: DeviceInfo;
  close(): void;
}

/** Where a device is: the path of its file (Linux), or a reader's name. */
const isPlace = (name: string): boolean => isAbsolute(name) || name.startsWith(READER_PREFIX);

async function connectOver(transport: Transport, name: string): Promise<ConnectedToken> {
  try {
    const client = await (await accessToken(transport)).openClient();
    return { name, client, info: await client.deviceInfo(), close: () => transport.close() };
  } catch (error) {
    transport.close();
    throw error;
  }
}

/** @throws UsageError no-reader-named, no-token-plugged-in, which-token */
async function connectToCard(reader: string): Promise<ConnectedToken> {
  // «» is a part of every reader's name: anybody's card would be asked.
  if (reader.trim() === "") throw new UsageError("no-reader-named", READER_PREFIX);
  const source = new PcscSource(loadPcsc(), [reader]);
  const ports = await source.look().finally(() => source.close());
  const [only, ...more] = ports;
  if (only === undefined) throw new UsageError("no-token-plugged-in", `${READER_PREFIX}${reader}`);
  if (more.length > 0) throw new UsageError("which-token", ports.map(({ name }) => `"${READER_PREFIX}${name}"`).join(", "));
  return connectOver(await only.open(), only.name);
}

/** @throws UsageError no-token-plugged-in */
async function connectToDevice(path: string): Promise<ConnectedToken> {
  if (!existsSync(path)) throw new UsageError("no-token-plugged-in", path);
  const isHid = HID_FILE.test(basename(realpathSync(path)));
  return connectOver(await (isHid ? openHidTransport(loadNodeHid(), path) : openSerialTransport(path)), path);
}

function connectToPlace(place: string): Promise<ConnectedToken> {
  return place.startsWith(READER_PREFIX) ? connectToCard(place.slice(READER_PREFIX.length)) : connectToDevice(place);
}

/** Names of simulated tokens that have a socket, whether or not they answer. */
function socketNames(state: StateFolder): string[] {
  try {
    return readdirSync(state.tokenSockets)
      .filter((file) => file.endsWith(SOCKET_SUFFIX))
      .map((file) => file.slice(0, -SOCKET_SUFFIX.length));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

async function connectToSimulated(state: StateFolder, name: string): Promise<ConnectedToken | null> {
  try {
    return await connectOver(await openSocketTransport(state.tokenSocket(name), name), name);
  } catch (error) {
    if (error instanceof TransportError && error.failure === "gone") return null; // a socket that a killed simulator left behind
    throw error;
  }
}

async function simulatedTokens(state: StateFolder): Promise<ConnectedToken[]> {
  const connected: ConnectedToken[] = [];
  for (const name of socketNames(state)) {
    const token = await connectToSimulated(state, name);
    if (token !== null) connected.push(token);
  }
  return connected;
}

/** Those that can be opened; the first failure beside them, which matters when nothing else is the token that was meant. */
async function usbTokens(usb: TokenSource): Promise<{ readonly connected: ConnectedToken[]; readonly failures: unknown[] }> {
  const [connected, failures]: [ConnectedToken[], unknown[]] = [[], []];
  const ports = await usb.look().catch((error: unknown) => {
    failures.push(error);
    return [];
  });
  for (const port of ports) {
    try {
      connected.push(await connectOver(await port.open(), port.name));
    } catch (error) {
      failures.push(error);
    }
  }
  return { connected, failures };
}

/**
 * The token of this name or serial number, or the one at this place (/dev/hidraw0, /dev/ttyACM0, pcsc:READER); without any, the only token that is
 * plugged in: simulated ones and those on USB (HID) count. Serial ports don't, because what is there is not known before bytes are sent to it, nor do
 * cards in readers, which may be anybody's.
 * @param usb where tokens on USB are looked for; a test has its own
 * @throws UsageError no-token-plugged-in, no-reader-named, which-token; PortForbiddenError, PortBusyError, NoPortError (a bridge may have the port), LibraryMissingError
 */
export async function connectToken(
  state: StateFolder,
  wanted: string | undefined,
  usb: TokenSource = new HidSource(loadNodeHid()),
): Promise<ConnectedToken> {
  if (wanted !== undefined && isPlace(wanted)) return connectToPlace(wanted);
  const isMeant = (token: ConnectedToken): boolean => wanted === undefined || token.name === wanted || token.info.serial === wanted;
  const connected = await simulatedTokens(state);
  let failures: readonly unknown[] = [];
  if (wanted === undefined || !connected.some(isMeant)) {
    const onUsb = await usbTokens(usb);
    connected.push(...onUsb.connected);
    failures = onUsb.failures;
  }
  const matching = connected.filter(isMeant);
  const [only, ...more] = matching;
  for (const token of connected) if (token !== only || more.length > 0) token.close();
  if (only === undefined) throw failures[0] ?? new UsageError("no-token-plugged-in", wanted ?? "");
  if (more.length > 0) throw new UsageError("which-token", matching.map((token) => `${token.name} (${token.info.serial})`).join(", "));
  return only;
}

/** The serial number of the simulated token of this name, or of the token at this place; what is neither is taken for a serial number. */
export async function serialOf(state: StateFolder, wanted: string): Promise<string> {
  const isSimulated = socketNames(state).includes(wanted);
  if (!isSimulated && !isPlace(wanted)) return wanted;
  const token = isSimulated ? await connectToSimulated(state, wanted) : await connectToPlace(wanted);
  token?.close();
  return token?.info.serial ?? wanted;
}

/** As withToken, for what only a token of ours can. @throws TokenError 6D00 when it is another PIV card, of which nothing was asked */
export function withOwnToken<T>(state: StateFolder, wanted: string | undefined, use: (token: ConnectedToken) => Promise<T>): Promise<T> {
  return withToken(state, wanted, (token) => {
    token.client.checkIsOwn("DEVICE INFO");
    return use(token);
  });
}

/** Lends a token to `use` and unplugs it afterwards. */
export async function withToken<T>(state: StateFolder, wanted: string | undefined, use: (token: ConnectedToken) => Promise<T>): Promise<T> {
  const token = await connectToken(state, wanted);
  try {
    return await use(token);
  } finally {
    token.close();
  }
}
