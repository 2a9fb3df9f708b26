// The holder's agent: a small web server on this computer alone, with pages of its own. Put together from its areas; it listens on 127.0.0.1.

import { randomUUID } from "node:crypto";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import cookie from "@fastify/cookie";
import formbody from "@fastify/formbody";
import helmet from "@fastify/helmet";
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from "fastify";
import type { TokenSecretsStore } from "../activation/activate-token.ts";
import type { TokenSource } from "../sources/token-source.ts";
import { SEAL, SEAL_PATH } from "../web/seal.ts";
import { addAccessRules } from "./access/access-rules.ts";
import { FormTokens } from "./access/form-token.ts";
import { canTellPeers } from "./access/peer.ts";
import { AGENT_HOST, agentAddress } from "./agent-address.ts";
import { AgentStartError } from "./agent-error.ts";
import type { AgentLog } from "./agent-event.ts";
import type { AgentParts } from "./agent-parts.ts";
import type { Clock } from "./clock.ts";
import { documentFaults } from "./documents/document-faults.ts";
import { addDocumentRoutes } from "./documents/document-routes.ts";
import { AuthorityBook } from "./documents/known-authorities.ts";
import { openDoor } from "./door.ts";
import { requestFault } from "./request/request-faults.ts";
import { addRequestRoutes } from "./request/request-routes.ts";
import { addTokenPageRoutes } from "./token-pages/token-routes.ts";
import { TokenDesk } from "./tokens/token-desk.ts";
import { addTokenListRoutes } from "./tokens/token-list-page.ts";
import { WorkList } from "./tokens/work.ts";
import { addWorkRoutes } from "./tokens/work-pages.ts";
import { HolderPhrase } from "./trust/holder-phrase.ts";
import { addOfficesRoutes } from "./trust/offices-page.ts";
import { addPhraseRoutes } from "./trust/phrase-page.ts";
import { TrustedOffices } from "./trust/trusted-offices.ts";
import { send } from "./web/answering.ts";
import { type FaultReader, faultOf, faultPage } from "./web/faults.ts";
import { STYLE_PATH, STYLE_SHEET } from "./web/style-sheet.ts";
import type { Language } from "./web/texts/language.ts";
import { NothingThereError, visitOf } from "./web/visit.ts";
import { WAITING_PATH, WAITING_SCRIPT } from "./web/waiting.ts";
import { ConfinedWorkshop } from "./workshop/confined-workshop.ts";
import type { DocumentWorkshop } from "./workshop/document-workshop.ts";

export interface AgentOptions {
  /** For the phrase and the trusted offices; made when there is none, mode 0700. */
  readonly folder: string;
  /** 0: any. */
  readonly port: number;
  readonly tokens: readonly TokenSource[];
  /** PUK and management key of tokens that are formatted here. */
  readonly secrets: TokenSecretsStore;
  /** Certificates of the roots that vouch for tokens, DER; absent: none is known. */
  readonly attestationRoots?: () => readonly Uint8Array[];
  readonly clock: Clock;
  /** For whose browser names none that we have; French. */
  readonly language?: Language;
  /** Of loopback, where the pages are; 127.0.0.1. Another one: 127.0.0.1 leads there (door.ts). */
  readonly host?: string;
  /** Other users of this computer may use it, too: where they can't be told apart, nothing else is possible. */
  readonly isAnyUser?: boolean;
  /** Where documents are read and signed; absent: in processes of their own. It is closed with the agent. */
  readonly workshop?: DocumentWorkshop;
  readonly log: AgentLog;
}

export interface RunningAgent {
  /** Of the pages: http://HOST:PORT */
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

/** No form of ours is longer; a route for files says its own. */
const BODY_LIMIT_BYTES = 64 * 1024;
const REQUEST_TIMEOUT_MS = 120_000;
const A_YEAR = "public, max-age=31536000, immutable";

/** What the areas make of their errors. */
const FAULT_READERS: readonly FaultReader[] = [documentFaults, requestFault];

const ROUTES: readonly ((app: FastifyInstance, parts: AgentParts) => void | Promise<void>)[] = [
  addDocumentRoutes,
  addTokenPageRoutes,
  addTokenListRoutes,
  addWorkRoutes,
  addPhraseRoutes,
  addOfficesRoutes,
  addRequestRoutes,
];

async function protect(app: FastifyInstance): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: false, // each page's own: web/page-policy.ts
    hsts: false,
    frameguard: { action: "deny" },
    // Not no-referrer: with that, browsers send «Origin: null» with our own forms.
    referrerPolicy: { policy: "same-origin" },
    crossOriginOpenerPolicy: { policy: "same-origin" },
    crossOriginResourcePolicy: { policy: "same-origin" },
  });
}

