// What `sceau flash` does: a board's firmware is uploaded, read back and started, and the token tells of its first self-test.

import { join } from "node:path";
import { readBoardPackage } from "../../host-bridge/flashing/board-package.ts";
import { serialBoardPort } from "../../host-bridge/flashing/board-port.ts";
import { BoardSession, type FlashResult } from "../../host-bridge/flashing/board-session.ts";
import type { BoardState } from "../../host-bridge/flashing/examine-board.ts";
import { PART_AES, PART_BUTTON, PART_FLASH, PART_LIGHTS, PART_P256, PART_RANDOM, PART_SHA256 } from "../../protocol/vendor.ts";
import { CHECKOUT } from "../checkout.ts";
import { confirm } from "../confirmation.ts";
import type { CliContext } from "../context.ts";
import { EXIT_NEGATIVE, EXIT_OK } from "../failure.ts";
import type { flashEn } from "../messages/flash-en.ts";
import { field, mark, visible } from "../terminal.ts";
import { createSteps, SILENT_STEPS, type Steps } from "../tour/steps.ts";
import { UsageError } from "../usage-error.ts";

export interface FlashOptions {
  readonly board: string;
  readonly serial?: string;
  readonly yes?: true;
}

type Part = keyof (typeof flashEn)["part"];

export const PARTS: Readonly<Record<Part, number>> = {
  sha256: PART_SHA256,
  aes: PART_AES,
  p256: PART_P256,
  random: PART_RANDOM,
  flash: PART_FLASH,
  button: PART_BUTTON,
  lights: PART_LIGHTS,
};

const BOARD_NAME = /^[a-z0-9-]{1,32}$/;
const SERIAL = /^[1-9]\d{7}$/;
/** Of the upload, told in hundredths. */
const TOLD_STEP = 5;

/** @throws UsageError bad-word, bad-number */
function checkOptions({ board, serial }: FlashOptions): void {
  if (!BOARD_NAME.test(board)) throw new UsageError("bad-board", board);
  if (serial !== undefined && !SERIAL.test(serial)) throw new UsageError("bad-serial", serial);
}

async function confirmOverwriting({ say, print }: CliContext, state: BoardState, board: string, isGiven: boolean): Promise<void> {
  if (state.hasSceau) print(say.flash.keepsKeys(state.serial ?? "?"));
  if (state.foreignFiles.length > 0) print(say.flash.foreignFiles(visible(state.foreignFiles.join(", "))));
  if (state.hasSceau || state.foreignFiles.length > 0) await confirm(isGiven, board, say.flash.confirm(board));
}

function uploadWith(session: BoardSession, steps: Steps, title: string): Promise<void> {
  return steps.run(title, (tell) => {
    let told = 0;
    return session.upload((done, total) => {
      const hundredths = Math.floor((done * 100) / total);
      if (hundredths < told + TOLD_STEP) return;
      told = hundredths;
      tell(`${hundredths} %`);
    });
  });
}

function resultLines({ say }: CliContext, port: string, { info, selfTest }: FlashResult): string[] {
  const words = say.flash;
  const tested = (Object.keys(PARTS) as Part[]).filter((part) => (selfTest.parts & PARTS[part]) !== 0);
  return [
    "",
    field(words.model, info.model),
    field(words.serial, info.serial),
    field(words.firmware, info.firmware.join(".")),
    "",
    ...tested.map((part) => `  ${mark((selfTest.failed & PARTS[part]) === 0)} ${words.part[part]}`),
    "",
    ...(selfTest.failed === 0 ? [words.done(info.serial), words.next(port)] : [words.selfTestFailed]),
  ];
}

export async function flash(context: CliContext, path: string, options: FlashOptions): Promise<void> {
  const words = context.say.flash;
  checkOptions(options);
  const wanted = readBoardPackage(join(CHECKOUT, "dist", "boards", options.board), options.board);
  const steps = context.isJson ? SILENT_STEPS : createSteps(context.print);
  const session = await steps.run(words.looking(path), () => BoardSession.open(serialBoardPort(path), wanted, options.serial));
  let result: FlashResult;
  try {
    await confirmOverwriting(context, session.state, options.board, options.yes === true);
    await uploadWith(session, steps, words.writing);
    result = await steps.run(words.starting, () => session.start());
  } finally {
    await session.close();
  }
  const { info, selfTest } = result;
  const verdicts = Object.entries(PARTS).flatMap(([part, bit]) =>
    (selfTest.parts & bit) === 0 ? [] : [[part, (selfTest.failed & bit) === 0] as const],
  );
  const { model, serial, firmware } = info;
  context.report(
    {
      board: options.board,
      model,
      serial,
      firmware: firmware.join("."),
      isUpdate: session.state.hasSceau,
      selfTest: Object.fromEntries(verdicts),
    },
    resultLines(context, path, result),
  );
  process.exitCode = selfTest.failed === 0 ? EXIT_OK : EXIT_NEGATIVE;
}
