// A simulated token, plugged in: its folder (identity and flash) and its socket.

import { join } from "node:path";
import { JournalError } from "../firmware/flash-geometry.ts";
import type { Hal } from "../firmware/hal.ts";
import { PacketPort } from "../firmware/packet-port.ts";
import { type Profile, STRICT_PROFILE } from "../firmware/profile.ts";
import { Token } from "../firmware/token.ts";
import { COMPAT_PROFILE } from "./compat-profile.ts";
import { FlashFileError, loadFlashFile, saveFlashFile } from "./flash-file.ts";
import { ModelledFlash, NRF52_GEOMETRY } from "./modelled-flash.ts";
import { createNodeHal } from "./node-hal.ts";
import { listenForPackets } from "./packet-socket.ts";
import { type ButtonScript, ScriptedButton } from "./scripted-button.ts";
import { identityOf, inTokenFolder, type ProfileName } from "./token-folder.ts";
import { plugIntoUsbip, type UsbAddress, type UsbPlug } from "./usbip/usbip-server.ts";

export const SIMULATOR_MODEL = "Sceau simulator";
const FLASH_FILE = "flash.bin";

const PROFILES: Record<ProfileName, Profile> = { strict: STRICT_PROFILE, compat: COMPAT_PROFILE };

export interface SimulatorOptions {
  /** Where the token is kept; a new token is made when there is none. */
  readonly folder: string;
  readonly socketPath: string;
  readonly button: ButtonScript;
  /** Of a new token, `strict` when absent; a token that is there must have it. */
  readonly profile?: ProfileName;
}

export interface RunningSimulator {
  readonly serial: number;
  readonly profile: ProfileName;
  readonly button: ScriptedButton;
  /** Puts it on USB too; the plug is the caller's to close, before the simulator. @throws as plugIntoUsbip */
  plugIntoUsb(address: UsbAddress): Promise<UsbPlug>;
  close(): Promise<void>;
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
  const { serial, profile } = identityOf(options.folder, { profile: options.profile, machine: "node" });
  const flashPath = join(options.folder, FLASH_FILE);
  const flash = new ModelledFlash(NRF52_GEOMETRY, loadFlashFile(flashPath, NRF52_GEOMETRY), (image) => saveFlashFile(flashPath, image));
  const button = new ScriptedButton(options.button);
  const token = powerOn(createNodeHal({ device: { model: SIMULATOR_MODEL, serial, simulated: true }, flash, button }), profile);
  const packets = new PacketPort(token);
  const cable = await listenForPackets(options.socketPath, packets);
  return {
    serial,
    profile,
    button,
    plugIntoUsb: (address) => plugIntoUsbip({ ...address, token, packets, serial: String(serial) }),
    close: () => cable.close(),
  };
}

/** @throws AlreadyPluggedInError, EngineError `needs-engine`, FlashFileError, OtherProfileError */
export function startSimulator(options: SimulatorOptions): Promise<RunningSimulator> {
  return inTokenFolder(options, () => plugIn(options));
}
