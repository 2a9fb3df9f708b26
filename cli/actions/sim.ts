// What `sceau sim` does.

import { join, resolve } from "node:path";
import { PcscReaders } from "../../host-bridge/pcsc/pcsc-readers.ts";
import { pcscdSocket, type VpcdAddress } from "../../host-bridge/pcsc/vpcd-address.ts";
import { SIMULATOR_ROOT } from "../../host-bridge/token/attestation-key.ts";
import { TokenClient } from "../../host-bridge/token/token-client.ts";
import { openSocketTransport } from "../../host-bridge/transport/socket.ts";
import { EngineError } from "../../simulator/engine/engine-error.ts";
import type { Interpreter } from "../../simulator/engine/probe.ts";
import type { ButtonScript } from "../../simulator/scripted-button.ts";
import { startSimulator } from "../../simulator/simulator.ts";
import type { ProfileName } from "../../simulator/token-folder.ts";
import type { UsbAddress, UsbPlug } from "../../simulator/usbip/usbip-server.ts";
import { CHECKOUT } from "../checkout.ts";
import type { CliContext } from "../context.ts";
import { pcscLine, vpcdAddress } from "../pcsc-readers.ts";
import { jsonLine } from "../terminal.ts";
import { untilStopped } from "../until-stopped.ts";
import { UsageError } from "../usage-error.ts";
import { commandUsbPlug, offerOnUsb, usbAddress } from "../usb-plug.ts";

/** Where `npm run build:board -- jolt-js` leaves what a board gets. */
const BOARD_FOLDER = join(CHECKOUT, "dist", "boards", "jolt-js");

export interface SimOptions {
  readonly button: string;
  readonly buttonDelay: string;
  readonly vpcd?: string | true;
  readonly profile?: string;
  readonly engine?: string;
  readonly usb?: string | true;
  /** To the one that is running. */
  readonly unplug?: true;
  readonly replug?: true;
}

/** Either kind of simulated token. */
interface Running {
  readonly serial: number;
  readonly profile: ProfileName;
  /** null: this process itself. */
  readonly interpreter: Interpreter | null;
  /** What an interpreter that ended by itself printed last. */
  readonly gone: Promise<string>;
  plugIntoUsb(address: UsbAddress): Promise<UsbPlug>;
  close(): Promise<void>;
}

function parseButton(options: SimOptions): ButtonScript {
  const afterMs = Number(options.buttonDelay);
  if (!Number.isSafeInteger(afterMs) || afterMs < 0) throw new UsageError("bad-number", options.buttonDelay);
  if (options.button !== "auto" && options.button !== "never") throw new UsageError("bad-word", `${options.button} (auto, never)`);
  return options.button === "auto" ? { kind: "automatic", afterMs } : { kind: "never" };
}

function parseProfile(text: string | undefined): { profile?: ProfileName } {
  if (text === undefined) return {};
  if (text !== "strict" && text !== "compat") throw new UsageError("bad-word", `${text} (strict, compat)`);
  return { profile: text };
}

/** The factory step of a simulated token that nobody has used yet, by the state folder's own root, made when there is none; null: there was none to do. */
async function provision({ state, now }: CliContext, name: string): Promise<string | null> {
  const transport = await openSocketTransport(state.tokenSocket(name), name);
  try {
    const client = new TokenClient(await transport.openChannel());
    const { isSealed, isInitialised, profile } = await client.deviceInfo();
    if (isSealed || (isInitialised && profile === "strict")) return null;
    const { provisionIfNew } = await import("../../host-bridge/factory/provision.ts"); // certificates take long to load
    return (await provisionIfNew(client, state.factory, SIMULATOR_ROOT, now())) ? SIMULATOR_ROOT : null;
  } finally {
    transport.close();
  }
}

async function start({ state }: CliContext, name: string, options: SimOptions): Promise<Running> {
  const place = { folder: state.token(name), socketPath: state.tokenSocket(name), button: parseButton(options) };
  const { profile = "strict" } = parseProfile(options.profile);
  if (options.engine === undefined) {
    const simulator = await startSimulator({ ...place, ...parseProfile(options.profile) });
    return { ...simulator, interpreter: null, gone: new Promise(() => {}) };
  }
  if (profile !== "strict") throw new EngineError("not-with-engine", `--profile ${profile}`);
  if (options.usb !== undefined) throw new EngineError("no-usb", "");
  const { startEngineToken } = await import("../../simulator/engine/engine-token.ts");
  const token = await startEngineToken({ ...place, interpreter: resolve(options.engine), boardFolder: BOARD_FOLDER });
  return { ...token, plugIntoUsb: () => Promise.reject(new EngineError("no-usb", "")) };
}

/** Puts the token into a reader, by its own socket, as the bridge does with any token. The answer takes it out. */
async function putIntoReader({ state, say, isJson, print }: CliContext, name: string, address: VpcdAddress): Promise<() => Promise<void>> {
  const transport = await openSocketTransport(state.tokenSocket(name), name);
  const readers = new PcscReaders({
    addresses: [address],
    pcscdSocket: pcscdSocket(process.env),
    log: (event) => void (isJson ? process.stdout.write(jsonLine(event)) : print(pcscLine(event, say))),
  });
  readers.show(name, transport);
  return async () => {
    await readers.close();
    transport.close();
  };
}

export async function runSim(context: CliContext, name: string, options: SimOptions): Promise<void> {
  const { state, say, report, print } = context;
  if (options.unplug || options.replug) return commandUsbPlug(context, name, options.unplug ? "unplug" : "replug");
  const usb = options.usb === undefined ? null : usbAddress(options.usb);
  let takeOffUsb = async (): Promise<void> => {};
  const address = options.vpcd === undefined ? null : vpcdAddress(options.vpcd);
  let takeOut = async (): Promise<void> => {};
  const simulator = await start(context, name, options);
  const stopped = untilStopped(); // before anybody is told that it is there
  const died = simulator.gone.then((printed): never => {
    throw new EngineError("ended", printed);
  });
  const plugIn = async (): Promise<void> => {
    const { profile } = simulator;
    const serial = String(simulator.serial);
    const socket = state.tokenSocket(name);
    const root = await provision(context, name);
    if (root !== null) report({ event: "provisioned", name, serial, root }, [say.factory.provisioned(serial, root)]);
    const usbPlug = usb === null ? null : await offerOnUsb(context, name, usb, (at) => simulator.plugIntoUsb(at));
    if (usbPlug !== null) takeOffUsb = () => usbPlug.close();
    const compat = profile === "compat" ? [say.token.compat] : [];
    const { interpreter } = simulator;
    const engine = interpreter === null ? [] : [say.sim.engine.runsOn(interpreter.version, interpreter.commit)];
    const told = { event: "plugged-in", name, serial, socket, profile, ...(interpreter !== null && { interpreter }) };
    report(told, [say.sim.pluggedIn(name, serial), ...engine, ...compat, say.sim.howToStop]);
    usbPlug?.tell();
    if (address !== null) takeOut = await putIntoReader(context, name, address);
    await stopped;
  };
  try {
    await Promise.race([plugIn(), died]);
  } finally {
    await takeOffUsb();
    await takeOut();
    await simulator.close();
  }
  print(say.sim.unplugged);
}
