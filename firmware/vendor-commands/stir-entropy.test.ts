// STIR: the host's bytes reach the generator as they are, in every state, and change nothing else.

import { beforeEach, describe, expect, test } from "vitest";
import { CborMap, type CborValue } from "../../protocol/cbor.ts";
import { SW_INTERNAL_ERROR, SW_OK, SW_WRONG_DATA } from "../../protocol/status-words.ts";
import { MAX_ENTROPY_BYTES, REQUEST_ENTROPY, REQUEST_NONCE, VENDOR_DEVICE_INFO, VENDOR_STIR } from "../../protocol/vendor.ts";
import { type CommandParts, vendorCommand } from "../../test/firmware/card-commands.ts";
import { TestToken } from "../../test/firmware/test-token.ts";

const stir = (entropy: CborValue): CommandParts => vendorCommand(VENDOR_STIR, new CborMap().put(REQUEST_ENTROPY, entropy));

let stirred: Uint8Array[];
beforeEach(() => {
  stirred = [];
});

/** A blank token whose generator tells what it was stirred with. */
function watched(): TestToken {
  return new TestToken({ changeHal: (hal) => ({ ...hal, rng: { ...hal.rng, stir: (bytes) => void stirred.push(bytes.slice()) } }) });
}

test.each([0, 1, 32, MAX_ENTROPY_BYTES])(
  "%i bytes reach the generator as they are, on a blank token too; the answer is empty",
  (length) => {
    const entropy = new Uint8Array(length).map((_, i) => i + 1);
    const blank = watched();
    expect(blank.data(stir(entropy))).toHaveLength(0);
    blank.initialise();
    expect(blank.sw(stir(entropy))).toBe(SW_OK);
    expect(stirred).toEqual([entropy, entropy]);
  },
);

describe("what is refused before it reaches the generator", () => {
  const entropy = new Uint8Array(32);
  const REFUSED: readonly (readonly [what: string, command: CommandParts])[] = [
    ["more than 64 bytes", stir(new Uint8Array(MAX_ENTROPY_BYTES + 1))],
    ["a text", stir("entropy")],
    ["a number", stir(7)],
    ["no data", vendorCommand(VENDOR_STIR)],
    ["another key", vendorCommand(VENDOR_STIR, new CborMap().put(REQUEST_NONCE, entropy))],
    ["one key too many", vendorCommand(VENDOR_STIR, new CborMap().put(REQUEST_NONCE, entropy).put(REQUEST_ENTROPY, entropy))],
  ];
  test.each(REFUSED)("%s: 6A80", (_what, command) => {
    expect(watched().sw(command)).toBe(SW_WRONG_DATA);
    expect(stirred).toEqual([]);
  });
});

test("a generator that has failed is told by 6F00, and the token goes on", () => {
  const stop = (): never => {
    throw new Error("no randomness");
  };
  const token = new TestToken({ changeHal: (hal) => ({ ...hal, rng: { fill: stop, stir: stop } }) });
  expect(token.sw(stir(new Uint8Array(32)))).toBe(SW_INTERNAL_ERROR);
  expect(token.sw(vendorCommand(VENDOR_DEVICE_INFO))).toBe(SW_OK);
});
