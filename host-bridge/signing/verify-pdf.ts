// Checks every signature in a PDF: is it over what stands there, by whom, how much of the file it covers, and what changed after it.

import { X509Certificate } from "node:crypto";
import type { PDF } from "@libpdf/core";
import { findAmbiguity } from "./ambiguity.ts";
import { buildPath, type CertificatePath, type PathProblem } from "./certificate-path.ts";
import { commonName } from "./distinguished-name.ts";
import { DocumentRefused } from "./document-refused.ts";
import { certificationLevel, NO_CHANGES, type Resolve, readPdf, resolverOf } from "./pdf-reading.ts";
import { type Change, changesBetween, type RevisionChanges } from "./revision-changes.ts";
import { asSigned, type Coverage, contentsOf, coverage, type SignatureField, signatureFields, textOf } from "./signature-fields.ts";
import { type CmsProblem, type CmsResult, verifyCms } from "./verify-cms.ts";

/**
 * `byte-range`: the signature leaves out more of the file than itself; `copied`: it stands in the file twice; `changed-after`: what is shown is not
 * what was signed.
 */
export type SignatureProblem = CmsProblem | PathProblem | "byte-range" | "copied" | "changed-after";

export interface SignatureReport {
  /** The field's name. */
  readonly field: string;
  /** Common name of the signer; null when no certificate could be read. */
  readonly signer: string | null;
  /** Common names from the signer's issuer to the root. */
  readonly issuers: readonly string[];
  /** SHA-256 of the trusted root that vouches for the signer, hexadecimal; null: none does. */
  readonly root: string | null;
  readonly serialNumber: string | null;
  readonly subFilter: string;
  /** /M: what the signer's computer claimed. */
  readonly claimedDate: string | null;
  readonly reason: string | null;
  /** In the order of what matters most; empty: valid. */
  readonly problems: readonly SignatureProblem[];
  /** The signature covers the whole file but itself. */
  readonly coversWholeFile: boolean;
  /** Bytes that the signed revision has. */
  readonly signedLengthBytes: number;
  /** What changed after it; null when it covers the whole file. */
  readonly changesAfter: RevisionChanges | null;
}

export interface VerifyOptions {
  /** Roots that one trusts, DER. */
  readonly roots: readonly Uint8Array[];
  /** Further certificates for the path, DER. */
  readonly intermediates?: readonly Uint8Array[];
  readonly at: Date;
}

/** Problems of a signature that is one, whoever made it and whatever came after it. */
const ABOUT_TRUST: ReadonlySet<SignatureProblem> = new Set<SignatureProblem>([
  "untrusted",
  "expired",
  "not-yet-valid",
  "not-a-ca",
  "key-usage",
  "unknown-critical-extension",
  "changed-after",
]);

export const isAboutTrust = (problem: SignatureProblem): boolean => ABOUT_TRUST.has(problem);

/** The revision that a signature covers, opened by itself; null when it cannot be. */
async function openRevision(bytes: Uint8Array, covered: Coverage, pdf: PDF): Promise<PDF | null> {
  if (covered.endBytes === bytes.length) return pdf;
  try {
    return await readPdf(bytes.subarray(0, covered.endBytes));
  } catch (error) {
    if (error instanceof DocumentRefused) return null;
    throw error;
  }
}

function rootOf(path: CertificatePath | null): string | null {
  if (path === null || path.problem === "untrusted") return null;
  return path.certificates.at(-1)?.fingerprint256.replaceAll(":", "").toLowerCase() ?? null;
}

const contentChange = (where: string): Change => ({ kind: "content", where });

async function changesAfter(bytes: Uint8Array, covered: Coverage, revision: PDF, now: PDF): Promise<RevisionChanges> {
  const changes = changesBetween(revision, now);
  const ambiguity = await findAmbiguity(bytes, covered.endBytes, now);
  return ambiguity === null ? changes : { ...changes, changes: [...changes.changes, contentChange(ambiguity)] };
}

/** What a signature dictionary tells of itself. */
function told(
  { name, dictionary }: SignatureField,
  resolve: Resolve,
): Pick<SignatureReport, "field" | "subFilter" | "claimedDate" | "reason"> {
  return {
    field: name,
    subFilter: dictionary.getName("SubFilter", resolve)?.value ?? "",
    claimedDate: textOf(dictionary.get("M", resolve)),
    reason: textOf(dictionary.get("Reason", resolve)),
  };
}

