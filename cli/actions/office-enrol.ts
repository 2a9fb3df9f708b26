// What `sceau office enrol` does: an invited officer's token makes its AUTH key (9A), says so, proves it, and is given the certificate by which it
// signs in.

import { createHash, X509Certificate } from "node:crypto";
import { z } from "zod";
import { proofText } from "../../host-bridge/activation/proof-text.ts";
import { BYTES, base64url, OfficeHttp } from "../../host-bridge/office-client/office-http.ts";
import { createCertificationRequest } from "../../host-bridge/token/certification-request.ts";
import type { TokenClient } from "../../host-bridge/token/token-client.ts";
import { BUTTON_POLICY_DEFAULT, PIN_POLICY_ONCE, SLOT_AUTHENTICATION } from "../../protocol/piv.ts";
import { attestationCertificate } from "../attestation-trust.ts";
import type { CliContext } from "../context.ts";
import { OfficeCommandError } from "../office-error.ts";
import { withOfficerToken } from "../office-token.ts";
import { loadManagementKey, readPin } from "../secrets.ts";
import { parseSlot } from "../slots.ts";
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

interface Evidence {
  readonly attestation: string;
  readonly issuer: string;
}

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

export async function enrol(context: CliContext, link: string, options: EnrolOptions): Promise<void> {
  const { say, state } = context;
  const office = new OfficeHttp(link.split("#")[0] ?? "");
  await withOfficerToken(state, options.token, async (token) => {
    const { client, info } = token;
    const issuer = await attestationCertificate(token);
    const managementKey = loadManagementKey(state, info.serial);
    const code = await codeOf(link, options, context);
    // Before anything changes on the token.
    office.requireSame((await office.post("/api/enrol/check", { code }, OFFICE)).publicUrl);
    const pin = new TextEncoder().encode(await readPin(options.pinFile, say.officeServer.enrolPin(visible(info.serial), office.address)));
    await client.verifyPin(pin);
    await client.authenticateManagement(managementKey);
    const ask = async (evidence: Evidence) => (await office.post("/api/enrol/begin", { code, ...evidence }, CHALLENGE)).challenge;
    const { point, evidence, challenge } = await begin(token, issuer, options, ask);
    const sign = signer(client, pin, context);
    const request = await createCertificationRequest(point, sign, challenge);
    const order = { code, request: base64url(request), ...evidence };
    const { id, certificate, serialNumber } = await office.post("/api/enrol/finish", order, CERTIFICATE);
    await client.writeCertificate(parseSlot(SLOT).certificate, certificate);
    const signature = await sign(new Uint8Array(createHash("sha256").update(proofText(certificate)).digest()));
    await office.post("/api/enrol/proof", { certificate: id, signature: base64url(signature) }, STATE);
    const { subject } = new X509Certificate(certificate);
    const next = `  sceau office sign-in ${office.address}`;
    context.report({ serial: info.serial, certificate: serialNumber, office: office.address }, [
      say.officeServer.enrolled(visible(info.serial), visible(subject.replaceAll("\n", ", "))),
      next,
    ]);
  });
}