/** Frames of the stack only: a message could repeat what was typed. */
function stackOf(error: unknown): string[] {
  const frames = error instanceof Error ? (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line)) : [];
  const cause = error instanceof Error && error.cause !== undefined ? [`caused by ${typeOf(error.cause)}`, ...stackOf(error.cause)] : [];
  return [...frames.map((line) => line.trim()), ...cause];
}

const typeOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);

type ErrorAnswer = (error: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply;

/** Errors become a page here, and nowhere else; those of work that has a page of its own there, by the same functions. */
const errorAnswer =
  (parts: AgentParts): ErrorAnswer =>
  (error, request, reply) => {
    const visit = visitOf(request, parts);
    const fault = faultOf(error, visit.texts, parts.faultReaders);
    if (fault.isUnexpected) parts.tellUnexpected(error, request.id);
    return send(reply, visit, faultPage(visit, fault, request.id));
  };

function baseServer(answer: ErrorAnswer): FastifyInstance {
  return fastify({
    logger: false,
    genReqId: () => randomUUID(),
    // Addresses that cannot be read never come to a route, nor to its error handler.
    frameworkErrors: (error: unknown, request: unknown, reply: unknown) => {
      answer(error, request as FastifyRequest, reply as FastifyReply);
    },
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
  }) as unknown as FastifyInstance;
}

async function agentServer(parts: AgentParts, isAnyUser: boolean): Promise<FastifyInstance> {
  const answer = errorAnswer(parts);
  const app = baseServer(answer);
  app.removeContentTypeParser(["text/plain", "application/json"]); // no form of ours sends that
  app.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url ?? "none";
    parts.log({ event: "request", method: request.method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) });
  });
  app.setErrorHandler(answer);
  app.setNotFoundHandler((request, reply) => answer(new NothingThereError(), request, reply));
  await protect(app);
  addAccessRules(app, isAnyUser);
  await app.register(cookie);
  await app.register(formbody, { bodyLimit: BODY_LIMIT_BYTES });
  app.get(STYLE_PATH, (_request, reply) => reply.header("cache-control", A_YEAR).type("text/css; charset=utf-8").send(STYLE_SHEET));
  app.get(WAITING_PATH, (_request, reply) =>
    reply.header("cache-control", A_YEAR).type("text/javascript; charset=utf-8").send(WAITING_SCRIPT),
  );
  app.get(SEAL_PATH, (_request, reply) => reply.header("cache-control", "public, max-age=86400").type("image/svg+xml").send(SEAL));
  for (const add of ROUTES) await add(app, parts);
  return app;
}

/** @returns the port, and what is to be closed beside the pages */
async function listen(app: FastifyInstance, host: string, asked: number): Promise<{ readonly port: number; readonly door: Server | null }> {
  try {
    await app.listen({ host, port: asked });
    const { port } = app.server.address() as AddressInfo;
    return { port, door: host === AGENT_HOST ? null : await openDoor(agentAddress(port, host), port) };
  } catch (cause) {
    await app.close();
    if ((cause as NodeJS.ErrnoException).code === "EADDRINUSE") throw new AgentStartError("port-taken", asked, { cause });
    throw cause;
  }
}

/**
 * Serves until `close`. Tokens that are plugged in already, and answer at once, are there when it resolves.
 * @throws AgentStartError
 */
export async function startAgent(options: AgentOptions): Promise<RunningAgent> {
  const { folder, clock, log, secrets, attestationRoots = () => [], language = "fr", isAnyUser = false, host = AGENT_HOST } = options;
  if (!isAnyUser && !(await canTellPeers())) throw new AgentStartError("no-peers", options.port);
  const desk = new TokenDesk(options.tokens, log);
  const works = new WorkList(desk, clock);
  const closing = new AbortController();
  const workshop = options.workshop ?? new ConfinedWorkshop();
  const parts: AgentParts = {
    folder,
    clock,
    desk,
    works,
    phrase: new HolderPhrase(folder),
    offices: new TrustedOffices(folder),
    authorities: new AuthorityBook(join(folder, "authorities")),
    workshop,
    formTokens: new FormTokens(),
    secrets,
    attestationRoots,
    language,
    faultReaders: FAULT_READERS,
    tellUnexpected: (error, id) => log({ event: "unexpected", id, type: typeOf(error), stack: stackOf(error) }),
    log,
    closing: closing.signal,
  };
  const app = await agentServer(parts, isAnyUser);
  const { port, door } = await listen(app, host, options.port);
  await desk.start();
  return {
    address: agentAddress(port, host),
    port,
    close: async () => {
      closing.abort();
      works.cancelAll();
      door?.closeAllConnections();
      door?.close();
      await app.close();
      await Promise.all([desk.close(), workshop.close()]);
    },
  };
}
