// The office's server for browsers and programs: put together from its services. It listens when the caller says so.

import { type KeyObject, randomUUID } from "node:crypto";
import cookie from "@fastify/cookie";
import formbody from "@fastify/formbody";
import helmet from "@fastify/helmet";
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify, LogController } from "fastify";
import type { DestinationStream } from "pino";
import { SEAL, SEAL_PATH } from "../../host-bridge/web/seal.ts";
import type { HeadFile } from "../audit/head-file.ts";
import type { Clock } from "../issuance/clock.ts";
import { addAccountRoutes } from "../pages/account/account-routes.ts";
import { addActivateRoutes } from "../pages/activation/activate-routes.ts";
import { addApplicationRoutes } from "../pages/application/application-routes.ts";
import { addOwnReferenceRoutes } from "../pages/application/own-reference.ts";
import { addAppointmentRoutes } from "../pages/appointment/appointment-routes.ts";
import { addEvidenceRoutes } from "../pages/appointment/evidence-routes.ts";
import { addAuditRoutes } from "../pages/audit/audit-routes.ts";
import { addAuthorityRoutes } from "../pages/authority/authority-routes.ts";
import { addCertificateRoutes } from "../pages/certificate/certificate-routes.ts";
import type { Revoking } from "../pages/certificate/revoking.ts";
import { addDeskRoutes } from "../pages/desk/desk-routes.ts";
import { addDossierRoutes } from "../pages/dossier/dossier-routes.ts";
import { send } from "../pages/edge/answering.ts";
import { faultOf, faultPage, problemDocument } from "../pages/edge/faults.ts";
import { anonymousVisit, type Edge, knownVisit, NothingThereError, visitOf } from "../pages/edge/visit.ts";
import { STYLE_PATH, STYLE_SHEET } from "../pages/frame/style-sheet.ts";
import { addHelpRoutes } from "../pages/help/help-routes.ts";
import { addIdentityRoutes } from "../pages/identity/identity-routes.ts";
import { addOfficersRoutes } from "../pages/officers/officers-routes.ts";
import { addManagerRoutes } from "../pages/organisation/manager-routes.ts";
import { addOrganisationRoutes } from "../pages/organisation/organisation-routes.ts";
import { addAssociationRoutes } from "../pages/organisation-account/association-routes.ts";
import { addCorporateRoutes } from "../pages/organisation-account/corporate-routes.ts";
import { addPersonRoutes } from "../pages/person/person-routes.ts";
import { addRepresentativeRoutes } from "../pages/representative/representative-routes.ts";
import { addSearchRoutes } from "../pages/search/search-routes.ts";
import { addSessionRoutes } from "../pages/sessions/session-routes.ts";
import { addSettingsRoutes } from "../pages/settings/settings-routes.ts";
import { addAgentSignInRoutes } from "../pages/sign-in/agent-sign-in.ts";
import { addMachineRoutes } from "../pages/sign-in/machine-routes.ts";
import { addSignInRoutes } from "../pages/sign-in/sign-in-routes.ts";
import { ENGLISH } from "../pages/texts/english.ts";
import { addReceiptRoutes } from "../pages/token/receipt-routes.ts";
import { addTokenRoutes } from "../pages/token/token-routes.ts";
import { addTokenSecretRoutes } from "../pages/token-secrets/secret-routes.ts";
import { addUnlockRoutes } from "../pages/unlock/unlock-routes.ts";
import type { Sealing } from "../sealing/sealing.ts";
import type { OcspKey } from "../status/ocsp-key.ts";
import { statusRoutes } from "../status/status-routes.ts";
import type { Store } from "../store/store.ts";
import { followClientAuthorities } from "./client-authorities.ts";
import { isThisMachine, limitConnections, MAX_CONNECTIONS } from "./connection-limit.ts";
import { loggedRequest, officeLog } from "./office-log.ts";

