// What stands behind a console: whether it is the board that the files are for, and what is on it already.

import { z } from "zod";
import { BOOT_FILE, KERNEL_FILE, SERIAL_FILE } from "../../protocol/storage-names.ts";
import type { BoardConsole } from "./board-console.ts";
import type { BoardPackage } from "./board-package.ts";
import { FlashingError } from "./flashing-error.ts";

/** The first version that the language and the built-in functions were tried with. */
const OLDEST_VERSION: readonly [number, number] = [2, 29];
/** What the interpreter runs or loads beside BOOT_FILE: it would run beside the token, button held or not. */
const FOREIGN_FILE = /^\.(boot[0-3]|bootrst|bootPowerOn|varimg)$/;

export interface BoardState {
  /** There is a Sceau: what is uploaded replaces its script, and its keys stay. */
  readonly hasSceau: boolean;
  /** Files of another program that must go. */
  readonly foreignFiles: readonly string[];
  /** null: it has none yet */
  readonly serial: string | null;
}

const ENVIRONMENT = z.object({ board: z.string(), version: z.string(), noise: z.array(z.number()) });
const FREE = z.array(z.object({ addr: z.number(), length: z.number() }));

/** `2v29`, `2v29.12`. */
function isNewEnough(version: string): boolean {
  const [, major, minor] = /^(\d+)v(\d+)/.exec(version) ?? [];
  if (major === undefined || minor === undefined) return false;
  const [oldestMajor, oldestMinor] = OLDEST_VERSION;
  return Number(major) > oldestMajor || (Number(major) === oldestMajor && Number(minor) >= oldestMinor);
}

/** Nothing is changed. @throws FlashingError `other-board`, `too-old`, `no-noise`, `flash-taken`, `refused`, `interrupted` */
export async function examineBoard(console: BoardConsole, { interpreter, flash }: BoardPackage): Promise<BoardState> {
  const ask = async <T>(form: z.ZodType<T>, expression: string): Promise<T> => {
    const answer = form.safeParse(await console.evaluate(expression));
    if (!answer.success) throw new FlashingError("refused", "an answer that makes no sense");
    return answer.data;
  };
  const found = await ask(
    ENVIRONMENT,
    "{board:process.env.BOARD,version:process.env.VERSION,noise:[E.hwRand(),E.hwRand(),E.hwRand(),E.hwRand()]}",
  );
  if (found.board !== interpreter) throw new FlashingError("other-board", found.board);
  if (!isNewEnough(found.version)) throw new FlashingError("too-old", found.version);
  if (new Set(found.noise).size < found.noise.length) throw new FlashingError("no-noise", "");
  const free = await ask(FREE, 'require("Flash").getFree().map(function(f){return{addr:f.addr,length:f.length}})');
  const end = flash.address + flash.pageBytes * flash.pages;
  if (!free.some(({ addr, length }) => addr <= flash.address && addr + length >= end))
    throw new FlashingError("flash-taken", found.version);
  const names = await ask(z.array(z.string()), 'require("Storage").list()');
  const serial = names.includes(SERIAL_FILE) ? await ask(z.string(), `require("Storage").read(${JSON.stringify(SERIAL_FILE)})`) : null;
  const hasSceau = names.includes(KERNEL_FILE);
  const foreignFiles = names.filter((name) => FOREIGN_FILE.test(name) || (name === BOOT_FILE && !hasSceau));
  return { hasSceau, foreignFiles, serial: serial !== null && /^\d{8}$/.test(serial) ? serial : null };
}
