// What `sceau token info` does.

import { X509Certificate } from "node:crypto";
import { commonName } from "../../host-bridge/signing/distinguished-name.ts";
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
  /** P-256, P-384; null without a key. */
  readonly algorithm: string | null;
  readonly certificate: { readonly subject: string; readonly notAfter: string } | null;
}

async function slotReport({ client }: ConnectedToken, { slot, certificate: container }: SlotReference): Promise<SlotReport> {
  const key = await client.keyMetadata(slot);
  const der = await client.readCertificate(container);
  const parsed = der === null ? null : new X509Certificate(der);
  return {
    slot: slotName(slot),
    hasKey: key !== null,
    algorithm: key === null ? null : algorithmName(key.algorithm),
    certificate: parsed === null ? null : { subject: commonName(parsed.subject), notAfter: new Date(parsed.validTo).toISOString() },
  };
}

/** The four slots that every token has, and of the retired ones those that hold something. */
async function slotReports(token: ConnectedToken): Promise<SlotReport[]> {
  const reports: SlotReport[] = [];
  for (const reference of KEY_SLOTS) reports.push(await slotReport(token, reference));
  for (const reference of RETIRED_KEY_SLOTS) {
    const report = await slotReport(token, reference);
    if (report.hasKey || report.certificate !== null) reports.push(report);
  }
  return reports;
}

function description({ algorithm, certificate }: SlotReport, { info: { isPlainCard } }: ConnectedToken, { say }: CliContext): string {
  if (algorithm === null && certificate !== null && isPlainCard === true) return say.token.plainCard.rsa(certificate.subject);
  if (algorithm === null) return certificate === null ? say.token.noKey : say.token.certificateWithout(certificate.subject);
  if (certificate === null) return say.token.keyWithout(algorithm);
  return say.token.certified(algorithm, certificate.subject, certificate.notAfter.slice(0, 10));
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
