import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { bytesToHex, EMPTY_BYTES } from "../protocol/bytes.ts";
import { CMD_APDU, CMD_CANCEL, CMD_INIT, CMD_KEEPALIVE, CMD_PING, ERROR_CHANNEL_BUSY, WAITING_FOR_BUTTON } from "../protocol/packet.ts";
import { BUTTON_POLICY_ALWAYS, INS_GET_VERSION, PIN_POLICY_NEVER, SLOT_CARD_AUTHENTICATION } from "../protocol/piv.ts";
import { apdu, signCommand } from "../test/firmware/card-commands.ts";
import { errorOn, PacketClient } from "../test/firmware/packet-client.ts";
import { TestToken } from "../test/firmware/test-token.ts";
import { PacketPort } from "./packet-port.ts";

const NONCE = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);
const GET_VERSION = { ins: INS_GET_VERSION, le: 256 };
const VERSION = "0504039000";
const SIGN = signCommand(SLOT_CARD_AUTHENTICATION);

function plugIn(): { token: TestToken; port: PacketPort; client: PacketClient } {
  const token = new TestToken().initialise();
  const port = new PacketPort(token.token);
  return { token, port, client: new PacketClient(port) };
}

describe("while the button is waited for", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const KEEPALIVE = bytesToHex(new Uint8Array([WAITING_FOR_BUTTON]));

  function waiting(): { token: TestToken; port: PacketPort; client: PacketClient; channel: number } {
    const plugged = plugIn();
    plugged.token.makeKey(SLOT_CARD_AUTHENTICATION, { pin: PIN_POLICY_NEVER, button: BUTTON_POLICY_ALWAYS });
    plugged.token.button.script = { kind: "never" };
    const channel = plugged.client.open();
    plugged.client.send(channel, CMD_APDU, apdu(SIGN));
    return { ...plugged, channel };
  }

  test("the client is told at once and every 250 ms, until the answer, and then no more", () => {
    const { token, client, channel } = waiting();
    expect(client.taken()).toEqual([[channel, CMD_KEEPALIVE, KEEPALIVE]]);
    vi.advanceTimersByTime(249);
    expect(client.taken()).toEqual([]);
    vi.advanceTimersByTime(751);
    expect(client.taken()).toEqual(Array.from({ length: 4 }, () => [channel, CMD_KEEPALIVE, KEEPALIVE]));
    token.button.pressNow();
    const [answer, ...more] = client.taken();
    expect(answer?.slice(0, 2)).toEqual([channel, CMD_APDU]);
    expect(answer?.[2]).toMatch(/^7c48.*9000$/);
    vi.advanceTimersByTime(60_000);
    expect([...more, ...client.taken()]).toEqual([]);
  });

  test("nobody pressing ends in 6985 after 15 s", () => {
    const { token, client, channel } = waiting();
    vi.advanceTimersByTime(15_000);
    expect(client.taken().at(-1)).toEqual([channel, CMD_APDU, "6985"]);
    vi.advanceTimersByTime(60_000);
    expect([client.taken(), token.signatures]).toEqual([[], 0]);
  });

  test("CANCEL on the same channel ends it with 6985, and has no answer of its own", () => {
    const { token, client, channel } = waiting();
    client.taken();
    client.send(channel, CMD_CANCEL, EMPTY_BYTES);
    expect(client.taken()).toEqual([[channel, CMD_APDU, "6985"]]);
    vi.advanceTimersByTime(60_000);
    expect([client.taken(), token.button.pressNow(), token.signatures]).toEqual([[], false, 0]);
    expect(client.apdu(channel, GET_VERSION)).toBe(VERSION);
    client.send(channel, CMD_CANCEL, EMPTY_BYTES);
    expect(client.taken()).toEqual([]);
  });

  test("CANCEL of another channel changes nothing", () => {
    const { token, port, client, channel } = waiting();
    const other = new PacketClient(port);
    other.send(other.open(), CMD_CANCEL, EMPTY_BYTES);
    client.taken();
    token.button.pressNow();
    expect(client.taken()[0]?.slice(0, 2)).toEqual([channel, CMD_APDU]);
  });

  test("every APDU is told that the token is busy; INIT and PING go through", () => {
    const { token, port, client, channel } = waiting();
    client.taken();
    const other = new PacketClient(port);
    const theirs = other.open();
    other.send(theirs, CMD_APDU, apdu(GET_VERSION));
    expect(other.taken()).toEqual([errorOn(theirs, ERROR_CHANNEL_BUSY)]);
    client.send(channel, CMD_APDU, apdu(GET_VERSION));
    expect(client.taken()).toEqual([errorOn(channel, ERROR_CHANNEL_BUSY)]);
    other.send(theirs, CMD_PING, NONCE);
    expect(other.taken()).toEqual([[theirs, CMD_PING, bytesToHex(NONCE)]]);
    token.button.pressNow();
    expect(client.taken()[0]?.slice(0, 2)).toEqual([channel, CMD_APDU]);
    expect(other.apdu(theirs, GET_VERSION)).toBe(VERSION);
  });

  test.each(["disconnect", "INIT on its channel"])("%s of the client that waits frees the token", (how) => {
    const { token, port, client, channel } = waiting();
    if (how === "disconnect") port.disconnect(client.take);
    else client.send(channel, CMD_INIT, NONCE);
    client.taken();
    expect([token.token.isBusy(), token.button.pressNow(), token.signatures]).toEqual([false, false, 0]);
    vi.advanceTimersByTime(60_000);
    expect(client.taken()).toEqual([]);
    const other = new PacketClient(port);
    expect(other.apdu(other.open(), GET_VERSION)).toBe(VERSION);
  });
});
