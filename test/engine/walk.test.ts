// The walk, by a token of the simulator and by one that is the interpreter with the very script of a board.

import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { JOLT_JS } from "../../hardware/boards/jolt-js/board.ts";
import { createRoot } from "../../host-bridge/factory/attestation-root.ts";
import { Engine } from "../../simulator/engine/engine.ts";
import { JOLT_JS_FLASH, JOLT_JS_LIGHTS } from "../../simulator/engine/jolt-js-chip.ts";
import { SimulatedToken } from "../support/simulated-token.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { EngineBench } from "./engine-bench.ts";
import { engineAtHand, joltJsFiles, withEngine } from "./interpreter.ts";
import { Walk, type Walked } from "./walk.ts";

const folder = temporaryFolder();

async function walked(token: Pick<Walked, "openChannel" | "button">, name: string): Promise<Walked> {
  const root = await createRoot(join(folder, `roots-${name}`), "test", new Date("2026-03-01T10:20:30Z"));
  return { openChannel: () => token.openChannel(), button: token.button, folder, root };
}

/** Titles; the steps themselves come with a token. */
const TITLES = new Walk({} as Walked).steps.map(([title]) => title);

function walkOf(plugIn: () => Promise<Walked>): void {
  let walk: Walk;
  beforeAll(async () => {
    walk = new Walk(await plugIn());
  });
  test.each(TITLES)("%s", async (title) => {
    await walk.steps.find(([each]) => each === title)?.[1]();
  });
}

describe("the simulator", () => {
  walkOf(() => {
    const token = new SimulatedToken();
    return walked({ openChannel: async () => token.channel(), button: token.button }, "simulator");
  });
});

describe.skipIf(engineAtHand === null)(`the interpreter (${withEngine})`, () => {
  let bench: EngineBench;
  walkOf(async () => {
    bench = await EngineBench.start(join(folder, "token"), await joltJsFiles());
    return walked(bench, "interpreter");
  });
  afterAll(() => bench.engine.kill());

  test("without noise there is no token: rand() never stands for it", async () => {
    const place = { interpreter: engineAtHand?.path ?? "", folder: join(folder, "token"), serial: 1, flash: JOLT_JS_FLASH };
    await bench.engine.kill();
    const starved = Engine.start({ ...place, files: await joltJsFiles(), noiseBytes: 512 });
    await expect(starved).rejects.toMatchObject({ problem: "ended", detail: expect.stringContaining("no noise is left") });
  });

  test("nothing was thrown that nobody caught, no bit was wanted back, and noise was there all the time", () => {
    expect(bench.engine.printed).not.toMatch(/Uncaught|ERROR|corrupt/);
    expect(bench.engine.told.filter((line) => /^flash wrong|^noise out/.test(line))).toEqual([]);
    expect(bench.engine.told.filter((line) => /^noise low|^did n/.test(line)).slice(0, 2)).toEqual(["noise low", "did n"]);
  });
});

test("the board's description is of this chip: its pages are among the free ones, its lights are those", () => {
  const { address, pageBytes, pages } = JOLT_JS.flash;
  const end = JOLT_JS_FLASH.address + JOLT_JS_FLASH.lengthBytes;
  expect([pageBytes, address >= JOLT_JS_FLASH.address, address + pages * pageBytes <= end]).toEqual([JOLT_JS_FLASH.pageBytes, true, true]);
  const { busy, waiting, error } = JOLT_JS.leds;
  expect(JOLT_JS_LIGHTS).toEqual({ [busy]: "busy", [waiting]: "waiting", [error]: "error" });
});
