// An officer with a token who asks for an AUTH certificate and signs in with it, and a holder with a token of their own who gets a SIGN certificate: for
// both from the challenge to the page of the certificate, and for some to its revocation. Over HTTP, as `sceau office enrol`, `sceau office sign-in` and
// a browser do it; a SIGN certificate by the office's own functions.

import { createHash, X509Certificate } from "node:crypto";
import { proofText } from "../../host-bridge/activation/proof-text.ts";
import type { AttestationRoot } from "../../host-bridge/factory/attestation-root.ts";
import { createCertificationRequest } from "../../host-bridge/token/certification-request.ts";
import { subjectPublicKeyInfo } from "../../host-bridge/token/ec-public-key.ts";
import type { TokenClient } from "../../host-bridge/token/token-client.ts";
import { csrfToken } from "../../office/pages/edge/same-site.ts";
import { signInMessage } from "../../office/registration/sign-in.ts";
import { BUTTON_POLICY_NEVER, PIN_POLICY_ONCE, SLOT_AUTHENTICATION } from "../../protocol/piv.ts";
import { sealedToken } from "../support/sealed-token.ts";
import { ascii, PIN } from "../support/simulated-token.ts";
import type { Holder } from "../support/token-holder.ts";
import type { Call, CallAnswer, Caller } from "./caller.ts";
import type { Ledger, Step } from "./ledger.ts";
import { type OcspStatus, ocspCall, ocspQuestion, ocspStatus } from "./ocsp-question.ts";

/** What is done before the clock starts: a token with an AUTH key and its word for it, a code for its officer; and a holder with a token. */
export interface PreparedRequest {
  readonly holder: Holder;
  readonly code: string;
  readonly token: TokenClient;
  /** Of the AUTH key, uncompressed. */
  readonly point: Uint8Array;
  /** As the routes take it. */
  readonly evidence: { readonly attestation: string; readonly issuer: string };
  /** Whether both certificates are revoked at the end. */
  readonly isToRevoke: boolean;
}

export interface CertifiedRequest {
  readonly id: string;
  readonly serialNumber: string;
  /** DER. */
  readonly certificate: Uint8Array;
  readonly issuer: Uint8Array;
  readonly ocspUrl: string;
  isRevoked: boolean;
}

const REASON = "key-compromise";
const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64url"));
const json = (value: unknown): Call => ({ method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(value) });

/** @param serial of the officer's token */
export async function prepareRequest(
  code: string,
  serial: number,
  root: AttestationRoot,
  holder: Holder,
  isToRevoke: boolean,
): Promise<PreparedRequest> {
  const sealed = await sealedToken(serial, new Date(), root);
  const point = await sealed.token.makeKey(SLOT_AUTHENTICATION, { pin: PIN_POLICY_ONCE, button: BUTTON_POLICY_NEVER });
  const token = sealed.token.client();
  await token.verifyPin(ascii(PIN));
  const evidence = { attestation: base64url(await token.attest(SLOT_AUTHENTICATION)), issuer: base64url(sealed.certificate) };
  return { code, token, point, evidence, holder, isToRevoke };
}

/** What the office answered is not what is due. */
class UnexpectedAnswerError extends Error {
  override readonly name = "UnexpectedAnswerError";
}

/** What a certificate says of itself, and that its issuer signed it. DER */
function told(certificate: Uint8Array, issuer: Uint8Array): Omit<CertifiedRequest, "id" | "serialNumber"> {
  const read = new X509Certificate(certificate);
  const ocspUrl = /OCSP - URI:(\S+)/.exec(read.infoAccess ?? "")?.[1];
  if (ocspUrl === undefined) throw new UnexpectedAnswerError("a certificate that names no OCSP responder");
  if (!read.verify(new X509Certificate(issuer).publicKey)) throw new UnexpectedAnswerError("a certificate with a wrong signature");
  return { certificate, issuer, ocspUrl, isRevoked: false };
}

export class Requester {
  readonly #url: string;
  readonly #caller: Caller;
  readonly #ledger: Ledger;

  constructor(url: string, caller: Caller, ledger: Ledger) {
    this.#url = url;
    this.#caller = caller;
    this.#ledger = ledger;
  }

  /** One request after the other; what goes wrong is in the ledger. @returns what was certified, as far as it came */
  async work(prepared: readonly PreparedRequest[]): Promise<CertifiedRequest[]> {
    const certified: CertifiedRequest[] = [];
    for (const each of prepared) {
      try {
        await this.#request(each, certified);
      } catch (error) {
        this.#ledger.fail(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
      }
    }
    this.#caller.close();
    return certified;
  }

  async #request(prepared: PreparedRequest, certified: CertifiedRequest[]): Promise<void> {
    const own = await this.#certify(prepared);
    certified.push(own);
    const signature = base64url(await this.#sign(prepared, proofText(own.certificate)));
    const { state } = await this.#json("AUTH: proof of possession", "/api/enrol/proof", { certificate: own.id, signature });
    if (state !== "active") throw new UnexpectedAnswerError(`after its proof, a certificate is ${state}`);
    const cookie = await this.#signIn(prepared);
    const holders = await this.#certifyHolder(prepared.holder);
    certified.push(holders);
    // The officer's own at the end: with it ends their session.
    for (const each of [holders, own]) await this.#lookAt(each, cookie, prepared.isToRevoke);
  }

