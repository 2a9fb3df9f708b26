// A way through an http proxy to an office's port: CONNECT (RFC 9110 §9.3.6). TLS goes through it from end to end, so the proxy sees a name and no more.

import { type ClientRequest, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { OfficeAnswer } from "./answer-bytes.ts";
import { bareHost, type HttpProxy, portOf } from "./proxy.ts";

const OK = 200;
const REDIRECTIONS = 300;
const REFUSALS = 400;
const PROXY_AUTHENTICATION_REQUIRED = 407;

/** `login`: it wants a name and a password, or others; `refused`: it said no, `status` how; `broken`: no answer of a proxy, or none. */
export type TunnelProblem = "login" | "refused" | "broken";

export class TunnelError extends Error {
  override readonly name = "TunnelError";
  readonly problem: TunnelProblem;
  /** 0: there was no answer. */
  readonly status: number;
  constructor(problem: TunnelProblem, status: number, options?: ErrorOptions) {
    super(`proxy: ${problem} ${status}`, options);
    this.problem = problem;
    this.status = status;
  }
}

/** @throws TunnelError */
export function openTunnel({ host, port, authorization }: HttpProxy, target: string, signal: AbortSignal): Promise<Socket> {
  const headers = { host: target, ...(authorization !== null && { "proxy-authorization": authorization }) };
  return new Promise((resolve, reject) => {
    const asked = httpRequest({ host, port, method: "CONNECT", path: target, headers, agent: false, signal });
    asked.once("connect", ({ statusCode = 0 }, socket: Socket) => {
      if (statusCode >= OK && statusCode < REDIRECTIONS) return resolve(socket);
      socket.destroy();
      reject(new TunnelError(statusCode === PROXY_AUTHENTICATION_REQUIRED ? "login" : "refused", statusCode));
    });
    asked.once("response", (answer) => {
      answer.destroy();
      reject(new TunnelError("broken", answer.statusCode ?? 0));
    });
    asked.once("error", (cause) => reject(new TunnelError("broken", 0, { cause })));
    asked.once("close", () => reject(new TunnelError("broken", 0)));
    asked.end();
  });
}

/** HOST:PORT, as CONNECT has it. */
export const tunnelTarget = (url: URL): string => `${url.hostname}:${portOf(url)}`;

/** TLS to an office, through a way that is open already; its certificate is checked against the office's name. */
export function connectTlsThrough(socket: Socket, { hostname }: URL): TLSSocket {
  const host = bareHost(hostname);
  return connectTls({ socket, host, ...(isIP(host) === 0 && { servername: host }) }); // a name for addresses is against RFC 6066 §3
}

export interface Question {
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  /** Empty: none. */
  readonly body: string;
  readonly signal: AbortSignal;
}

/** Not fetch's Response: its constructor throws at a status that has no body, or that it does not know. @throws the system's or TLS's error */
export function answerTo(asked: ClientRequest): Promise<OfficeAnswer> {
  return new Promise((resolve, reject) => {
    asked.once("response", (answer) => {
      const { statusCode: status = 0 } = answer;
      if (status < REDIRECTIONS || status >= REFUSALS) return resolve({ ok: status >= OK && status < REDIRECTIONS, body: answer });
      answer.destroy();
      reject(new Error("redirected"));
    });
    asked.once("error", reject);
    asked.once("close", () => reject(new Error("no answer"))); // another protocol was offered: neither an answer nor an error
  });
}

/** Asks through the tunnel, as fetch would. Redirections are errors. @throws TunnelError; the system's or TLS's error */
export async function askThroughTunnel(proxy: HttpProxy, url: URL, { method, headers, body, signal }: Question): Promise<OfficeAnswer> {
  const socket = await openTunnel(proxy, tunnelTarget(url), signal);
  const length = body === "" ? {} : { "content-length": String(Buffer.byteLength(body)) };
  // No «agent: false»: with an agent of whatever kind Node.js opens a connection of its own, past the proxy.
  const createConnection = () => connectTlsThrough(socket, url);
  // The host by hand: without an agent Node.js would say «:80».
  const asked = httpsRequest(url, { method, headers: { host: url.host, ...headers, ...length }, signal, createConnection });
  const answer = answerTo(asked);
  asked.end(body);
  return answer;
}
