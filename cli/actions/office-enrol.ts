// What `sceau office enrol` does: an invited officer's token makes its AUTH key (9A), says so, proves it, and is given the certificate by which it
// signs in.

import { createHash, X509Certificate } from "node:crypto";
import { z } from "zod";
import { proofText } from "../../host-bridge/activation/proof-text.ts";
import { OfficeRefusedError } from "../../host-bridge/office-client/office-client-error.ts";
import { BYTES, base64url, OfficeHttp } from "../../host-bridge/office-client/office-http.ts";
import { createCertificationRequest } from "../../host-bridge/token/certification-request.ts";
import type { TokenClient } from "../../host-bridge/token/token-client.ts";
import { BUTTON_POLICY_DEFAULT, PIN_POLICY_ONCE, SLOT_AUTHENTICATION } from "../../protocol/piv.ts";
import { attestationCertificate } from "../attestation-trust.ts";
import type { CliContext } from "../context.ts";
import { type EnrolmentOrder, forgetEnrolment, keepEnrolment, keptEnrolment } from "../kept-enrolment.ts";
import { OfficeCommandError } from "../office-error.ts";
import { withOfficerToken } from "../office-token.ts";
import { loadManagementKey, readPin } from "../secrets.ts";
import { parseSlot } from "../slots.ts";
import type { StateFolder } from "../state-folder.ts";
import { visible } from "../terminal.ts";
import type { ConnectedToken } from "../tokens.ts";
import type { PinOption, TokenOption } from "./token.ts";

export interface EnrolOptions extends TokenOption, PinOption {
  readonly codeFile?: string;
  /** A key and a certificate that are there already give way. */
  readonly replace?: true;
}

const CODE = /^[A-Za-z0-9_-]{43}$/;
const SLOT = "9A";
const OFFICE = z.object({ publicUrl: z.string() });
const CHALLENGE = z.object({ challenge: z.string() });
const CERTIFICATE = z.object({ id: z.uuid(), certificate: BYTES, serialNumber: z.string() });
const STATE = z.object({ state: z.string() });

/** «URL» or «URL#CODE». The code is better typed or in a file: every process of the machine can read arguments. */
async function codeOf(link: string, { codeFile }: EnrolOptions, { say }: CliContext): Promise<string> {
  const [, inLink] = link.split("#");
  const code = inLink ?? (await readPin(codeFile, say.officeServer.enrolCode)).trim();
  if (!CODE.test(code)) throw new OfficeCommandError("code", "");
  return code;
}

type Evidence = Omit<EnrolmentOrder, "request">;

const evidenceOf = async ({ client }: ConnectedToken, issuer: Uint8Array): Promise<Evidence> => ({
  attestation: base64url(await client.attest(SLOT_AUTHENTICATION)),
  issuer: base64url(issuer),
});

interface Begun {
  readonly point: Uint8Array;
  readonly evidence: Evidence;
  readonly challenge: string;
}

/**
 * The key in 9A, with the office's challenge for it: the one that an interrupted enrolment left, or a new one. The office is asked with the key that is
 * there, so that one by which somebody signs in is gone only when the office takes this token.
 */
async function begin(
  token: ConnectedToken,
  issuer: Uint8Array,
  { replace }: EnrolOptions,
  ask: (evidence: Evidence) => Promise<string>,
): Promise<Begun> {
  const { client } = token;
  const known = await client.keyMetadata(SLOT_AUTHENTICATION);
  const certificate = await client.readCertificate(parseSlot(SLOT).certificate);
  if (known !== null && certificate !== null && !replace) throw new OfficeCommandError("slot-in-use", SLOT);
  const asked =
    known === null ? null : await evidenceOf(token, issuer).then(async (evidence) => ({ evidence, challenge: await ask(evidence) }));
  if (known !== null && asked !== null && certificate === null) return { point: known.publicKey, ...asked };
  const point = await client.generateKey(SLOT_AUTHENTICATION, { pin: PIN_POLICY_ONCE, button: BUTTON_POLICY_DEFAULT });
  const evidence = await evidenceOf(token, issuer);
  return { point, evidence, challenge: asked?.challenge ?? (await ask(evidence)) };
}