  /** As strangers and officers see a certificate that was issued. */
  async #lookAt(certificate: CertifiedRequest, cookie: string, isToRevoke: boolean): Promise<void> {
    await this.#ocsp("OCSP: good", certificate, "good");
    const { id } = certificate;
    const page = await this.#ask("page of the certificate", `/certificates/${id}`, { method: "GET", headers: { cookie } }, 200);
    if (!page.body.includes(`/certificates/${id}/revoke`)) throw new UnexpectedAnswerError("not the page of the certificate");
    if (!isToRevoke) return;
    await this.#revoke(certificate, cookie);
    certificate.isRevoked = true;
    await this.#ocsp("OCSP: revoked", certificate, "revoked");
  }

  async #certifyHolder(holder: Holder): Promise<CertifiedRequest> {
    const challenge = await this.#timed("SIGN: challenge", () => holder.challenge());
    const request = await this.#onToken(() => holder.request(challenge));
    const issued = await this.#timed("SIGN: certificate", () => holder.issue(request));
    const signature = await this.#onToken(() => holder.proof());
    await this.#timed("SIGN: proof of possession", () => holder.prove(signature));
    return { ...told(issued.certificate, issued.issuer), id: issued.id, serialNumber: issued.serialNumber };
  }

  async #certify(prepared: PreparedRequest): Promise<CertifiedRequest> {
    const { code, token, point, evidence } = prepared;
    const { challenge } = await this.#json("AUTH: challenge", "/api/enrol/begin", { code, ...evidence });
    const request = await this.#onToken(() =>
      createCertificationRequest(point, (digest) => token.sign(SLOT_AUTHENTICATION, digest), challenge ?? ""),
    );
    const finish = { code, request: base64url(request), ...evidence };
    const {
      id = "",
      serialNumber = "",
      certificate = "",
      issuer = "",
    } = await this.#json("AUTH: certificate", "/api/enrol/finish", finish);
    return { ...told(bytesOf(certificate), bytesOf(issuer)), id, serialNumber };
  }

  /** @returns the cookie */
  async #signIn(prepared: PreparedRequest): Promise<string> {
    const { challenge = "" } = await this.#json("sign-in challenge", "/api/sign-in/challenge", {});
    const signature = base64url(await this.#sign(prepared, signInMessage(this.#url, challenge)));
    const publicKey = base64url(subjectPublicKeyInfo(prepared.point));
    const { link = "" } = await this.#json("sign-in answer", "/api/sign-in/answer", { challenge, publicKey, signature });
    const path = link.slice(this.#url.length);
    const { headers } = await this.#ask("sign-in link", path, { method: "POST", headers: { origin: this.#url } }, 303);
    const cookie = headers["set-cookie"]?.map((text) => text.split(";")[0] ?? "").find((text) => text.includes("session="));
    if (cookie === undefined) throw new UnexpectedAnswerError("a link that opens no session");
    return cookie;
  }

  async #revoke({ id, serialNumber }: CertifiedRequest, cookie: string): Promise<void> {
    const csrf = csrfToken(cookie.slice(cookie.indexOf("=") + 1));
    const body = new URLSearchParams({ reason: REASON, confirmation: serialNumber.slice(-8), csrf }).toString();
    const headers = { cookie, origin: this.#url, "content-type": "application/x-www-form-urlencoded" };
    await this.#ask("revocation", `/certificates/${id}/revoke`, { method: "POST", headers, body }, 303);
  }

  async #ocsp(step: Step, { serialNumber, issuer, ocspUrl }: CertifiedRequest, expected: OcspStatus): Promise<void> {
    const { body } = await this.#ask(step, ocspUrl.slice(this.#url.length), ocspCall(ocspQuestion(serialNumber, issuer)), 200);
    const status = ocspStatus(new Uint8Array(body), serialNumber);
    if (status !== expected) throw new UnexpectedAnswerError(`${step}: it says ${status}`);
  }

  async #timed<T>(step: Step, work: () => Promise<T>): Promise<T> {
    const startMs = performance.now();
    const result = await work();
    this.#ledger.time(step, performance.now() - startMs);
    return result;
  }

  async #ask(step: Step, path: string, call: Call, expected: number): Promise<CallAnswer> {
    const startMs = performance.now();
    const answer = await this.#caller.call(`${this.#url}${path}`, call);
    this.#ledger.time(step, performance.now() - startMs);
    if (answer.status !== expected)
      throw new UnexpectedAnswerError(`${step}: ${answer.status} ${answer.body.toString("utf8").slice(0, 300)}`);
    return answer;
  }

  async #json(step: Step, path: string, body: unknown): Promise<Partial<Record<string, string>>> {
    const answer = await this.#ask(step, path, json(body), 200);
    return JSON.parse(answer.body.toString("utf8")) as Partial<Record<string, string>>;
  }

  #sign({ token }: PreparedRequest, text: Uint8Array): Promise<Uint8Array> {
    return this.#onToken(() => token.sign(SLOT_AUTHENTICATION, new Uint8Array(createHash("sha256").update(text).digest())));
  }

  async #onToken<T>(work: () => Promise<T>): Promise<T> {
    const startMs = performance.now();
    const result = await work();
    this.#ledger.tokenMs += performance.now() - startMs;
    return result;
  }
}
