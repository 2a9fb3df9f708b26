// What a person sees and presses: the lights, the button that comes too late, is held too early, or bounces, and the way back to the console.

import { createHash } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { initialiseToken } from "../../host-bridge/token/initialise.ts";
import type { TokenClient } from "../../host-bridge/token/token-client.ts";
import { BUTTON_POLICY_ALWAYS, PIN_POLICY_NEVER, SLOT_CARD_AUTHENTICATION } from "../../protocol/piv.ts";
import type { BoardFiles } from "../../simulator/engine/board-files.ts";
import { JOLT_JS_LIGHTS } from "../../simulator/engine/jolt-js-chip.ts";
import { ascii, PIN, SECRETS } from "../support/simulated-token.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { EngineBench } from "./engine-bench.ts";
import { engineAtHand, joltJsFiles, withEngine } from "./interpreter.ts";

const DIGEST = new Uint8Array(createHash("sha256").update("a door").digest());
const folder = temporaryFolder();

describe.skipIf(engineAtHand === null)(`button and lights (${withEngine})`, () => {
  let files: BoardFiles;
  let bench: EngineBench;
  let client: TokenClient;

  beforeAll(async () => {
    files = await joltJsFiles();
    bench = await EngineBench.start(join(folder, "token"), files);
    client = await bench.client();
    await initialiseToken(client, ascii(PIN), () => SECRETS);
    await client.generateKey(SLOT_CARD_AUTHENTICATION, { pin: PIN_POLICY_NEVER, button: BUTTON_POLICY_ALWAYS });
    bench.button.script = { kind: "never" };
  });
  afterAll(() => bench.engine.kill());

  const sign = (onButton: () => void): Promise<Uint8Array> => client.sign(SLOT_CARD_AUTHENTICATION, DIGEST, { onButton });
  const uses = ["busy", "waiting", "error"];
  const isLit = (use: string): boolean => [...bench.engine.lights].some(([pin, isOn]) => isOn && JOLT_JS_LIGHTS[pin] === use);
  const changesOf = (lines: readonly string[], use: string): number =>
    lines.filter((line) => line.startsWith("light ") && JOLT_JS_LIGHTS[line.split(" ")[1] ?? ""] === use).length;

  test("at power-on the red light, until all is well; then none, for good", async () => {
    const { told } = bench.engine;
    expect(changesOf(told.slice(0, told.indexOf("console null") + 4), "error")).toBeGreaterThan(0);
    expect(uses.filter(isLit)).toEqual([]);
    const from = told.length;
    await sleep(1200);
    expect(told.slice(from).filter((line) => line.startsWith("light"))).toEqual([]);
  });

  test("green while it works; the light for the button blinks while it waits, then all are dark", async () => {
    const from = bench.engine.told.length;
    let atQuestion = { green: true, asked: false };
    const signed = sign(() => {
      atQuestion = { green: isLit("busy"), asked: changesOf(bench.engine.told.slice(from), "waiting") > 0 };
    });
    await bench.engine.whenTold((line) => line.startsWith("watch "));
    await sleep(700);
    expect(changesOf(bench.engine.told.slice(from), "waiting")).toBeGreaterThan(3);
    await bench.button.press();
    await signed;
    expect(atQuestion).toEqual({ green: false, asked: true });
    expect(changesOf(bench.engine.told.slice(from), "busy")).toBeGreaterThan(0);
    expect(uses.filter(isLit)).toEqual([]);
  });

  test("a button that is held before the question is no consent: it has to be let go and pressed", async () => {
    await bench.engine.holdButton(true);
    let isSigned = false;
    const signed = sign(() => {}).then(() => {
      isSigned = true;
    });
    await bench.engine.whenTold((line) => line.startsWith("watch "));
    await sleep(300);
    await bench.engine.holdButton(false);
    await sleep(200);
    expect(isSigned).toBe(false);
    await bench.button.press();
    await signed;
  });

  test("a contact that bounces is no press", async () => {
    let isSigned = false;
    const signed = sign(() => {}).then(() => {
      isSigned = true;
    });
    await bench.engine.whenTold((line) => line.startsWith("watch "));
    for (let bounce = 0; bounce < 4; bounce++) await bench.engine.bounce();
    await sleep(200);
    expect(isSigned).toBe(false);
    await bench.button.press();
    await signed;
  });

  test("nobody presses: after 15 seconds it gives up, and goes on", async () => {
    const begun = performance.now();
    await expect(sign(() => {})).rejects.toMatchObject({ sw: 0x6985 });
    expect((performance.now() - begun) / 1000).toBeGreaterThan(14.9);
    expect(isLit("waiting")).toBe(false);
    expect(await client.deviceInfo()).toMatchObject({ isInitialised: true });
  });

  test("held down at power-on the button leaves the console, and no packet is answered", async () => {
    const held = await EngineBench.start(join(folder, "held"), files, true);
    try {
      expect(held.engine.told.filter((line) => /^console|^watchdog/.test(line))).toEqual([]);
      let answers = 0;
      held.engine.onPacket = () => answers++;
      held.engine.send(new Uint8Array(64).fill(0xff));
      held.engine.type("print('six times seven: ' + 6 * 7)\n");
      await expect.poll(() => held.engine.printed, { timeout: 5000 }).toContain("six times seven: 42");
      expect(answers).toBe(0);
    } finally {
      await held.engine.kill();
    }
  });
});
