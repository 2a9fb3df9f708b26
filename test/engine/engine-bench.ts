// A token on the interpreter that ESPRUINO names, without a socket: an engine, its packets, and a button.

import { mkdirSync } from "node:fs";
import { TokenClient } from "../../host-bridge/token/token-client.ts";
import { PacketLink } from "../../host-bridge/transport/packet-link.ts";
import type { TokenChannel } from "../../host-bridge/transport/transport.ts";
import type { BoardFiles } from "../../simulator/engine/board-files.ts";
import { Engine } from "../../simulator/engine/engine.ts";
import { EngineButton } from "../../simulator/engine/engine-button.ts";
import { JOLT_JS_FLASH } from "../../simulator/engine/jolt-js-chip.ts";
import { PRESSED_AT_ONCE } from "../../simulator/scripted-button.ts";
import { SERIAL } from "../support/simulated-token.ts";
import { engineAtHand } from "./interpreter.ts";

export class EngineBench {
  readonly engine: Engine;
  readonly button: EngineButton;
  private readonly link: PacketLink;

  private constructor(engine: Engine) {
    this.engine = engine;
    this.button = new EngineButton(engine, PRESSED_AT_ONCE);
    engine.onTold = (line) => this.button.hear(line);
    this.link = new PacketLink({
      send: (packet) => engine.send(packet),
      onPacket: (take) => {
        engine.onPacket = take;
      },
      gone: engine.gone.then(() => {}),
    });
  }

  /** Power on: the flash is what the folder has. */
  static async start(folder: string, files: BoardFiles, isButtonHeld = false): Promise<EngineBench> {
    mkdirSync(folder, { recursive: true });
    const interpreter = engineAtHand?.path ?? "";
    return new EngineBench(await Engine.start({ interpreter, folder, files, serial: SERIAL, flash: JOLT_JS_FLASH, isButtonHeld }));
  }

  openChannel(): Promise<TokenChannel> {
    return this.link.openChannel();
  }

  async client(): Promise<TokenClient> {
    return new TokenClient(await this.openChannel());
  }
}
