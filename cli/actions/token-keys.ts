// What `sceau token generate`, `import` and `export` do: keys and their certificates.

import { createCertificationRequest } from "../../host-bridge/token/certification-request.ts";
import { updateKeyHistory } from "../../host-bridge/token/key-history.ts";
import { certifiedKeyInfo, type KeyPolicies, publicKeyInfoOf } from "../../host-bridge/token/key-metadata.ts";
import { TokenError } from "../../host-bridge/token/token-error.ts";
import { equalBytes } from "../../protocol/bytes.ts";
import {
  ALG_P256,
  BUTTON_POLICY_ALWAYS,
  BUTTON_POLICY_CACHED,
  BUTTON_POLICY_DEFAULT,
  BUTTON_POLICY_NEVER,
  isRetiredSlot,
  PIN_POLICY_ALWAYS,
  PIN_POLICY_DEFAULT,
  PIN_POLICY_NEVER,
  PIN_POLICY_ONCE,
} from "../../protocol/piv.ts";
import { SW_CONDITIONS_NOT_SATISFIED } from "../../protocol/status-words.ts";
import { readCertificates, toPem } from "../certificates.ts";
import type { CliContext } from "../context.ts";
import { withOutput } from "../files.ts";
import { algorithmName, KEY_ALGORITHMS } from "../key-algorithms.ts";
import { KeyNotProvenError } from "../key-not-proven-error.ts";
import { loadManagementKey, readPin } from "../secrets.ts";
import { parseSlot, slotName } from "../slots.ts";
import { visible } from "../terminal.ts";
import { withToken } from "../tokens.ts";
import { UsageError } from "../usage-error.ts";
import type { PinOption, TokenOption } from "./token.ts";

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

/** @throws UsageError bad-word */
function choice(names: ReadonlyMap<string, number>, name: string | undefined, otherwise: number): number {
  const value = name === undefined ? otherwise : names.get(name);
  if (value === undefined) throw new UsageError("bad-word", `${name} (${[...names.keys()].join(", ")})`);
  return value;
}

export interface GenerateOptions extends TokenOption, PinOption {
  readonly out: string;
  readonly algorithm?: string;
  readonly pinPolicy?: string;
  readonly button?: string;
}

export async function generate(context: CliContext, slotText: string, options: GenerateOptions): Promise<void> {
  const { slot } = parseSlot(slotText);
  const algorithm = choice(KEY_ALGORITHMS, options.algorithm, ALG_P256);
  const policies: KeyPolicies = {
    pin: choice(PIN_POLICIES, options.pinPolicy, PIN_POLICY_DEFAULT),
    button: choice(BUTTON_POLICIES, options.button, BUTTON_POLICY_DEFAULT),
  };
  const name = slotName(slot);
  await withOutput(options.out, (output) =>
    withToken(context.state, options.token, async ({ client, info: { serial } }) => {
      const pin = new TextEncoder().encode(await readPin(options.pinFile, context.say.pinPrompt.request(visible(serial), name)));
      await client.verifyPin(pin); // before the slot's old key is gone
      await client.authenticateManagement(loadManagementKey(context.state, serial));
      const point = await client.generateKey(slot, policies, { algorithm });
      const request = await createCertificationRequest(point, async (digest) => {
        await client.verifyPin(pin);
        try {
          return await client.sign(slot, digest, { algorithm, onButton: () => context.print(context.say.token.pressButton) });
        } catch (cause) {
          if (cause instanceof TokenError && cause.sw === SW_CONDITIONS_NOT_SATISFIED) throw new KeyNotProvenError(name, { cause });
          throw cause;
        }
      });
      output.fill(toPem(request, "CERTIFICATE REQUEST"));
      const made = context.say.token.keyMade(algorithmName(algorithm), name);
      context.report({ slot: name, algorithm: algorithmName(algorithm), request: options.out }, [made, options.out]);
    }),
  );
}

export async function importCertificate(context: CliContext, slotText: string, file: string, options: TokenOption): Promise<void> {
  const { slot, certificate } = parseSlot(slotText);
  const [der] = readCertificates(file);
  if (der === undefined) throw new UsageError("bad-certificate", file);
  await withToken(context.state, options.token, async ({ client, info: { serial, isPlainCard } }) => {
    const key = await client.keyInSlot(slot);
    // A plain card tells its keys by their certificates: of a new key, or a renewed one, it tells nothing that this one could be compared with.
    const isUnknown = isPlainCard === true && !client.tellsKeys;
    if (key === null && !isUnknown) throw new UsageError("no-key", slotText);
    const certified = certifiedKeyInfo(der);
    const isOther = certified === null || (key !== null && !equalBytes(certified, publicKeyInfoOf(key)));
    if (isOther && !isUnknown) throw new UsageError("other-key", slotText);
    await client.authenticateManagement(loadManagementKey(context.state, serial));
    await client.writeCertificate(certificate, der);
    if (isRetiredSlot(slot)) await updateKeyHistory(client);
    const name = slotName(slot);
    const notCompared = isUnknown ? [context.say.token.plainCard.notCompared] : [];
    context.report({ slot: name, isCompared: !isUnknown }, [context.say.token.imported(name), ...notCompared]);
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
