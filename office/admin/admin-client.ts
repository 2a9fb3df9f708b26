// The side of `sceau office …`: asks the running server over its socket.

import { type IncomingMessage, request } from "node:http";
import type { AdminProblem } from "./admin-protocol.ts";

/** No server of this folder is running. */
export class NoOfficeRunningError extends Error {
  override readonly name = "NoOfficeRunningError";
}

/** The server did not do it. */
export class AdminRefusedError extends Error {
  override readonly name = "AdminRefusedError";
  /** A word of AdminRefusal, OfficerRefusal or RegistrationRefusal; «bad-FIELD»; or what went wrong. */
  readonly problem: string;
  constructor(problem: string) {
    super(`the office refused: ${problem}`);
    this.problem = problem;
  }
}

const NOT_RUNNING: ReadonlySet<string | undefined> = new Set(["ENOENT", "ECONNREFUSED"]);

async function textOf(message: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}

function problemIn(text: string): string {
  try {
    return (JSON.parse(text) as AdminProblem).problem;
  } catch {
    return "unreadable answer";
  }
}

export class AdminClient {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** @throws NoOfficeRunningError, AdminRefusedError */
  async get<T>(path: string): Promise<T> {
    return JSON.parse(await textOf(await this.#ask("GET", path))) as T;
  }

  /** @throws NoOfficeRunningError, AdminRefusedError */
  async post<T>(path: string, body: unknown = {}): Promise<T> {
    return JSON.parse(await textOf(await this.#ask("POST", path, body))) as T;
  }

  /** The answer as it comes. @throws NoOfficeRunningError, AdminRefusedError */
  stream(path: string): Promise<IncomingMessage> {
    return this.#ask("GET", path);
  }

  async isRunning(): Promise<boolean> {
    try {
      await this.get("/status");
      return true;
    } catch (error) {
      if (error instanceof NoOfficeRunningError) return false;
      throw error;
    }
  }

  async #ask(method: string, path: string, body?: unknown): Promise<IncomingMessage> {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = body === undefined ? {} : { "content-type": "application/json" };
      const sent = request({ socketPath: this.#socketPath, method, path, headers, agent: false }, resolve);
      sent.once("error", (error: NodeJS.ErrnoException) => {
        reject(NOT_RUNNING.has(error.code) ? new NoOfficeRunningError(this.#socketPath, { cause: error }) : error);
      });
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
    if (answer.statusCode === 200) return answer;
    throw new AdminRefusedError(problemIn(await textOf(answer)));
  }
}
