// A simulated token, plugged in: its folder (identity and flash), its socket, and a reader of vpcd when asked for.

import { randomInt } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import type { Hal } from "../firmware/hal.ts";
import { JournalError } from "../firmware/journal.ts";
import { PacketPort } from "../firmware/packet-port.ts";
import { createToken, type Token } from "../firmware/token.ts";
import { AlreadyPluggedInError } from "./already-plugged-in.ts";
import { FlashFileError, loadFlashFile, saveFlashFile } from "./flash-file.ts";
import { lockFolder } from "./folder-lock.ts";
import { ModelledFlash, NRF52_GEOMETRY } from "./modelled-flash.ts";
import { createNodeHal } from "./node-hal.ts";
import { listenForPackets } from "./packet-socket.ts";
import { type ButtonScript, ScriptedButton } from "./scripted-button.ts";
import { plugIntoVpcd, type VpcdAddress } from "./vpcd.ts";

export const SIMULATOR_MODEL = "Sceau simulator";
const IDENTITY_FILE = "device.json";
const FLASH_FILE = "flash.bin";
const MAX_SERIAL = 99_999_999;

export interface SimulatorOptions {
  /** Where the token is kept; a new token is made when there is none. */
  readonly folder: string;
  readonly socketPath: string;
  readonly button: ButtonScript;
  readonly vpcd?: VpcdAddress;
}

export interface RunningSimulator {
  readonly serial: number;
  readonly button: ScriptedButton;
  close(): Promise<void>;
}

function isAnswering(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** The serial number of the token in `folder`; a new one has a new number of eight digits. */
function identityOf(folder: string): number {
  const path = join(folder, IDENTITY_FILE);
  try {
    return (JSON.parse(readFileSync(path, "utf8")) as { serial: number }).serial;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const serial = randomInt(10_000_000, MAX_SERIAL + 1);
  writeFileSync(path, `${JSON.stringify({ serial })}\n`, { mode: 0o600 });
  return serial;
}

/** @throws FlashFileError when the firmware refuses its flash (another layout) */
function powerOn(hal: Hal): Token {
  try {
    return createToken(hal);
  } catch (error) {
    if (error instanceof JournalError) throw new FlashFileError(error.message, { cause: error });
    throw error;
  }
}

async function plugIn(options: SimulatorOptions): Promise<RunningSimulator> {
  const serial = identityOf(options.folder);
  const flashPath = join(options.folder, FLASH_FILE);
  const flash = new ModelledFlash(NRF52_GEOMETRY, loadFlashFile(flashPath, NRF52_GEOMETRY), (image) => saveFlashFile(flashPath, image));
  const button = new ScriptedButton(options.button);
  const token = powerOn(createNodeHal({ device: { model: SIMULATOR_MODEL, serial, simulated: true }, flash, button }));
  const cable = await listenForPackets(options.socketPath, new PacketPort(token));
  const plug = options.vpcd === undefined ? null : plugIntoVpcd(token, options.vpcd);
  return {
    serial,
    button,
    close: async () => {
      plug?.close();
      await cable.close();
    },
  };
}

/** @throws AlreadyPluggedInError, FlashFileError */
export async function startSimulator(options: SimulatorOptions): Promise<RunningSimulator> {
  if (await isAnswering(options.socketPath)) throw new AlreadyPluggedInError(options.socketPath);
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  const unlock = lockFolder(options.folder);
  try {
    const running = await plugIn(options);
    return {
      ...running,
      close: async () => {
        await running.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}
