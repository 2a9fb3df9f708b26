// A cable in memory whose other end the test plays: it sees every message that the host sends, and sends what packets it likes.

import { BROADCAST_CHANNEL, CMD_INIT, type Message, MessageAssembler, packetChannel, splitMessage } from "../../protocol/packet.ts";

export class ScriptedCarrier {
  /** What the host has sent, but for the openings of channels. */
  readonly messages: Message[] = [];
  readonly gone: Promise<void>;
  /** Gives channels 1, 2, 3 to whoever asks; else the test answers. */
  isOpening = true;
  private lastChannel = 0;
  private take: (packet: Uint8Array) => void = () => {};
  private readonly assemblers = new Map<number, MessageAssembler>();
  private hasGone: () => void = () => {};
  private readonly watchers: (() => void)[] = [];

  constructor() {
    this.gone = new Promise((resolve) => {
      this.hasGone = resolve;
    });
  }

  // What the link uses

  send(packet: Uint8Array): void {
    const channel = packetChannel(packet);
    const assembler = this.assemblers.get(channel) ?? new MessageAssembler();
    this.assemblers.set(channel, assembler);
    const message = assembler.accept(packet, packetChannel(packet));
    if (message === null) return;
    if (message.channel === BROADCAST_CHANNEL && this.isOpening) {
      const payload = new Uint8Array([...message.payload, 0, 0, 0, ++this.lastChannel, 1]);
      queueMicrotask(() => this.send64({ channel: BROADCAST_CHANNEL, command: CMD_INIT, payload }));
      return;
    }
    this.messages.push(message);
    for (const watcher of this.watchers) watcher();
  }

  onPacket(take: (packet: Uint8Array) => void): void {
    this.take = take;
  }

  // What the test uses

  /** Resolves with all messages when there are this many. */
  received(count: number): Promise<readonly Message[]> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.messages.length >= count) resolve(this.messages);
      };
      this.watchers.push(look);
      look();
    });
  }

  give(packet: Uint8Array): void {
    this.take(packet);
  }

  send64(message: Message): void {
    for (const packet of splitMessage(message)) this.take(packet);
  }

  answer(channel: number, payload: Uint8Array): void {
    this.send64({ channel, command: 0x03, payload });
  }

  /** @param reason 1: at work; 2: waiting for the button */
  keepAlive(channel: number, reason: number): void {
    this.send64({ channel, command: 0x3b, payload: Uint8Array.of(reason) });
  }

  error(channel: number, code: number): void {
    this.send64({ channel, command: 0x3f, payload: Uint8Array.of(code) });
  }

  leave(): void {
    this.hasGone();
  }
}
