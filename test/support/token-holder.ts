// Somebody with an attested token, on record in an office, who gets a certificate by the office's own functions: a challenge, the request that their key
// has signed, the proof that they have the key. No address of the office's takes such requests yet: only officers enrol over HTTP.

import { createHash } from "node:crypto";
import { proofText } from "../../host-bridge/activation/proof-text.ts";
import type { AttestationRoot } from "../../host-bridge/factory/attestation-root.ts";
import { createCertificationRequest } from "../../host-bridge/token/certification-request.ts";
import type { TokenClient } from "../../host-bridge/token/token-client.ts";
import { fingerprintOfRoot, type KeyEvidence } from "../../office/issuance/attested-key.ts";
import { type IssuedCertificate, issue } from "../../office/issuance/certificate-issuance.ts";
import { issueChallenge } from "../../office/issuance/issuance-challenge.ts";
import type { IssuanceDesk } from "../../office/issuance/issuance-desk.ts";
import { PERSON_PROFILES, type PersonProfile } from "../../office/issuance/profiles.ts";
import { prove } from "../../office/issuance/proof.ts";
import { addPerson } from "../../office/registration/organisations.ts";
import { addToken, changeToken } from "../../office/registration/tokens.ts";
import { BUTTON_POLICY_NEVER, PIN_POLICY_ONCE } from "../../protocol/piv.ts";
import { sealedToken } from "./sealed-token.ts";
import { ascii, PIN } from "./simulated-token.ts";

const ACTOR = "officer:test";
const MODEL = "Sceau unit test";
const FIRMWARE = "0.0.0";

export interface HolderOptions {
  readonly desk: IssuanceDesk;
  /** Of the token; the desk trusts it. */
  readonly root: AttestationRoot;
  readonly serial: number;
  readonly organisationId: string;
  readonly officeId: string;
  readonly profile: PersonProfile;
  readonly givenName?: string;
  readonly surname?: string;
}

interface Parts {
  readonly desk: IssuanceDesk;
  readonly personId: string;
  readonly serial: string;
  readonly profile: PersonProfile;
  readonly token: TokenClient;
  /** Of the profile's key, uncompressed. */
  readonly point: Uint8Array;
  readonly evidence: KeyEvidence;
}

export class Holder {
  readonly #parts: Parts;
  #issued: IssuedCertificate | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get personId(): string {
    return this.#parts.personId;
  }

  /** The token's. */
  get serial(): string {
    return this.#parts.serial;
  }

  /** @throws before there is one */
  get issued(): IssuedCertificate {
    if (this.#issued === null) throw new Error("no certificate yet");
    return this.#issued;
  }

  async challenge(): Promise<string> {
    const { desk, personId, serial, profile } = this.#parts;
    return (await issueChallenge(desk, { personId, tokenSerial: serial, profile, actor: ACTOR })).challenge;
  }

  /** By the token: PKCS#10, DER. */
  request(challenge: string): Promise<Uint8Array> {
    return createCertificationRequest(this.#parts.point, (digest) => this.sign(digest), challenge);
  }

  async issue(request: Uint8Array): Promise<IssuedCertificate> {
    const { desk, evidence } = this.#parts;
    this.#issued = await issue(desk, { request, evidence, actor: ACTOR });
    return this.#issued;
  }

  /** By the token, over `proofText`: DER. */
  proof(): Promise<Uint8Array> {
    return this.sign(new Uint8Array(createHash("sha256").update(proofText(this.issued.certificate)).digest()));
  }

  async prove(signature: Uint8Array): Promise<void> {
    await prove(this.#parts.desk, { certificateId: this.issued.id, signature, actor: ACTOR });
  }

  /** All of it. */
  async certify(): Promise<IssuedCertificate> {
    const issued = await this.issue(await this.request(await this.challenge()));
    await this.prove(await this.proof());
    return issued;
  }

  /** ECDSA by the profile's key, DER. */
  async sign(digest: Uint8Array): Promise<Uint8Array> {
    const { token, profile } = this.#parts;
    await token.verifyPin(ascii(PIN));
    return token.sign(PERSON_PROFILES[profile].slot, digest);
  }
}

/** A new person with a new token: the office knows both, the key is made, and there is no certificate. */
export async function newHolder(options: HolderOptions): Promise<Holder> {
  const { desk, root, serial: number, organisationId, officeId, profile, givenName = "Irène", surname = "Faron" } = options;
  const serial = String(number);
  const now = desk.clock.now();
  const acting = { actor: ACTOR, now };
  const rootFingerprint = fingerprintOfRoot(new Uint8Array(root.certificate.rawData));
  const personId = await desk.store.transaction(async (tx) => {
    const email = `titulaire.${serial}@exemple.fr`;
    const added = await addPerson(tx, { organisationId, givenName, surname, email, language: "fr", number: `T${serial}` }, acting);
    await addToken(tx, { serial, officeId, model: MODEL, firmware: FIRMWARE, rootFingerprint }, acting);
    await changeToken(tx, serial, "format", acting);
    await changeToken(tx, serial, "assign", acting, added);
    return added;
  });
  const sealed = await sealedToken(number, now, root);
  const { slot } = PERSON_PROFILES[profile];
  const point = await sealed.token.makeKey(slot, { pin: PIN_POLICY_ONCE, button: BUTTON_POLICY_NEVER });
  const token = sealed.token.client();
  await token.verifyPin(ascii(PIN));
  const evidence = { attestation: await token.attest(slot), issuer: sealed.certificate };
  return new Holder({ desk, personId, serial, profile, token, point, evidence });
}
