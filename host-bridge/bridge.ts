// The daemon: holds every token that is plugged in, and serves them to applications.

import { isOwnPlace } from "./discovery/default-socket.ts";
import { type PcscEvent, type PcscOptions, PcscReaders } from "./pcsc/pcsc-readers.ts";
import type { PinPrompt } from "./pin-prompt/pin-prompt.ts";
import type { CallLog, Services } from "./pkcs11/application/services.ts";
import { BridgeRunningError } from "./pkcs11/bridge-running.ts";
import { checkNobodyListens, servePkcs11 } from "./pkcs11/server.ts";
import type { SlotList } from "./pkcs11/slots/slot.ts";
import { SimulatorSource } from "./sources/simulator-source.ts";
import type { TokenSource } from "./sources/token-source.ts";
import type { ManagementKeys } from "./token/management-keys.ts";
import { reasonOf, type TokenEvent, type TokenIn, TokenWatch } from "./token-watch.ts";

const LOOK_MS = 250;
/** A token that has not answered by then comes in later, as one that is plugged in later. */
const FIRST_LOOK_LIMIT_MS = 1500;

/** What the bridge tells: names, status words and CKRs; never what a call carried. */
export type BridgeEvent =
  | TokenEvent
  | PcscEvent
  /** `taken`: p11-kit's own server or another bridge is there; `failed`: no socket could be made there; else it is served. */
  | { readonly event: "default-socket"; readonly path: string; readonly state: DefaultSocketState; readonly reason?: string }
  /** No PIN can be asked for. The reason holds nothing that the prompt's program said. */
  | { readonly event: "trouble"; readonly about: "pin-prompt"; readonly reason: string }
  | { readonly event: "call"; readonly name: string; readonly rv: number };

export type DefaultSocketState = "served" | "taken" | "failed";

export interface BridgeOptions {
  /** Folder in which simulated tokens have their sockets. */
  readonly tokenFolder: string;
  /** Where else tokens may be: on cables. */
  readonly sources?: readonly TokenSource[];
  /** Where PKCS#11 applications connect. */
  readonly pkcs11Socket: string;
  /** Where p11-kit's client looks by itself: served too, when nobody else does. Absent: left alone. */
  readonly defaultSocket?: string;
  /** vpcd's readers, into which tokens are put, too. Absent: into none. */
  readonly pcsc?: Omit<PcscOptions, "log">;
  readonly log: (event: BridgeEvent) => void;
  /** Absent: see Services. */
  readonly managementKeys?: ManagementKeys;
  /** Absent: see Services. */
  readonly pinPrompt?: PinPrompt;
}

export interface RunningBridge {
  /** Whether applications find it without any variable. */
  readonly isAtDefaultSocket: boolean;
  close(): Promise<void>;
}

interface Listening {
  close(): Promise<void>;
}

/** Listens where p11-kit's client looks by itself, beside the bridge's own socket. null: somebody else does, or it can't be done; told. */
async function serveDefault(path: string, slots: SlotList, services: Services, log: BridgeOptions["log"]): Promise<Listening | null> {
  try {
    if (!isOwnPlace(path)) throw new Error("the folder belongs to another user");
    const listening = await servePkcs11(path, slots, services);
    log({ event: "default-socket", path, state: "served" });
    return listening;
  } catch (error) {
    if (error instanceof BridgeRunningError) log({ event: "default-socket", path, state: "taken" });
    else log({ event: "default-socket", path, state: "failed", reason: reasonOf(error) });
    return null;
  }
}

/** The same prompt, whose failures are told: the application learns no more than that it got no PIN. */
function tellingPrompt(prompt: PinPrompt, log: BridgeOptions["log"]): PinPrompt {
  return {
    ask: async (question, signal) => {
      try {
        return await prompt.ask(question, signal);
      } catch (error) {
        log({ event: "trouble", about: "pin-prompt", reason: reasonOf(error) });
        throw error;
      }
    },
  };
}

const sleep = (durationMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, durationMs).unref());

/** Looks again and again, one look at a time. The answer ends it. */
function keepLooking(watch: TokenWatch): () => Promise<void> {
  let looking: Promise<void> | null = null;
  const timer = setInterval(() => {
    looking ??= watch.look().finally(() => {
      looking = null;
    });
  }, LOOK_MS);
  return async () => {
    clearInterval(timer);
    await looking;
  };
}

/**
 * Serves until `close`. Tokens that are plugged in already, and answer at once, are there when it resolves.
 * @throws BridgeRunningError when another bridge has the socket; the system's error when it cannot be made
 */
export async function startBridge(options: BridgeOptions): Promise<RunningBridge> {
  const { pkcs11Socket, defaultSocket, sources = [] } = options;
  await checkNobodyListens(pkcs11Socket); // before any token is opened
  const readers = options.pcsc === undefined ? null : new PcscReaders({ ...options.pcsc, log: options.log });
  const putIntoReader = ({ name, kind, transport }: TokenIn): void => {
    if (kind !== "pcsc") readers?.show(name, transport); // a card that lies in a reader already is not to come back as another one
  };
  const watch = new TokenWatch([new SimulatorSource(options.tokenFolder), ...sources], options.log, putIntoReader);
  await watch.look();
  await Promise.race([watch.settled(), sleep(FIRST_LOOK_LIMIT_MS)]);
  const log: CallLog = (name, rv) => options.log({ event: "call", name, rv });
  const pinPrompt = options.pinPrompt === undefined ? null : tellingPrompt(options.pinPrompt, options.log);
  const services: Services = { log, managementKeys: options.managementKeys ?? null, pinPrompt };
  const own = await servePkcs11(pkcs11Socket, watch.slots, services).catch(async (error: unknown) => {
    await readers?.close();
    await watch.close(); // a token that is held keeps the process alive
    throw error;
  });
  const second = defaultSocket === undefined ? null : await serveDefault(defaultSocket, watch.slots, services, options.log);
  const stopLooking = keepLooking(watch);
  return {
    isAtDefaultSocket: second !== null,
    close: async () => {
      await stopLooking();
      await readers?.close(); // pcscd gets its answers while there are tokens
      await Promise.all([own.close(), second?.close()]);
      await watch.close();
    },
  };
}
