// A stand-in for an office, over http on loopback: it speaks the contract of agent requests and activation, checks what a token sends as an office
// does, and can be told to misbehave.

import { createHash, createPublicKey, randomBytes, verify, X509Certificate } from "node:crypto";
import { CertificationRequest } from "@peculiar/asn1-csr";
import { AsnConvert } from "@peculiar/asn1-schema";
import { type FastifyInstance, type FastifyReply, fastify } from "fastify";
import { proofText } from "../../host-bridge/activation/proof-text.ts";
import { signInMessage } from "../../office/registration/sign-in.ts";
import { type Issued, issue, rootCa } from "./test-certificates.ts";

export const OFFICE_NAME = "Bureau de Rouen";
export const PERSON = "Irène Faron";

const secret = (): string => randomBytes(32).toString("base64url");
const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
const bytesOf = (text: unknown): Uint8Array => new Uint8Array(Buffer.from(String(text), "base64url"));

export type OfferedKind = "activate" | "provision" | "sign-in" | "something-later";

export interface Offer {
  readonly kind: OfferedKind;
  readonly returnPath?: string;
  readonly expiresAt?: Date;
  /** In place of the office's own. */
  readonly publicUrl?: string;
  /** One that was begun by an earlier request. */
  readonly activation?: OfferedActivation;
  /** Of sign-in: in the request itself, else to be asked for. */
  readonly hasChallenge?: boolean;
}

interface Issuance {
  readonly id: string;
  readonly certificate: Uint8Array;
  readonly serialNumber: string;
}

/** One activation: one person, one token. */
export class OfferedActivation {
  readonly session = secret();
  token: string | null = null;
  issued: Issuance | null = null;
  isActive = false;
  challenge: string | null = null;
  secrets: { readonly serial: string; readonly puk: string; readonly managementKey: string } | null = null;
}

type Fields = Readonly<Record<string, unknown>>;

class Refusal extends Error {
  readonly status: number;
  readonly type: string;
  constructor(status: number, type: string) {
    super(type);
    this.status = status;
    this.type = type;
  }
}

export class StandInOffice {
  readonly offers = new Map<string, Offer>();
  readonly activations = new Map<string, OfferedActivation>();
  /** All bodies that came in, as they came: to look for what must not be there. */
  readonly received: string[] = [];
  /** Each path that was asked. */
  readonly asked: string[] = [];
  readonly links: string[] = [];
  /** What the sign-in link leads to, instead of the office. */
  linkTo: string | null = null;
  /** Called before the answer to a path; may throw. */
  trouble: (path: string) => Promise<void> | void = () => {};
  readonly #app: FastifyInstance;
  readonly #ca: Issued;
  readonly #taken = new Set<string>();
  readonly #challenges = new Set<string>();
  url = "";
  name = OFFICE_NAME;

  private constructor(app: FastifyInstance, ca: Issued) {
    this.#app = app;
    this.#ca = ca;
  }

  static async start(): Promise<StandInOffice> {
    const office = new StandInOffice(fastify(), await rootCa());
    office.#addRoutes();
    office.url = await office.#app.listen({ host: "127.0.0.1", port: 0 });
    return office;
  }

  close(): Promise<void> {
    return this.#app.close();
  }

  /** A request to hand over. @returns its id */
  offer(offer: Offer): string {
    const id = secret();
    this.offers.set(id, offer);
    return id;
  }

  /** The newest. */
  get activation(): OfferedActivation {
    const newest = [...this.activations.values()].at(-1);
    if (newest === undefined) throw new Error("no activation was taken");
    return newest;
  }

  /** Link of the office's page, without the agent's address. */
  path(id: string, office = this.url): string {
    return `/request?${new URLSearchParams({ office, id })}`;
  }

