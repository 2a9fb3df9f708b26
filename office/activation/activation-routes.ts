// Activation and agent requests, for the holder's program: JSON in and out, problems as RFC 9457.

import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";
import { DossierError } from "../dossiers/dossier-error.ts";
import { QUESTIONS_A_SET } from "../dossiers/questions.ts";
import { IssuanceError } from "../issuance/issuance-error.ts";
import { ProofError } from "../issuance/proof.ts";
import { bytesField, readJson } from "../pages/edge/json-request.ts";
import { network } from "../pages/sign-in/sign-in-limits.ts";
import { type Limit, spendTry } from "../registration/limits.ts";
import { activationCertificate, activationChallenge, activationSecrets, activationState, proveActivation } from "./activating.ts";
import type { ActivationDesk } from "./activation-desk.ts";
import { ActivationError } from "./activation-error.ts";
import { guesses } from "./activation-limits.ts";
import type { LiveCertificate } from "./activation-record.ts";
import { AgentRequestError, takeAgentRequest } from "./agent-requests.ts";
import { answerActivation, openActivation } from "./opening.ts";
import { MANAGEMENT_KEY_BYTES, PUK_BYTES } from "./token-escrow.ts";

const WINDOW_MS = 10 * 60_000;
const BY_ADDRESS = 120;
/** A certificate of ours has 1 KB. */
const MAX_DER_CHARACTERS = 6000;
const MAX_SECRET_CHARACTERS = 43;
const MAX_ANSWER_CHARACTERS = 400;

const der = bytesField(MAX_DER_CHARACTERS);
const secret = bytesField(MAX_SECRET_CHARACTERS);
const session = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const reference = z.string().max(100);
const EVIDENCE = { attestation: der, issuer: der };
/** Bytes in base64url, DER unless it is said. */
const OPEN = z.strictObject({ reference });
const ANSWERS = z.strictObject({
  reference,
  answers: z
    .record(z.string().max(100), z.string().max(MAX_ANSWER_CHARACTERS))
    .refine((answers) => Object.keys(answers).length === QUESTIONS_A_SET),
});
const STATE = z.strictObject({ session });
const CHALLENGE = z.strictObject({ session, ...EVIDENCE });
const CERTIFICATE = z.strictObject({ session, request: der, ...EVIDENCE });
const SECRETS = z.strictObject({
  session,
  serial: z.string().regex(/^\d{1,20}$/),
  puk: secret.refine(({ length }) => length === PUK_BYTES),
  managementKey: secret.refine(({ length }) => (MANAGEMENT_KEY_BYTES as readonly number[]).includes(length)),
});
const PROOF = z.strictObject({ session, signature: der });
const TAKE = z.strictObject({ id: session });

const base64url = (data: Uint8Array): string => Buffer.from(data).toString("base64url");

const writtenCertificate = ({
  id,
  certificate,
  issuer,
  serialNumber,
}: {
  id: string;
  certificate: Uint8Array;
  issuer: Uint8Array;
  serialNumber: string;
}) => ({
  id,
  certificate: base64url(certificate),
  issuer: base64url(issuer),
  serialNumber,
});
const liveCertificate = ({ der: certificate, ...rest }: LiveCertificate) => writtenCertificate({ ...rest, certificate });

interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly triesLeft?: number;
}

const UNAUTHORIZED = 401;
const GONE = 410;
const UNPROCESSABLE = 422;

/** What the rules refuse; the rest is for the server's own error handler. */
function problemOf(error: unknown): Problem | null {
  if (error instanceof ActivationError) {
    const { refusal, triesLeft, message } = error;
    const status = refusal === "session" ? UNAUTHORIZED : UNPROCESSABLE;
    return { type: `urn:sceau:activation:${refusal}`, title: message, status, ...(triesLeft !== null && { triesLeft }) };
  }
  if (error instanceof AgentRequestError) {
    return { type: `urn:sceau:agent:${error.refusal}`, title: error.message, status: error.refusal === "taken" ? GONE : UNPROCESSABLE };
  }
  if (error instanceof IssuanceError) return { type: `urn:sceau:issuance:${error.refusal}`, title: error.message, status: UNPROCESSABLE };
  if (error instanceof ProofError)
    return { type: "urn:sceau:issuance:proof", title: "not a proof by this certificate's key", status: UNPROCESSABLE };
  if (error instanceof DossierError && error.refusal === "organisation-not-open")
    return { type: "urn:sceau:issuance:organisation", title: "the organisation's account is not open", status: UNPROCESSABLE };
  return null;
}

type Answering<T> = (fields: T) => Promise<object>;

export function addActivationRoutes(app: FastifyInstance, desk: ActivationDesk): void {
  const { store, clock, publicUrl } = desk;

  const byAddress = (path: string, from: string): Limit => ({
    subject: `${path.replace("/api/", "").replaceAll("/", " ")} from ${from}`,
    count: BY_ADDRESS,
    windowMs: WINDOW_MS,
  });

  app.register(async (scope) => {
    scope.setErrorHandler((error, request, reply: FastifyReply) => {
      const problem = problemOf(error);
      if (problem === null) throw error;
      const document = JSON.stringify({ ...problem, instance: `urn:sceau:request:${request.id}` });
      return reply.status(problem.status).header("cache-control", "no-store").type("application/problem+json").send(document);
    });
    function on<T>(path: string, schema: z.ZodType<T>, answer: Answering<T>, limit = (from: string) => byAddress(path, from)): void {
      scope.post(path, async (request, reply) => {
        const fields = readJson(schema, request, publicUrl);
        await spendTry(store, [limit(network(request.ip))], clock.now());
        return reply.header("cache-control", "no-store").send(await answer(fields));
      });
    }
    on(
      "/api/activation/open",
      OPEN,
      async (fields) => {
        const { office, questions, triesLeft } = await openActivation(desk, fields.reference);
        return { publicUrl, office, questions, triesLeft };
      },
      (from) => guesses("number", from),
    );
    on(
      "/api/activation/answers",
      ANSWERS,
      async (fields) => {
        const { session: opened, expiresAt } = await answerActivation(desk, fields.reference, fields.answers);
        return { session: opened, expiresAt };
      },
      (from) => guesses("answers", from),
    );
    on("/api/activation/state", STATE, async (fields) => {
      const { certificate, ...facts } = await activationState(desk, fields.session);
      return { publicUrl, slot: "9c", ...facts, ...(certificate !== null && { certificate: liveCertificate(certificate) }) };
    });
    on("/api/activation/challenge", CHALLENGE, async ({ session: own, ...evidence }) => {
      return { challenge: await activationChallenge(desk, own, evidence) };
    });
    on("/api/activation/certificate", CERTIFICATE, async ({ session: own, request, ...evidence }) =>
      writtenCertificate(await activationCertificate(desk, own, { request, evidence })),
    );
    on("/api/activation/secrets", SECRETS, async ({ session: own, serial, puk, managementKey }) => {
      await activationSecrets(desk, own, serial, { puk, managementKey });
      puk.fill(0);
      managementKey.fill(0);
      return {};
    });
    on("/api/activation/proof", PROOF, async ({ session: own, signature }) => ({
      state: await proveActivation(desk, own, signature),
    }));
    on("/api/agent/requests/take", TAKE, async ({ id }) => ({ publicUrl, ...(await takeAgentRequest(desk, id)) }));
  });
}
