// OpenSSL's PKCS#11 engine (libengine-pkcs11-openssl, libp11), configured for the bridge of a workbench by the text that `sceau install` shows.

import { findOpensslParts, opensslText } from "../../host-bridge/desktop/openssl-step.ts";
import { type Outcome, run } from "./run.ts";
import { PIN, type Workbench } from "./workbench.ts";

export type EngineSlot = "9A" | "9C";

const KEY_IDS: Record<EngineSlot, string> = { "9A": "%01", "9C": "%02" };
/** `openssl …` with a key of the engine's. */
export const ENGINE = ["-engine", "pkcs11", "-keyform", "engine"];

export class OpensslEngine {
  private readonly bench: Workbench;
  readonly environment: NodeJS.ProcessEnv;
  private readonly pinFile: string;

  constructor(bench: Workbench) {
    this.bench = bench;
    const text = opensslText(bench.module, { ...findOpensslParts(), provider: null });
    this.environment = { ...bench.environment, OPENSSL_CONF: bench.write("engine.cnf", `${text.join("\n")}\n`) };
    // The engine takes the whole file for the PIN, its end of line, too.
    this.pinFile = bench.write("engine-pin", PIN);
  }

  /** The private key's URI (RFC 7512), with where its PIN is. */
  privateKey(slot: EngineSlot): string {
    return `pkcs11:id=${KEY_IDS[slot]};type=private?pin-source=file:${this.pinFile}`;
  }

  certificate(slot: EngineSlot): string {
    return `pkcs11:id=${KEY_IDS[slot]};type=cert`;
  }

  /**
   * `openssl`, without a terminal to ask at, so that it asks at stdin.
   * @param typed what a person would type at the engine's own prompt
   */
  openssl(args: readonly string[], typed = ""): Outcome {
    return run("setsid", ["--wait", "openssl", ...args], { env: this.environment, cwd: this.bench.folder, input: typed });
  }
}
