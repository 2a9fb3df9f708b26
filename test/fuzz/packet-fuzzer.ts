// Fuzzing sessions over packets: messages of two clients, whole, mutated, interleaved, cut short.

import { MAX_CHANNELS } from "../../firmware/limits.ts";
import {
  BROADCAST_CHANNEL,
  CMD_APDU,
  CMD_CANCEL,
  CMD_INIT,
  CMD_PING,
  MAX_MESSAGE_BYTES,
  NONCE_BYTES,
  PACKET_BYTES,
  splitMessage,
} from "../../protocol/packet.ts";
import type { FlashImage } from "../../simulator/modelled-flash.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { CORPUS } from "./corpus.ts";
import { type FoundInSession, reasonOf } from "./finding.ts";
import { CLIENTS, FuzzedPort, type PortStep } from "./fuzzed-port.ts";
import { mutate } from "./mutate.ts";
import { shorten } from "./shorten.ts";
import { START_STATES } from "./start-states.ts";

const STEPS_A_SESSION = 400;
const WORLDS = 8;
const COMMANDS = [CMD_APDU, CMD_APDU, CMD_APDU, CMD_APDU, CMD_PING, CMD_CANCEL, CMD_INIT, 0x3b, 0x3f, 0x7f];
const LENGTHS = [0, 1, 57, 58, 116, 117, 3300, MAX_MESSAGE_BYTES];

function describe(step: PortStep): string {
  if (step.kind === "packet") return `client ${step.client}: ${Buffer.from(step.bytes).toString("hex")}`;
  return step.kind === "disconnect" ? `client ${step.client} disconnects` : step.kind;
}

/** What these steps find, or null. */
export function replayPackets(image: FlashImage, world: number, steps: readonly PortStep[]): string | null {
  try {
    const port = new FuzzedPort(image, world);
    for (const step of steps) port.take(step);
    port.finish();
    return null;
  } catch (error) {
    return reasonOf(error);
  }
}

export class PacketFuzzer {
  /** Packets sent. */
  executions = 0;
  /** "command answered" → how often. */
  readonly seen = new Map<string, number>();
  private readonly random: SeededRandom;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
  }

  /** One session. null: all that is promised held, or what did not is known. */
  session(known: ReadonlySet<string> = new Set()): FoundInSession | null {
    const start = this.random.pick(START_STATES);
    const world = this.random.below(WORLDS);
    const port = new FuzzedPort(start.image, world);
    const steps: PortStep[] = [];
    try {
      let queue: PortStep[] = [];
      while (steps.length < STEPS_A_SESSION) {
        if (queue.length === 0) queue = this.nextSteps(port);
        const step = queue.shift() as PortStep;
        steps.push(step);
        port.take(step);
        if (step.kind === "packet") this.executions++;
      }
      port.finish();
      this.note(port);
    } catch (error) {
      const why = reasonOf(error);
      if (known.has(why)) return null;
      const fewest = shorten(steps, why, (fewer) => replayPackets(start.image, world, fewer));
      return { start: start.name, why, steps: fewest.map(describe) };
    }
    return null;
  }

  private note(port: FuzzedPort): void {
    for (const { answers } of port.clients) {
      for (const { command, payload } of answers) {
        const told = command === 0x3f ? `error ${payload[0]}` : `command ${command}`;
        this.seen.set(told, (this.seen.get(told) ?? 0) + 1);
      }
    }
  }

  private nextSteps(port: FuzzedPort): PortStep[] {
    const random = this.random;
    const client = random.below(CLIENTS);
    const what = random.below(100);
    if (port.isWaiting() && what < 40) return [{ kind: random.pick(["press", "run out", "tick"] as const) }];
    if (what < 8)
      return this.packets(client, splitMessage({ channel: BROADCAST_CHANNEL, command: CMD_INIT, payload: random.bytes(NONCE_BYTES) }));
    if (what < 9) return this.manyChannels(client);
    if (what < 10) return [{ kind: "disconnect", client }];
    if (what < 14) return [{ kind: "packet", client, bytes: random.bytes(PACKET_BYTES) }];
    const message = this.message(port, client);
    if (what < 50) return message;
    if (what < 65) return this.interleaved(message, this.message(port, random.below(CLIENTS)));
    return message.map((step) => (step.kind === "packet" && random.below(2) === 0 ? { ...step, bytes: this.mutated(step.bytes) } : step));
  }

  /** More than there may be at a time. */
  private manyChannels(client: number): PortStep[] {
    const init = { channel: BROADCAST_CHANNEL, command: CMD_INIT, payload: new Uint8Array(NONCE_BYTES) };
    return Array.from({ length: MAX_CHANNELS + 3 }, () => this.packets(client, splitMessage(init))).flat();
  }

  private message(port: FuzzedPort, client: number): PortStep[] {
    const random = this.random;
    const channels = port.clients[random.below(10) === 0 ? random.below(CLIENTS) : client]?.channels ?? [];
    const channel = channels.length === 0 ? random.below(4) : random.pick(channels.slice(random.below(3) === 0 ? -30 : -3));
    const command = random.pick(COMMANDS);
    const other = random.bytes(command === CMD_PING ? random.pick(LENGTHS) : random.below(20));
    const payloads = command === CMD_APDU ? random.pick(CORPUS) : [other];
    return payloads.flatMap((payload) => this.packets(client, splitMessage({ channel, command, payload })));
  }

  private packets(client: number, packets: readonly Uint8Array[]): PortStep[] {
    return packets.map((bytes) => ({ kind: "packet", client, bytes }));
  }

  private interleaved(first: readonly PortStep[], second: readonly PortStep[]): PortStep[] {
    const left = [...first];
    const right = [...second];
    const mixed: PortStep[] = [];
    while (left.length + right.length > 0) {
      const from = right.length === 0 || (left.length > 0 && this.random.below(2) === 0) ? left : right;
      mixed.push(from.shift() as PortStep);
    }
    return mixed;
  }

  /** A packet has always 64 bytes; what is wrong with it is inside. */
  private mutated(bytes: Uint8Array): Uint8Array {
    const packet = new Uint8Array(PACKET_BYTES);
    const changed = this.random.below(2) === 0 ? this.inHeader(bytes) : mutate(bytes, this.random, bytes);
    packet.set(changed.subarray(0, PACKET_BYTES));
    return packet;
  }

  private inHeader(bytes: Uint8Array): Uint8Array {
    const copy = bytes.slice();
    copy[3 + this.random.below(5)] = this.random.below(256);
    return copy;
  }
}
