// vpcd's side of the connection with a card: a listening reader, and the card that came.

import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { expect } from "vitest";
import { vpcdMessage } from "../../host-bridge/pcsc/vpcd-messages.ts";

export class FakeCard {
  readonly socket: Socket;
  private received = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      this.received = Buffer.concat([this.received, bytes]);
    });
  }

  message(hex: string): Buffer {
    return vpcdMessage(Buffer.from(hex, "hex"));
  }

  control(code: number): void {
    this.socket.write(Buffer.from([0, 1, code]));
  }

  async answer(): Promise<string> {
    const whole = (): boolean => this.received.length >= 2 && this.received.length >= 2 + this.received.readUInt16BE(0);
    await expect.poll(whole, { interval: 1, timeout: 5000 }).toBe(true);
    const end = 2 + this.received.readUInt16BE(0);
    const message = this.received.subarray(2, end);
    this.received = this.received.subarray(end);
    return message.toString("hex");
  }

  command(hex: string): Promise<string> {
    this.socket.write(this.message(hex));
    return this.answer();
  }

  get isSilent(): boolean {
    return this.received.length === 0;
  }
}

export class FakeReader {
  readonly server: Server;

  private constructor(server: Server) {
    this.server = server;
  }

  static async listen(port = 0): Promise<FakeReader> {
    const server = createServer().listen(port, "127.0.0.1");
    await once(server, "listening");
    return new FakeReader(server);
  }

  get address(): { host: string; port: number } {
    return { host: "127.0.0.1", port: (this.server.address() as { port: number }).port };
  }

  /** The next card that comes. */
  async card(): Promise<FakeCard> {
    const [socket] = (await once(this.server, "connection")) as [Socket];
    return new FakeCard(socket);
  }
}
