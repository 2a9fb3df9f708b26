// A token's packet port under the fuzzer: two clients on one token, each with what it was sent.

import type { Channel } from "../../firmware/channel.ts";
import { MAX_CHANNELS, MAX_KEPT_BYTES } from "../../firmware/limits.ts";
import { PacketPort } from "../../firmware/packet-port.ts";
import {
  BROADCAST_CHANNEL,
  CMD_APDU,
  CMD_ERROR,
  CMD_INIT,
  CMD_KEEPALIVE,
  CMD_PING,
  type Message,
  MessageAssembler,
  NONCE_BYTES,
  PACKET_BYTES,
  packetChannel,
} from "../../protocol/packet.ts";
import type { FlashImage } from "../../simulator/modelled-flash.ts";
import { copyImage, TestToken } from "../firmware/test-token.ts";
import { defectOf } from "../power-cuts/card-state.ts";
import { SWEPT_GEOMETRY } from "../power-cuts/laboratory.ts";
import { HeldButton, repeatable } from "../support/repeatable-world.ts";
import { Finding } from "./finding.ts";

export type PortStep =
  | { readonly kind: "packet"; readonly client: number; readonly bytes: Uint8Array }
  | { readonly kind: "disconnect"; readonly client: number }
  | { readonly kind: "press" | "run out" | "tick" };

export const CLIENTS = 2;
const ANSWERS = [CMD_APDU, CMD_ERROR, CMD_INIT, CMD_KEEPALIVE, CMD_PING];
const GIVEN_CHANNEL_BYTES = 5;
const SW1 = [0x61, 0x63, 0x67, 0x68, 0x69, 0x6a, 0x6d, 0x6e, 0x90];

/** One client: what it was sent, and its channels. */
class Client {
  readonly channels: number[] = [];
  private readonly assembler = new MessageAssembler();
  readonly answers: Message[] = [];

  readonly take = (packet: Uint8Array): void => {
    if (packet.length !== PACKET_BYTES) throw new Finding(`a packet of ${packet.length} bytes`);
    const message = this.assembler.accept(packet, packetChannel(packet));
    if (message === null) return;
    if (!ANSWERS.includes(message.command)) throw new Finding(`the answer ${message.command}`);
    if (message.command === CMD_INIT) this.takeChannel(message);
    if (message.command === CMD_APDU) this.checkResponse(message);
    if (message.command === CMD_KEEPALIVE && !this.channels.includes(message.channel)) throw new Finding("a keep-alive for another client");
    this.answers.push(message);
  };

  private takeChannel(message: Message): void {
    const { payload } = message;
    if (message.channel !== BROADCAST_CHANNEL || payload.length !== NONCE_BYTES + GIVEN_CHANNEL_BYTES)
      throw new Finding("a malformed answer to INIT");
    this.channels.push(new DataView(payload.buffer, payload.byteOffset).getUint32(NONCE_BYTES));
  }

  private checkResponse(message: Message): void {
    const sw1 = message.payload[message.payload.length - 2];
    if (sw1 === 0x6f) throw new Finding("6F00");
    if (sw1 === undefined || !SW1.includes(sw1)) throw new Finding("a malformed response APDU");
    if (!this.channels.includes(message.channel)) throw new Finding("a response APDU for another client");
  }
}

export class FuzzedPort {
  readonly clients: Client[] = Array.from({ length: CLIENTS }, () => new Client());
  private readonly token: TestToken;
  private readonly port: PacketPort;
  private readonly button = new HeldButton();
  private ticks: (() => void)[] = [];

  constructor(image: FlashImage, seed: number) {
    const every = (_periodMs: number, tick: () => void): (() => void) => {
      this.ticks.push(tick);
      return () => {
        this.ticks = this.ticks.filter((other) => other !== tick);
      };
    };
    this.token = new TestToken({
      geometry: SWEPT_GEOMETRY,
      image: copyImage(image),
      changeHal: (hal) => ({ ...repeatable(hal, seed, this.button), flash: hal.flash, clock: { nowMs: () => 0, every } }),
    });
    this.port = new PacketPort(this.token.token);
  }

  isWaiting(): boolean {
    return this.token.token.isBusy();
  }

  /** @throws Finding, and whatever leaves the port */
  take(step: PortStep): void {
    if (step.kind === "packet") this.port.receive(step.bytes, this.client(step.client).take);
    else if (step.kind === "disconnect") this.port.disconnect(this.client(step.client).take);
    else if (step.kind === "tick") for (const tick of this.ticks) tick();
    else this.button.end(step.kind === "press");
    this.check();
  }

  /** @throws Finding */
  finish(): void {
    this.button.end(false);
    this.check();
    const defect = defectOf(this.token.token.card);
    if (defect !== null) throw new Finding(defect);
  }

  private client(index: number): Client {
    return this.clients[index] as Client;
  }

  private check(): void {
    const lines = Reflect.get(this.port, "lines") as readonly { readonly assembler: MessageAssembler; readonly channel: Channel }[];
    if (lines.length > MAX_CHANNELS) throw new Finding(`${lines.length} channels`);
    const pending = lines.reduce((sum, line) => sum + line.assembler.pendingBytes(), 0);
    if (pending > MAX_KEPT_BYTES) throw new Finding(`${pending} bytes of messages are under way`);
    const kept = lines.reduce((sum, line) => sum + line.channel.keptBytes(), 0);
    if (kept > MAX_KEPT_BYTES) throw new Finding(`the channels keep ${kept} bytes`);
    if (this.ticks.length > (this.isWaiting() ? 1 : 0)) throw new Finding(`${this.ticks.length} clocks run`);
  }
}