/** Keys and certificates of the TLS listener, PEM. Clients whose certificate one of the office's CAs issued may sign in with it. */
export interface ServerTls {
  readonly key: string;
  readonly cert: string;
  /** Those CAs at the start; what the store knows later is followed. None: certificates are never asked for. */
  readonly clientCas: readonly string[];
  /** How often the store is looked at for CAs. */
  readonly lookEveryMs?: number;
}

export interface OfficeServerOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** What the store keeps encrypted: mails with codes, evidence. */
  readonly sealing: Sealing;
  /** As browsers have it: https://office.example. */
  readonly publicUrl: string;
  readonly revoking: Revoking;
  /** Public key of the one that signs the audit trail's heads. */
  readonly auditKey: KeyObject;
  /** The heads that this server's folder has. Absent: the trail is compared with the database's own only. */
  readonly headFile?: HeadFile;
  /** The delegated responder's: the one key that the status routes have. */
  readonly ocspKey: OcspKey;
  /** Absent: http, for loopback or behind a proxy. */
  readonly tls?: ServerTls;
  /** Addresses of proxies whose X-Forwarded-For counts. */
  readonly trustedProxies?: readonly string[];
  /** «info» when it is not said; «silent». */
  readonly logLevel?: string;
  readonly logTo?: DestinationStream;
}

/** No form of ours is longer. */
const BODY_LIMIT_BYTES = 64 * 1024;
/** A picture of 10 MB over a slow line. */
const REQUEST_TIMEOUT_MS = 120_000;
const HSTS_S = 365 * 86_400;
const A_YEAR = "public, max-age=31536000, immutable";

/** What programs ask: they get problem documents, not pages. */
const isMachineRoute = ({ url }: FastifyRequest): boolean => /^\/(?:api|ocsp|crl)\//.test(url);

type ErrorAnswer = (error: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply;

function baseServer({ tls, trustedProxies, logLevel = "info", logTo }: OfficeServerOptions, answer: ErrorAnswer): FastifyInstance {
  const common = {
    loggerInstance: officeLog(logLevel, logTo),
    logController: new LogController({ disableRequestLogging: true }), // its lines have the whole address: see logRequests
    genReqId: () => randomUUID(),
    // Addresses that cannot be read never come to a route, nor to its error handler.
    frameworkErrors: (error: unknown, request: unknown, reply: unknown) => {
      answer(error, request as FastifyRequest, reply as FastifyReply);
    },
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    trustProxy: trustedProxies === undefined ? false : [...trustedProxies],
  };
  if (tls === undefined) return fastify(common) as unknown as FastifyInstance;
  const { key, cert, clientCas } = tls;
  // Asked for, not insisted on: whoever has none signs in by a challenge, and the CA's page is for everybody.
  const https = { key, cert, ca: [...clientCas], requestCert: clientCas.length > 0, rejectUnauthorized: false };
  return fastify({ ...common, https }) as unknown as FastifyInstance;
}

async function protect(app: FastifyInstance, publicUrl: string): Promise<void> {
  const none = ["'none'"];
  const own = ["'self'"];
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: none, styleSrc: own, imgSrc: own, formAction: own, frameAncestors: none, baseUri: none },
    },
    hsts: publicUrl.startsWith("https:") ? { maxAge: HSTS_S, includeSubDomains: false } : false,
    frameguard: { action: "deny" },
    // Not no-referrer: with that, browsers send «Origin: null» with our own forms.
    referrerPolicy: { policy: "same-origin" },
    crossOriginOpenerPolicy: { policy: "same-origin" },
    crossOriginResourcePolicy: { policy: "same-origin" },
  });
}

