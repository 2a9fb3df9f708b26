// An officer with a simulated token in the test's own process, who talks to an office over HTTP as `sceau office enrol` and a browser do.

import { createHash } from "node:crypto";
import { proofText } from "../../host-bridge/activation/proof-text.ts";
import type { AttestationRoot } from "../../host-bridge/factory/attestation-root.ts";
import { createCertificationRequest } from "../../host-bridge/token/certification-request.ts";
import { subjectPublicKeyInfo } from "../../host-bridge/token/ec-public-key.ts";
import { csrfToken } from "../../office/pages/edge/same-site.ts";
import { signInMessage } from "../../office/registration/sign-in.ts";
import { BUTTON_POLICY_NEVER, PIN_POLICY_ONCE, SLOT_AUTHENTICATION } from "../../protocol/piv.ts";
import { type SealedToken, sealedToken } from "./sealed-token.ts";
import { ascii, PIN } from "./simulated-token.ts";

const b64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of several routes
  readonly body: any;
}

export async function postJson(url: string, body: unknown): Promise<Answer> {
  const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  return { status: answer.status, body: await answer.json() };
}

export interface FinishOrder {
  readonly code: string;
  readonly request: string;
  readonly attestation: string;
  readonly issuer: string;
}

/** A session in a browser. */
export interface BrowserSession {
  readonly cookie: string;
  readonly secret: string;
}

export class OfficerClient {
  readonly url: string;
  readonly #sealed: SealedToken;
  readonly #point: Uint8Array;

  private constructor(url: string, sealed: SealedToken, point: Uint8Array) {
    this.url = url;
    this.#sealed = sealed;
    this.#point = point;
  }

  static async withToken(url: string, serial: number, root: AttestationRoot, now = new Date()): Promise<OfficerClient> {
    const sealed = await sealedToken(serial, now, root);
    const point = await sealed.token.makeKey(SLOT_AUTHENTICATION, { pin: PIN_POLICY_ONCE, button: BUTTON_POLICY_NEVER });
    return new OfficerClient(url, sealed, point);
  }

  async sign(digest: Uint8Array): Promise<Uint8Array> {
    const client = this.#sealed.token.client();
    await client.verifyPin(ascii(PIN));
    const signature = await client.sign(SLOT_AUTHENTICATION, digest);
    client.close();
    return signature;
  }

  async evidence(): Promise<{ attestation: string; issuer: string }> {
    const client = this.#sealed.token.client();
    await client.verifyPin(ascii(PIN));
    const attestation = b64(await client.attest(SLOT_AUTHENTICATION));
    client.close();
    return { attestation, issuer: b64(this.#sealed.certificate) };
  }

  /** Up to the order that makes the certificate. */
  async order(code: string): Promise<FinishOrder> {
    const evidence = await this.evidence();
    const { status, body } = await postJson(`${this.url}/api/enrol/begin`, { code, ...evidence });
    if (status !== 200) throw new Error(`begin: ${status} ${JSON.stringify(body)}`);
    const request = await createCertificationRequest(this.#point, (digest) => this.sign(digest), body.challenge);
    return { code, request: b64(request), ...evidence };
  }

  finish(order: FinishOrder): Promise<Answer> {
    return postJson(`${this.url}/api/enrol/finish`, order);
  }

  async prove({ id, certificate }: { id: string; certificate: string }): Promise<Answer> {
    const text = proofText(new Uint8Array(Buffer.from(certificate, "base64url")));
    const signature = await this.sign(new Uint8Array(createHash("sha256").update(text).digest()));
    return postJson(`${this.url}/api/enrol/proof`, { certificate: id, signature: b64(signature) });
  }

  async signIn(): Promise<BrowserSession> {
    return openLink(this.url, await this.signInLink());
  }

  /** Its button opens a session, once. */
  async signInLink(): Promise<string> {
    const { body } = await postJson(`${this.url}/api/sign-in/challenge`, {});
    const digest = new Uint8Array(createHash("sha256").update(signInMessage(this.url, body.challenge)).digest());
    const publicKey = b64(subjectPublicKeyInfo(this.#point));
    const answer = await postJson(`${this.url}/api/sign-in/answer`, {
      challenge: body.challenge,
      publicKey,
      signature: b64(await this.sign(digest)),
    });
    if (answer.status !== 200) throw new Error(`sign-in: ${JSON.stringify(answer.body)}`);
    return answer.body.link;
  }
}

/** What the button on the link's page does. */
export async function openLink(url: string, link: string): Promise<BrowserSession> {
  const answer = await fetch(link, { method: "POST", headers: { origin: url }, redirect: "manual" });
  const cookie =
    answer.headers
      .getSetCookie()
      .map((text) => text.split(";")[0] ?? "")
      .find((text) => text.includes("session=")) ?? "";
  if (answer.status !== 303 || cookie === "") throw new Error(`the link opened nothing: ${answer.status}`);
  return { cookie, secret: cookie.slice(cookie.indexOf("=") + 1) };
}

/** The form on the revocation's page. @returns the status: 303 when it is done */
export async function revokeByForm(
  url: string,
  session: BrowserSession,
  id: string,
  serialNumber: string,
  reason: string,
): Promise<number> {
  const fields = { reason, confirmation: serialNumber.slice(-8), csrf: csrfToken(session.secret) };
  const answer = await fetch(`${url}/certificates/${id}/revoke`, {
    method: "POST",
    headers: { cookie: session.cookie, origin: url, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(fields).toString(),
    redirect: "manual",
  });
  await answer.arrayBuffer();
  return answer.status;
}

const field = (page: string, name: string): string => new RegExp(`name="${name}" value="([^"]+)"`).exec(page)?.[1] ?? "";

/** What an officer does in a browser: the page, what is on it, and its form. @throws when it is not done */
export async function revokeOnPage(
  url: string,
  { cookie }: BrowserSession,
  { id, serialNumber }: { readonly id: string; readonly serialNumber: string },
  reason: string,
): Promise<void> {
  const address = `${url}/certificates/${id}/revoke`;
  const page = await fetch(address, { headers: { cookie } });
  const fields = { reason, confirmation: serialNumber.slice(-8), csrf: field(await page.text(), "csrf") };
  const headers = { cookie, origin: url, "content-type": "application/x-www-form-urlencoded" };
  const answer = await fetch(address, { method: "POST", headers, body: new URLSearchParams(fields).toString(), redirect: "manual" });
  if (answer.status !== 303) throw new Error(`the revocation was answered with ${answer.status}: ${await answer.text()}`);
  await answer.arrayBuffer();
}
