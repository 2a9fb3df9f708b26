// Consent by the button of a board, by the script that it gets: asked, waited for, given, not given, given up. Pins behave as Espruino's.

import { createHash, verify } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { initialiseToken } from "../../host-bridge/token/initialise.ts";
import type { TokenClient } from "../../host-bridge/token/token-client.ts";
import { BUTTON_POLICY_ALWAYS, PIN_POLICY_NEVER, SLOT_CARD_AUTHENTICATION } from "../../protocol/piv.ts";
import { ENTRY_SIGNATURE } from "../../protocol/vendor.ts";
import { p256Point } from "../support/ec-keys.ts";
import { ascii, PIN, SECRETS } from "../support/simulated-token.ts";
import { BoardRealm, joltJsFiles } from "./board-realm.ts";

const digestOf = (text: string): Uint8Array => new Uint8Array(createHash("sha256").update(text).digest());
const files = await joltJsFiles();

let board: BoardRealm;
let client: TokenClient;
let point: Uint8Array;
/** How often the host was told that the button is waited for. */
let asked = 0;

/** Asks for a signature that needs the button; the status word, or 9000 for a good one. */
function sign(text: string, by = client): Promise<number> {
  const signed = by.sign(SLOT_CARD_AUTHENTICATION, digestOf(text), { onButton: () => asked++ });
  return signed.then(
    (signature) => (verify("sha256", Buffer.from(text), p256Point(point), signature) ? 0x9000 : 0),
    (error: { sw: number }) => error.sw,
  );
}

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const press = async (): Promise<void> => {
  board.press();
  await pass(60);
  board.press(false);
  await pass(60);
};
const isAtRest = (): unknown => [
  board.pins.watchCount,
  board.timers.count,
  ["busy", "waiting", "error"].filter((use) => board.isLit(use as "busy")),
];
const AT_REST = [0, 0, []];

beforeEach(async () => {
  vi.useFakeTimers();
  asked = 0;
  board = new BoardRealm(files);
  client = await board.client();
  await initialiseToken(client, ascii(PIN), () => SECRETS);
  point = await client.generateKey(SLOT_CARD_AUTHENTICATION, { pin: PIN_POLICY_NEVER, button: BUTTON_POLICY_ALWAYS });
});
afterEach(() => {
  board.unplug();
  vi.useRealTimers();
});

describe("the button", () => {
  test("pressed, gives the signature; the light blinks and the host is told meanwhile", async () => {
    const signed = sign("a letter");
    await pass(1000);
    expect([board.pins.watchCount, asked]).toEqual([1, 5]); // at once, then every 250 ms
    const seen = new Set<boolean>();
    for (let i = 0; i < 4; i++) {
      seen.add(board.isLit("waiting"));
      await pass(125);
    }
    expect(seen.size).toBe(2);
    await press();
    expect(await signed).toBe(0x9000);
    expect(isAtRest()).toEqual(AT_REST);
  });

  test("nobody presses: after 15 s it is refused, and what comes then is too late", async () => {
    const signed = sign("a letter");
    await pass(14_900);
    expect(board.pins.watchCount).toBe(1);
    await pass(200);
    expect(await signed).toBe(0x6985);
    expect(isAtRest()).toEqual(AT_REST);
    await press();
    expect((await client.deviceInfo()).counter).toBe(0);
  });

  test("given up by the host: refused, and the next question is asked anew", async () => {
    const signed = sign("a letter");
    await pass(500);
    client.cancel();
    expect(await signed).toBe(0x6985);
    expect(isAtRest()).toEqual(AT_REST);
    const next = sign("another letter");
    await pass(500);
    await press();
    expect(await next).toBe(0x9000);
  });

  test("held down before the question does not count", async () => {
    board.press();
    await pass(100);
    const signed = sign("a letter");
    await pass(1000);
    board.press(false);
    await pass(1000);
    expect(board.pins.watchCount).toBe(1);
    await press();
    expect(await signed).toBe(0x9000);
  });

  test("one press is one consent", async () => {
    const signed = sign("a letter");
    await pass(100);
    await press();
    expect(await signed).toBe(0x9000);
    const next = sign("another letter");
    await pass(5000);
    client.cancel();
    expect(await next).toBe(0x6985);
  });

  // Espruino tells a change that has begun even when its watch is cleared meanwhile, and gives the next watch the same number.
  test.each([
    { how: "been given up by the host", afterMs: 1000, end: async () => client.cancel() },
    { how: "run out of time", afterMs: 15_000 - 10, end: () => pass(11) },
  ])("a press that has not held for 25 ms when the question has $how answers neither that one nor the next", async ({ afterMs, end }) => {
    const other = await board.client();
    const signed = sign("a letter");
    await pass(afterMs);
    board.press();
    await end();
    expect(await signed).toBe(0x6985);
    const next = sign("another letter", other);
    await pass(100);
    expect(board.pins.watchCount).toBe(1);
    board.press(false);
    await pass(100);
    await press();
    expect(await next).toBe(0x9000);
    const { entries } = await (await holder()).vendor.readJournal();
    expect(entries.filter(({ kind }) => kind === ENTRY_SIGNATURE).map(({ digest }) => digest)).toEqual([digestOf("another letter")]);
  });

  test("a client that leaves takes its question along", async () => {
    const leaving = await board.client();
    void sign("a letter", leaving);
    await pass(100);
    expect(board.pins.watchCount).toBe(1);
    leaving.close();
    expect(isAtRest()).toEqual(AT_REST);
    await pass(6000); // the host's own patience with it ends
  });
});

/** Somebody who may read the journal. */
async function holder(): Promise<TokenClient> {
  const own = await board.client();
  await own.verifyPin(ascii(PIN));
  return own;
}
