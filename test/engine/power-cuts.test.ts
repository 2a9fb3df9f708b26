// The plug is pulled from the interpreter: in the middle of a flash operation, and at any moment. What is there afterwards is the state before or
// after, and no try comes back.

import { createHash, verify } from "node:crypto";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { initialiseToken } from "../../host-bridge/token/initialise.ts";
import type { TokenClient } from "../../host-bridge/token/token-client.ts";
import { equalBytes, hexToBytes } from "../../protocol/bytes.ts";
import { OBJECT_SIGNATURE_CERTIFICATE, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import type { BoardFiles } from "../../simulator/engine/board-files.ts";
import { ENGINE_FLASH_FILE } from "../../simulator/engine/flash-as-file.ts";
import type { PowerCut } from "../../simulator/engine/prelude.ts";
import { bareCertificate } from "../support/bare-certificate.ts";
import { p256Point } from "../support/ec-keys.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { ascii, MANAGEMENT_KEY, PIN, SECRETS, WRONG_PIN } from "../support/simulated-token.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { EngineBench } from "./engine-bench.ts";
import { engineAtHand, joltJsFiles, withEngine } from "./interpreter.ts";

const base = temporaryFolder();
const LETTER = "what was signed";
const DIGEST = new Uint8Array(createHash("sha256").update(LETTER).digest());
const NEW_PIN = "19283746";

describe.skipIf(engineAtHand === null)(`the plug is pulled (${withEngine})`, () => {
  const benches: EngineBench[] = [];
  let files: BoardFiles;
  /** A token with a key and a certificate in 9C, one try of the PIN spent. */
  let point: Uint8Array;
  let certificate: Uint8Array;
  let count = 0;

  const ready = (): string => join(base, "ready");
  const flashIn = (folder: string): string => join(folder, ENGINE_FLASH_FILE);

  async function start(folder: string): Promise<EngineBench> {
    const bench = await EngineBench.start(folder, files);
    benches.push(bench);
    return bench;
  }

  /** The ready token, again, in a folder of its own. */
  function another(): string {
    const folder = join(base, String(count++));
    mkdirSync(folder);
    copyFileSync(flashIn(ready()), flashIn(folder));
    return folder;
  }

  async function officer(bench: EngineBench): Promise<TokenClient> {
    const client = await bench.client();
    await client.authenticateManagement(hexToBytes(MANAGEMENT_KEY));
    return client;
  }

  beforeAll(async () => {
    files = await joltJsFiles();
    const bench = await start(ready());
    const client = await bench.client();
    await initialiseToken(client, ascii(PIN), () => SECRETS);
    point = await client.generateKey(SLOT_SIGNATURE);
    certificate = new Uint8Array(bareCertificate(point, 300));
    await client.writeCertificate(OBJECT_SIGNATURE_CERTIFICATE, certificate);
    await client.verifyPin(ascii(WRONG_PIN)).catch(() => {});
    await bench.engine.kill();
  });
  afterAll(() => Promise.all(benches.map(({ engine }) => engine.kill())));

  interface Left {
    readonly tries: number;
    readonly pin: string | null;
    readonly point: Uint8Array | undefined;
    readonly certificate: Uint8Array | null;
  }

  /** Power on again; the key that is there signs, the PIN that is there is found by trying. */
  async function leftIn(folder: string, pins: readonly string[]): Promise<Left> {
    const bench = await start(folder);
    const client = await bench.client();
    const tries = (await client.tries(0x80)).left;
    let pin: string | null = null;
    for (const each of pins) {
      const isRight = await client.verifyPin(ascii(each)).then(
        () => true,
        () => false,
      );
      if (isRight) pin = each;
      if (isRight) break;
    }
    const found = (await client.keyMetadata(SLOT_SIGNATURE))?.publicKey;
    if (found !== undefined && pin !== null) {
      await client.verifyPin(ascii(pin));
      const signature = await client.sign(SLOT_SIGNATURE, DIGEST);
      expect(verify("sha256", Buffer.from(LETTER), p256Point(found), signature)).toBe(true);
    }
    const left = { tries, pin, point: found, certificate: await client.readCertificate(OBJECT_SIGNATURE_CERTIFICATE) };
    expect(bench.engine.printed).not.toMatch(/Uncaught|ERROR|corrupt/);
    await bench.engine.kill();
    return left;
  }

  type Act = (client: TokenClient) => Promise<unknown>;

  /** How many flash operations an act takes. */
  async function operationsOf(act: Act): Promise<number> {
    const bench = await start(another());
    const client = await officer(bench);
    await bench.engine.armCut({ kind: "any", operation: 0, words: 0 });
    await act(client).catch(() => {});
    const operations = await bench.engine.flashOperations();
    await bench.engine.kill();
    return operations;
  }

  /** The act with the power gone in one of its flash operations; the answer is the folder. */
  async function cutIn(act: Act, cut: PowerCut): Promise<string> {
    const folder = another();
    const bench = await start(folder);
    const client = await officer(bench);
    await bench.engine.armCut(cut);
    await expect(act(client)).rejects.toMatchObject({ name: "TransportError", failure: "gone" });
    await bench.engine.gone;
    expect(bench.engine.told.at(-1)).toBe("cut");
    return folder;
  }

  /** The first operation of an act, one in the middle and the last, broken off within a word, the first one or the second. */
  async function cutsOf(act: Act): Promise<PowerCut[]> {
    const operations = await operationsOf(act);
    expect(operations).toBeGreaterThan(0);
    const chosen = [...new Set([1, Math.floor(operations / 2) + 1, operations])].filter((each) => each <= operations);
    return chosen.map((operation) => ({ kind: "any", operation, words: operation % 2 }));
  }

  test("a wrong PIN: its try is spent from the first complete flash operation on, and never refunded", async () => {
    const act: Act = (client) => client.verifyPin(ascii(WRONG_PIN));
    for (const cut of await cutsOf(act)) {
      const { tries, pin } = await leftIn(await cutIn(act, cut), [PIN]);
      expect([tries, pin]).toEqual([cut.operation === 1 ? 2 : 1, PIN]);
    }
  });

  test("the right PIN: its try is spent until the last flash operation has given all of them back", async () => {
    const act: Act = (client) => client.verifyPin(ascii(PIN));
    const tries: number[] = [];
    for (const cut of await cutsOf(act)) {
      const left = await leftIn(await cutIn(act, cut), [PIN]);
      expect(left.pin).toBe(PIN);
      tries.push(left.tries);
    }
    // The one that is compared has been spent before: a cut at the first operation leaves two tries, at any later one a single try.
    expect(tries.slice(0, 1)).toEqual([2]);
    expect(new Set(tries.slice(1))).toEqual(new Set([1]));
  });

  test("a new PIN: the old one or the new one", async () => {
    const act: Act = (client) => client.changePin(ascii(PIN), ascii(NEW_PIN));
    for (const cut of await cutsOf(act)) expect([PIN, NEW_PIN]).toContain((await leftIn(await cutIn(act, cut), [PIN, NEW_PIN])).pin);
  });

  test("a new key in the same slot: the old one, the new one or none; a key that is there signs", async () => {
    const act: Act = (client) => client.generateKey(SLOT_SIGNATURE);
    const kept: boolean[] = [];
    for (const cut of await cutsOf(act)) {
      const left = await leftIn(await cutIn(act, cut), [PIN]);
      expect(left).toMatchObject({ pin: PIN, certificate });
      kept.push(left.point !== undefined && equalBytes(left.point, point));
    }
    expect(kept[0]).toBe(true);
  });

  test("a signature: the key, the certificate and the tries are as before", async () => {
    const act: Act = async (client) => {
      await client.verifyPin(ascii(PIN));
      await client.sign(SLOT_SIGNATURE, DIGEST);
    };
    const operations = await operationsOf(act);
    const left = await leftIn(await cutIn(act, { kind: "any", operation: operations, words: 2 }), [PIN]);
    expect(left).toMatchObject({ tries: 3, pin: PIN, point, certificate });
  });

  test("another certificate: the one before or the new one, also when a page is left half erased", async () => {
    const other = new Uint8Array(bareCertificate(point, 2000));
    const write: Act = (client) => client.writeCertificate(OBJECT_SIGNATURE_CERTIFICATE, other);
    const untilPageTurns: Act = async (client) => {
      for (let time = 0; time < 60; time++) await write(client);
    };
    for (const cut of [
      { kind: "program", operation: 1, words: 20 },
      { kind: "erase", operation: 1, words: 300 },
    ] as const) {
      const left = await leftIn(await cutIn(cut.kind === "erase" ? untilPageTurns : write, cut), [PIN]);
      expect(left).toMatchObject({ pin: PIN, point });
      expect([certificate, other]).toContainEqual(left.certificate);
    }
  });

  test("at any moment, three times in a row on one token", async () => {
    const random = new SeededRandom(7);
    const folder = another();
    let tries = 2;
    for (let time = 0; time < 3; time++) {
      const bench = await start(folder);
      const client = await officer(bench);
      const work = (async () => {
        for (;;) {
          await client.generateKey(SLOT_SIGNATURE);
          await client.writeCertificate(OBJECT_SIGNATURE_CERTIFICATE, certificate);
        }
      })().catch(() => {});
      await sleep(random.below(400));
      await bench.engine.kill();
      await work;
      const left = await leftIn(folder, [PIN]);
      expect(left).toMatchObject({ tries, pin: PIN, certificate });
      tries = 3; // the right PIN was given in between
    }
  });
});