/** Errors become a page or a problem document here, and nowhere else. */
function errorAnswer(edge: Edge): ErrorAnswer {
  return (error, request, reply) => {
    const fault = faultOf(error);
    if (fault.status >= 500) request.log.error({ err: error, ...loggedRequest(request) }, "unexpected error");
    if (fault.retryAt !== undefined) {
      const seconds = Math.ceil((fault.retryAt.getTime() - edge.clock.now().getTime()) / 1000);
      reply.header("retry-after", String(Math.max(1, seconds)));
    }
    if (isMachineRoute(request)) {
      const document = JSON.stringify(problemDocument(fault, ENGLISH, request.id));
      return reply.status(fault.status).header("cache-control", "no-store").type("application/problem+json").send(document);
    }
    const visit = knownVisit(request) ?? anonymousVisit(request, edge.publicUrl, edge.clock.now());
    return send(reply, visit, faultPage(visit, fault, edge.publicUrl, request.id));
  };
}

function answerErrors(app: FastifyInstance, edge: Edge, answer: ErrorAnswer): void {
  app.setErrorHandler(answer);
  app.setNotFoundHandler(async (request, reply) => {
    if (!isMachineRoute(request)) await visitOf(request, edge); // so that whoever is signed in keeps the menu
    return answer(new NothingThereError(), request, reply);
  });
}

function logRequests(app: FastifyInstance): void {
  app.addHook("onResponse", async (request, reply) => {
    const { session, account } = knownVisit(request) ?? {};
    const who = { ...(session && { officer: session.officer.id }), ...(account && { account: account.id }) };
    const ms = Math.round(reply.elapsedTime);
    request.log.info({ ...loggedRequest(request), status: reply.statusCode, ms, ...who }, "request");
  });
}

function addFiles(app: FastifyInstance): void {
  app.get(STYLE_PATH, (_request, reply) => reply.header("cache-control", A_YEAR).type("text/css; charset=utf-8").send(STYLE_SHEET));
  app.get(SEAL_PATH, (_request, reply) => reply.header("cache-control", "public, max-age=86400").type("image/svg+xml").send(SEAL));
}

export async function createOfficeServer(options: OfficeServerOptions): Promise<FastifyInstance> {
  const { store, clock, sealing, revoking, auditKey, headFile = null, ocspKey, tls } = options;
  const publicUrl = options.publicUrl.replace(/\/+$/, "");
  const hasTlsSignIn = (tls?.clientCas.length ?? 0) > 0;
  const edge: Edge = { store, clock, sealing, publicUrl, revoking, auditKey, headFile, hasTlsSignIn };
  const answer = errorAnswer(edge);
  const app = baseServer(options, answer);
  // Behind a proxy everybody has its address.
  if (options.trustedProxies === undefined) limitConnections(app.server, MAX_CONNECTIONS, isThisMachine);
  if (tls !== undefined && edge.hasTlsSignIn) followClientAuthorities(app, store, tls, tls.lookEveryMs);
  app.removeContentTypeParser("text/plain"); // a form on any site could send it
  logRequests(app);
  answerErrors(app, edge, answer);
  await protect(app, publicUrl);
  await app.register(cookie);
  await app.register(formbody, { bodyLimit: BODY_LIMIT_BYTES });
  addFiles(app);
  const routes = [
    addSignInRoutes,
    addAgentSignInRoutes,
    addMachineRoutes,
    addSearchRoutes,
    addPersonRoutes,
    addOrganisationRoutes,
    addManagerRoutes,
    addAssociationRoutes,
    addTokenRoutes,
    addReceiptRoutes,
    addCertificateRoutes,
    addAuditRoutes,
    addOfficersRoutes,
    addSessionRoutes,
    addAccountRoutes,
    addDossierRoutes,
    addOwnReferenceRoutes,
    addHelpRoutes,
    addUnlockRoutes,
    addSettingsRoutes,
    addAuthorityRoutes,
    addActivateRoutes,
    addDeskRoutes,
    addTokenSecretRoutes,
    addApplicationRoutes,
    addAppointmentRoutes,
    addEvidenceRoutes,
    addIdentityRoutes,
    addCorporateRoutes,
    addRepresentativeRoutes,
  ];
  for (const add of routes) add(app, edge);
  await app.register(statusRoutes, { store, ocspKey, clock });
  return app;
}
