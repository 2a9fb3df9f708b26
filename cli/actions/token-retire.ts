// What `sceau token retire` and `sceau token verify-receipt` do: a key is erased for good, and the token signs that it is.

import { createHash } from "node:crypto";
import { formatReceipt, parseReceipt } from "../../host-bridge/token/destruction-receipt.ts";
import { subjectPublicKeyInfo } from "../../host-bridge/token/ec-public-key.ts";
import { updateKeyHistory } from "../../host-bridge/token/key-history.ts";
import type { Destruction, SignedStatement } from "../../host-bridge/token/statement.ts";
import { TokenError } from "../../host-bridge/token/token-error.ts";
import { verifyReceipt as verify } from "../../host-bridge/token/verify-receipt.ts";
import { isRetiredSlot } from "../../protocol/piv.ts";
import { SW_NOT_FOUND } from "../../protocol/status-words.ts";
import { attestationCertificate, attestationRoots } from "../attestation-trust.ts";
import { confirm } from "../confirmation.ts";
import type { CliContext } from "../context.ts";
import { EXIT_NEGATIVE, EXIT_OK } from "../failure.ts";
import { readInput, withOutput } from "../files.ts";
import { algorithmName } from "../key-algorithms.ts";
import { loadManagementKey } from "../secrets.ts";
import { parseSlot, type SlotReference, slotName } from "../slots.ts";
import { field, mark, visible } from "../terminal.ts";
import { type ConnectedToken, withOwnToken } from "../tokens.ts";
import { UsageError } from "../usage-error.ts";
import type { TokenOption } from "./token.ts";

export interface RetireOptions extends TokenOption {
  readonly out?: string;
  readonly yes?: true;
}

export interface VerifyReceiptOptions {
  readonly root?: readonly string[];
}

/** The receipt that the token gave when it erased the slot's last key. @throws UsageError never-a-key */
async function receiptAgain({ client }: ConnectedToken, slot: number): Promise<SignedStatement> {
  try {
    return await client.vendor.erasureReceipt(slot);
  } catch (cause) {
    if (cause instanceof TokenError && cause.sw === SW_NOT_FOUND) throw new UsageError("never-a-key", slotName(slot), { cause });
    throw cause;
  }
}

/** The certificate of a key that is gone would only be offered by software that cannot sign with it. */
async function removeCertificate({ client }: ConnectedToken, { slot, certificate }: SlotReference): Promise<boolean> {
  if ((await client.readObject(certificate)) === null) return false;
  await client.writeObject(certificate, new Uint8Array(0));
  if (isRetiredSlot(slot)) await updateKeyHistory(client);
  return true;
}

/** Everything that can fail is tried before the key is erased; a run that was interrupted after that is finished by the next one. */
export async function retire(context: CliContext, slotText: string, options: RetireOptions): Promise<void> {
  const reference = parseSlot(slotText);
  const name = slotName(reference.slot);
  await withOwnToken(context.state, options.token, async (token) => {
    const { client } = token;
    const { serial } = token.info;
    const { say } = context;
    const certificate = await attestationCertificate(token);
    const managementKey = loadManagementKey(context.state, serial);
    const hasKey = await client.hasKey(reference.slot);
    const path = options.out ?? `sceau-receipt-${serial}-${name}.json`;
    let isCertificateRemoved = false;
    await withOutput(path, async (output) => {
      if (hasKey) await confirm(options.yes === true, name, say.token.prompt.retire(name, visible(serial)));
      await client.authenticateManagement(managementKey);
      const signed = hasKey ? await client.vendor.eraseKey(reference.slot) : await receiptAgain(token, reference.slot);
      // The receipt last: a run that finds it in its place would end there, and leave the certificate.
      isCertificateRemoved = await removeCertificate(token, reference);
      output.fill(formatReceipt({ signed, certificates: [certificate] }));
    });
    const said = hasKey ? say.token.retire.done(name) : say.token.retire.again(name);
    const removed = isCertificateRemoved ? [say.token.retire.certificateRemoved] : [];
    context.report({ serial, slot: name, receipt: path, isErasedNow: hasKey, isCertificateRemoved }, [said, path, ...removed]);
  });
}

/** Of its SubjectPublicKeyInfo, as `openssl pkey -pubin -outform DER | sha256sum` prints it. */
function keyFingerprint(point: Uint8Array): string {
  return createHash("sha256").update(subjectPublicKeyInfo(point)).digest("hex");
}

function claims({ serial, slot, algorithm, publicKey, counter, firmware, profile, isSimulated }: Destruction): Record<string, unknown> {
  return {
    serial,
    slot: slotName(slot),
    algorithm: algorithmName(algorithm),
    key: keyFingerprint(publicKey),
    counter,
    firmware: firmware.join("."),
    profile,
    isSimulated,
  };
}

function claimLines(statement: Destruction, { say }: CliContext): string[] {
  const { receipt, simulated, compat } = say.token;
  return [
    field(receipt.key, keyFingerprint(statement.publicKey)),
    field(receipt.algorithm, algorithmName(statement.algorithm)),
    field(receipt.slot, slotName(statement.slot)),
    field(receipt.token, statement.serial),
    field(receipt.counter, String(statement.counter)),
    field(receipt.firmware, statement.firmware.join(".")),
    ...(statement.isSimulated ? [simulated] : []),
    ...(statement.profile === "compat" ? [compat] : []),
  ];
}

export async function verifyReceipt(context: CliContext, file: string, options: VerifyReceiptOptions): Promise<void> {
  const trust = { roots: attestationRoots(context, options.root), at: context.now() };
  const { destruction, problems } = verify(parseReceipt(readInput(file)), trust);
  const isValid = problems.length === 0;
  const { receipt, problem } = context.say.token;
  context.report({ valid: isValid, problems, ...(destruction === null ? {} : claims(destruction)) }, [
    `${mark(isValid)} ${isValid ? receipt.valid : receipt.invalid}`,
    ...problems.map((each) => `    ${problem[each]}`),
    ...(destruction === null ? [] : claimLines(destruction, context)),
  ]);
  process.exitCode = isValid ? EXIT_OK : EXIT_NEGATIVE;
}
