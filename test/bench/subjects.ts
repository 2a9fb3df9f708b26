// What is compared: our token behind our bridge, SoftHSM2 in the application's process, SoftHSM2 behind p11-kit's server. Each has a P-256 key with CKA_ID 1
// that signs after one login.

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHECKOUT } from "../../cli/checkout.ts";
import { StateFolder } from "../../cli/state-folder.ts";
import { findP11KitClient, p11KitAddress } from "../../host-bridge/signing/pkcs11-module.ts";
import { initialiseToken } from "../../host-bridge/token/initialise.ts";
import { TokenClient } from "../../host-bridge/token/token-client.ts";
import { openSocketTransport } from "../../host-bridge/transport/socket.ts";
import { hexToBytes } from "../../protocol/bytes.ts";
import { SLOT_AUTHENTICATION } from "../../protocol/piv.ts";
import { mustRun } from "../support/run.ts";
import { type Daemon, startDaemon } from "./daemon.ts";

const SCEAU = join(CHECKOUT, "cli", "sceau.mjs");
export const SOFTHSM2 = "/usr/lib/softhsm/libsofthsm2.so";
const TOKEN = "bench";
export const PIN = "73910462";
const PUK = "28460917";
const MANAGEMENT_KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f00112233445566778";

export type SubjectName = "sceau" | "softhsm2" | "p11-kit server";

export interface Subject {
  readonly name: SubjectName;
  /** What an application loads. */
  readonly module: string;
  /** What it needs in its environment. */
  readonly environment: NodeJS.ProcessEnv;
}

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/** In memory where the system has such a folder: the file of the simulated token's flash is no part of a token. */
export const memoryFolder = (): string => (existsSync("/dev/shm") ? "/dev/shm" : tmpdir());

function p11KitClient(): string {
  const found = findP11KitClient();
  if (found === null) throw new Error("p11-kit-client.so is missing: npm test installs p11-kit-modules");
  return found;
}

export class Subjects {
  readonly folder = mkdtempSync(join(memoryFolder(), "sceau-bench-"));
  /** Tools find nothing of the user who runs the benchmark. */
  private readonly environment: NodeJS.ProcessEnv = { ...process.env, HOME: this.folder, XDG_RUNTIME_DIR: this.folder };
  private readonly state = new StateFolder(join(this.folder, "state"), {});
  private readonly daemons: Daemon[] = [];

  static async open(): Promise<Subjects> {
    const subjects = new Subjects();
    try {
      await subjects.plugTokenIn();
      await subjects.startBridge(subjects.state);
      subjects.makeSoftToken();
      const args = ["server", "--foreground", "--provider", SOFTHSM2, "--name", subjects.serverSocket, "pkcs11:"];
      subjects.daemons.push(await startDaemon("p11-kit", args, subjects.softEnvironment, /P11_KIT_SERVER_ADDRESS=/));
      return subjects;
    } catch (error) {
      await subjects.close();
      throw error;
    }
  }

  /** In the order in which their rounds take turns. */
  all(): readonly Subject[] {
    return [
      this.behind("sceau", this.state.pkcs11Socket),
      { name: "softhsm2", module: SOFTHSM2, environment: this.softEnvironment },
      this.behind("p11-kit server", this.serverSocket),
    ];
  }

  /** A subject through p11-kit's client and another socket. */
  behind(name: SubjectName, socket: string): Subject {
    return { name, module: p11KitClient(), environment: { ...this.environment, P11_KIT_SERVER_ADDRESS: p11KitAddress(socket) } };
  }

  /** Where our token's packets go in and out. */
  get tokenSocket(): string {
    return this.state.tokenSocket(TOKEN);
  }

  /** SoftHSM2's folder. */
  get softTokens(): string {
    return join(this.folder, "softhsm2");
  }

  get bridgeSocket(): string {
    return this.state.pkcs11Socket;
  }

  get serverSocket(): string {
    return join(this.folder, "p11-kit.sock");
  }

  /** A state folder of its own, for a second bridge. */
  otherState(): StateFolder {
    const state = new StateFolder(join(this.folder, "other"), {});
    mkdirSync(state.tokenSockets, { recursive: true, mode: 0o700 });
    return state;
  }

  async startBridge(state: StateFolder): Promise<Daemon> {
    const daemon = await this.sceau(state, ["bridge"], /P11_KIT_SERVER_ADDRESS=/);
    this.daemons.push(daemon);
    return daemon;
  }

  async close(): Promise<void> {
    for (const daemon of this.daemons.splice(0).reverse()) await daemon.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get softEnvironment(): NodeJS.ProcessEnv {
    return { ...this.environment, SOFTHSM2_CONF: join(this.folder, "softhsm2.conf") };
  }

  private sceau(state: StateFolder, args: readonly string[], ready: RegExp): Promise<Daemon> {
    return startDaemon(process.execPath, [SCEAU, ...args, "--state", state.root], { ...this.environment, LC_ALL: "C.UTF-8" }, ready);
  }

  private async plugTokenIn(): Promise<void> {
    this.daemons.push(await this.sceau(this.state, ["sim", TOKEN, "--json"], /"plugged-in"/));
    const transport = await openSocketTransport(this.tokenSocket, TOKEN);
    const client = new TokenClient(await transport.openChannel());
    await initialiseToken(client, ascii(PIN), () => ({ puk: PUK, managementKey: MANAGEMENT_KEY, keptIn: "" }));
    await client.authenticateManagement(hexToBytes(MANAGEMENT_KEY));
    await client.generateKey(SLOT_AUTHENTICATION);
    transport.close();
  }

  private makeSoftToken(): void {
    const tokens = this.softTokens;
    mkdirSync(tokens, { mode: 0o700 });
    writeFileSync(join(this.folder, "softhsm2.conf"), `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`);
    const tool = (...args: string[]): string => mustRun("pkcs11-tool", ["--module", SOFTHSM2, ...args], { env: this.softEnvironment });
    tool("--init-token", "--slot-index", "0", "--label", TOKEN, "--so-pin", PUK);
    tool("--token-label", TOKEN, "--init-pin", "--login", "--so-pin", PUK, "--pin", PIN);
    tool("--token-label", TOKEN, "--login", "--pin", PIN, "--keypairgen", "--key-type", "EC:prime256v1", "--id", "01");
  }
}
