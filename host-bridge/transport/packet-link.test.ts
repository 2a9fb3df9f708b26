// The host's side of the packets, over a cable in memory.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { PacketPort } from "../../firmware/packet-port.ts";
import { BROADCAST_CHANNEL, ERROR_CHANNEL_BUSY, ERROR_INVALID_CHANNEL, MAX_MESSAGE_BYTES, splitMessage } from "../../protocol/packet.ts";
import { ScriptedCarrier } from "../../test/support/scripted-carrier.ts";
import { SimulatedToken } from "../../test/support/simulated-token.ts";
import { PacketLink } from "./packet-link.ts";
import { TransportError, type TransportFailure } from "./transport.ts";

const SILENCE_MS = 5000;
const APDU = Uint8Array.of(0x00, 0xcb, 0x3f, 0xff);
const ANSWER = Uint8Array.of(1, 2, 3, 0x90, 0x00);

let carrier: ScriptedCarrier;
let link: PacketLink;

beforeEach(() => {
  vi.useFakeTimers();
  carrier = new ScriptedCarrier();
  link = new PacketLink(carrier);
});

afterEach(() => {
  vi.useRealTimers();
});

function failure(work: Promise<unknown>): Promise<TransportFailure | "none" | "another error"> {
  return work.then(
    () => "none",
    (error) => (error instanceof TransportError ? error.failure : "another error"),
  );
}

describe("a channel", () => {
  test("sends an APDU and gives the answer, however many packets either takes", async () => {
    const channel = await link.openChannel();
    const [long, longAnswer] = [new Uint8Array(3000).fill(0x5a), new Uint8Array(MAX_MESSAGE_BYTES).fill(0xa5)];
    const answered = channel.transmit(long);
    const [message] = await carrier.received(1);
    expect(message).toMatchObject({ channel: 1, command: 0x03, payload: long });
    carrier.answer(1, longAnswer);
    expect(await answered).toEqual(longAnswer);
  });

  test("queues its commands: the next goes out when the one before is answered", async () => {
    const channel = await link.openChannel();
    const both = [channel.transmit(APDU), channel.transmit(Uint8Array.of(9))];
    await carrier.received(1);
    await vi.advanceTimersByTimeAsync(100);
    expect(carrier.messages).toHaveLength(1);
    carrier.answer(1, ANSWER);
    await carrier.received(2);
    carrier.answer(1, Uint8Array.of(0x6d, 0x00));
    expect(await Promise.all(both)).toEqual([ANSWER, Uint8Array.of(0x6d, 0x00)]);
  });

  test("minds nothing that comes for others: on a HID device every program sees every packet", async () => {
    const channel = await link.openChannel();
    carrier.answer(1, ANSWER); // nobody waits for it
    const answered = channel.transmit(APDU);
    await carrier.received(1);
    const [begun = new Uint8Array(0)] = splitMessage({ channel: 77, command: 0x03, payload: new Uint8Array(3000) });
    carrier.give(begun);
    carrier.answer(78, Uint8Array.of(0x6d, 0x00));
    carrier.answer(1, Uint8Array.of(0x90, 0x00));
    expect(await answered).toEqual(Uint8Array.of(0x90, 0x00));
  });

  test("does not take the answer to another, even when their packets are mixed", async () => {
    const [first, second] = [await link.openChannel(), await link.openChannel()];
    const both = [first.transmit(APDU), second.transmit(APDU)];
    await carrier.received(2);
    const [one, two] = [1, 2].map((id) => splitMessage({ channel: id, command: 0x03, payload: new Uint8Array(100).fill(id) }));
    for (const packet of [one?.[0], two?.[0], two?.[1], one?.[1]]) if (packet !== undefined) carrier.give(packet);
    expect((await Promise.all(both)).map((answer) => answer[99])).toEqual([1, 2]);
  });

  test("cancel is sent at once, in front of what waits in the queue", async () => {
    const channel = await link.openChannel();
    const answered = channel.transmit(APDU);
    void channel.transmit(APDU).catch(() => {});
    await carrier.received(1);
    channel.cancel();
    expect(carrier.messages.map(({ command }) => command)).toEqual([0x03, 0x11]);
    carrier.answer(1, Uint8Array.of(0x69, 0x85));
    expect(await answered).toEqual(Uint8Array.of(0x69, 0x85));
  });

  test("close tells the token to forget it", async () => {
    const channel = await link.openChannel();
    channel.close();
    expect(carrier.messages.at(-1)).toMatchObject({ channel: 1, command: 0x06 });
  });
});

