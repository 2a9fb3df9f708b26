// What `sceau verify` does.

import { DocumentRefused } from "../../host-bridge/signing/document-refused.ts";
import { featuresOf, type PdfFeature } from "../../host-bridge/signing/pdf-features.ts";
import { readPdf } from "../../host-bridge/signing/pdf-reading.ts";
import { type SignatureReport, verifyPdf } from "../../host-bridge/signing/verify-pdf.ts";
import { BuiltInCa } from "../../office/issuance/built-in-ca.ts";
import { readCertificates } from "../certificates.ts";
import type { CliContext } from "../context.ts";
import { EXIT_NEGATIVE, EXIT_OK } from "../failure.ts";
import { readInput } from "../files.ts";
import type { Messages } from "../messages/en.ts";
import { field, mark, visible, warningMark } from "../terminal.ts";

export interface VerifyCommandOptions {
  readonly trust?: readonly string[];
}

/** Roots to trust: those given, else the built-in CA's when there is one. */
async function trustedRoots(context: CliContext, files: readonly string[] | undefined): Promise<Uint8Array[]> {
  if (files !== undefined) return files.flatMap(readCertificates);
  const folder = context.state.authority;
  return BuiltInCa.exists(folder) ? [(await BuiltInCa.open(folder, context)).root] : [];
}

function afterwards(report: SignatureReport, say: Messages): string {
  const after = report.changesAfter;
  if (after === null) return "";
  const { verify } = say;
  const parts: string[] = [];
  if (after.signatures > 0) {
    const visible = after.visibleOnPages.length > 0 ? ` (${verify.visibleOn(after.visibleOnPages.join(", "))})` : "";
    parts.push(verify.furtherSignatures(after.signatures) + visible);
  }
  for (const change of after.changes) parts.push(`${verify.change[change.kind]}: ${change.where}`);
  return parts.length === 0 ? verify.nothingAfter : parts.join("; ");
}

/** What readers may show otherwise, whatever the signatures are worth. null: one of its objects can't be read, so nobody knows. */
async function featuresIn(bytes: Uint8Array): Promise<readonly PdfFeature[] | null> {
  try {
    return featuresOf(await readPdf(bytes)).told;
  } catch (error) {
    if (error instanceof DocumentRefused) return null;
    throw error;
  }
}

function reportLines(reports: readonly SignatureReport[], features: readonly PdfFeature[], totalBytes: number, say: Messages): string[] {
  const { verify } = say;
  if (reports.length === 0) return [verify.none];
  const beside = features.map((feature) => `    – ${say.sign.feature[feature]}`);
  const signatures = reports.flatMap((report, index) => {
    const isValid = report.problems.length === 0;
    const lines = [
      `${mark(isValid)} ${verify.signature(index + 1, visible(report.field))}: ${isValid ? verify.valid : verify.invalid}`,
      ...report.problems.map((problem) => `    ${verify.problem[problem]}`),
      field(verify.signer, report.signer ?? verify.unknownSigner),
    ];
    if (report.issuers.length > 0) lines.push(field(verify.issuers, report.issuers.join(" ← ")));
    if (report.claimedDate !== null) lines.push(field(verify.date, report.claimedDate));
    if (report.reason !== null) lines.push(field(verify.reason, report.reason));
    const coverage = report.coversWholeFile ? verify.wholeFile : verify.revision(report.signedLengthBytes, totalBytes);
    lines.push(field(verify.coverage, coverage));
    if (!report.coversWholeFile) lines.push(field(verify.after, afterwards(report, say)));
    return lines;
  });
  return [...signatures, ...(beside.length === 0 ? [] : [`${warningMark()} ${verify.beside}`, ...beside])];
}

export async function runVerify(context: CliContext, document: string, options: VerifyCommandOptions): Promise<void> {
  const bytes = readInput(document);
  const reports = await verifyPdf(bytes, { roots: await trustedRoots(context, options.trust), at: context.now() });
  const isValid = reports.length > 0 && reports.every((report) => report.problems.length === 0);
  const features = await featuresIn(bytes);
  context.report({ valid: isValid, signatures: reports, features }, reportLines(reports, features ?? [], bytes.length, context.say));
  process.exitCode = isValid ? EXIT_OK : EXIT_NEGATIVE;
}
