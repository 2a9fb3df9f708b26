// What `sceau token` does: info, init, generate, import, export, change-pin, unblock.

import { X509Certificate } from "node:crypto";
import { commonName } from "../../host-bridge/signing/distinguished-name.ts";
import { createCertificationRequest } from "../../host-bridge/token/certification-request.ts";
import { initialiseToken } from "../../host-bridge/token/initialise.ts";
import type { KeyPolicies } from "../../host-bridge/token/token-client.ts";
import { TokenError } from "../../host-bridge/token/token-error.ts";
import { equalBytes } from "../../protocol/bytes.ts";
import {
  BUTTON_POLICY_ALWAYS,
  BUTTON_POLICY_CACHED,
  BUTTON_POLICY_DEFAULT,
  BUTTON_POLICY_NEVER,
  KEY_SLOTS,
  PIN_POLICY_ALWAYS,
  PIN_POLICY_DEFAULT,
  PIN_POLICY_NEVER,
  PIN_POLICY_ONCE,
} from "../../protocol/piv.ts";
import { SW_CONDITIONS_NOT_SATISFIED } from "../../protocol/status-words.ts";
import { certifiedPoint, readCertificates, toPem } from "../certificates.ts";
import type { CliContext } from "../context.ts";
import { withOutput } from "../files.ts";
import { KeyNotProvenError } from "../key-not-proven-error.ts";
import { keepTokenSecrets, loadTokenSecrets, readPin } from "../secrets.ts";
import { parseSlot } from "../slots.ts";
import { dimField, field, visible } from "../terminal.ts";
import { type ConnectedToken, withToken } from "../tokens.ts";
import { UsageError } from "../usage-error.ts";

export interface TokenOption {
  readonly token?: string;
}

export interface PinOption {
  readonly pinFile?: string;
}

export interface ChangePinOptions extends TokenOption, PinOption {
  readonly newPinFile?: string;
}

export interface UnblockOptions extends TokenOption {
  readonly newPinFile?: string;
  readonly pukFile?: string;
}

const PIN_POLICIES: ReadonlyMap<string, number> = new Map([
  ["never", PIN_POLICY_NEVER],
  ["once", PIN_POLICY_ONCE],
  ["always", PIN_POLICY_ALWAYS],
]);
const BUTTON_POLICIES: ReadonlyMap<string, number> = new Map([
  ["never", BUTTON_POLICY_NEVER],
  ["always", BUTTON_POLICY_ALWAYS],
  ["cached", BUTTON_POLICY_CACHED],
]);

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function policy(names: ReadonlyMap<string, number>, name: string | undefined, otherwise: number): number {
  const value = name === undefined ? otherwise : names.get(name);
  if (value === undefined) throw new UsageError("bad-word", `${name} (${[...names.keys()].join(", ")})`);
  return value;
}

async function authenticate({ client, info }: ConnectedToken, { state }: CliContext): Promise<void> {
  await client.authenticateManagement(Buffer.from(loadTokenSecrets(state, info.serial).managementKey, "hex"));
}

interface SlotReport {
  readonly slot: string;
  readonly hasKey: boolean;
  readonly certificate: { readonly subject: string; readonly notAfter: string } | null;
}

async function slotReports({ client }: ConnectedToken): Promise<SlotReport[]> {
  const reports: SlotReport[] = [];
  for (const { slot, certificate: container } of KEY_SLOTS) {
    const key = await client.keyMetadata(slot);
    const der = await client.readCertificate(container);
    const parsed = der === null ? null : new X509Certificate(der);
    reports.push({
      slot: slot.toString(16).toUpperCase(),
      hasKey: key !== null,
      certificate: parsed === null ? null : { subject: commonName(parsed.subject), notAfter: new Date(parsed.validTo).toISOString() },
    });
  }
  return reports;
}

export async function info(context: CliContext, options: TokenOption): Promise<void> {
  await withToken(context.state, options.token, async (token) => {
    const { say } = context;
    const { model, serial, firmware, isInitialised, isSimulated } = token.info;
    const slots = await slotReports(token);
    const pinTriesLeft = await token.client.pinTriesLeft();
    const describe = ({ hasKey, certificate }: SlotReport): string => {
      if (!hasKey) return say.token.noKey;
      return certificate === null ? say.token.keyWithout : say.token.certified(certificate.subject, certificate.notAfter.slice(0, 10));
    };
    context.report({ name: token.name, model, serial, firmware: firmware.join("."), isInitialised, isSimulated, pinTriesLeft, slots }, [
      field(say.token.model, model),
      field(say.token.serial, serial),
      field(say.token.firmware, firmware.join(".")),
      field(say.token.state, isInitialised ? say.token.initialised : say.token.blank),
      field(say.token.pinTries, String(pinTriesLeft ?? "")),
      ...slots.map((each) => (each.hasKey ? field : dimField)(`${say.token.slot} ${each.slot}`, describe(each))),
    ]);
  });
}

