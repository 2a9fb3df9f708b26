// A simulated token that is an interpreter with a board's own script: plugged in as the others are, by a unix socket.

import { listenForPackets } from "../packet-socket.ts";
import type { ButtonScript } from "../scripted-button.ts";
import { identityOf, inTokenFolder, type TokenPlace } from "../token-folder.ts";
import { type BoardFiles, readBoardFiles } from "./board-files.ts";
import { Engine } from "./engine.ts";
import { EngineButton } from "./engine-button.ts";
import { JOLT_JS_FLASH } from "./jolt-js-chip.ts";
import { type Interpreter, probeInterpreter } from "./probe.ts";
import { SharedLine } from "./shared-line.ts";

export interface EngineTokenOptions extends TokenPlace {
  readonly button: ButtonScript;
  /** Path of an interpreter, or of a script that starts it. */
  readonly interpreter: string;
  /** Where the files of a Jolt.js are: dist/boards/jolt-js. */
  readonly boardFolder: string;
}

export interface RunningEngineToken {
  readonly serial: number;
  readonly profile: "strict";
  readonly interpreter: Interpreter;
  readonly engine: Engine;
  readonly button: EngineButton;
  /** The process has ended, by itself or by `close`: what it printed last. Its clients find the token unplugged. */
  readonly gone: Promise<string>;
  close(): Promise<void>;
}

async function plugIn(options: EngineTokenOptions, interpreter: Interpreter, files: BoardFiles): Promise<RunningEngineToken> {
  const { folder } = options;
  const { serial } = identityOf(folder, { profile: "strict", machine: "interpreter" });
  const engine = await Engine.start({ interpreter: options.interpreter, folder, files, serial, flash: JOLT_JS_FLASH });
  const button = new EngineButton(engine, options.button);
  const line = new SharedLine((packet) => engine.send(packet));
  engine.onTold = (told) => button.hear(told);
  engine.onPacket = (packet) => line.deliver(packet);
  const cable = await listenForPackets(options.socketPath, line).catch(async (error: unknown) => {
    await engine.kill();
    throw error;
  });
  const unplugged = engine.gone.then(() => cable.close());
  return {
    serial,
    profile: "strict",
    interpreter,
    engine,
    button,
    gone: engine.gone,
    close: async () => {
      await engine.kill();
      await unplugged;
    },
  };
}

/**
 * Interpreter and files are looked at first, before anything is made.
 * @throws AlreadyPluggedInError, EngineError, OtherProfileError
 */
export async function startEngineToken(options: EngineTokenOptions): Promise<RunningEngineToken> {
  const interpreter = await probeInterpreter(options.interpreter);
  const files = readBoardFiles(options.boardFolder);
  return inTokenFolder(options, () => plugIn(options, interpreter, files));
}
