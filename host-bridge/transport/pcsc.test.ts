// The PC/SC transport over a reader in memory, with other software at the same card: whose the security status is, and where commands go.

import { beforeEach, describe, expect, test } from "vitest";
import { ANSWER_TO_RESET } from "../../protocol/answer-to-reset.ts";
import { hexToBytes } from "../../protocol/bytes.ts";
import { INS_VERIFY } from "../../protocol/piv.ts";
import { FakePcsc } from "../../test/support/fake-pcsc.ts";
import { ascii, MANAGEMENT_KEY, PIN, SimulatedToken, WRONG_PIN } from "../../test/support/simulated-token.ts";
import { accessToken } from "../token/token-access.ts";
import type { TokenClient } from "../token/token-client.ts";
import { openPcscTransport } from "./pcsc.ts";
import { loadPcsc } from "./pcsc-library.ts";
import { PortBusyError } from "./port-error.ts";
import type { Transport } from "./transport.ts";

const DIGEST = new Uint8Array(32).fill(7);
const NOT_PROVED = { sw: 0x6982 };
const LONG_OBJECT = new Uint8Array(600).fill(0x42);
const PRINTED = 0x5fc109;

let pcsc: FakePcsc;
let transport: Transport;
let openClient: () => Promise<TokenClient>;

async function open(): Promise<void> {
  pcsc.lengths.length = 0;
  transport = await openPcscTransport(pcsc, pcsc.name);
  const access = await accessToken(transport);
  openClient = () => access.openClient();
  pcsc.seen.length = 0;
}

async function loggedIn(): Promise<TokenClient> {
  const client = await openClient();
  await client.verifyPin(ascii(PIN));
  return client;
}

beforeEach(async () => {
  const token = await SimulatedToken.initialised();
  await token.makeKey(0x9a);
  await token.makeKey(0x9c);
  pcsc = new FakePcsc(token);
  await open();
});

describe("what a channel proves", () => {
  test("serves that channel alone: another's use of a key finds a card that was reset", async () => {
    const [owner, other] = [await loggedIn(), await openClient()];
    await owner.sign(0x9a, DIGEST);
    await expect(other.sign(0x9a, DIGEST)).rejects.toMatchObject(NOT_PROVED);
  });

  test("and is lost is told to whom it concerns, once, without asking the card; then the card is asked again", async () => {
    const [first, second] = [await loggedIn(), await loggedIn()];
    pcsc.seen.length = 0;
    await expect(first.sign(0x9a, DIGEST)).rejects.toMatchObject(NOT_PROVED);
    expect(pcsc.seen).toEqual(["cb ff+"]);
    await second.sign(0x9a, DIGEST);
    await first.verifyPin(ascii(PIN));
    await first.sign(0x9a, DIGEST);
    await expect(second.sign(0x9a, DIGEST)).rejects.toMatchObject(NOT_PROVED);
  });

  test("by the PIN opens nothing to one who proves the management key, nor the other way round", async () => {
    const [holder, officer] = [await loggedIn(), await openClient()];
    await officer.authenticateManagement(hexToBytes(MANAGEMENT_KEY));
    await expect(officer.sign(0x9a, DIGEST)).rejects.toMatchObject(NOT_PROVED);
    await holder.verifyPin(ascii(PIN));
    await expect(holder.writeObject(PRINTED, DIGEST)).rejects.toMatchObject(NOT_PROVED);
  });

  test("outside of the bridge is no channel's", async () => {
    const client = await openClient();
    await pcsc.otherVerifies();
    await expect(client.sign(0x9a, DIGEST)).rejects.toMatchObject(NOT_PROVED);
    await expect(client.sign(0x9a, DIGEST)).rejects.toMatchObject(NOT_PROVED);
    await pcsc.otherVerifies();
    await expect(client.sign(0x9a, DIGEST)).rejects.toMatchObject(NOT_PROVED);
  });

  test("is asked after truthfully: the tries that are left, not another's success", async () => {
    const [owner, other] = [await loggedIn(), await openClient()];
    expect(await owner.pinTriesLeft()).toBeNull();
    expect(await other.pinTriesLeft()).toBe(3);
    await owner.sign(0x9a, DIGEST); // and nobody lost anything by it
    await expect(other.verifyPin(ascii(WRONG_PIN))).rejects.toMatchObject({ triesLeft: 2 });
    expect(await other.pinTriesLeft()).toBe(2);
  });

  test("ends with the channel, and with the connection", async () => {
    const client = await loggedIn();
    pcsc.seen.length = 0;
    client.close();
    await expect.poll(() => pcsc.seen).toEqual(["reset", "a4 0+"]);
    await loggedIn();
    pcsc.seen.length = 0;
    transport.close();
    await transport.gone;
    await expect.poll(() => pcsc.openContexts).toBe(0);
    expect(pcsc.seen).toEqual(["reset"]);
  });

  test("can't be had on a channel that is closed: no PIN is sent, and none stays", async () => {
    const client = await openClient();
    client.close();
    pcsc.seen.length = 0;
    await expect(client.verifyPin(ascii(PIN))).rejects.toMatchObject({ failure: "confused" });
    const other = await openClient();
    await expect(other.sign(0x9a, DIGEST)).rejects.toMatchObject(NOT_PROVED);
    expect(pcsc.seen).not.toContain("20 80+");
  });

  test("ends with the connection though another program has the card at that moment; without, nothing is reset", async () => {
    await loggedIn();
    pcsc.seen.length = 0;
    pcsc.inUse = 3;
    transport.close();
    await expect.poll(() => pcsc.openContexts).toBe(0);
    expect(pcsc.seen).toEqual(["reset"]);
    await open();
    transport.close();
    await expect.poll(() => pcsc.openContexts).toBe(0);
    expect(pcsc.seen).toEqual([]);
  });

  test("by the management key is proved in two commands with none between them", async () => {
    const officer = await openClient();
    await officer.authenticateManagement(hexToBytes(MANAGEMENT_KEY));
    expect(pcsc.seen.slice(-2)).toEqual(["87 9b+", "87 9b+"]);
  });

  test("ends when something wrong is tried after it: nothing is left for other software at the card", async () => {
    const officer = await openClient();
    await officer.authenticateManagement(hexToBytes(MANAGEMENT_KEY));
    await expect(officer.verifyPin(ascii(WRONG_PIN))).rejects.toMatchObject({ triesLeft: 2 });
    expect(pcsc.seen.slice(-2)).toEqual(["reset", "a4 0+"]);
    await expect(officer.writeObject(PRINTED, DIGEST)).rejects.toMatchObject(NOT_PROVED);
  });

  test("ends with the channel, also when the card's answer was lost and nobody knows whether it was right", async () => {
    const client = await openClient();
    pcsc.losesAnswerTo = INS_VERIFY;
    await expect(client.verifyPin(ascii(PIN))).rejects.toMatchObject({ failure: "confused" });
    expect(pcsc.seen.filter((each) => each === "20 80+")).toHaveLength(1);
    pcsc.seen.length = 0;
    client.close();
    await expect.poll(() => pcsc.seen).toEqual(["reset", "a4 0+"]);
  });

  test("ends by VERIFY with P1 = FF", async () => {
    const client = await loggedIn();
    await client.forgetPin();
    await expect(client.sign(0x9a, DIGEST)).rejects.toMatchObject(NOT_PROVED);
  });
});

