// Enrolling an officer's token, for the officer's program: JSON in and out, problems as RFC 9457.

import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import type { IssuanceDesk } from "../issuance/issuance-desk.ts";
import { IssuanceError } from "../issuance/issuance-error.ts";
import { ProofError } from "../issuance/proof.ts";
import { UnknownCertificateError } from "../issuance/revocation.ts";
import { bytesField, readJson } from "../pages/edge/json-request.ts";
import { network } from "../pages/sign-in/sign-in-limits.ts";
import { type Limit, spendTry } from "../registration/limits.ts";
import { beginEnrolment, checkCode, finishEnrolment, proveEnrolment } from "./enrolment.ts";

const WINDOW_MS = 10 * 60_000;
const BY_ADDRESS = 120;
/** A certificate of ours has 1 KB. */
const MAX_DER_CHARACTERS = 6000;

const der = bytesField(MAX_DER_CHARACTERS);
const code = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const EVIDENCE = { attestation: der, issuer: der };
/** All base64url: the code as it was given, the others DER. */
const CHECK = z.strictObject({ code });
const BEGIN = z.strictObject({ code, ...EVIDENCE });
const FINISH = z.strictObject({ code, request: der, ...EVIDENCE });
const PROOF = z.strictObject({ certificate: z.uuid(), signature: der });

const byAddress = (step: string, { ip }: FastifyRequest): Limit => ({
  subject: `enrol ${step} from ${network(ip)}`,
  count: BY_ADDRESS,
  windowMs: WINDOW_MS,
});
const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");

/** What issuance refuses; the rest is for the server's own error handler. */
function problemOf(error: unknown): { readonly type: string; readonly title: string; readonly status: number } | null {
  if (error instanceof IssuanceError) return { type: `urn:sceau:issuance:${error.refusal}`, title: error.message, status: 422 };
  if (error instanceof ProofError) return { type: "urn:sceau:issuance:proof", title: "not a proof by this certificate's key", status: 422 };
  if (error instanceof UnknownCertificateError) return { type: "urn:sceau:office:not-found", title: "no such certificate", status: 404 };
  return null;
}

export function addEnrolmentRoutes(app: FastifyInstance, desk: IssuanceDesk, publicUrl: string): void {
  const { store, clock } = desk;
  app.register(async (scope) => {
    scope.setErrorHandler((error, request, reply) => {
      const problem = problemOf(error);
      if (problem === null) throw error;
      const document = JSON.stringify({ ...problem, instance: `urn:sceau:request:${request.id}` });
      return reply.status(problem.status).header("cache-control", "no-store").type("application/problem+json").send(document);
    });
    scope.post("/api/enrol/check", async (request, reply) => {
      const { code } = readJson(CHECK, request, publicUrl);
      await spendTry(store, [byAddress("check", request)], clock.now());
      await checkCode(desk, code);
      return reply.header("cache-control", "no-store").send({ publicUrl });
    });
    scope.post("/api/enrol/begin", async (request, reply) => {
      const { code, ...evidence } = readJson(BEGIN, request, publicUrl);
      await spendTry(store, [byAddress("begin", request)], clock.now());
      const { challenge, expiresAt } = await beginEnrolment(desk, code, evidence);
      return reply.header("cache-control", "no-store").send({ challenge, expiresAt, publicUrl });
    });
    scope.post("/api/enrol/finish", async (request, reply) => {
      const { code, request: certificationRequest, ...evidence } = readJson(FINISH, request, publicUrl);
      await spendTry(store, [byAddress("finish", request)], clock.now());
      const { id, certificate, issuer, serialNumber } = await finishEnrolment(desk, { code, request: certificationRequest, evidence });
      return reply
        .header("cache-control", "no-store")
        .send({ id, certificate: base64url(certificate), issuer: base64url(issuer), serialNumber });
    });
    scope.post("/api/enrol/proof", async (request, reply) => {
      const { certificate, signature } = readJson(PROOF, request, publicUrl);
      await spendTry(store, [byAddress("proof", request)], clock.now());
      const state = await proveEnrolment(desk, certificate, signature);
      return reply.header("cache-control", "no-store").send({ state });
    });
  });
}
