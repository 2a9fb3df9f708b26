// What `sceau token attest` does: has the token say of a key where it was made and how it is guarded, and checks what it says.

import { type Attestation, parseAttestation, verifyAttestation } from "../../host-bridge/token/attestation.ts";
import { AttestationError, type AttestationProblem, verifyAttestationKey } from "../../host-bridge/token/attestation-key.ts";
import { MalformedAnswerError } from "../../host-bridge/token/malformed-answer.ts";
import { TokenError } from "../../host-bridge/token/token-error.ts";
import { BUTTON_POLICY_ALWAYS, BUTTON_POLICY_NEVER, PIN_POLICY_ALWAYS, PIN_POLICY_NEVER } from "../../protocol/piv.ts";
import { SW_NOT_FOUND } from "../../protocol/status-words.ts";
import { attestationCertificate, attestationRoots } from "../attestation-trust.ts";
import { toPem } from "../certificates.ts";
import type { CliContext } from "../context.ts";
import { withOutput } from "../files.ts";
import { algorithmName } from "../key-algorithms.ts";
import { hasTokenSecrets, loadManagementKey, readPin } from "../secrets.ts";
import { parseSlot, slotName } from "../slots.ts";
import { field, visible } from "../terminal.ts";
import { type ConnectedToken, withOwnToken } from "../tokens.ts";
import { UsageError } from "../usage-error.ts";
import type { PinOption, TokenOption } from "./token.ts";

export interface AttestOptions extends TokenOption, PinOption {
  readonly out?: string;
}

/** The office's key when it is kept here, else the holder's PIN; the compat profile wants neither. */
async function prove(token: ConnectedToken, slot: string, context: CliContext, { pinFile }: AttestOptions): Promise<void> {
  const { client, info } = token;
  if (info.profile === "compat") return;
  if (pinFile === undefined && hasTokenSecrets(context.state, info.serial)) {
    await client.authenticateManagement(loadManagementKey(context.state, info.serial));
    return;
  }
  const pin = await readPin(pinFile, context.say.factory.attestPin(visible(info.serial), slot));
  await client.verifyPin(new TextEncoder().encode(pin));
}

interface Outcome {
  readonly attestation: Attestation;
  /** Attestation, the attestation key's certificate and, when it is known, the root's: DER. */
  readonly chain: readonly Uint8Array[];
  /** Null, or why nobody here can vouch for the token. */
  readonly problem: AttestationProblem | null;
}

/** An unknown root is no fault of the token's; anything else that is wrong with its chain is. @throws AttestationError */
function judge(attestation: Uint8Array, certificate: Uint8Array, roots: readonly Uint8Array[], at: Date): Outcome {
  const trust = { roots, at };
  try {
    const verified = verifyAttestation(attestation, certificate, trust);
    return { attestation: verified, chain: [attestation, certificate, verifyAttestationKey(certificate, trust).root], problem: null };
  } catch (error) {
    if (!(error instanceof AttestationError) || error.problem !== "untrusted") throw error;
    return { attestation: parseAttestation(attestation), chain: [attestation, certificate], problem: error.problem };
  }
}

const pinPolicyName = (policy: number): string =>
  policy === PIN_POLICY_NEVER ? "never" : policy === PIN_POLICY_ALWAYS ? "always" : "once";
const buttonPolicyName = (policy: number): string =>
  policy === BUTTON_POLICY_NEVER ? "never" : policy === BUTTON_POLICY_ALWAYS ? "always" : "cached";

function said({ attestation, problem }: Outcome): Record<string, unknown> {
  const { serial, firmware, slot, pinPolicy, buttonPolicy, algorithm, profile, isSimulated } = attestation;
  return {
    serial,
    slot: slotName(slot),
    algorithm: algorithmName(algorithm),
    pinPolicy: pinPolicyName(pinPolicy),
    buttonPolicy: buttonPolicyName(buttonPolicy),
    origin: "generated",
    firmware: firmware.join("."),
    profile,
    isSimulated,
    isVerified: problem === null,
    problem,
  };
}

function lines(outcome: Outcome, path: string, { say }: CliContext): string[] {
  const { attestation, problem } = outcome;
  const words = say.factory;
  return [
    problem === null ? words.attested(path) : words.attestedWithoutRoot(path),
    field(words.slot, slotName(attestation.slot)),
    field(words.algorithm, algorithmName(attestation.algorithm)),
    field(words.origin, words.generated),
    field(words.pinPolicy, pinPolicyName(attestation.pinPolicy)),
    field(words.buttonPolicy, buttonPolicyName(attestation.buttonPolicy)),
    field(words.token, attestation.serial),
    field(words.firmware, attestation.firmware.join(".")),
    ...(problem === null ? [] : [words.doubt(say.token.problem[problem])]),
    ...(attestation.isSimulated ? [say.token.simulated] : []),
    ...(attestation.profile === "compat" ? [say.token.compat] : []),
  ];
}

/** Standard output is the chain alone. */
function warn({ problem }: Outcome, { say, isJson }: CliContext): void {
  if (problem !== null && !isJson) process.stderr.write(`${say.factory.doubt(say.token.problem[problem])}\n`);
}

async function attestSlot(token: ConnectedToken, slot: number): Promise<Uint8Array> {
  try {
    return await token.client.attest(slot);
  } catch (cause) {
    if (cause instanceof TokenError && cause.sw === SW_NOT_FOUND) throw new UsageError("no-key", slotName(slot), { cause });
    throw cause;
  }
}

async function outcomeOf(token: ConnectedToken, slot: number, context: CliContext, options: AttestOptions): Promise<Outcome> {
  const certificate = await attestationCertificate(token);
  await prove(token, slotName(slot), context, options);
  const outcome = judge(await attestSlot(token, slot), certificate, attestationRoots(context, undefined), context.now());
  const { attestation } = outcome;
  if (attestation.serial !== token.info.serial) throw new AttestationError("other-serial");
  if (attestation.slot !== slot) throw new MalformedAnswerError("the token attests another slot than the one that was asked for");
  return outcome;
}

export async function attest(context: CliContext, slotText: string, options: AttestOptions): Promise<void> {
  const { slot } = parseSlot(slotText);
  const { out } = options;
  await withOwnToken(context.state, options.token, async (token) => {
    if (out === undefined) {
      const outcome = await outcomeOf(token, slot, context, options);
      const chain = outcome.chain.map((der) => toPem(der));
      warn(outcome, context);
      context.report({ ...said(outcome), chain }, [chain.join("").trimEnd()]);
      return;
    }
    await withOutput(out, async (output) => {
      const outcome = await outcomeOf(token, slot, context, options);
      output.fill(outcome.chain.map((der) => toPem(der)).join(""));
      context.report({ ...said(outcome), out }, lines(outcome, out, context));
    });
  });
}
