// Whoever ends first, in the middle of whatever it does: a bridge that is killed (PCSC_KILLS times), a token that is pulled, pcscd itself. The others go on.

import type { KeyObject } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { BUTTON_POLICY_ALWAYS, OBJECT_AUTH_CERTIFICATE, PIN_POLICY_NEVER, SLOT_CARD_AUTHENTICATION } from "../../protocol/piv.ts";
import { BridgeProcess } from "../support/bridge-process.ts";
import { p256Point } from "../support/ec-keys.ts";
import { type Card, PcscClient, resetCard, transmit } from "../support/pcsc-client.ts";
import { PCSCD_LIMIT_MS, type RunningPcscd, startPcscd } from "../support/pcscd.ts";
import { run } from "../support/run.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { MANAGEMENT_KEY, Workbench } from "../support/workbench.ts";

const KILLS = Number(process.env["PCSC_KILLS"] ?? 5);
const KILL_LIMIT_MS = 10_000;
/** Longer than other readers' drivers grant a card without a word (libccid: 3 s); PCSC_BUTTON_MS=14800 is nearly what the token grants. */
const BUTTON_MS = Number(process.env["PCSC_BUTTON_MS"] ?? 4000);
const LONG_BYTES = 2500;
const GET_VERSION = "00fd000000";
const GET_LONG_OBJECT = "00cb3fff0000055c035fc1050000";
/** CONTROL_POWER_OFF. */
const POWER_OFF_CODE = "00";
const DIGEST = "01".repeat(32);
const SIGN_WITH_9E = `0087119e26${"7c2482008120"}${DIGEST}00`;

let pcscd: RunningPcscd;
let bench: Workbench;
let bridge: BridgeProcess;
let client: PcscClient;
let publicKey: KeyObject;

const startBridge = (): BridgeProcess =>
  BridgeProcess.launch({ args: ["--state", bench.folder, "--no-hid", "--no-serial", "--pcsc"], launcher: pcscd.launcher });

beforeAll(async () => {
  pcscd = await startPcscd();
  bench = await Workbench.open({ withBridge: false, sim: ["--button-delay", String(BUTTON_MS)] });
  await bench.initialise();
  const officer = await bench.client();
  await officer.authenticateManagement(Buffer.from(MANAGEMENT_KEY, "hex"));
  const point = await officer.generateKey(SLOT_CARD_AUTHENTICATION, { pin: PIN_POLICY_NEVER, button: BUTTON_POLICY_ALWAYS });
  await officer.writeCertificate(OBJECT_AUTH_CERTIFICATE, new SeededRandom(8).bytes(LONG_BYTES));
  officer.close();
  publicKey = p256Point(point);
  bridge = startBridge();
  client = new PcscClient();
}, PCSCD_LIMIT_MS);

afterAll(async () => {
  client?.close();
  await bridge?.stop();
  await bench?.close();
  await pcscd?.stop();
});

/** openssl verifies what the token has answered to SIGN_WITH_9E (SP 800-73-5 Part 2 §3.2.4: 7C L 82 L signature). */
function isSignature(answer: string): boolean {
  if (!/^7c..82.*9000$/.test(answer)) return false;
  const check = ["pkeyutl", "-verify", "-pubin", "-inkey", bench.write("public.pem", publicKey.export({ format: "pem", type: "spki" }))];
  const files = [
    "-in",
    bench.write("digest", Buffer.from(DIGEST, "hex")),
    "-sigfile",
    bench.write("signature", Buffer.from(answer.slice(8, -4), "hex")),
  ];
  return run("openssl", [...check, ...files]).status === 0;
}

/** Something to do again and again, and what its answer looks like. */
type Moment = readonly [name: string, act: (card: Card) => Promise<string>, answer: RegExp];

const MOMENTS: readonly Moment[] = [
  ["commands", (card) => transmit(card, GET_VERSION), /^0504039000$/],
  ["a wait for the button", (card) => transmit(card, SIGN_WITH_9E), /^7c.*9000$/],
  ["long answers", (card) => transmit(card, GET_LONG_OBJECT), new RegExp(`^5382(..){${LONG_BYTES},}9000$`)],
  ["resets", (card) => resetCard(card).then(() => transmit(card, GET_VERSION)), /^0504039000$/],
];

/** Until pcscd tells that the card has gone. Of a command in the middle of which that happens vpcd makes an empty answer; any other is whole. */
async function untilItIsGone(card: Card, [, act, answer]: Moment): Promise<number> {
  for (let answers = 0; ; answers++) {
    const given = await act(card).catch(() => null);
    if (given === null) return answers;
    if (given !== "") expect(given).toMatch(answer);
  }
}

it(
  `pcscd outlives a bridge that is killed in the middle, ${KILLS} times; then a wait of ${BUTTON_MS} ms for the button ends in a signature`,
  async () => {
    const random = new SeededRandom(KILLS);
    for (let kill = 0; kill < KILLS; kill++) {
      const moment = MOMENTS[kill % MOMENTS.length] as Moment;
      const gone = untilItIsGone(await client.connect(pcscd.reader), moment);
      await sleep(random.below(120));
      await bridge.stop("SIGKILL");
      bridge = startBridge();
      await gone;
      expect(pcscd.isRunning(), moment[0]).toBe(true);
    }
    const card = await client.connect(pcscd.reader);
    const start = performance.now();
    expect(isSignature(await transmit(card, SIGN_WITH_9E))).toBe(true);
    expect(performance.now() - start).toBeGreaterThan(BUTTON_MS);
    expect(pcscd.isRunning()).toBe(true);
  },
  KILLS * KILL_LIMIT_MS + BUTTON_MS,
);

it("a command of one byte, which vpcd sends as it sends a control code, does not keep the reader for ever", async () => {
  const card = await client.connect(pcscd.reader);
  await transmit(card, POWER_OFF_CODE).catch(() => "");
  await client.connect(pcscd.reader);
});

it("a bridge that is stopped in a wait for the button answers first; the token waits no more", async () => {
  const card = await client.connect(pcscd.reader);
  const answer = transmit(card, SIGN_WITH_9E);
  await sleep(300);
  const stopped = bridge;
  const start = performance.now();
  await stopped.stop();
  const stopMs = performance.now() - start;
  bridge = startBridge(); // for the next test, whatever becomes of this one
  expect(await answer, `stopped in ${stopMs} ms\n${stopped.output}`).toBe("6f00");
  expect(await (await bench.client()).pinTriesLeft()).toBe(3);
});

it("a pcscd that is stopped in a wait for the button ends the wait", async () => {
  const card = await client.connect(pcscd.reader);
  const answer = transmit(card, SIGN_WITH_9E).catch((error: Error) => error.name);
  await sleep(300);
  const stopped = pcscd.stop();
  const start = performance.now();
  const token = await bench.client();
  expect(await token.pinTriesLeft()).toBe(3);
  expect(performance.now() - start).toBeLessThan(BUTTON_MS / 2);
  token.close();
  await answer;
  await stopped;
});
