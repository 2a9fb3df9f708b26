import { describe, expect, test } from "vitest";
import { bytesToHex, EMPTY_BYTES } from "../protocol/bytes.ts";
import {
  BROADCAST_CHANNEL,
  CMD_APDU,
  CMD_CANCEL,
  CMD_ERROR,
  CMD_INIT,
  CMD_KEEPALIVE,
  CMD_PING,
  ERROR_INVALID_CHANNEL,
  ERROR_INVALID_COMMAND,
  ERROR_INVALID_LENGTH,
  ERROR_INVALID_SEQUENCE,
  MAX_MESSAGE_BYTES,
  type Message,
  type MessageAssembler,
  PACKET_FORMAT_VERSION,
  splitMessage,
} from "../protocol/packet.ts";
import { INS_GET_VERSION } from "../protocol/piv.ts";
import { ASK_TRIES, apdu, getData, putData, verifyPin } from "../test/firmware/card-commands.ts";
import { errorOn, PacketClient } from "../test/firmware/packet-client.ts";
import { PIN, TestToken } from "../test/firmware/test-token.ts";
import { MAX_CHANNELS } from "./limits.ts";
import { PacketPort } from "./packet-port.ts";

const NONCE = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);
const GET_VERSION = { ins: INS_GET_VERSION, le: 256 };

function plugIn(): { token: TestToken; port: PacketPort; client: PacketClient } {
  const token = new TestToken().initialise();
  const port = new PacketPort(token.token);
  return { token, port, client: new PacketClient(port) };
}

describe("INIT", () => {
  test("on the broadcast channel gives the nonce back, a channel and the format version", () => {
    const { client } = plugIn();
    client.send(BROADCAST_CHANNEL, CMD_INIT, NONCE);
    const [[channel, command, payload] = []] = client.taken();
    expect([channel, command, payload]).toEqual([BROADCAST_CHANNEL, CMD_INIT, expect.stringMatching(/^0102030405060708[0-9a-f]{8}01$/)]);
    expect(PACKET_FORMAT_VERSION).toBe(1);
  });

  test("gives every client and every call another channel, none of them 0 or broadcast", () => {
    const { port } = plugIn();
    const given = [new PacketClient(port), new PacketClient(port)].flatMap((client) => [client.open(), client.open(), client.open()]);
    expect(new Set([...given, 0, BROADCAST_CHANNEL]).size).toBe(8);
  });

  test("on a channel closes that channel, and leaves the others alone", () => {
    const { client } = plugIn();
    const [one, other] = [client.open(), client.open()];
    for (const channel of [one, other]) expect(client.apdu(channel, verifyPin(PIN))).toBe("9000");
    client.send(one, CMD_INIT, NONCE);
    expect(client.taken()).toEqual([]);
    client.send(one, CMD_APDU, apdu(ASK_TRIES));
    expect(client.taken()).toEqual([errorOn(one, ERROR_INVALID_CHANNEL)]);
    expect(client.apdu(other, ASK_TRIES)).toBe("9000");
  });

  test.each([0, 7, 9, 57, 58])("with %i bytes of nonce is an error", (length) => {
    const { client } = plugIn();
    client.send(BROADCAST_CHANNEL, CMD_INIT, new Uint8Array(length));
    expect(client.taken()[0]).toEqual(errorOn(BROADCAST_CHANNEL, ERROR_INVALID_LENGTH));
  });

  test("is the only command of the broadcast channel", () => {
    const { client } = plugIn();
    for (const command of [CMD_PING, CMD_APDU, CMD_CANCEL]) {
      client.send(BROADCAST_CHANNEL, command, NONCE);
      expect(client.taken()).toEqual([errorOn(BROADCAST_CHANNEL, ERROR_INVALID_COMMAND)]);
    }
  });
});

describe("on a channel", () => {
  test("an APDU is answered by its response APDU", () => {
    const { client } = plugIn();
    const channel = client.open();
    client.send(channel, CMD_APDU, apdu(GET_VERSION));
    expect(client.taken()).toEqual([[channel, CMD_APDU, "0504039000"]]);
  });

  test("an APDU and an answer of many packets go through", () => {
    const { token, client } = plugIn();
    const channel = client.open();
    const content = new Uint8Array(3000).fill(0xa5);
    const object = 0x5fc10a;
    token.authenticate().data(putData(object, content));
    expect(client.apdu(channel, { ...putData(object, content) })).toBe("6982");
    client.send(channel, CMD_APDU, apdu(getData(object)));
    expect(client.taken()[0]?.[2]).toBe(`53820bb8${bytesToHex(content)}9000`);
  });

  test.each([0, 1, 57, 58, 1000, MAX_MESSAGE_BYTES])("PING gives %i bytes back", (length) => {
    const { client } = plugIn();
    const channel = client.open();
    const payload = Uint8Array.from({ length }, (_, i) => i & 0xff);
    client.send(channel, CMD_PING, payload);
    expect(client.taken()).toEqual([[channel, CMD_PING, bytesToHex(payload)]]);
  });

  test("an unknown command is an error", () => {
    const { client } = plugIn();
    const channel = client.open();
    for (const command of [0x00, 0x02, 0x10, CMD_KEEPALIVE, CMD_ERROR, 0x7f]) {
      client.send(channel, command, EMPTY_BYTES);
      expect(client.taken()).toEqual([errorOn(channel, ERROR_INVALID_COMMAND)]);
    }
  });

  test("a packet out of order is an error, and the next message is taken", () => {
    const { port, client } = plugIn();
    const channel = client.open();
    const [first = EMPTY_BYTES, , third = EMPTY_BYTES] = splitMessage({ channel, command: CMD_PING, payload: new Uint8Array(150) });
    port.receive(first, client.take);
    port.receive(third, client.take);
    expect(client.taken()).toEqual([errorOn(channel, ERROR_INVALID_SEQUENCE)]);
    client.send(channel, CMD_PING, NONCE);
    expect(client.taken()).toEqual([[channel, CMD_PING, bytesToHex(NONCE)]]);
  });

  test("packets of two channels may come mixed", () => {
    const { port, client } = plugIn();
    const ping = (channel: number): Message => ({ channel, command: CMD_PING, payload: new Uint8Array(200).fill(channel) });
    const messages = [ping(client.open()), ping(client.open())];
    const [a = [], b = []] = messages.map(splitMessage);
    for (const [i, packet] of a.entries()) {
      port.receive(packet, client.take);
      port.receive(b[i] ?? EMPTY_BYTES, client.take);
    }
    expect(client.taken()).toEqual(messages.map(({ channel, payload }) => [channel, CMD_PING, bytesToHex(payload)]));
  });
});