describe("other software", () => {
  test("that resets the card ends what was proved; no PIN is sent again by itself", async () => {
    const client = await loggedIn();
    pcsc.seen.length = 0;
    pcsc.otherResets();
    await expect(client.sign(0x9a, DIGEST)).rejects.toMatchObject(NOT_PROVED);
    expect(pcsc.seen).toEqual(["a4 0+"]);
    await client.verifyPin(ascii(PIN));
    await client.sign(0x9a, DIGEST);
  });

  test("that resets the card is not in the way of reading", async () => {
    const client = await openClient();
    pcsc.otherResets();
    expect((await client.readObject(0x5fc102))?.length).toBeGreaterThan(0);
    expect(transport.card?.disturbances).toBe(1);
  });

  test("that resets the card again and again is told, and not waited for", async () => {
    const client = await openClient();
    pcsc.isResetAgainAndAgain = true;
    await expect(client.readObject(0x5fc102)).rejects.toMatchObject({ failure: "confused" });
    pcsc.isResetAgainAndAgain = false;
    expect((await client.readObject(0x5fc102))?.length).toBeGreaterThan(0);
  });

  describe("that sends a command between the pieces of an answer", () => {
    const discovery = hexToBytes("00cb3fff035c017e00");
    const chuid = hexToBytes("00cb3fff055c035fc10200");
    const shorter = hexToBytes("00cb3fff055c035fc10a00");

    beforeEach(async () => {
      const officer = await openClient();
      await officer.authenticateManagement(hexToBytes(MANAGEMENT_KEY));
      for (const tag of [0x5fc105, PRINTED]) await officer.writeObject(tag, LONG_OBJECT);
      await officer.writeObject(0x5fc10a, LONG_OBJECT.subarray(0, 500));
      officer.close();
    });

    test.each([
      ["and the rest is gone", [discovery]],
      ["and the rest is that of its own answer", [shorter]],
      ["three times", [chuid, shorter, discovery]],
    ])("%s: the object is read again", async (_, apdus) => {
      pcsc.interposed.push(...apdus);
      expect(await (await openClient()).readObject(0x5fc105)).toEqual(LONG_OBJECT);
      expect(pcsc.interposed).toEqual([]);
    });

    test("again and again is told", async () => {
      const client = await openClient();
      pcsc.interposed.push(...Array.from({ length: 4 }, () => discovery));
      await expect(client.readObject(0x5fc105)).rejects.toMatchObject({ failure: "confused" });
      expect(await client.readObject(0x5fc105)).toEqual(LONG_OBJECT);
    });

    test("takes the answer of what needs the PIN, and not the login", async () => {
      const client = await loggedIn();
      pcsc.interposed.push(discovery);
      await expect(client.readObject(PRINTED)).rejects.toMatchObject({ sw: 0x6f00 });
      expect(await client.readObject(PRINTED)).toEqual(LONG_OBJECT);
    });
  });

  test("that chose another application gets no PIN: PIV is selected before", async () => {
    const client = await openClient();
    pcsc.otherSelects();
    await client.verifyPin(ascii(PIN));
    expect(pcsc.seen.slice(0, 2)).toEqual(["cb ff+", "a4 0+"]);
    await client.sign(0x9a, DIGEST);
    pcsc.otherSelects();
    await expect(client.agreeOnKey(0x9a, DIGEST)).rejects.toMatchObject(NOT_PROVED);
  });

  test("that keeps the card for a moment is waited for; one that has it for itself is told", async () => {
    const client = await openClient();
    pcsc.inUse = 3;
    expect((await client.readObject(0x5fc102))?.length).toBeGreaterThan(0);
    pcsc.inUse = 1;
    await expect(openPcscTransport(pcsc, pcsc.name)).rejects.toBeInstanceOf(PortBusyError);
    expect(pcsc.openContexts).toBe(1);
  });
});

