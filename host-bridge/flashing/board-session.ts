// Gives a board its firmware: the files into the interpreter's storage, read back, then a restart and the token's own first self-test. The order makes
// a broken-off upload harmless: the old script is erased first, the new one comes last, so in between the board has its console and nothing else.

import { randomInt } from "node:crypto";
import { BOOT_FILE, SERIAL_FILE } from "../../protocol/storage-names.ts";
import type { DeviceInfo } from "../token/device-info.ts";
import { TokenClient } from "../token/token-client.ts";
import { type Transport, TransportError } from "../transport/transport.ts";
import { BoardConsole, type ConsolePort } from "./board-console.ts";
import type { BoardFile, BoardPackage } from "./board-package.ts";
import { type BoardState, examineBoard } from "./examine-board.ts";
import { FlashingError } from "./flashing-error.ts";
import { eraseStorageFile, type Progress, verifyStorageFile, writeStorageFile } from "./storage-file.ts";

const CONSOLE_LIMIT_MS = 1000;
/** Of the restart, until the console has been moved away: an error of the script is printed by then. */
const BOOT_LISTEN_MS = 1000;
const TOKEN_TRIES = 3;
const LOWEST_SERIAL = 10_000_000;
const SERIALS_END = 100_000_000;

/** The port, opened as it is needed: by one at a time. */
export interface BoardPort {
  /** As a terminal. */
  openConsole(): Promise<ConsolePort>;
  closeConsole(port: ConsolePort): Promise<void>;
  /** As a token's cable. */
  openToken(): Promise<Transport>;
}

export interface FlashResult {
  readonly info: DeviceInfo;
  /** PART_* of protocol/vendor.ts, added up. */
  readonly selfTest: { readonly parts: number; readonly failed: number };
}

function chosenSerial(wanted: string | undefined, { serial }: BoardState): string {
  if (wanted !== undefined && serial !== null && wanted !== serial) throw new FlashingError("other-serial", serial);
  return wanted ?? serial ?? String(randomInt(LOWEST_SERIAL, SERIALS_END));
}

async function put(console: BoardConsole, file: BoardFile, progress: Progress): Promise<void> {
  await writeStorageFile(console, file, progress);
  await verifyStorageFile(console, file, progress);
}

/** @throws FlashingError `verification`: then there is no script on the board, so that it starts nothing */
async function upload(console: BoardConsole, files: readonly BoardFile[], progress: Progress): Promise<void> {
  await eraseStorageFile(console, BOOT_FILE);
  for (const file of files.filter(({ storage }) => storage !== BOOT_FILE)) await put(console, file, progress);
  for (const file of files.filter(({ storage }) => storage === BOOT_FILE)) {
    try {
      await put(console, file, progress);
    } catch (error) {
      if (error instanceof FlashingError && error.problem === "verification") await eraseStorageFile(console, BOOT_FILE);
      throw error;
    }
  }
}

/** A token answers on the port, or nothing does. */
async function isToken(port: BoardPort): Promise<boolean> {
  try {
    const transport = await port.openToken();
    try {
      (await transport.openChannel()).close();
      return true;
    } finally {
      transport.close();
      await transport.gone;
    }
  } catch (error) {
    if (error instanceof TransportError) return false;
    throw error;
  }
}

async function askToken(port: BoardPort): Promise<FlashResult> {
  const transport = await port.openToken();
  try {
    const client = new TokenClient(await transport.openChannel());
    return { info: await client.deviceInfo(), selfTest: await client.vendor.selfTest() };
  } finally {
    transport.close();
    await transport.gone;
  }
}

async function firstAnswer(port: BoardPort, printed: string): Promise<FlashResult> {
  for (let turn = 1; ; turn++) {
    try {
      return await askToken(port);
    } catch (cause) {
      if (!(cause instanceof TransportError)) throw cause;
      if (turn === TOKEN_TRIES || /Uncaught/.test(printed)) throw new FlashingError("not-started", firstError(printed), { cause });
    }
  }
}

/** «Uncaught …», as the interpreter prints it. */
function firstError(printed: string): string {
  return /Uncaught[^\r\n]*/.exec(printed)?.[0].slice(0, 200) ?? "";
}

export class BoardSession {
  /** What is on the board already. */
  readonly state: BoardState;
  private readonly port: BoardPort;
  private readonly opened: ConsolePort;
  private readonly console: BoardConsole;
  private readonly files: readonly BoardFile[];

  private constructor(port: BoardPort, opened: ConsolePort, console: BoardConsole, state: BoardState, files: readonly BoardFile[]) {
    this.port = port;
    this.opened = opened;
    this.console = console;
    this.state = state;
    this.files = files;
  }

  /**
   * Looks at the board, and changes nothing.
   * @param serial eight digits; the board's own when absent, else random ones
   * @throws FlashingError; PortForbiddenError, PortBusyError, LibraryMissingError of the port
   */
  static async open(port: BoardPort, wanted: BoardPackage, serial: string | undefined): Promise<BoardSession> {
    const opened = await port.openConsole();
    try {
      const console = new BoardConsole(opened);
      const isThere = (await console.isThere(CONSOLE_LIMIT_MS, false)) || (await console.isThere(CONSOLE_LIMIT_MS, true));
      if (!isThere) {
        await port.closeConsole(opened);
        throw new FlashingError((await isToken(port)) ? "token-running" : "no-answer", "");
      }
      const state = await examineBoard(console, wanted);
      const files = [...wanted.files, { storage: SERIAL_FILE, bytes: Buffer.from(chosenSerial(serial, state)) }];
      return new BoardSession(port, opened, console, state, files);
    } catch (error) {
      await port.closeConsole(opened);
      throw error;
    }
  }

  /** Writes the files and reads them back; what another program left goes. @throws FlashingError */
  async upload(progress: (done: number, total: number) => void): Promise<void> {
    for (const name of this.state.foreignFiles) await eraseStorageFile(this.console, name);
    const total = 2 * this.files.reduce((sum, { bytes }) => sum + bytes.length, 0);
    let done = 0;
    await upload(this.console, this.files, (bytes) => {
      done += bytes;
      progress(done, total);
    });
  }

  /** Restarts the board, which is a token then; its answers. Ends the session. @throws FlashingError `not-started`, TokenError */
  async start(): Promise<FlashResult> {
    const printed = await this.console.leaveWith("load()", BOOT_LISTEN_MS);
    await this.close();
    return firstAnswer(this.port, printed);
  }

  close(): Promise<void> {
    return this.port.closeConsole(this.opened);
  }
}