interface Checked {
  readonly report: SignatureReport;
  readonly reference: string;
  readonly revision: PDF | null;
}

class Verification {
  private readonly bytes: Uint8Array;
  private readonly pdf: PDF;
  private readonly options: VerifyOptions;
  private readonly gaps = new Set<number>();

  constructor(bytes: Uint8Array, pdf: PDF, options: VerifyOptions) {
    this.bytes = bytes;
    this.pdf = pdf;
    this.options = options;
  }

  async reports(): Promise<SignatureReport[]> {
    const checked: Checked[] = [];
    for (const field of signatureFields(this.pdf)) checked.push(await this.check(field));
    return checked.map((each) => ({ ...each.report, problems: [...each.report.problems, ...this.changedAfter(each, checked)] }));
  }

  private async check(field: SignatureField): Promise<Checked> {
    const resolve = resolverOf(this.pdf);
    const covered = coverage(this.bytes, field.dictionary, resolve);
    const revision = covered === null ? null : await openRevision(this.bytes, covered, this.pdf);
    const signed = covered === null || revision === null ? undefined : asSigned(revision, this.bytes, covered);
    const cms = verifyCms(contentsOf(field.dictionary, resolve), covered?.parts ?? []);
    const problems = this.formProblems(field, covered, signed, cms);
    const path = this.pathOf(cms);
    if (path !== null && path.problem !== null) problems.push(path.problem);
    const hasAfter = covered !== null && revision !== null && covered.endBytes !== this.bytes.length;
    const report: SignatureReport = {
      ...told(signed ?? field, resolverOf(signed === undefined ? this.pdf : (revision ?? this.pdf))),
      signer: cms.signer === null ? null : commonName(cms.signer.subject),
      issuers: (path?.certificates ?? []).slice(1).map((each) => commonName(each.subject)),
      root: rootOf(path),
      serialNumber: cms.signer?.serialNumber ?? null,
      problems,
      coversWholeFile: covered?.endBytes === this.bytes.length,
      signedLengthBytes: covered?.endBytes ?? 0,
      changesAfter: hasAfter ? await changesAfter(this.bytes, covered, revision, this.pdf) : null,
    };
    return { report, reference: field.reference, revision };
  }

  /** What is wrong with a signature as such: at most one problem. */
  private formProblems(
    field: SignatureField,
    covered: Coverage | null,
    signed: SignatureField | undefined,
    cms: CmsResult,
  ): SignatureProblem[] {
    if (covered === null || signed === undefined) return ["byte-range"];
    // The genuine one is where it was signed, wherever the copy stands in the form.
    if (signed.reference !== field.reference || this.gaps.has(covered.gapStart)) return ["copied"];
    this.gaps.add(covered.gapStart);
    return cms.problem === null ? [] : [cms.problem];
  }

  private pathOf(cms: CmsResult): CertificatePath | null {
    if (cms.signer === null) return null;
    const decode = (list: readonly Uint8Array[] = []): X509Certificate[] => list.map((each) => new X509Certificate(each));
    const others = [...cms.certificates, ...decode(this.options.intermediates)];
    return buildPath(cms.signer, others, decode(this.options.roots), this.options.at);
  }

  /** Content that changed; a «signature» that is none; any change at all where the certification allowed none. */
  private changedAfter({ report, revision }: Checked, all: readonly Checked[]): SignatureProblem[] {
    const after = report.changesAfter;
    if (after === null) return [];
    const isSignature = (reference: string): boolean =>
      all.some((each) => each.reference === reference && each.report.problems.every(isAboutTrust));
    const hasContent = after.changes.some((change) => change.kind === "content") || !after.signedFields.every(isSignature);
    const isForbidden = revision !== null && certificationLevel(revision) === NO_CHANGES && after.changes.length + after.signatures > 0;
    return hasContent || isForbidden ? ["changed-after"] : [];
  }
}

/**
 * One report a signature, in the order of the form. No signatures: an empty list.
 * @throws DocumentRefused when the file cannot be read as a PDF
 */
export async function verifyPdf(bytes: Uint8Array, options: VerifyOptions): Promise<SignatureReport[]> {
  return new Verification(bytes, await readPdf(bytes), options).reports();
}
