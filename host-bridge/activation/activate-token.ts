// Activates a certificate (S15): the token is formatted when it is new, makes its key, says so, is given the certificate and proves that it has both.
// Everything is read from the token and from the office first, so it goes on where it was, whatever stopped it before: the key is on the token before
// the office hears of it, and the office has the certificate before the token does.

import { createHash, X509Certificate } from "node:crypto";
import { equalBytes, hexToBytes } from "../../protocol/bytes.ts";
import { BUTTON_POLICY_DEFAULT, OBJECT_ATTESTATION_CERTIFICATE, PIN_POLICY_ALWAYS, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { createCertificationRequest } from "../token/certification-request.ts";
import { subjectPublicKeyInfo } from "../token/ec-public-key.ts";
import { initialiseToken, type NewSecrets } from "../token/initialise.ts";
import type { TokenClient } from "../token/token-client.ts";
import { ActivationError } from "./activation-error.ts";
import type { ActivationFacts, ActivationOffice, IssuedCertificate, KeyEvidence } from "./activation-office.ts";
import { proofText } from "./proof-text.ts";

export type ActivationStep = "format" | "escrow" | "key" | "certificate" | "write" | "proof";

export interface KeptSecrets extends Pick<NewSecrets, "puk" | "managementKey"> {
  /** Of officeAddress: the offices to which they went, or may have gone. */
  readonly offices: readonly string[];
}

/** Where PUK and management key of a token are kept on this computer. */
export interface TokenSecretsStore {
  /** null: the token was not formatted here. */
  find(serial: string): KeptSecrets | null;
  /** As initialiseToken asks for them: kept before the token is told. */
  keep(serial: string, needsPuk: boolean): NewSecrets;
  /** Before they go there. @param office of officeAddress */
  entrust(serial: string, office: string): void;
}

export interface ActivationOrder {
  readonly client: TokenClient;
  readonly office: ActivationOffice;
  readonly secrets: TokenSecretsStore;
  /** The object that takes the certificate of 9C (protocol/piv.ts). */
  readonly certificateObject: number;
  /** The token's PIN; of a new token, the one that it is to have. Asked for once, when everything else has been looked at; overwritten after use. */
  pin(isNew: boolean): Promise<Uint8Array>;
  /**
   * Whether this office may have the token's PUK and management key, which others have already: asked before the PIN, and nothing is done without.
   * @param others of officeAddress
   */
  mayEntrust(serial: string, others: readonly string[]): Promise<boolean>;
  /** Told before each step; those that are done already are not told. */
  onStep(step: ActivationStep): void;
  /** The token waits for its button. */
  onButton(): void;
}

interface Work extends ActivationOrder {
  readonly serial: string;
  /** The attestation key's certificate, DER. */
  readonly attestationIssuer: Uint8Array;
  readonly facts: ActivationFacts;
}

const spkiOf = (certificate: Uint8Array): Uint8Array =>
  new Uint8Array(new X509Certificate(certificate).publicKey.export({ format: "der", type: "spki" }));

const isFor = (point: Uint8Array, certificate: Uint8Array): boolean => equalBytes(spkiOf(certificate), subjectPublicKeyInfo(point));

/** The offices that have the token's secrets, when this one is about to get them and is none of these; empty: there is nothing to be asked. */
export function otherOffices(kept: KeptSecrets | null, { issued }: ActivationFacts, office: string): readonly string[] {
  const others = kept?.offices ?? [];
  return issued !== null || others.includes(office) ? [] : others;
}

/** Everything that can be refused before a PIN is asked for. @throws ActivationError */
async function look(order: ActivationOrder): Promise<Work & { readonly isInitialised: boolean }> {
  const { client, office, secrets } = order;
  const { serial, isInitialised } = await client.deviceInfo();
  const attestationIssuer = await client.readCertificate(OBJECT_ATTESTATION_CERTIFICATE);
  if (attestationIssuer === null) throw new ActivationError("not-sealed", serial);
  const kept = secrets.find(serial);
  if (isInitialised && kept === null) throw new ActivationError("formatted-elsewhere", serial);
  const facts = await office.state();
  if (facts.token !== null && facts.token !== serial) throw new ActivationError("other-token", facts.token);
  const work = { ...order, serial, attestationIssuer, facts, isInitialised };
  await checkKey(work);
  const others = otherOffices(kept, facts, office.address);
  if (others.length > 0 && !(await order.mayEntrust(serial, others))) throw new ActivationError("other-office", serial);
  return work;
}

/**
 * The key in 9C is this activation's, or there is none; so is the certificate beside it. An office knows other offices' certificates: it may say that
 * it issued one for a key that is theirs.
 * @throws ActivationError slot-in-use, other-key
 */
async function checkKey({ client, certificateObject, serial, facts: { issued } }: Work): Promise<void> {
  const known = await client.keyMetadata(SLOT_SIGNATURE);
  if (issued !== null) {
    if (known === null || !isFor(known.publicKey, issued.certificate)) throw new ActivationError("other-key", serial);
    const there = await client.readCertificate(certificateObject);
    if (there !== null && !equalBytes(there, issued.certificate)) throw new ActivationError("slot-in-use", serial);
    return;
  }
  if (known === null) return;
  const isFree = (await client.readCertificate(certificateObject)) === null && known.policies.pin === PIN_POLICY_ALWAYS;
  if (!isFree) throw new ActivationError("slot-in-use", serial);
}

/** PUK and management key go to the office before the key is made, and never later: whoever says that it issued already has them. */
async function format({ client, office, secrets, serial, facts, onStep }: Work, isInitialised: boolean, pin: Uint8Array): Promise<void> {
  if (isInitialised) await client.verifyPin(pin);
  else {
    onStep("format");
    await initialiseToken(client, pin, (needsPuk) => secrets.keep(serial, needsPuk));
  }
  const kept = secrets.find(serial);
  if (kept === null) throw new ActivationError("formatted-elsewhere", serial);
  if (facts.issued === null) {
    onStep("escrow");
    secrets.entrust(serial, office.address);
    await office.secrets(serial, kept);
  }
  const key = hexToBytes(kept.managementKey);
  await client.authenticateManagement(key);
  key.fill(0);
}

/** The point of the key: the one that an interrupted activation made, or a new one. */
async function keyIn9C({ client, onStep }: Work): Promise<Uint8Array> {
  const known = await client.keyMetadata(SLOT_SIGNATURE);
  if (known !== null) return known.publicKey;
  onStep("key");
  return client.generateKey(SLOT_SIGNATURE, { pin: PIN_POLICY_ALWAYS, button: BUTTON_POLICY_DEFAULT });
}

type Sign = (digest: Uint8Array) => Promise<Uint8Array>;

async function certify(work: Work, point: Uint8Array, sign: Sign): Promise<IssuedCertificate> {
  const { client, office, attestationIssuer, facts, onStep, serial } = work;
  if (facts.issued !== null) return facts.issued;
  onStep("certificate");
  const evidence: KeyEvidence = { attestation: await client.attest(SLOT_SIGNATURE), issuer: attestationIssuer };
  const request = await createCertificationRequest(point, sign, await office.challenge(evidence));
  const issued = await office.certificate(request, evidence);
  if (!isFor(point, issued.certificate)) throw new ActivationError("other-key", serial);
  return issued;
}

async function write({ client, certificateObject, onStep }: Work, { certificate }: IssuedCertificate): Promise<void> {
  const there = await client.readCertificate(certificateObject);
  if (there !== null && equalBytes(there, certificate)) return;
  onStep("write");
  await client.writeCertificate(certificateObject, certificate);
}

/**
 * @returns the certificate, active from now on
 * @throws ActivationError; TokenError (63Cx wrong PIN, 6983 blocked); what `office` throws
 */
export async function activateToken(order: ActivationOrder): Promise<IssuedCertificate> {
  const { isInitialised, ...work } = await look(order);
  const { client, office, facts, onStep, onButton } = work;
  const pin = await order.pin(!isInitialised);
  // 9C asks for the PIN before each signature.
  const sign: Sign = async (digest) => {
    await client.verifyPin(pin);
    return client.sign(SLOT_SIGNATURE, digest, { onButton });
  };
  try {
    await format(work, isInitialised, pin);
    const point = await keyIn9C(work);
    const issued = await certify(work, point, sign);
    await write(work, issued);
    if (facts.stage !== "active") {
      onStep("proof");
      await office.proof(await sign(new Uint8Array(createHash("sha256").update(proofText(issued.certificate)).digest())));
    }
    return issued;
  } finally {
    pin.fill(0);
  }
}