describe("opening a channel", () => {
  test("takes only the answer with its own nonce", async () => {
    carrier.isOpening = false;
    const opened = link.openChannel();
    const [{ payload: nonce } = { payload: new Uint8Array(8) }] = await carrier.received(1);
    carrier.send64({ channel: BROADCAST_CHANNEL, command: 0x06, payload: new Uint8Array([...new Uint8Array(8), 0, 0, 0, 66, 1]) });
    carrier.send64({ channel: BROADCAST_CHANNEL, command: 0x06, payload: new Uint8Array([...nonce, 0, 0, 0, 77, 1]) });
    void (await opened).transmit(APDU).catch(() => {});
    expect((await carrier.received(2))[1]).toMatchObject({ channel: 77 });
  });

  test("is refused to a token of another packet format", async () => {
    carrier.isOpening = false;
    const opened = failure(link.openChannel());
    const [{ payload: nonce } = { payload: new Uint8Array(8) }] = await carrier.received(1);
    carrier.send64({ channel: BROADCAST_CHANNEL, command: 0x06, payload: new Uint8Array([...nonce, 0, 0, 0, 1, 2]) });
    expect(await opened).toBe("confused");
  });

  test("that the token answers with an error fails at once", async () => {
    carrier.isOpening = false;
    const outcomes = [];
    for (const [round, code] of [ERROR_INVALID_CHANNEL, ERROR_CHANNEL_BUSY].entries()) {
      const opened = failure(link.openChannel());
      await carrier.received(round + 1);
      carrier.error(BROADCAST_CHANNEL, code);
      outcomes.push(await opened);
    }
    expect(outcomes).toEqual(["confused", "busy"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("that failed does not stop the next", async () => {
    carrier.isOpening = false;
    const first = failure(link.openChannel());
    await vi.advanceTimersByTimeAsync(SILENCE_MS);
    expect(await first).toBe("silent");
    carrier.isOpening = true;
    expect(await failure(link.openChannel())).toBe("none");
  });
});

describe("silence", () => {
  test("of five seconds is a TransportError", async () => {
    const channel = await link.openChannel();
    const answered = failure(channel.transmit(APDU));
    await vi.advanceTimersByTimeAsync(SILENCE_MS - 1);
    expect(carrier.messages).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(await answered).toBe("silent");
  });

  test("is broken by keep-alives, for as long as they come; each that waits for the button calls onButton", async () => {
    const channel = await link.openChannel();
    const onButton = vi.fn();
    const answered = channel.transmit(APDU, { onButton });
    await carrier.received(1);
    for (let round = 0; round < 5; round++) {
      await vi.advanceTimersByTimeAsync(SILENCE_MS - 1);
      carrier.keepAlive(1, round < 3 ? 0x02 : 0x01);
    }
    expect(onButton).toHaveBeenCalledTimes(3);
    carrier.answer(1, ANSWER);
    expect(await answered).toEqual(ANSWER);
  });

  test("after the last keep-alive is silence", async () => {
    const channel = await link.openChannel();
    const answered = failure(channel.transmit(APDU));
    await carrier.received(1);
    carrier.keepAlive(1, 0x02);
    await vi.advanceTimersByTimeAsync(SILENCE_MS);
    expect(await answered).toBe("silent");
  });

  // Nothing in an answer tells which command it belongs to.
  test("that ends too late gives no answer to the next command", async () => {
    const channel = await link.openChannel();
    const first = failure(channel.transmit(APDU));
    await carrier.received(1);
    await vi.advanceTimersByTimeAsync(SILENCE_MS);
    expect(await first).toBe("silent");
    const second = channel.transmit(Uint8Array.of(0, 0x20, 0, 0x80)).catch(() => "refused");
    await vi.advanceTimersByTimeAsync(0);
    carrier.answer(1, ANSWER); // the first one's, at last
    carrier.answer(1, Uint8Array.of(0x63, 0xc2));
    await vi.advanceTimersByTimeAsync(2 * SILENCE_MS);
    expect(await second).not.toEqual(ANSWER);
    expect(await failure(channel.transmit(APDU))).toBe("silent");
    expect(await failure(link.openChannel())).toBe("none");
  });
});

describe("a token that is busy", () => {
  beforeEach(() => {
    vi.useRealTimers(); // between tries the link waits on node:timers/promises, which fake timers leave alone
  });

  afterEach(() => {
    vi.restoreAllMocks();
  });

  test("is asked again, with the same command, until it answers", async () => {
    const channel = await link.openChannel();
    const answered = channel.transmit(APDU);
    for (let round = 1; round <= 3; round++) {
      await carrier.received(round);
      carrier.error(1, ERROR_CHANNEL_BUSY);
    }
    expect((await carrier.received(4)).map(({ payload }) => payload)).toEqual([APDU, APDU, APDU, APDU]);
    carrier.answer(1, ANSWER);
    expect(await answered).toEqual(ANSWER);
  });

  test("for twenty seconds is a TransportError", async () => {
    const channel = await link.openChannel();
    const answered = failure(channel.transmit(APDU));
    await carrier.received(1);
    const now = Date.now();
    vi.spyOn(Date, "now").mockReturnValue(now + 20_001);
    carrier.error(1, ERROR_CHANNEL_BUSY);
    expect(await answered).toBe("busy");
  });
});

describe("a token that has gone", () => {
  test("rejects what is pending on every channel", async () => {
    const channels = [await link.openChannel(), await link.openChannel()];
    const answers = channels.map((channel) => failure(channel.transmit(APDU)));
    await carrier.received(2);
    carrier.leave();
    expect(await Promise.all(answers)).toEqual(["gone", "gone"]);
  });

  test("rejects what waits in the queue, what is sent later, and a new channel", async () => {
    const channel = await link.openChannel();
    const queued = [failure(channel.transmit(APDU)), failure(channel.transmit(APDU))];
    await carrier.received(1);
    carrier.leave();
    expect(await Promise.all(queued)).toEqual(["gone", "gone"]);
    expect(await failure(channel.transmit(APDU))).toBe("gone");
    expect(await failure(link.openChannel())).toBe("gone");
  });
});

describe("packets that make no sense", () => {
  test("out of order: the command fails as confused, and so does every later one; what comes late is for nobody", async () => {
    const channel = await link.openChannel();
    const answered = failure(channel.transmit(APDU));
    await carrier.received(1);
    const [initial, , third] = splitMessage({ channel: 1, command: 0x03, payload: new Uint8Array(150) });
    for (const packet of [initial, third]) if (packet !== undefined) carrier.give(packet);
    expect(await answered).toBe("confused");
    const next = failure(channel.transmit(APDU));
    carrier.answer(1, ANSWER);
    expect(await next).toBe("confused");
    expect(carrier.messages).toHaveLength(1);
    expect(await failure(link.openChannel())).toBe("none");
  });

  test("an error other than BUSY fails the command as confused", async () => {
    const channel = await link.openChannel();
    const answered = failure(channel.transmit(APDU));
    await carrier.received(1);
    carrier.error(1, ERROR_INVALID_CHANNEL);
    expect(await answered).toBe("confused");
  });

  test("nobody waits for are dropped", async () => {
    const channel = await link.openChannel();
    carrier.answer(1, ANSWER);
    carrier.answer(54321, ANSWER);
    const answered = channel.transmit(APDU);
    await carrier.received(1);
    carrier.answer(1, Uint8Array.of(0x90, 0x00));
    expect(await answered).toEqual(Uint8Array.of(0x90, 0x00));
  });
});

test("a command that no message can carry is refused as a TransportError, and the channel goes on", async () => {
  const channel = await link.openChannel();
  const refused = failure(channel.transmit(new Uint8Array(MAX_MESSAGE_BYTES + 1)));
  await refused;
  expect(vi.getTimerCount()).toBe(0);
  const answered = failure(channel.transmit(APDU));
  await carrier.received(1);
  await vi.advanceTimersByTimeAsync(SILENCE_MS - 1);
  carrier.keepAlive(1, 0x01);
  await vi.advanceTimersByTimeAsync(SILENCE_MS - 1); // what remains of the refused one must not end this one
  carrier.answer(1, ANSWER);
  await vi.advanceTimersByTimeAsync(SILENCE_MS);
  expect([await refused, await answered]).toEqual(["confused", "none"]);
});

test("with the firmware's own packet port at the other end, channels open and answer", async () => {
  vi.useRealTimers();
  const port = new PacketPort((await SimulatedToken.initialised()).token);
  let take = (_packet: Uint8Array): void => {};
  const toHost = (packet: Uint8Array): void => queueMicrotask(() => take(packet));
  const direct = new PacketLink({
    send: (packet) => port.receive(packet, toHost),
    onPacket: (given) => {
      take = given;
    },
    gone: new Promise(() => {}),
  });
  const channels = await Promise.all([direct.openChannel(), direct.openChannel(), direct.openChannel()]);
  const answers = await Promise.all(channels.map((channel) => channel.transmit(Uint8Array.of(0x00, 0xf8, 0, 0))));
  expect(answers.map((answer) => answer.length)).toEqual([6, 6, 6]);
});
