// HTTP as one computer does it: from an address of its own (limits are counted by address), on a connection of its own that stays open.

import { Agent, type IncomingHttpHeaders, request } from "node:http";

export interface CallAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Call {
  readonly method: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface ConnectionCounter {
  connected(): void;
  disconnected(): void;
}

const ADDRESSES_A_NETWORK = 250;
const TIME_LIMIT_MS = 60_000;

/** Of 127.0.0.0/8, which Linux takes as a whole for the loopback. @param number from 0 */
export function ownAddress(number: number): string {
  return `127.1.${Math.floor(number / ADDRESSES_A_NETWORK)}.${(number % ADDRESSES_A_NETWORK) + 1}`;
}

export class Caller {
  readonly #agent: Agent;
  readonly #localAddress: string;
  readonly #counter: ConnectionCounter | null;

  /** @param staysOpen false: a connection for each request */
  constructor(localAddress: string, { staysOpen = true, counter = null as ConnectionCounter | null } = {}) {
    this.#localAddress = localAddress;
    this.#counter = counter;
    this.#agent = new Agent({ keepAlive: staysOpen, maxSockets: 1 });
  }

  /** Resolves with the last byte of the answer. */
  call(url: string, { method, headers = {}, body }: Call): Promise<CallAnswer> {
    return new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
      const options = {
        method,
        agent: this.#agent,
        localAddress: this.#localAddress,
        timeout: TIME_LIMIT_MS,
        headers: { ...headers, ...length },
      };
      const sent = request(url, options, (answer) => {
        const parts: Buffer[] = [];
        answer.on("data", (part: Buffer) => parts.push(part));
        answer.once("error", reject);
        answer.once("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts) }));
      });
      sent.once("socket", (socket) => {
        if (!socket.connecting) return; // one that was open already
        this.#counter?.connected();
        socket.once("close", () => this.#counter?.disconnected());
      });
      sent.once("timeout", () => sent.destroy(new Error(`no answer within ${TIME_LIMIT_MS} ms`)));
      sent.once("error", reject);
      sent.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
