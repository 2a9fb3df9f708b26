// Shows each step as it goes, with its time: a line that turns and is ticked off on a terminal, a plain line anywhere else.

import { Listr, PRESET_TIMER } from "listr2";

export interface Steps {
  /** Runs one step, which may tell how far it is; what it throws marks it as failed and goes on to the caller. */
  run<T>(title: string, work: (tell: (text: string) => void) => Promise<T>): Promise<T>;
}

/** Steps that say nothing: for --json. */
export const SILENT_STEPS: Steps = { run: (_title, work) => work(() => {}) };

/** «0.412 s», behind the step it belongs to. */
const TIMER = { ...PRESET_TIMER, field: (durationMs: number) => `${(durationMs / 1000).toFixed(3)} s` };

export function createSteps(): Steps {
  return {
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
        { rendererOptions: { timer: TIMER, showErrorMessage: false }, fallbackRendererOptions: { timer: TIMER } },
      );
      await list.run();
      if (result === undefined) throw new Error(`step without a result: ${title}`);
      return result.value;
    },
  };
}