  #addRoutes(): void {
    const app = this.#app;
    app.addHook("preHandler", async ({ url, body }) => {
      this.asked.push(url);
      this.received.push(JSON.stringify(body ?? null));
      await this.trouble(url);
    });
    app.setErrorHandler((error, _request, reply: FastifyReply) => {
      const { status, type } = error instanceof Refusal ? error : { status: 500, type: "urn:sceau:office:unexpected" };
      return reply
        .status(status)
        .type("application/problem+json")
        .send(JSON.stringify({ type, title: "A refusal", status }));
    });
    const on = (path: string, answer: (fields: Fields) => Promise<object> | object): void => {
      app.post(path, async ({ body }) => answer((body ?? {}) as Fields));
    };
    on("/api/agent/requests/take", (fields) => this.#take(fields));
    on("/api/sign-in/challenge", () => ({ challenge: this.#challenge(), publicUrl: this.url }));
    on("/api/sign-in/answer", (fields) => this.#answer(fields));
    on("/api/activation/state", (fields) => this.#state(this.#activation(fields)));
    on("/api/activation/challenge", (fields) => {
      const activation = this.#activation(fields);
      activation.challenge = secret();
      return { challenge: activation.challenge };
    });
    on("/api/activation/secrets", (fields) => {
      const { serial, puk, managementKey } = fields as Record<string, string>;
      if (serial === undefined || bytesOf(puk).length !== 8 || bytesOf(managementKey).length !== 24)
        throw new Refusal(400, "urn:sceau:office:unreadable");
      this.#activation(fields).secrets = { serial, puk: String(puk), managementKey: String(managementKey) };
      return {};
    });
    on("/api/activation/certificate", (fields) => this.#certificate(fields));
    on("/api/activation/proof", (fields) => this.#proof(fields));
    app.get("/*", (_request, reply) => reply.type("text/html; charset=utf-8").send("<!DOCTYPE html><title>Office</title><h1>Office</h1>"));
  }

  #take({ id }: Fields): object {
    const offer = this.offers.get(String(id));
    if (offer === undefined) throw new Refusal(422, "urn:sceau:agent:unknown");
    if (this.#taken.has(String(id))) throw new Refusal(410, "urn:sceau:agent:taken");
    this.#taken.add(String(id));
    const { kind, returnPath = "/my/activation", expiresAt = new Date(Date.now() + 600_000), publicUrl = this.url } = offer;
    if (expiresAt <= new Date()) throw new Refusal(422, "urn:sceau:agent:expired");
    const common = { publicUrl, office: this.name, kind, returnPath, expiresAt: expiresAt.toISOString(), person: PERSON };
    if (kind === "sign-in") return { ...common, ...(offer.hasChallenge !== false && { challenge: this.#challenge() }) };
    const { activation = new OfferedActivation() } = offer;
    this.activations.set(activation.session, activation);
    return { ...common, session: activation.session };
  }

  #challenge(): string {
    const challenge = secret();
    this.#challenges.add(challenge);
    return challenge;
  }

  #answer({ challenge, publicKey, signature }: Fields): object {
    if (!this.#challenges.delete(String(challenge))) throw new Refusal(401, "urn:sceau:office:challenge-unknown");
    const key = createPublicKey({ key: Buffer.from(bytesOf(publicKey)), format: "der", type: "spki" });
    const isSigned = verify("sha256", signInMessage(this.url, String(challenge)), key, bytesOf(signature));
    if (!isSigned) throw new Refusal(401, "urn:sceau:office:signature");
    const link = `${this.linkTo ?? this.url}/sign-in/${secret()}`;
    this.links.push(link);
    return { link };
  }

  #activation({ session }: Fields): OfferedActivation {
    const activation = this.activations.get(String(session));
    if (activation === undefined) throw new Refusal(401, "urn:sceau:activation:session");
    return activation;
  }

  #written({ id, certificate, serialNumber }: Issuance): object {
    return { id, certificate: base64url(certificate), issuer: base64url(this.#ca.der), serialNumber };
  }

  #state({ token, issued, isActive }: OfferedActivation): object {
    const stage = isActive ? "active" : issued === null ? "ready" : "issued";
    const common = {
      publicUrl: this.url,
      office: this.name,
      person: PERSON,
      organisation: null,
      profile: "SIGN-LCP",
      slot: "9c",
      stage,
      token,
    };
    return issued === null ? common : { ...common, certificate: this.#written(issued) };
  }

  async #certificate(fields: Fields): Promise<object> {
    const activation = this.#activation(fields);
    if (activation.issued !== null) return this.#written(activation.issued);
    const { certificationRequestInfo: info } = AsnConvert.parse(bytesOf(fields["request"]), CertificationRequest);
    const spki = new Uint8Array(AsnConvert.serialize(info.subjectPKInfo));
    const attestation = new X509Certificate(bytesOf(fields["attestation"]));
    const attester = new X509Certificate(bytesOf(fields["issuer"]));
    const isAttested =
      attestation.verify(attester.publicKey) && Buffer.from(spki).equals(attestation.publicKey.export({ format: "der", type: "spki" }));
    const isChallenged = activation.challenge !== null && Buffer.from(bytesOf(fields["request"])).includes(activation.challenge);
    if (!isAttested || !isChallenged) throw new Refusal(422, "urn:sceau:issuance:attestation");
    activation.token = /serialNumber=(\d+)/.exec(attester.subject)?.[1] ?? null;
    const publicKey = await crypto.subtle.importKey("spki", spki, { name: "ECDSA", namedCurve: "P-256" }, true, ["verify"]);
    const certificate = await issue({ name: `CN=${PERSON}`, issuer: this.#ca, keys: { publicKey, privateKey: this.#ca.keys.privateKey } });
    activation.issued = { id: crypto.randomUUID(), certificate: certificate.der, serialNumber: "0102" };
    return this.#written(activation.issued);
  }

  #proof(fields: Fields): object {
    const activation = this.#activation(fields);
    const { issued } = activation;
    if (issued === null) throw new Refusal(409, "urn:sceau:office:state");
    const { publicKey } = new X509Certificate(issued.certificate);
    if (!verify("sha256", proofText(issued.certificate), publicKey, bytesOf(fields["signature"])))
      throw new Refusal(422, "urn:sceau:issuance:proof");
    activation.isActive = true;
    return { state: "active" };
  }
}

/** SHA-256, hexadecimal: to compare certificates. */
export const digestOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