describe("a key that wants its PIN each time", () => {
  test("gets it in the very command before", async () => {
    const client = await openClient();
    await client.verifyPin(ascii(PIN));
    await client.sign(0x9c, DIGEST);
    expect(pcsc.seen.slice(-2)).toEqual(["20 80+", "87 9c+"]);
    await expect(client.sign(0x9c, DIGEST)).rejects.toMatchObject(NOT_PROVED);
  });
});

describe("a command that is long", () => {
  /** The lengths of the APDUs of a write, since the card was connected; what was written is read back. */
  const write = async (): Promise<number[]> => {
    const officer = await openClient();
    await officer.authenticateManagement(hexToBytes(MANAGEMENT_KEY));
    await officer.writeObject(PRINTED, LONG_OBJECT);
    const sent = [...pcsc.lengths];
    await officer.verifyPin(ascii(PIN));
    expect(await officer.readObject(PRINTED)).toEqual(LONG_OBJECT);
    return sent;
  };

  test("is chained, and a long answer is fetched in pieces, where the card knows no extended length", async () => {
    expect(Math.max(...(await write()))).toBe(260);
    expect(pcsc.extended).toBe(0);
  });

  test("is one APDU where the card says that it does, and chained after all when it then refuses", async () => {
    pcsc.isPlain = false;
    pcsc.atr = ANSWER_TO_RESET;
    transport.close();
    await open();
    expect(Math.max(...(await write()))).toBeGreaterThan(600);
    pcsc.isPlain = true; // answers 6700 to extended APDUs
    transport.close();
    await open();
    expect((await write()).at(-1)).toBeLessThan(262);
  });
});

describe("a card that goes", () => {
  test("in the middle of a command has gone, though it only failed at first", async () => {
    const client = await loggedIn();
    pcsc.nextAnswer = async () => new Uint8Array(0);
    const signed = client.sign(0x9a, DIGEST);
    setTimeout(() => pcsc.pull(), 100);
    await expect(signed).rejects.toMatchObject({ failure: "gone" });
    await transport.gone;
    await expect(transport.openChannel()).rejects.toMatchObject({ failure: "gone" });
  });

  test("and one whose pcscd has ended, and one that was never there", async () => {
    const client = await openClient();
    pcsc.isRunning = false;
    await expect(client.readObject(0x5fc102)).rejects.toMatchObject({ failure: "gone" });
    await transport.gone;
    await expect(openPcscTransport(pcsc, pcsc.name)).rejects.toMatchObject({ failure: "gone" });
    pcsc.isRunning = true;
    await expect(openPcscTransport(pcsc, "no such reader")).rejects.toMatchObject({ failure: "gone" });
    expect(pcsc.openContexts).toBe(0);
  });

  test("a card without PIV is refused, and asked nothing else", async () => {
    pcsc.seen.length = 0;
    pcsc.nextAnswer = async () => Uint8Array.of(0x6a, 0x82);
    await expect(openPcscTransport(pcsc, pcsc.name)).rejects.toMatchObject({ failure: "confused" });
    expect(pcsc.seen).toEqual(["a4 0+"]);
  });
});

test("the library itself loads here, and tells of a pcscd that is not there in words that are understood", () => {
  try {
    loadPcsc().openContext().close();
  } catch (error) {
    expect(error).toMatchObject({ name: "PcscError", failure: "no-service" });
  }
});