describe("a channel that was not given", () => {
  test("is an error, for the initial packet alone", () => {
    const { client } = plugIn();
    for (const channel of [0, 1, 77, 0xfffffffe]) {
      client.send(channel, CMD_PING, new Uint8Array(150));
      expect(client.taken()).toEqual([errorOn(channel, ERROR_INVALID_CHANNEL)]);
    }
  });

  test("is also another client's: nobody rides on its PIN", () => {
    const { port, client } = plugIn();
    const channel = client.open();
    expect(client.apdu(channel, verifyPin(PIN))).toBe("9000");
    const thief = new PacketClient(port);
    thief.send(channel, CMD_APDU, apdu(ASK_TRIES));
    expect(thief.taken()).toEqual([errorOn(channel, ERROR_INVALID_CHANNEL)]);
    expect(client.taken()).toEqual([]);
    expect(client.apdu(channel, ASK_TRIES)).toBe("9000");
  });
});

describe("disconnect", () => {
  test("forgets the channels of that client, with their PIN, and no other client's", () => {
    const { port, client } = plugIn();
    const other = new PacketClient(port);
    const channels = [client.open(), client.open()];
    const theirs = other.open();
    for (const channel of channels) expect(client.apdu(channel, verifyPin(PIN))).toBe("9000");
    expect(other.apdu(theirs, verifyPin(PIN))).toBe("9000");
    port.disconnect(client.take);
    for (const channel of channels) {
      client.send(channel, CMD_APDU, apdu(ASK_TRIES));
      expect(client.taken()).toEqual([errorOn(channel, ERROR_INVALID_CHANNEL)]);
    }
    expect(other.apdu(theirs, ASK_TRIES)).toBe("9000");
    expect(channels).not.toContain(client.open());
  });
});

test("messages that are never ended take the memory of a few, and one that is dropped for that is told", () => {
  const { port, client } = plugIn();
  const channels = Array.from({ length: MAX_CHANNELS }, () => client.open());
  for (const channel of channels) {
    const payload = new Uint8Array(MAX_MESSAGE_BYTES);
    for (const packet of splitMessage({ channel, command: CMD_PING, payload }).slice(0, -1)) port.receive(packet, client.take);
  }
  const lines = Reflect.get(port, "lines") as { assembler: MessageAssembler }[];
  expect(lines.reduce((sum, { assembler }) => sum + assembler.pendingBytes(), 0)).toBe(2 * MAX_MESSAGE_BYTES);
  for (const [i, channel] of channels.entries()) {
    const end = splitMessage({ channel, command: CMD_PING, payload: new Uint8Array(MAX_MESSAGE_BYTES) }).slice(-1);
    for (const packet of end) port.receive(packet, client.take);
    const isKept = i >= MAX_CHANNELS - 2;
    expect(client.taken()[0]?.slice(0, 2)).toEqual([channel, isKept ? CMD_PING : CMD_ERROR]);
  }
});

describe("more than MAX_CHANNELS channels", () => {
  test("take the place of the one unused for longest", () => {
    const { port, client } = plugIn();
    const channels = Array.from({ length: MAX_CHANNELS }, () => client.open());
    const [first = 0, second = 0, third = 0] = channels;
    expect(client.apdu(second, verifyPin(PIN))).toBe("9000");
    client.send(first, CMD_PING, NONCE);
    expect(client.taken()).toHaveLength(1);
    const other = new PacketClient(port);
    const fresh = other.open();
    expect(channels).not.toContain(fresh);
    client.send(third, CMD_PING, NONCE);
    expect(client.taken()).toEqual([errorOn(third, ERROR_INVALID_CHANNEL)]);
    for (const channel of channels.filter((one) => one !== third)) {
      client.send(channel, CMD_PING, NONCE);
      expect(client.taken()).toEqual([[channel, CMD_PING, bytesToHex(NONCE)]]);
    }
    expect(client.apdu(second, ASK_TRIES)).toBe("9000");
    expect(other.apdu(fresh, ASK_TRIES)).toBe("63c3");
  });

  test("a client that opens channels for ever finds the last MAX_CHANNELS of them", () => {
    const { client } = plugIn();
    const channels = Array.from({ length: 3 * MAX_CHANNELS }, () => client.open());
    expect(new Set(channels).size).toBe(3 * MAX_CHANNELS);
    for (const [i, channel] of channels.entries()) {
      client.send(channel, CMD_PING, NONCE);
      const isKept = i >= 2 * MAX_CHANNELS;
      expect(client.taken()[0]).toEqual(isKept ? [channel, CMD_PING, bytesToHex(NONCE)] : errorOn(channel, ERROR_INVALID_CHANNEL));
    }
  });
});
