// Shows each step as it goes, with its time: a line that turns and is ticked off on a terminal, plain lines anywhere else.

import { Listr, PRESET_TIMER } from "listr2";
import { mark } from "../terminal.ts";

export interface Steps {
  /** Runs one step, which may tell how far it is; what it throws marks it as failed and goes on to the caller. */
  run<T>(title: string, work: (tell: (text: string) => void) => Promise<T>): Promise<T>;
}

/** Steps that say nothing: for --json. */
export const SILENT_STEPS: Steps = { run: (_title, work) => work(() => {}) };

/** «0.412 s», behind the step it belongs to. */
const seconds = (durationMs: number): string => `${(durationMs / 1000).toFixed(3)} s`;
const TIMER = { ...PRESET_TIMER, field: seconds };

const TERMINAL_STEPS: Steps = {
  run: async (title, work) => {
    let result: { value: Awaited<ReturnType<typeof work>> } | undefined;
    const list = new Listr(
      [
        {
          title,
          task: async (_context, task) => {
            const tell = (text: string): void => {
              task.output = text;
            };
            result = { value: await work(tell) };
          },
        },
      ],
      { renderer: "default", rendererOptions: { timer: TIMER, showErrorMessage: false } },
    );
    await list.run();
    if (result === undefined) throw new Error(`step without a result: ${title}`);
    return result.value;
  },
};

/** For a file, a pipe, a journal: the title as a step begins, what it tells, and how it ended. What was thrown, the caller says. */
export const plainSteps = (print: (line: string) => void): Steps => ({
  run: async (title, work) => {
    const startedMs = performance.now();
    print(`… ${title}`);
    try {
      const value = await work((text) => print(`    ${text}`));
      print(`${mark(true)} ${title} [${seconds(performance.now() - startedMs)}]`);
      return value;
    } catch (error) {
      print(`${mark(false)} ${title}`);
      throw error;
    }
  },
});

export const createSteps = (print: (line: string) => void): Steps => (process.stdout.isTTY === true ? TERMINAL_STEPS : plainSteps(print));