export async function init(context: CliContext, options: TokenOption & PinOption): Promise<void> {
  await withToken(context.state, options.token, async ({ client, info: { serial, isInitialised } }) => {
    if (isInitialised) throw new UsageError("already-initialised", serial);
    const pin = await readPin(options.pinFile, context.say.pinPrompt.initNew(visible(serial)));
    const path = await initialiseToken(client, bytes(pin), () => keepTokenSecrets(context.state, serial));
    context.report({ serial, secrets: path }, [context.say.token.initialisedNow(serial, path)]);
  });
}

export interface GenerateOptions extends TokenOption, PinOption {
  readonly out: string;
  readonly pinPolicy?: string;
  readonly button?: string;
}

export async function generate(context: CliContext, slotText: string, options: GenerateOptions): Promise<void> {
  const { slot } = parseSlot(slotText);
  const policies: KeyPolicies = {
    pin: policy(PIN_POLICIES, options.pinPolicy, PIN_POLICY_DEFAULT),
    button: policy(BUTTON_POLICIES, options.button, BUTTON_POLICY_DEFAULT),
  };
  const name = slotText.toUpperCase();
  await withOutput(options.out, (output) =>
    withToken(context.state, options.token, async (token) => {
      const { client, info: device } = token;
      const pin = bytes(await readPin(options.pinFile, context.say.pinPrompt.request(visible(device.serial), name)));
      await client.verifyPin(pin); // before the slot's old key is gone
      await authenticate(token, context);
      const point = await client.generateKey(slot, policies);
      const request = await createCertificationRequest(point, async (digest) => {
        await client.verifyPin(pin);
        try {
          return await client.sign(slot, digest, { onButton: () => context.print(context.say.token.pressButton) });
        } catch (cause) {
          if (cause instanceof TokenError && cause.sw === SW_CONDITIONS_NOT_SATISFIED) throw new KeyNotProvenError(name, { cause });
          throw cause;
        }
      });
      output.fill(toPem(request, "CERTIFICATE REQUEST"));
      context.report({ slot: name, request: options.out }, [context.say.token.keyMade(name), options.out]);
    }),
  );
}

export async function importCertificate(context: CliContext, slotText: string, file: string, options: TokenOption): Promise<void> {
  const { slot, certificate } = parseSlot(slotText);
  const [der] = readCertificates(file);
  if (der === undefined) throw new UsageError("bad-certificate", file);
  await withToken(context.state, options.token, async (token) => {
    const key = await token.client.keyMetadata(slot);
    if (key === null) throw new UsageError("no-key", slotText);
    const point = certifiedPoint(der);
    if (point === null || !equalBytes(point, key.publicKey)) throw new UsageError("other-key", slotText);
    await authenticate(token, context);
    await token.client.writeCertificate(certificate, der);
    context.report({ slot: slotText.toUpperCase() }, [context.say.token.imported(slotText.toUpperCase())]);
  });
}

export async function exportCertificate(context: CliContext, slotText: string, options: TokenOption): Promise<void> {
  const { certificate } = parseSlot(slotText);
  await withToken(context.state, options.token, async ({ client }) => {
    const der = await client.readCertificate(certificate);
    if (der === null) throw new UsageError("bad-certificate", slotText);
    context.report({ certificate: toPem(der) }, [toPem(der).trimEnd()]);
  });
}

export async function changePin(context: CliContext, options: ChangePinOptions): Promise<void> {
  await withToken(context.state, options.token, async ({ client, info: { serial } }) => {
    const old = await readPin(options.pinFile, context.say.pinPrompt.current(visible(serial)));
    const next = await readPin(options.newPinFile, context.say.pinPrompt.next(visible(serial)));
    await client.changePin(bytes(old), bytes(next));
    context.report({ serial }, [context.say.token.pinChanged]);
  });
}

export async function unblock(context: CliContext, options: UnblockOptions): Promise<void> {
  await withToken(context.state, options.token, async ({ client, info: { serial } }) => {
    const kept = options.pukFile === undefined ? loadTokenSecrets(context.state, serial).puk : null;
    const puk = kept ?? (await readPin(options.pukFile, context.say.pinPrompt.puk(visible(serial))));
    const next = await readPin(options.newPinFile, context.say.pinPrompt.next(visible(serial)));
    await client.unblockPin(bytes(puk), bytes(next));
    context.report({ serial }, [context.say.token.unblocked]);
  });
}
