// Somebody with a token who asks for a certificate: from the challenge to the page of the certificate, and for some to its revocation. Everything over
// HTTP, as `sceau office enrol`, `sceau office sign-in` and a browser do it.

import { createHash, X509Certificate } from "node:crypto";
import type { AttestationRoot } from "../../host-bridge/factory/attestation-root.ts";
import { createCertificationRequest } from "../../host-bridge/token/certification-request.ts";
import { subjectPublicKeyInfo } from "../../host-bridge/token/ec-public-key.ts";
import type { TokenClient } from "../../host-bridge/token/token-client.ts";
import { proofText } from "../../office/issuance/proof.ts";
import { csrfToken } from "../../office/pages/edge/same-site.ts";
import { signInMessage } from "../../office/registration/sign-in.ts";
import { BUTTON_POLICY_NEVER, PIN_POLICY_ONCE, SLOT_AUTHENTICATION } from "../../protocol/piv.ts";
import { sealedToken } from "../support/sealed-token.ts";
import { ascii, PIN } from "../support/simulated-token.ts";
import type { Call, CallAnswer, Caller } from "./caller.ts";
import type { Ledger, Step } from "./ledger.ts";
import { type OcspStatus, ocspCall, ocspQuestion, ocspStatus } from "./ocsp-question.ts";

/** What is done before the clock starts: a token with an AUTH key and its word for it, and a code for its holder. */
export interface PreparedRequest {
  readonly code: string;
  readonly token: TokenClient;
  /** Of the AUTH key, uncompressed. */
  readonly point: Uint8Array;
  /** As the routes take it. */
  readonly evidence: { readonly attestation: string; readonly issuer: string };
  /** Whether the certificate is revoked at the end. */
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

export async function prepareRequest(code: string, serial: number, root: AttestationRoot, isToRevoke: boolean): Promise<PreparedRequest> {
  const sealed = await sealedToken(serial, new Date(), root);
  const point = await sealed.token.makeKey(SLOT_AUTHENTICATION, { pin: PIN_POLICY_ONCE, button: BUTTON_POLICY_NEVER });
  const token = sealed.token.client();
  await token.verifyPin(ascii(PIN));
  const evidence = { attestation: base64url(await token.attest(SLOT_AUTHENTICATION)), issuer: base64url(sealed.certificate) };
  return { code, token, point, evidence, isToRevoke };
}

/** What the office answered is not what is due. */
class UnexpectedAnswerError extends Error {
  override readonly name = "UnexpectedAnswerError";
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
    const done = await this.#certify(prepared);
    certified.push(done);
    const text = proofText(done.certificate);
    const signature = base64url(await this.#sign(prepared, text));
    const { state } = await this.#json("proof of possession", "/api/enrol/proof", { certificate: done.id, signature });
    if (state !== "active") throw new UnexpectedAnswerError(`after its proof, a certificate is ${state}`);
    await this.#ocsp("OCSP: good", done, "good");
    const cookie = await this.#signIn(prepared);
    const page = await this.#ask("page of the certificate", `/certificates/${done.id}`, { method: "GET", headers: { cookie } }, 200);
    if (!page.body.includes(`/certificates/${done.id}/revoke`)) throw new UnexpectedAnswerError("not the page of the certificate");
    if (!prepared.isToRevoke) return;
    await this.#revoke(done, cookie);
    done.isRevoked = true;
    await this.#ocsp("OCSP: revoked", done, "revoked");
  }

  async #certify(prepared: PreparedRequest): Promise<CertifiedRequest> {
    const { code, token, point, evidence } = prepared;
    const { challenge } = await this.#json("challenge for a certificate", "/api/enrol/begin", { code, ...evidence });
    const request = await this.#onToken(() =>
      createCertificationRequest(point, (digest) => token.sign(SLOT_AUTHENTICATION, digest), challenge ?? ""),
    );
    const finish = { code, request: base64url(request), ...evidence };
    const { id = "", serialNumber = "", certificate = "", issuer = "" } = await this.#json("certificate", "/api/enrol/finish", finish);
    const der = bytesOf(certificate);
    const told = new X509Certificate(der);
    const ocspUrl = /OCSP - URI:(\S+)/.exec(told.infoAccess ?? "")?.[1];
    if (ocspUrl === undefined) throw new UnexpectedAnswerError("a certificate that names no OCSP responder");
    if (!told.verify(new X509Certificate(bytesOf(issuer)).publicKey))
      throw new UnexpectedAnswerError("a certificate with a wrong signature");
    return { id, serialNumber, certificate: der, issuer: bytesOf(issuer), ocspUrl, isRevoked: false };
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
