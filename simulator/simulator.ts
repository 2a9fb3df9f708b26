// A simulated token, plugged in: its folder (identity and flash), its socket, and a reader of vpcd when asked for.

import { randomInt } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { JournalError } from "../firmware/flash-geometry.ts";
import type { Hal } from "../firmware/hal.ts";
import { PacketPort } from "../firmware/packet-port.ts";
import { type Profile, STRICT_PROFILE } from "../firmware/profile.ts";
import { Token } from "../firmware/token.ts";
import { AlreadyPluggedInError } from "./already-plugged-in.ts";
import { COMPAT_PROFILE } from "./compat-profile.ts";
import { FlashFileError, loadFlashFile, saveFlashFile } from "./flash-file.ts";
import { lockFolder } from "./folder-lock.ts";
import { ModelledFlash, NRF52_GEOMETRY } from "./modelled-flash.ts";
import { createNodeHal } from "./node-hal.ts";
import { OtherProfileError } from "./other-profile-error.ts";
import { listenForPackets } from "./packet-socket.ts";
import { type ButtonScript, ScriptedButton } from "./scripted-button.ts";
import { plugIntoVpcd, type VpcdAddress } from "./vpcd.ts";

export const SIMULATOR_MODEL = "Sceau simulator";
const IDENTITY_FILE = "device.json";
const FLASH_FILE = "flash.bin";
const MAX_SERIAL = 99_999_999;

/** How a simulated token can have left its factory. */
export type ProfileName = "strict" | "compat";

const PROFILES: Record<ProfileName, Profile> = { strict: STRICT_PROFILE, compat: COMPAT_PROFILE };

export interface SimulatorOptions {
  /** Where the token is kept; a new token is made when there is none. */
  readonly folder: string;
  readonly socketPath: string;
  readonly button: ButtonScript;
  readonly vpcd?: VpcdAddress;
  /** Of a new token, `strict` when absent; a token that is there must have it. */
  readonly profile?: ProfileName;
}

export interface RunningSimulator {
  readonly serial: number;
  readonly profile: ProfileName;
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

/** What a simulated token was made as: kept beside its flash. */
interface Identity {
  readonly serial: number;
  readonly profile: ProfileName;
}

/** Tokens older than the profiles tell none. */
function readIdentity(path: string): Identity | null {
  try {
    return { profile: "strict", ...(JSON.parse(readFileSync(path, "utf8")) as { serial: number; profile?: ProfileName }) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return null;
  }
}

/** The token in `folder`; a new one has a new serial number of eight digits. @throws OtherProfileError */
function identityOf(folder: string, wanted: ProfileName | undefined): Identity {
  const path = join(folder, IDENTITY_FILE);
  const known = readIdentity(path);
  if (known !== null) {
    if (wanted !== undefined && wanted !== known.profile) throw new OtherProfileError(known.profile);
    return known;
  }
  const identity: Identity = { serial: randomInt(10_000_000, MAX_SERIAL + 1), profile: wanted ?? "strict" };
  writeFileSync(path, `${JSON.stringify(identity)}\n`, { mode: 0o600 });
  return identity;
}

/** @throws FlashFileError when the firmware refuses its flash (another layout) */
function powerOn(hal: Hal, profile: ProfileName): Token {
  try {
    return new Token(hal, PROFILES[profile]);
  } catch (error) {
    if (error instanceof JournalError) throw new FlashFileError(error.message, { cause: error });
    throw error;
  }
}

async function plugIn(options: SimulatorOptions): Promise<RunningSimulator> {
  const { serial, profile } = identityOf(options.folder, options.profile);
  const flashPath = join(options.folder, FLASH_FILE);
  const flash = new ModelledFlash(NRF52_GEOMETRY, loadFlashFile(flashPath, NRF52_GEOMETRY), (image) => saveFlashFile(flashPath, image));
  const button = new ScriptedButton(options.button);
  const token = powerOn(createNodeHal({ device: { model: SIMULATOR_MODEL, serial, simulated: true }, flash, button }), profile);
  const cable = await listenForPackets(options.socketPath, new PacketPort(token));
  const plug = options.vpcd === undefined ? null : plugIntoVpcd(token, options.vpcd);
  return {
    serial,
    profile,
    button,
    close: async () => {
      plug?.close();
      await cable.close();
    },
  };
}

/** @throws AlreadyPluggedInError, FlashFileError, OtherProfileError */
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
