// An officer's program asks the office over HTTP: JSON in and out.

import { isIPv6 } from "node:net";
import { z } from "zod";
import { OfficeCommandError, OfficeRefusedError } from "./office-error.ts";

const TIME_LIMIT_MS = 30_000;
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
const PROBLEM = z.object({ type: z.string(), title: z.string() });

/** The office's address as it is in certificates: without a slash at its end. @throws OfficeCommandError url, insecure */
export function officeAddress(text: string): string {
  if (!URL.canParse(text)) throw new OfficeCommandError("url", text);
  const { protocol, hostname, username, password } = new URL(text);
  if (!["http:", "https:"].includes(protocol) || username !== "" || password !== "") throw new OfficeCommandError("url", text);
  const host = isIPv6(hostname) ? `[${hostname}]` : hostname;
  if (protocol === "http:" && !LOOPBACK.test(host)) throw new OfficeCommandError("insecure", text);
  return text.replace(/[?#].*$/, "").replace(/\/+$/, "");
}

export class OfficeHttp {
  readonly address: string;

  /** @throws OfficeCommandError url, insecure */
  constructor(address: string) {
    this.address = officeAddress(address);
  }

  /** @throws OfficeRefusedError; OfficeCommandError unreachable, unreadable */
  async post<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T> {
    const answer = await this.#send(path, body);
    const value: unknown = await answer.json().catch(() => null);
    if (!answer.ok) {
      const problem = PROBLEM.safeParse(value);
      if (!problem.success) throw new OfficeCommandError("unreadable", this.address);
      throw new OfficeRefusedError(problem.data.type, problem.data.title);
    }
    const result = schema.safeParse(value);
    if (!result.success) throw new OfficeCommandError("unreadable", this.address);
    return result.data;
  }

  /** The office says its own address with what is signed: another one would pass it on. @throws OfficeCommandError other-office */
  requireSame(publicUrl: string): void {
    if (publicUrl.replace(/\/+$/, "") !== this.address) throw new OfficeCommandError("other-office", publicUrl);
  }

  async #send(path: string, body: unknown): Promise<Response> {
    const headers = { "content-type": "application/json", accept: "application/json" };
    const signal = AbortSignal.timeout(TIME_LIMIT_MS);
    try {
      return await fetch(`${this.address}${path}`, { method: "POST", headers, body: JSON.stringify(body), redirect: "error", signal });
    } catch (cause) {
      throw new OfficeCommandError("unreachable", this.address, { cause });
    }
  }
}

export const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
/** Bytes in an answer. */
export const BYTES = z
  .string()
  .regex(/^[A-Za-z0-9_-]+$/)
  .transform((text) => new Uint8Array(Buffer.from(text, "base64url")));
