// The tokens that are plugged in, and one of them to talk to.

import { existsSync, readdirSync } from "node:fs";
import { isAbsolute } from "node:path";
import type { DeviceInfo } from "../host-bridge/token/device-info.ts";
import { TokenClient } from "../host-bridge/token/token-client.ts";
import { openSerialTransport } from "../host-bridge/transport/serial.ts";
import { openSocketTransport } from "../host-bridge/transport/socket.ts";
import { TransportError } from "../host-bridge/transport/transport.ts";
import type { StateFolder } from "./state-folder.ts";
import { UsageError } from "./usage-error.ts";

const SOCKET_SUFFIX = ".sock";

export interface ConnectedToken {
  readonly name: string;
  readonly client: TokenClient;
  readonly info: DeviceInfo;
  close(): void;
}

/** Where a board is: the path of its serial port is its name. */
const isPort = (name: string): boolean => isAbsolute(name);

async function connectTo(state: StateFolder, name: string): Promise<ConnectedToken> {
  const transport = isPort(name) ? await openSerialTransport(name) : await openSocketTransport(state.tokenSocket(name), name);
  try {
    const client = new TokenClient(await transport.openChannel());
    return { name, client, info: await client.deviceInfo(), close: () => transport.close() };
  } catch (error) {
    transport.close();
    throw error;
  }
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

async function connectIfThere(state: StateFolder, name: string): Promise<ConnectedToken | null> {
  try {
    return await connectTo(state, name);
  } catch (error) {
    if (error instanceof TransportError && error.failure === "gone") return null; // a socket that a killed simulator left behind
    throw error;
  }
}

/**
 * The token of this name or serial number, or the one on this serial port; without any, the only simulated token that is plugged in.
 * @throws UsageError no-token-plugged-in, which-token; PortForbiddenError, PortBusyError, NoPortError (a bridge may have the port)
 */
export async function connectToken(state: StateFolder, wanted: string | undefined): Promise<ConnectedToken> {
  if (wanted !== undefined && isPort(wanted)) {
    if (!existsSync(wanted)) throw new UsageError("no-token-plugged-in", wanted);
    return connectTo(state, wanted);
  }
  const connected: ConnectedToken[] = [];
  for (const name of socketNames(state)) {
    const token = await connectIfThere(state, name);
    if (token !== null) connected.push(token);
  }
  const matching = connected.filter((token) => wanted === undefined || token.name === wanted || token.info.serial === wanted);
  const [only, ...more] = matching;
  for (const token of connected) if (token !== only || more.length > 0) token.close();
  if (only === undefined) throw new UsageError("no-token-plugged-in", wanted ?? "");
  if (more.length > 0) throw new UsageError("which-token", matching.map((token) => `${token.name} (${token.info.serial})`).join(", "));
  return only;
}

/** The serial number of the simulated token of this name; what is no such name is taken for a serial number. */
export async function serialOf(state: StateFolder, wanted: string): Promise<string> {
  if (!socketNames(state).includes(wanted)) return wanted;
  const token = await connectIfThere(state, wanted);
  token?.close();
  return token?.info.serial ?? wanted;
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
