// A new token is taken out of its factory state, whatever happens on the way.

import { describe, expect, test } from "vitest";
import { parseTlvs } from "../../protocol/ber-tlv.ts";
import { hexToBytes } from "../../protocol/bytes.ts";
import { OBJECT_CCC, OBJECT_CHUID, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { ascii, MANAGEMENT_KEY, PIN, PUK, SECRETS, SimulatedToken, WRONG_PIN } from "../../test/support/simulated-token.ts";
import { type TokenChannel, TransportError } from "../transport/transport.ts";
import { initialiseToken } from "./initialise.ts";
import { TokenClient } from "./token-client.ts";

const keep = (): typeof SECRETS => SECRETS;

/** A cable that breaks at the command with this number: before it arrives, or before its answer does. */
function breaking(channel: TokenChannel, at: number, isCarriedOut: boolean): TokenChannel {
  let count = 0;
  return {
    ...channel,
    transmit: async (apdu) => {
      const breaks = count++ === at;
      if (breaks && !isCarriedOut) throw new TransportError("gone", "unplugged");
      const answer = await channel.transmit(apdu);
      if (breaks) throw new TransportError("gone", "unplugged");
      return answer;
    },
  };
}

async function expectInitialised(simulated: SimulatedToken): Promise<void> {
  const client = simulated.client();
  expect((await client.deviceInfo()).isInitialised).toBe(true);
  expect(await client.pinTriesLeft()).toBe(3);
  await client.verifyPin(ascii(PIN));
  await client.unblockPin(ascii(PUK), ascii(PIN));
  await client.authenticateManagement(hexToBytes(MANAGEMENT_KEY));
  expect([await client.readObject(OBJECT_CHUID), await client.readObject(OBJECT_CCC)]).not.toContain(null);
  await client.generateKey(SLOT_SIGNATURE);
}

/** How many commands an initialisation takes. */
async function commandCount(): Promise<number> {
  let count = 0;
  const channel = new SimulatedToken().channel();
  const counted: TokenChannel = {
    ...channel,
    transmit: (apdu) => {
      count++;
      return channel.transmit(apdu);
    },
  };
  await initialiseToken(new TokenClient(counted), ascii(PIN), keep);
  return count;
}

describe("a blank token", () => {
  test("gets PIN, PUK, management key and its two data objects", async () => {
    const simulated = new SimulatedToken();
    expect(await initialiseToken(simulated.client(), ascii(PIN), keep)).toBe("the test");
    await expectInitialised(simulated);
  });

  test("gets a card holder identifier of its own, with the tags of SP 800-73-5", async () => {
    const [first, second] = await Promise.all(
      [1, 2].map(async () => (await SimulatedToken.initialised()).client().readObject(OBJECT_CHUID)),
    );
    expect(parseTlvs(first ?? new Uint8Array(0)).map(({ tag, value }) => [tag, value.length])).toEqual([
      [0x30, 25],
      [0x34, 16],
      [0x35, 8],
      [0x3e, 0],
      [0xfe, 0],
    ]);
    expect(first).not.toEqual(second);
  });

  test("gets a capability container with all its fields", async () => {
    const container = (await (await SimulatedToken.initialised()).client().readObject(OBJECT_CCC)) ?? new Uint8Array(0);
    const tags = parseTlvs(container).map(({ tag }) => tag);
    expect(tags).toEqual([0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe]);
    expect(parseTlvs(container)[0]?.value).toHaveLength(21);
  });

  test.each(["12345", "abcdefgh"])("refuses %s as a PIN, and nothing has been changed or kept then", async (pin) => {
    const simulated = new SimulatedToken();
    let isKept = false;
    const kept = (): typeof SECRETS => {
      isKept = true;
      return SECRETS;
    };
    await expect(initialiseToken(simulated.client(), ascii(pin), kept)).rejects.toMatchObject({ sw: 0x6a80 });
    expect(isKept).toBe(false);
    await initialiseToken(simulated.client(), ascii(PIN), keep);
    await expectInitialised(simulated);
  });
});

describe("an interruption", () => {
  test.each([
    ["before it arrives", false],
    ["after it was carried out", true],
  ])("at any command, %s, leaves a token that a second run initialises", async (_, isCarriedOut) => {
    const commands = await commandCount();
    expect(commands).toBeGreaterThan(10);
    for (let at = 0; at < commands; at++) {
      const simulated = new SimulatedToken();
      const broken = new TokenClient(breaking(simulated.channel(), at, isCarriedOut));
      await expect(initialiseToken(broken, ascii(PIN), keep), `command ${at}`).rejects.toThrow(TransportError);
      await initialiseToken(simulated.client(), ascii(PIN), keep);
      await expectInitialised(simulated);
    }
  });

  test("when the secrets cannot be kept leaves PUK and management key as the factory set them", async () => {
    const simulated = new SimulatedToken();
    const full = (): never => {
      throw new Error("no space left on device");
    };
    await expect(initialiseToken(simulated.client(), ascii(PIN), full)).rejects.toThrow("no space left");
    const client = simulated.client();
    expect([await client.isFactory(0x80), await client.isFactory(0x81), await client.isFactory(0x9b)]).toEqual([false, true, true]);
    await initialiseToken(simulated.client(), ascii(PIN), keep);
    await expectInitialised(simulated);
  });

  test("followed by a run with another PIN is told with the tries left, and costs one", async () => {
    const simulated = new SimulatedToken();
    const broken = new TokenClient(breaking(simulated.channel(), 4, false));
    await expect(initialiseToken(broken, ascii(PIN), keep)).rejects.toThrow(TransportError);
    await expect(initialiseToken(simulated.client(), ascii(WRONG_PIN), keep)).rejects.toMatchObject({ triesLeft: 2 });
    await initialiseToken(simulated.client(), ascii(PIN), keep);
    await expectInitialised(simulated);
  });
});

test("a token that is initialised already stays as it is", async () => {
  const simulated = await SimulatedToken.initialised();
  const before = await simulated.client().readObject(OBJECT_CHUID);
  await initialiseToken(simulated.client(), ascii(PIN), keep);
  expect(await simulated.client().readObject(OBJECT_CHUID)).toEqual(before);
});
