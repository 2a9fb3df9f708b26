// The script that a board gets, end to end, without an interpreter: over frames, from the host's own client.

import { createECDH, createHash, randomBytes, verify } from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { initialiseToken } from "../../host-bridge/token/initialise.ts";
import type { TokenClient } from "../../host-bridge/token/token-client.ts";
import { TokenError } from "../../host-bridge/token/token-error.ts";
import { TransportError } from "../../host-bridge/transport/transport.ts";
import { hexToBytes, readUint32 } from "../../protocol/bytes.ts";
import { CMD_APDU, CMD_ERROR, ERROR_INVALID_CHANNEL, splitMessage } from "../../protocol/packet.ts";
import { SLOT_KEY_MANAGEMENT, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { FrameReader, FrameWriter } from "../../protocol/serial-frame.ts";
import { PART_BUTTON, PART_LIGHTS } from "../../protocol/vendor.ts";
import { blankImage, type FlashImage, ModelledFlash } from "../../simulator/modelled-flash.ts";
import { type Cut, CutFlash, cutsAfter } from "../power-cuts/cut-flash.ts";
import { p256Point } from "../support/ec-keys.ts";
import { ascii, MANAGEMENT_KEY, PIN, PUK, SECRETS, WRONG_PIN } from "../support/simulated-token.ts";
import {
  BOARD_GEOMETRY,
  type BoardFiles,
  type BoardOptions,
  BoardRealm,
  joltJsFiles,
  latin1,
  SERIAL_DIGITS,
  textCrc32,
  withScript,
} from "./board-realm.ts";
import { withoutHoisting } from "./espruino-language.ts";

const LETTER = "what was signed";
const digest = new Uint8Array(createHash("sha256").update(LETTER).digest());
const copyOf = ({ bytes, writes }: FlashImage): FlashImage => ({ bytes: bytes.slice(), writes: writes.slice() });
const flashOf = (image: FlashImage): ModelledFlash => new ModelledFlash(BOARD_GEOMETRY, copyOf(image), () => {});

async function initialised(board: BoardRealm): Promise<TokenClient> {
  const client = await board.client();
  await initialiseToken(client, ascii(PIN), () => SECRETS);
  return client;
}

async function expectSignature(client: TokenClient, slot: number, point: Uint8Array): Promise<void> {
  await client.verifyPin(ascii(PIN));
  expect(verify("sha256", Buffer.from(LETTER), p256Point(point), await client.sign(slot, digest))).toBe(true);
}

let files: BoardFiles;
/** An initialised token with a key in 9C, and its point. */
let used: FlashImage;
let point: Uint8Array;
const boot = (options: BoardOptions = {}): BoardRealm => new BoardRealm(files, options);
const again = (options: BoardOptions = {}): BoardRealm => boot({ flash: flashOf(used), ...options });

beforeAll(async () => {
  files = await joltJsFiles();
  const board = boot();
  const client = await initialised(board);
  point = await client.generateKey(SLOT_SIGNATURE);
  used = board.flash.image;
});

describe("a board's token", () => {
  test("says what it is; simulated, on any other interpreter than its board's", async () => {
    const own = await (await boot().client()).deviceInfo();
    expect(own).toMatchObject({ model: "Sceau Jolt.js", serial: SERIAL_DIGITS, isSimulated: false, isInitialised: false });
    const other = await (await boot({ interpreter: "LINUX" }).client()).deviceInfo();
    expect(other).toMatchObject({ model: "Sceau Jolt.js", isSimulated: true });
  });

  test("signs with the key that it made, at this power-on and the next", async () => {
    const board = again();
    const client = await board.client();
    expect((await client.keyMetadata(SLOT_SIGNATURE))?.publicKey).toEqual(point);
    await expectSignature(client, SLOT_SIGNATURE, point);
    await expect(client.sign(SLOT_SIGNATURE, digest)).rejects.toMatchObject({ sw: 0x6982 }); // the PIN each time
    const next = await boot({ flash: board.flash }).client();
    expect((await next.deviceInfo()).counter).toBe(1);
    await expectSignature(next, SLOT_SIGNATURE, point);
  });

  test("forgets a proved PIN when another program opens the port, even one that knows the channel; channels are nobody's to guess", async () => {
    const board = again();
    const client = await board.client();
    const reader = new FrameReader(textCrc32);
    const [opened = ""] = board.written.flatMap((frame) => reader.take(frame));
    const channel = readUint32(new Uint8Array(Buffer.from(opened, "latin1")), 15);
    expect(channel).toBeGreaterThan(1000);
    await client.verifyPin(ascii(PIN));
    board.written.length = 0;
    const [packet = digest] = splitMessage({
      channel,
      command: CMD_APDU,
      payload: hexToBytes(`0087119c267c2482008120${"11".repeat(32)}00`),
    });
    board.receive(latin1(new FrameWriter(textCrc32).frame(packet)));
    const [refused = ""] = board.written.flatMap((frame) => reader.take(frame));
    expect([refused.charCodeAt(4), refused.charCodeAt(7)]).toEqual([CMD_ERROR | 0x80, ERROR_INVALID_CHANNEL]);
    expect((await (await again({ flash: board.flash }).client()).deviceInfo()).counter).toBe(0);
  });

  test("signs where no function is there before its line has run, the code is copied and long data lie scattered", async () => {
    const kernel = { codeAddress: 0x80002, isScattered: (bytes: Uint8Array) => bytes.length > 384 && bytes.length % 2 === 1 };
    const board = new BoardRealm(withScript(withoutHoisting(files.text), files.kernel), { kernel });
    const client = await initialised(board);
    await expectSignature(client, SLOT_SIGNATURE, await client.generateKey(SLOT_SIGNATURE));
    expect(board.kernel.loaded).toBe("copied");
  });

  test("agrees on a key as OpenSSL does, and refuses a point off the curve", async () => {
    const client = await initialised(boot());
    const own = await client.generateKey(SLOT_KEY_MANAGEMENT);
    const ecdh = createECDH("prime256v1");
    const other = new Uint8Array(ecdh.generateKeys());
    await client.verifyPin(ascii(PIN));
    expect(Buffer.from(await client.agreeOnKey(SLOT_KEY_MANAGEMENT, other))).toEqual(ecdh.computeSecret(own));
    other[64] = (other[64] ?? 0) ^ 1;
    await expect(client.agreeOnKey(SLOT_KEY_MANAGEMENT, other)).rejects.toMatchObject({ sw: 0x6a80 });
  });

  test("gives no signature with a fault in it", async () => {
    const board = again();
    const client = await board.client();
    await client.verifyPin(ascii(PIN));
    board.kernel.isFaulty = true;
    await expect(client.sign(SLOT_SIGNATURE, digest)).rejects.toMatchObject({ sw: 0x6f00 });
    board.kernel.isFaulty = false;
    await expectSignature(client, SLOT_SIGNATURE, point);
  });

  test("whose noise fails later makes no key and gives no random bytes until the next power-on, and says so by its light", async () => {
    let isStuck = false;
    const board = again({ noise: () => (isStuck ? 7 : randomBytes(4).readInt32LE()) });
    const client = await board.client();
    await client.authenticateManagement(hexToBytes(MANAGEMENT_KEY));
    isStuck = true;
    await expect(client.generateKey(SLOT_SIGNATURE)).rejects.toMatchObject({ sw: 0x6f00 });
    isStuck = false;
    await expect(client.randomBytes(8)).rejects.toMatchObject({ sw: 0x6f00 });
    await expect(client.generateKey(SLOT_SIGNATURE)).rejects.toMatchObject({ sw: 0x6f00 });
    expect(board.isLit("error")).toBe(true);
    await expectSignature(client, SLOT_SIGNATURE, point); // needs none
    board.unplug();
    expect(await (await boot({ flash: board.flash }).client()).randomBytes(8)).toHaveLength(8);
  });

  test("counts wrong PINs over a power-on, blocks, and is unblocked by the PUK", async () => {
    const flash = flashOf(used);
    for (const left of [2, 1, 0]) {
      const client = await boot({ flash }).client();
      await expect(client.verifyPin(ascii(WRONG_PIN))).rejects.toMatchObject({ triesLeft: left });
    }
    const client = await boot({ flash }).client();
    await expect(client.verifyPin(ascii(PIN))).rejects.toMatchObject({ sw: 0x6983 });
    await client.unblockPin(ascii(PUK), ascii(PIN));
    await expectSignature(client, SLOT_SIGNATURE, point);
  });

  test("passes its self-test; tells a button that does not rest, and of its lights nothing", async () => {
    const board = boot();
    const client = await board.client();
    const { parts, failed } = await client.vendor.selfTest();
    expect([parts & (PART_BUTTON | PART_LIGHTS), failed]).toEqual([PART_BUTTON, 0]);
    board.press();
    expect((await client.vendor.selfTest()).failed).toBe(PART_BUTTON);
    expect([board.isLit("busy"), board.isLit("waiting"), board.isLit("error")]).toEqual([false, false, false]);
  });

  test("leaves no key, PIN or noise in the memory that the kernel has worked on", async () => {
    const board = again();
    const client = await initialised(board);
    await expectSignature(client, SLOT_SIGNATURE, await client.generateKey(SLOT_SIGNATURE));
    const [workspace = new Uint8Array(), code = new Uint8Array(), ...others] = board.kernel.memory;
    expect(Buffer.from(code).toString("latin1")).toBe(files.kernel);
    expect(workspace).toHaveLength(384);
    expect(others.length).toBeGreaterThan(8); // the noise of a start, and what it became
    // Before that lie addresses and the answer: a signature, which is for everybody.
    for (const bytes of [workspace.subarray(128), ...others]) expect(bytes.some((byte) => byte !== 0)).toBe(false);
  });
});

describe("the power goes", () => {
  const AT_ONCE: Cut = { after: 0, stays: 0, erasure: "noise", noise: [0xa5], spot: 0 };
  const sampled: fc.Parameters<[Cut]> = { numRuns: 12, examples: [[AT_ONCE]] };

  /** The host's error is the end of the power and nothing else. */
  const onlyGone = (error: unknown): void => {
    if (!(error instanceof TransportError) || error.failure !== "gone") throw error;
  };

  /** Does something to a board whose power goes at some word of the flash; the flash as it is then, and whether the host was answered. */
  async function cutDuring(act: (client: TokenClient) => Promise<unknown>, cut: Cut) {
    const flash = new CutFlash(BOARD_GEOMETRY, copyOf(used), cut);
    const board = boot({ flash });
    let isAnswered = true;
    await act(await board.client()).catch((error: unknown) => {
      if (error instanceof TokenError) return; // the wrong PIN
      isAnswered = false;
      onlyGone(error);
    });
    return { image: flash.image, isAnswered };
  }

  test("while a wrong PIN is counted: no try comes back, and the right one still opens it", async () => {
    let cuts = 0;
    await fc.assert(
      fc.asyncProperty(cutsAfter(12), async (cut) => {
        const { image, isAnswered } = await cutDuring((client) => client.verifyPin(ascii(WRONG_PIN)), cut);
        if (!isAnswered) cuts++;
        const client = await boot({ flash: flashOf(image) }).client();
        const left = await client.pinTriesLeft();
        expect(isAnswered ? [2] : [2, 3]).toContain(left);
        await expectSignature(client, SLOT_SIGNATURE, point);
      }),
      sampled,
    );
    expect(cuts).toBeGreaterThan(0);
  });

  test("while a key is made in the place of another: the old one or the new one, whole", async () => {
    await fc.assert(
      fc.asyncProperty(cutsAfter(60), async (cut) => {
        const made: Uint8Array[] = [];
        const { image } = await cutDuring(async (client) => {
          await client.authenticateManagement(hexToBytes(MANAGEMENT_KEY));
          made.push(await client.generateKey(SLOT_SIGNATURE));
        }, cut);
        const client = await boot({ flash: flashOf(image) }).client();
        const found = (await client.keyMetadata(SLOT_SIGNATURE))?.publicKey ?? new Uint8Array();
        if (made[0] !== undefined) expect(found).toEqual(made[0]);
        await expectSignature(client, SLOT_SIGNATURE, found);
      }),
      sampled,
    );
  });

  test("at the very first power-on: the next one is as the first", async () => {
    const blank = blankImage(BOARD_GEOMETRY);
    await fc.assert(
      fc.asyncProperty(cutsAfter(20), async (cut) => {
        const flash = new CutFlash(BOARD_GEOMETRY, copyOf(blank), cut);
        const first = boot({ flash });
        if (first.isServing) await initialised(first).catch(onlyGone);
        const client = await initialised(boot({ flash: flashOf(flash.image) }));
        await expectSignature(client, SLOT_SIGNATURE, await client.generateKey(SLOT_SIGNATURE));
      }),
      sampled,
    );
  });
});
