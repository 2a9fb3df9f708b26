// An office, asked over HTTP: JSON in and out.

import { isIPv6 } from "node:net";
import { z } from "zod";
import { type AnswerBody, answerBytes, type OfficeAnswer } from "./answer-bytes.ts";
import { ask } from "./ask.ts";
import { OfficeClientError, OfficeRefusedError } from "./office-client-error.ts";
import { UnusableProxyError } from "./proxy.ts";

const TIME_LIMIT_MS = 30_000;
const MAX_ADDRESS_CHARACTERS = 300;
/** Certificates are the longest that an office tells. */
const MAX_ANSWER_BYTES = 256 * 1024;
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
const PROBLEM = z.object({ type: z.string().max(200), title: z.string().max(500), triesLeft: z.number().int().min(0).optional() });

/**
 * An office's address in its one form: scheme, the host's name as the network knows it (xn--…), port, path; without a slash at its end. https, or http
 * on this very computer.
 * @throws OfficeClientError url, insecure
 */
export function officeAddress(text: string): string {
  if (text.length > MAX_ADDRESS_CHARACTERS || !URL.canParse(text))
    throw new OfficeClientError("url", text.slice(0, MAX_ADDRESS_CHARACTERS));
  const { protocol, hostname, username, password, origin, pathname } = new URL(text);
  if (!["http:", "https:"].includes(protocol) || username !== "" || password !== "") throw new OfficeClientError("url", text);
  const host = isIPv6(hostname) ? `[${hostname}]` : hostname;
  if (protocol === "http:" && !LOOPBACK.test(host)) throw new OfficeClientError("insecure", text);
  return `${origin}${pathname}`.replace(/\/+$/, "");
}

/** OpenSSL's and Node's names of what can be wrong with a certificate (node:tls, «X509 certificate error codes»). */
const CERTIFICATE_CODE = /CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE|HOSTNAME_MISMATCH|INVALID_(?:CA|PURPOSE)/;

/** fetch wraps what the socket said; a tunnel tells it as it is. */
function isOfCertificate(error: unknown): boolean {
  const causes = error instanceof Error ? [error, error.cause] : [];
  return causes.some((cause) => cause instanceof Error && "code" in cause && CERTIFICATE_CODE.test(String(cause.code)));
}

/** null: it is no JSON, or more than MAX_ANSWER_BYTES. */
async function jsonOf(answer: AnswerBody): Promise<unknown> {
  try {
    const bytes = await answerBytes(answer, MAX_ANSWER_BYTES);
    return bytes === null ? null : JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return null;
  }
}

export class OfficeHttp {
  /** Of officeAddress. */
  readonly address: string;

  /** @throws OfficeClientError url, insecure */
  constructor(address: string) {
    this.address = officeAddress(address);
  }

  /** @throws OfficeRefusedError; OfficeClientError unreachable, certificate, unreadable, proxy */
  async post<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T> {
    const answer = await this.#send(path, body);
    const value = await jsonOf(answer);
    if (!answer.ok) {
      const problem = PROBLEM.safeParse(value);
      if (!problem.success) throw new OfficeClientError("unreadable", this.address);
      throw new OfficeRefusedError(problem.data.type, problem.data.title, problem.data.triesLeft ?? null);
    }
    const result = schema.safeParse(value);
    if (!result.success) throw new OfficeClientError("unreadable", this.address);
    return result.data;
  }

  /** The office says its own address with what matters: another one would pass it on. @throws OfficeClientError other-office */
  requireSame(publicUrl: string): void {
    if (!URL.canParse(publicUrl) || officeAddress(publicUrl) !== this.address)
      throw new OfficeClientError("other-office", publicUrl.slice(0, MAX_ADDRESS_CHARACTERS));
  }

  async #send(path: string, fields: unknown): Promise<OfficeAnswer> {
    const headers = { "content-type": "application/json", accept: "application/json" };
    const signal = AbortSignal.timeout(TIME_LIMIT_MS);
    const url = new URL(`${this.address}${path}`);
    const body = JSON.stringify(fields);
    try {
      return await ask(url, { method: "POST", headers, body, signal });
    } catch (cause) {
      if (cause instanceof UnusableProxyError) throw new OfficeClientError("proxy", cause.variable, { cause });
      throw new OfficeClientError(isOfCertificate(cause) ? "certificate" : "unreachable", this.address, { cause });
    }
  }
}

export const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
/** Bytes in an answer. */
export const BYTES = z
  .string()
  .regex(/^[A-Za-z0-9_-]+$/)
  .transform((text) => new Uint8Array(Buffer.from(text, "base64url")));
/** 32 random bytes in an answer. */
export const SECRET = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
