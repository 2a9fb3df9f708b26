// Checks every signature in a PDF: is it over what stands there, by whom, how much of the file it covers, and what changed after it.

import { X509Certificate } from "node:crypto";
import { type PDF, type PdfArray, PdfDict, PdfNumber, type PdfObject, PdfString } from "@libpdf/core";
import { equalBytes } from "../../protocol/bytes.ts";
import { buildPath, type PathProblem } from "./certificate-path.ts";
import { commonName } from "./distinguished-name.ts";
import { DocumentRefused } from "./document-refused.ts";
import { catalogOf, type Resolve, readPdf, resolved, resolverOf } from "./pdf-reading.ts";
import { changesBetween, type RevisionChanges } from "./revision-changes.ts";
import { type CmsProblem, verifyCms } from "./verify-cms.ts";

/** `byte-range`: the signature leaves out more of the file than itself. */
export type SignatureProblem = CmsProblem | PathProblem | "byte-range" | "changed-after";

export interface SignatureReport {
  /** The field's name. */
  readonly field: string;
  /** Common name of the signer; null when no certificate could be read. */
  readonly signer: string | null;
  /** Common names from the signer's issuer to the root. */
  readonly issuers: readonly string[];
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

interface SignatureField {
  readonly name: string;
  readonly dictionary: PdfDict;
}

const text = (object: PdfObject | null | undefined): string | null => (object instanceof PdfString ? object.asString() : null);

/** Signed signature fields, those under /Kids too. */
function signatureFields(pdf: PDF): SignatureField[] {
  const resolve = resolverOf(pdf);
  const found: SignatureField[] = [];
  const visit = (list: PdfArray | undefined, prefix: string, inheritedType: string | undefined, depth: number): void => {
    if (list === undefined || depth > 32) return;
    for (const item of list.toArray()) {
      const field = resolved(item, resolve);
      if (!(field instanceof PdfDict)) continue;
      const own = text(field.get("T", resolve));
      const name = [prefix, own].filter((each) => each !== null && each !== "").join(".");
      const type = field.getName("FT", resolve)?.value ?? inheritedType;
      const value = field.getDict("V", resolve);
      if (type === "Sig" && value !== undefined) found.push({ name, dictionary: value });
      else visit(field.getArray("Kids", resolve), name, type, depth + 1);
    }
  };
  visit(catalogOf(pdf).getDict("AcroForm", resolve)?.getArray("Fields", resolve), "", undefined, 0);
  return found;
}

interface Coverage {
  readonly parts: readonly [Uint8Array, Uint8Array];
  readonly endBytes: number;
}

/**
 * The two parts that /ByteRange names, when it leaves out exactly the hexadecimal string of /Contents and begins with the file; else null.
 */
function coverage(bytes: Uint8Array, dictionary: PdfDict, contents: Uint8Array, resolve: Resolve): Coverage | null {
  const range = dictionary.getArray("ByteRange", resolve)?.toArray() ?? [];
  const numbers = range.map((each) => (each instanceof PdfNumber ? each.value : Number.NaN));
  const [start, length, rest = Number.NaN, restLength] = numbers;
  if (numbers.length !== 4 || !numbers.every((each) => Number.isSafeInteger(each) && each >= 0)) return null;
  if (start !== 0 || length === undefined || restLength === undefined || rest <= length || rest + restLength > bytes.length) return null;
  const gap = Buffer.from(bytes.subarray(length, rest)).toString("latin1");
  if (!/^<[0-9A-Fa-f\s]*>$/.test(gap)) return null;
  const hidden = Buffer.from(gap.slice(1, -1).replace(/\s/g, ""), "hex");
  if (!equalBytes(new Uint8Array(hidden), contents)) return null;
  return { parts: [bytes.subarray(0, length), bytes.subarray(rest, rest + restLength)], endBytes: rest + restLength };
}

/** What a later revision changed; null when the signed one cannot be opened by itself. */
async function changesAfter(bytes: Uint8Array, endBytes: number, now: PDF): Promise<RevisionChanges | null> {
  try {
    return changesBetween(await readPdf(bytes.subarray(0, endBytes)), now);
  } catch (error) {
    if (error instanceof DocumentRefused) return null;
    throw error;
  }
}

const UNKNOWN_CHANGES: RevisionChanges = {
  signatures: 0,
  visibleOnPages: [],
  changes: [{ kind: "content", where: "the signed revision cannot be opened" }],
};

async function report(bytes: Uint8Array, pdf: PDF, field: SignatureField, options: VerifyOptions): Promise<SignatureReport> {
  const resolve = resolverOf(pdf);
  const { dictionary } = field;
  const contents = dictionary.getString("Contents", resolve)?.bytes ?? new Uint8Array(0);
  const covered = coverage(bytes, dictionary, contents, resolve);
  const problems: SignatureProblem[] = [];
  const cms = verifyCms(contents, covered?.parts ?? []);
  if (covered === null) problems.push("byte-range");
  else if (cms.problem !== null) problems.push(cms.problem);
  const decode = (list: readonly Uint8Array[] = []): X509Certificate[] => list.map((each) => new X509Certificate(each));
  const others = [...cms.certificates, ...decode(options.intermediates)];
  const path = cms.signer === null ? null : buildPath(cms.signer, others, decode(options.roots), options.at);
  if (path !== null && path.problem !== null) problems.push(path.problem);
  const coversWholeFile = covered?.endBytes === bytes.length;
  const after = covered === null || coversWholeFile ? null : ((await changesAfter(bytes, covered.endBytes, pdf)) ?? UNKNOWN_CHANGES);
  if (after?.changes.some((change) => change.kind === "content")) problems.push("changed-after");
  return {
    field: field.name,
    signer: cms.signer === null ? null : commonName(cms.signer.subject),
    issuers: (path?.certificates ?? []).slice(1).map((each) => commonName(each.subject)),
    serialNumber: cms.signer?.serialNumber ?? null,
    subFilter: dictionary.getName("SubFilter", resolve)?.value ?? "",
    claimedDate: text(dictionary.get("M", resolve)),
    reason: text(dictionary.get("Reason", resolve)),
    problems,
    coversWholeFile,
    signedLengthBytes: covered?.endBytes ?? 0,
    changesAfter: after,
  };
}

/**
 * One report a signature, in the order of the form. No signatures: an empty list.
 * @throws DocumentRefused when the file cannot be read as a PDF
 */
export async function verifyPdf(bytes: Uint8Array, options: VerifyOptions): Promise<SignatureReport[]> {
  const pdf = await readPdf(bytes);
  const reports: SignatureReport[] = [];
  for (const field of signatureFields(pdf)) reports.push(await report(bytes, pdf, field, options));
  return reports;
}
