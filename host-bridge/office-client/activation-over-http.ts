// An activation at an office, over HTTP (/api/activation/…): the office's side of host-bridge/activation/.

import { z } from "zod";
import { ActivationError } from "../activation/activation-error.ts";
import type { ActivationFacts, ActivationOffice, IssuedCertificate, KeyEvidence } from "../activation/activation-office.ts";
import type { NewSecrets } from "../token/initialise.ts";
import { shownText } from "../web/shown-text.ts";
import { BYTES, base64url, type OfficeHttp, SECRET } from "./office-http.ts";

/** Of an office or a person: shown on pages and terminals. */
const NAME = z.string().max(300).transform(shownText);
const SERIAL = z.string().regex(/^\d{1,20}$/);
const CERTIFICATE = z.object({ id: z.string().max(100), certificate: BYTES, issuer: BYTES, serialNumber: z.string().max(100) });
const OPENED = z.object({
  publicUrl: z.string(),
  office: NAME,
  questions: z.array(z.string().max(100)).length(3),
  triesLeft: z.number().int(),
});
const ANSWERED = z.object({ session: SECRET, expiresAt: z.iso.datetime().transform((text) => new Date(text)) });
const STATE = z.object({
  publicUrl: z.string(),
  office: NAME,
  person: NAME,
  organisation: NAME.nullable(),
  profile: z.string().max(40),
  slot: z.literal("9c"),
  stage: z.enum(["ready", "issued", "active"]),
  token: SERIAL.nullable(),
  certificate: CERTIFICATE.optional(),
});
const CHALLENGE = z.object({ challenge: z.string().max(300) });
const PROVED = z.object({ state: z.literal("active") });
const NOTHING = z.object({});

export type OpenedActivation = Omit<z.infer<typeof OPENED>, "publicUrl">;

/** What a reference number leads to: three questions. @throws OfficeRefusedError urn:sceau:activation:…; OfficeClientError */
export async function openActivation(http: OfficeHttp, reference: string): Promise<OpenedActivation> {
  const { publicUrl, ...opened } = await http.post("/api/activation/open", { reference }, OPENED);
  http.requireSame(publicUrl);
  return opened;
}

/**
 * The holder's answers, by the questions' ids.
 * @returns the session's secret, and when it ends
 * @throws OfficeRefusedError urn:sceau:activation:answers, with `triesLeft`; :locked; OfficeClientError
 */
export function answerActivation(
  http: OfficeHttp,
  reference: string,
  answers: Readonly<Record<string, string>>,
): Promise<{ readonly session: string; readonly expiresAt: Date }> {
  return http.post("/api/activation/answers", { reference, answers }, ANSWERED);
}

/** For whom, of what. */
export interface ActivationOrderFacts extends ActivationFacts {
  readonly office: string;
  readonly person: string;
  /** null: the person applied alone. */
  readonly organisation: string | null;
  readonly profile: string;
}

const written = ({ attestation, issuer }: KeyEvidence) => ({ attestation: base64url(attestation), issuer: base64url(issuer) });

/** Every function throws OfficeRefusedError and OfficeClientError. */
export class ActivationOverHttp implements ActivationOffice {
  readonly #http: OfficeHttp;
  readonly #session: string;

  /** @param session of answerActivation, or handed over with an office's request */
  constructor(http: OfficeHttp, session: string) {
    this.#http = http;
    this.#session = session;
  }

  get address(): string {
    return this.#http.address;
  }

  async state(): Promise<ActivationOrderFacts> {
    const { publicUrl, certificate, stage, token, office, person, organisation, profile } = await this.#post("state", {}, STATE);
    this.#http.requireSame(publicUrl);
    return { stage, token, issued: certificate ?? null, office, person, organisation, profile };
  }

  /** @throws ActivationError formatted-elsewhere: an officer who set the PUK through PKCS#11 has it */
  async secrets(serial: string, { puk, managementKey }: Pick<NewSecrets, "puk" | "managementKey">): Promise<void> {
    if (puk === null) throw new ActivationError("formatted-elsewhere", serial);
    const key = Buffer.from(managementKey, "hex");
    await this.#post("secrets", { serial, puk: base64url(Buffer.from(puk, "latin1")), managementKey: base64url(key) }, NOTHING);
    key.fill(0);
  }

  async challenge(evidence: KeyEvidence): Promise<string> {
    return (await this.#post("challenge", written(evidence), CHALLENGE)).challenge;
  }

  certificate(request: Uint8Array, evidence: KeyEvidence): Promise<IssuedCertificate> {
    return this.#post("certificate", { request: base64url(request), ...written(evidence) }, CERTIFICATE);
  }

  async proof(signature: Uint8Array): Promise<void> {
    await this.#post("proof", { signature: base64url(signature) }, PROVED);
  }

  #post<T>(what: string, fields: object, schema: z.ZodType<T>): Promise<T> {
    return this.#http.post(`/api/activation/${what}`, { session: this.#session, ...fields }, schema);
  }
}
