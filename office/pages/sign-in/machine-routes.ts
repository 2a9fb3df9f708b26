// Signing in, for the officer's program: a challenge to sign, and the answer to it. JSON in and out; problems as RFC 9457.

import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { spendTry } from "../../registration/limits.ts";
import { answerChallenge, newChallenge } from "../../registration/sign-in.ts";
import { tellRefusedKey } from "../../registration/sign-in-refusals.ts";
import { requireOwnOrigin } from "../edge/same-site.ts";
import type { Edge } from "../edge/visit.ts";
import { byAddress, byKey, network, tellLimit } from "./sign-in-limits.ts";

/** What was sent is not what this route takes. */
export class UnreadableRequestError extends Error {
  override readonly name = "UnreadableRequestError";
  readonly statusCode = 400;
}

const MAX_KEY_CHARACTERS = 400;
const MAX_SIGNATURE_CHARACTERS = 200;
const bytes = (maxCharacters: number) =>
  z
    .string()
    .min(1)
    .max(maxCharacters)
    .regex(/^[A-Za-z0-9_-]+$/)
    .transform((text) => new Uint8Array(Buffer.from(text, "base64url")));

const NOTHING = z.strictObject({}).optional().nullable();
/** All base64url: the challenge as it was given; SubjectPublicKeyInfo and Ecdsa-Sig-Value, DER. */
const ANSWER = z.strictObject({
  challenge: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  publicKey: bytes(MAX_KEY_CHARACTERS),
  signature: bytes(MAX_SIGNATURE_CHARACTERS),
});

function read<T>(schema: z.ZodType<T>, { body, headers }: FastifyRequest, { publicUrl }: Edge): T {
  requireOwnOrigin(headers, publicUrl, true);
  const result = schema.safeParse(body);
  // Without zod's words: they could repeat what was sent.
  if (!result.success) throw new UnreadableRequestError("not the fields of this route");
  return result.data;
}

export function addMachineRoutes(app: FastifyInstance, edge: Edge): void {
  const { store, clock, publicUrl } = edge;
  app.post("/api/sign-in/challenge", async (request, reply) => {
    read(NOTHING, request, edge);
    const now = clock.now();
    await spendTry(store, [byAddress("challenge", request.ip)], now);
    return reply.header("cache-control", "no-store").send({ challenge: await newChallenge(store, now), publicUrl });
  });
  app.post("/api/sign-in/answer", async (request, reply) => {
    const answer = read(ANSWER, request, edge);
    const now = clock.now();
    const from = network(request.ip);
    await tellLimit(
      () => spendTry(store, [byAddress("answer", request.ip), byKey(answer.publicKey, request.ip)], now),
      () => tellRefusedKey(store, answer.publicKey, { reason: "limit", how: "challenge", isProved: false, from }, now),
    );
    const link = await answerChallenge(store, publicUrl, answer, now, from);
    return reply.header("cache-control", "no-store").send({ link: `${publicUrl}/sign-in/${link}` });
  });
}
