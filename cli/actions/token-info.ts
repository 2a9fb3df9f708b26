// What `sceau token info` does.

import { X509Certificate } from "node:crypto";
import { commonName } from "../../host-bridge/signing/distinguished-name.ts";
import { MalformedAnswerError } from "../../host-bridge/token/malformed-answer.ts";
import type { TokenClient } from "../../host-bridge/token/token-client.ts";
import { KEY_REF_PIV_PIN, KEY_SLOTS } from "../../protocol/piv.ts";
import type { CliContext } from "../context.ts";
import { algorithmName } from "../key-algorithms.ts";
import { RETIRED_KEY_SLOTS, type SlotReference, slotName } from "../slots.ts";
import { dimField, field } from "../terminal.ts";
import { type ConnectedToken, withToken } from "../tokens.ts";
import type { TokenOption } from "./token.ts";

interface SlotReport {
  readonly slot: string;
  readonly hasKey: boolean;
  /** P-256, P-384, RSA 2048; null without a key. */
  readonly algorithm: string | null;
  readonly certificate: { readonly subject: string; readonly notAfter: string } | null;
  /** Something that is no certificate is in its place. */
  readonly isCertificateBroken: boolean;
}

/** A card of another maker may have anything in a certificate's place, and is shown all the same; null: nothing. @throws TokenError, TransportError */
async function certificateIn(client: TokenClient, container: number): Promise<X509Certificate | "broken" | null> {
  const der = await client.readCertificate(container).catch((error: unknown) => {
    if (error instanceof MalformedAnswerError) return "broken" as const;
    throw error;
  });
  if (der === null || der === "broken") return der;
  try {
    return new X509Certificate(der);
  } catch {
    return "broken"; // OpenSSL says what it missed, which helps nobody
  }
}

async function slotReport({ client, info }: ConnectedToken, { slot, certificate: container }: SlotReference): Promise<SlotReport> {
  const key = await client.keyInSlot(slot);
  const certificate = await certificateIn(client, container);
  const isBroken = certificate === "broken";
  return {
    slot: slotName(slot),
    hasKey: key !== null || (info.isPlainCard === true && (await client.hasKey(slot))),
    algorithm: key === null ? null : algorithmName(key.algorithm),
    certificate:
      certificate === null || isBroken
        ? null
        : { subject: commonName(certificate.subject), notAfter: new Date(certificate.validTo).toISOString() },
    isCertificateBroken: isBroken,
  };
}

/** The four slots that every token has, and of the retired ones those that hold something. */
async function slotReports(token: ConnectedToken): Promise<SlotReport[]> {
  const reports: SlotReport[] = [];
  for (const reference of KEY_SLOTS) reports.push(await slotReport(token, reference));
  for (const reference of RETIRED_KEY_SLOTS) {
    const report = await slotReport(token, reference);
    if (report.hasKey || report.certificate !== null || report.isCertificateBroken) reports.push(report);
  }
  return reports;
}

function withoutCertificate({ hasKey, algorithm, isCertificateBroken }: SlotReport, { say }: CliContext): string {
  const unknown = hasKey ? say.token.plainCard.unknownKey : say.token.noKey;
  const key = algorithm === null ? unknown : say.token.keyWithout(algorithm);
  return isCertificateBroken ? say.token.withBroken(key) : key;
}

function description(report: SlotReport, { info: { isPlainCard } }: ConnectedToken, context: CliContext): string {
  const { say } = context;
  const { algorithm, certificate } = report;
  if (certificate === null) return withoutCertificate(report, context);
  if (algorithm !== null) return say.token.certified(algorithm, certificate.subject, certificate.notAfter.slice(0, 10));
  return isPlainCard === true ? say.token.plainCard.otherKey(certificate.subject) : say.token.certificateWithout(certificate.subject);
}

/** What a PIV card that is no token of ours tells. */
async function plainCardInfo(token: ConnectedToken, context: CliContext): Promise<void> {
  const { say } = context;
  const { model, serial } = token.info;
  const slots = await slotReports(token);
  const pin = await token.client.tries(KEY_REF_PIV_PIN);
  const result = { name: token.name, model, serial, isPlainCard: true, pinTriesLeft: pin.left, slots };
  context.report(result, [
    field(say.token.model, model),
    field(say.token.serial, serial),
    field(say.token.state, say.token.plainCard.state),
    field(say.token.pinTries, String(pin.left)),
    ...slots.map((each) => (each.hasKey ? field : dimField)(`${say.token.slot} ${each.slot}`, description(each, token, context))),
  ]);
}

export async function info(context: CliContext, options: TokenOption): Promise<void> {
  await withToken(context.state, options.token, async (token) => {
    if (token.info.isPlainCard === true) return plainCardInfo(token, context);
    const { say } = context;
    const { model, serial, isInitialised, isSimulated, profile, isSealed, counter } = token.info;
    const firmware = token.info.firmware.join(".");
    const slots = await slotReports(token);
    const pin = await token.client.tries(KEY_REF_PIV_PIN);
    const state = { isInitialised, isSimulated, profile, isSealed, journalCounter: counter };
    const result = { name: token.name, model, serial, firmware, ...state, pinTriesLeft: pin.left, pinTriesTotal: pin.total, slots };
    context.report(result, [
      field(say.token.model, model),
      field(say.token.serial, serial),
      field(say.token.firmware, firmware),
      ...(profile === "strict" ? [] : [field(say.token.profile, profile === "compat" ? say.token.compatProfile : profile)]),
      field(say.token.state, isInitialised ? say.token.initialised : say.token.blank),
      field(say.token.attestation, isSealed ? say.token.sealed : say.token.notSealed),
      field(say.token.pinTries, say.token.triesOf(pin.left, pin.total)),
      field(say.token.counter, String(counter)),
      ...slots.map((each) => (each.hasKey ? field : dimField)(`${say.token.slot} ${each.slot}`, description(each, token, context))),
    ]);
  });
}
