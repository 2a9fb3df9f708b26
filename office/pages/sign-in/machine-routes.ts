// Signing in, for the officer's program: a challenge to sign, and the answer to it. JSON in and out; problems as RFC 9457.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { spendTry } from "../../registration/limits.ts";
import { answerChallenge, newChallenge } from "../../registration/sign-in.ts";
import { tellRefusedKey } from "../../registration/sign-in-refusals.ts";
import { bytesField, readJson } from "../edge/json-request.ts";
import type { Edge } from "../edge/visit.ts";
import { byAddress, byKey, network, tellLimit } from "./sign-in-limits.ts";

const MAX_KEY_CHARACTERS = 400;
const MAX_SIGNATURE_CHARACTERS = 200;

const NOTHING = z.strictObject({}).optional().nullable();
/** All base64url: the challenge as it was given; SubjectPublicKeyInfo and Ecdsa-Sig-Value, DER. */
const ANSWER = z.strictObject({
  challenge: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  publicKey: bytesField(MAX_KEY_CHARACTERS),
  signature: bytesField(MAX_SIGNATURE_CHARACTERS),
});

export function addMachineRoutes(app: FastifyInstance, edge: Edge): void {
  const { store, clock, publicUrl } = edge;
  app.post("/api/sign-in/challenge", async (request, reply) => {
    readJson(NOTHING, request, publicUrl);
    const now = clock.now();
    await spendTry(store, [byAddress("challenge", request.ip)], now);
    return reply.header("cache-control", "no-store").send({ challenge: await newChallenge(store, now), publicUrl });
  });
  app.post("/api/sign-in/answer", async (request, reply) => {
    const answer = readJson(ANSWER, request, publicUrl);
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
