// Signing in at an office with the token's AUTH key (9A), as `sceau office sign-in` does: the office's challenge is signed, and the office gives a link
// that opens a session, once.

import { createHash } from "node:crypto";
import { z } from "zod";
import { ALG_P256, SLOT_AUTHENTICATION } from "../../../protocol/piv.ts";
import { OfficeClientError } from "../../office-client/office-client-error.ts";
import { base64url, OfficeHttp, SECRET } from "../../office-client/office-http.ts";
import { subjectPublicKeyInfo } from "../../token/ec-public-key.ts";
import type { TokenClient } from "../../token/token-client.ts";
import type { Progress } from "../tokens/work.ts";
import { addressAt } from "../trust/office-address.ts";
import { RequestError } from "./request-error.ts";
import type { SignInRequest } from "./taken-request.ts";

const CHALLENGE = z.object({ challenge: SECRET, publicUrl: z.string() });
const LINK = z.object({ link: z.string().max(1000) });

/** What the AUTH key signs, by ECDSA with SHA-256: the office's address is in it, so that no other site can pass a challenge on. */
export const signInMessage = (publicUrl: string, challenge: string): Uint8Array =>
  new TextEncoder().encode(`Sceau office sign-in 1\n${publicUrl}\n${challenge}\n`);

async function challengeOf(http: OfficeHttp, { challenge, publicUrl }: SignInRequest): Promise<{ challenge: string; publicUrl: string }> {
  if (challenge !== null) return { challenge, publicUrl };
  const answer = await http.post("/api/sign-in/challenge", {}, CHALLENGE);
  http.requireSame(answer.publicUrl);
  return answer;
}

/**
 * @param pin overwritten by the caller
 * @returns the link that opens the session: at the office, and nowhere else
 * @throws RequestError no-key; TokenError; OfficeRefusedError, OfficeClientError
 */
export async function signInAt(request: SignInRequest, client: TokenClient, pin: Uint8Array, progress: Progress): Promise<string> {
  const http = new OfficeHttp(request.office);
  const key = await client.keyMetadata(SLOT_AUTHENTICATION);
  // The office verifies ECDSA with SHA-256.
  if (key?.algorithm !== ALG_P256) throw new RequestError("no-key", request.office);
  await client.verifyPin(pin);
  progress.step("sign");
  // Only now, when the office is to give one: it is good for two minutes.
  const { challenge, publicUrl } = await challengeOf(http, request);
  progress.signal.throwIfAborted(); // given up while the office was asked: nothing is signed
  const digest = new Uint8Array(createHash("sha256").update(signInMessage(publicUrl, challenge)).digest());
  const signature = await client.sign(SLOT_AUTHENTICATION, digest, { onButton: progress.onButton });
  progress.signal.throwIfAborted();
  progress.step("answer");
  const publicKey = base64url(subjectPublicKeyInfo(key.publicKey));
  const { link } = await http.post("/api/sign-in/answer", { challenge, publicKey, signature: base64url(signature) }, LINK);
  const path = link.startsWith(publicUrl) ? link.slice(publicUrl.length) : "";
  const there = addressAt(request.office, path);
  if (there === null) throw new OfficeClientError("other-office", link.slice(0, 100));
  return there;
}
