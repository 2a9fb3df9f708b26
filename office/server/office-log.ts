// The office's log: one line a request, one for each unexpected error. No address with its parameters, no cookie, no body: secrets travel in
// those. Of an address, the route's pattern is told.

import { DrizzleQueryError } from "drizzle-orm";
import type { FastifyRequest } from "fastify";
import { type DestinationStream, type Logger, pino } from "pino";

interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack: string;
  readonly cause?: LoggedError;
}

/** Queries carry what people have typed, and so do the messages of their errors: of these only the database's own code is told. */
function loggedError(error: unknown): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: "", stack: "" };
  const code = "code" in error && typeof error.code === "string" ? { code: error.code } : {};
  const isOfDatabase = error instanceof DrizzleQueryError || "severity" in error;
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return {
    type: error.name,
    message: isOfDatabase ? "the database refused a query" : error.message,
    ...code,
    stack: frames.join("\n"),
    ...(error.cause === undefined ? {} : { cause: loggedError(error.cause) }),
  };
}

export function officeLog(level: string, destination?: DestinationStream): Logger {
  // req and res: what fastify would say of them has the address.
  const serializers = { err: loggedError, req: ({ method }: { method: string }) => ({ method }), res: () => ({}) };
  const options = { level, base: null, serializers, timestamp: pino.stdTimeFunctions.isoTime };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** What is told of a request. */
export function loggedRequest(request: FastifyRequest) {
  return { method: request.method, route: request.routeOptions.url ?? "none", from: request.ip };
}