/** ECDSA by the key in 9A. */
function signer(client: TokenClient, pin: Uint8Array, { print, say }: CliContext): (digest: Uint8Array) => Promise<Uint8Array> {
  return async (digest) => {
    await client.verifyPin(pin);
    return client.sign(SLOT_AUTHENTICATION, digest, { onButton: () => print(say.token.pressButton) });
  };
}

type Sign = ReturnType<typeof signer>;
type Issued = z.infer<typeof CERTIFICATE>;

interface Enrolling {
  readonly context: CliContext;
  readonly office: OfficeHttp;
  readonly token: ConnectedToken;
  readonly code: string;
  readonly options: EnrolOptions;
  readonly sign: Sign;
}

const finish = ({ office, code }: Enrolling, order: EnrolmentOrder): Promise<Issued> =>
  office.post("/api/enrol/finish", { code, ...order }, CERTIFICATE);

async function newCertificate(work: Enrolling, issuer: Uint8Array): Promise<Issued> {
  const { context, office, token, code, options, sign } = work;
  const ask = async (evidence: Evidence) => (await office.post("/api/enrol/begin", { code, ...evidence }, CHALLENGE)).challenge;
  const { point, evidence, challenge } = await begin(token, issuer, options, ask);
  const order = { ...evidence, request: base64url(await createCertificationRequest(point, sign, challenge)) };
  keepEnrolment(context.state, { serial: token.info.serial, office: office.address, code, point: base64url(point) }, order);
  return finish(work, order);
}

/** What was sent before with this code, for the key that is in 9A; null: nothing, or it is for another key. */
async function sentBefore({ client, info: { serial } }: ConnectedToken, state: StateFolder, office: OfficeHttp, code: string) {
  const known = await client.keyMetadata(SLOT_AUTHENTICATION);
  return known === null ? null : keptEnrolment(state, { serial, office: office.address, code, point: base64url(known.publicKey) });
}

/** The office has not issued by it, and will not. */
const isRefusedByIssuance = (error: unknown): boolean =>
  error instanceof OfficeRefusedError && error.type.startsWith("urn:sceau:issuance:");

/** The answer that was lost, when the office has issued; null: it has not, and a new request may be made with the same code. */
async function lostAnswer(work: Enrolling, order: EnrolmentOrder): Promise<Issued | null> {
  try {
    return await finish(work, order);
  } catch (error) {
    if (!isRefusedByIssuance(error)) throw error;
    forgetEnrolment(work.context.state, work.token.info.serial);
    return null;
  }
}

export async function enrol(context: CliContext, link: string, options: EnrolOptions): Promise<void> {
  const { say, state } = context;
  const office = new OfficeHttp(link.split("#")[0] ?? "");
  await withOfficerToken(state, options.token, async (token) => {
    const { client, info } = token;
    const issuer = await attestationCertificate(token);
    const managementKey = loadManagementKey(state, info.serial);
    const code = await codeOf(link, options, context);
    const before = await sentBefore(token, state, office, code);
    // Before anything changes on the token. A code whose answer was lost is used, and the office was the same then.
    if (before === null) office.requireSame((await office.post("/api/enrol/check", { code }, OFFICE)).publicUrl);
    const pin = new TextEncoder().encode(await readPin(options.pinFile, say.officeServer.enrolPin(visible(info.serial), office.address)));
    await client.verifyPin(pin);
    await client.authenticateManagement(managementKey);
    const sign = signer(client, pin, context);
    const work: Enrolling = { context, office, token, code, options, sign };
    const found = before === null ? null : await lostAnswer(work, before);
    const { id, certificate, serialNumber } = found ?? (await newCertificate(work, issuer));
    await client.writeCertificate(parseSlot(SLOT).certificate, certificate);
    const signature = await sign(new Uint8Array(createHash("sha256").update(proofText(certificate)).digest()));
    await office.post("/api/enrol/proof", { certificate: id, signature: base64url(signature) }, STATE);
    forgetEnrolment(state, info.serial);
    const { subject } = new X509Certificate(certificate);
    const next = `  sceau office sign-in ${office.address}`;
    context.report({ serial: info.serial, certificate: serialNumber, office: office.address }, [
      say.officeServer.enrolled(visible(info.serial), visible(subject.replaceAll("\n", ", "))),
      next,
    ]);
  });
}
