// What `sceau sign` does.

import { connect } from "node:net";
import { basename, extname } from "node:path";
import { commonName } from "../../host-bridge/signing/distinguished-name.ts";
import { DocumentRefused } from "../../host-bridge/signing/document-refused.ts";
import { checkMayBeSigned } from "../../host-bridge/signing/may-be-signed.ts";
import type { PdfFeature } from "../../host-bridge/signing/pdf-features.ts";
import { readPdf } from "../../host-bridge/signing/pdf-reading.ts";
import { findP11KitClient, p11KitAddress } from "../../host-bridge/signing/pkcs11-module.ts";
import { type PinRequest, Pkcs11Signer } from "../../host-bridge/signing/pkcs11-signer.ts";
import { signPdf } from "../../host-bridge/signing/sign-pdf.ts";
import type { VisiblePlace } from "../../host-bridge/signing/signature-field.ts";
import { SigningError } from "../../host-bridge/signing/signing-error.ts";
import { BuiltInCa } from "../../office/issuance/built-in-ca.ts";
import { readCertificates } from "../certificates.ts";
import type { CliContext } from "../context.ts";
import { type ReservedOutput, readInput, withOutput } from "../files.ts";
import { readPin } from "../secrets.ts";
import { visible } from "../terminal.ts";
import { serialOf } from "../tokens.ts";
import { UsageError } from "../usage-error.ts";

export interface SignOptions {
  readonly out?: string;
  readonly token?: string;
  readonly pinFile?: string;
  readonly reason?: string;
  readonly location?: string;
  readonly visible?: string;
  readonly chain?: string[];
  readonly module?: string;
}

const DEFAULT_RECTANGLE = { x: 36, y: 36, width: 220, height: 52 };

function isAnswering(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** The module to load. p11-kit's client is told where this state folder's bridge is. @throws SigningError no-module, no-bridge */
async function modulePath(context: CliContext, chosen: string | undefined): Promise<string> {
  if (chosen !== undefined) return chosen;
  const found = findP11KitClient();
  if (found === null) throw new SigningError("no-module");
  if (!(await isAnswering(context.state.pkcs11Socket))) throw new SigningError("no-bridge");
  process.env["P11_KIT_SERVER_ADDRESS"] = p11KitAddress(context.state.pkcs11Socket);
  return found;
}

/** Certificates that may have issued the signer's: those given, else the built-in CA's when there is one. */
async function issuers(context: CliContext, files: readonly string[] | undefined): Promise<Uint8Array[]> {
  if (files !== undefined) return files.flatMap(readCertificates);
  const folder = context.state.authority;
  return BuiltInCa.exists(folder) ? [(await BuiltInCa.open(folder, context)).issuer] : [];
}

type Place = Omit<VisiblePlace, "lines">;

/** «PAGE» or «PAGE,X,Y,WIDTH,HEIGHT». @throws UsageError bad-place */
function parsePlace(text: string): Place {
  const numbers = text.split(",").map(Number);
  const [page = Number.NaN, x, y, width, height] = numbers;
  const isSound = numbers.every(Number.isFinite) && Number.isSafeInteger(page) && page !== 0 && [1, 5].includes(numbers.length);
  if (!isSound) throw new UsageError("bad-place", text);
  if (x === undefined || y === undefined || width === undefined || height === undefined) return { page, rectangle: DEFAULT_RECTANGLE };
  if (width <= 0 || height <= 0) throw new UsageError("bad-place", text);
  return { page, rectangle: { x, y, width, height } };
}

/** @throws DocumentRefused no-such-page */
function checkPage({ page }: Place, pageCount: number): void {
  if (Math.abs(page) > pageCount) throw new DocumentRefused("no-such-page");
}

function defaultOutput(document: string): string {
  const extension = extname(document);
  return `${document.slice(0, document.length - extension.length)}-signed${extension === "" ? ".pdf" : extension}`;
}

function pinPrompt(context: CliContext, request: PinRequest, document: string): string {
  const { pinPrompt: prompts } = context.say;
  const prompt = request.isFinalTry ? prompts.signFinalTry : prompts.sign;
  return prompt(visible(request.tokenLabel), visible(basename(document)), visible(commonName(request.certificate.subject)));
}

export interface SignedDocument {
  readonly path: string;
  readonly signer: string;
  readonly hasChain: boolean;
  /** What it has beside its pages, which was signed with them. */
  readonly features: readonly PdfFeature[];
}

interface Order {
  readonly document: string;
  readonly original: Uint8Array;
  readonly place: Place | null;
  readonly path: string;
  readonly output: ReservedOutput;
}

async function signInto(
  context: CliContext,
  order: Order,
  options: SignOptions,
): Promise<Pick<SignedDocument, "path" | "signer" | "hasChain">> {
  const now = context.now();
  const signer = Pkcs11Signer.open({
    modulePath: await modulePath(context, options.module),
    issuers: await issuers(context, options.chain),
    now,
    ...(options.token !== undefined && { tokenSerial: await serialOf(context.state, options.token) }),
  });
  try {
    const request = signer.pinRequest();
    const name = commonName(request.certificate.subject);
    const lines = [
      context.say.sign.signedBy(name),
      ...(options.reason === undefined ? [] : [options.reason]),
      now.toISOString().slice(0, 16),
    ];
    signer.login(await readPin(options.pinFile, pinPrompt(context, request, order.document)));
    const signed = await signPdf(order.original, signer, {
      date: now,
      ...(order.place !== null && { visible: { ...order.place, lines } }),
      ...(options.reason !== undefined && { reason: options.reason }),
      ...(options.location !== undefined && { location: options.location }),
    });
    order.output.fill(signed);
    return { path: order.path, signer: name, hasChain: signer.issuers.length > 0 };
  } finally {
    signer.close();
  }
}

/** Signs a file into another. Everything that can be refused is refused before the PIN is asked for. */
export async function signFile(context: CliContext, document: string, options: SignOptions): Promise<SignedDocument> {
  const path = options.out ?? defaultOutput(document);
  const place = options.visible === undefined ? null : parsePlace(options.visible);
  const original = readInput(document);
  const pdf = await readPdf(original);
  const features = checkMayBeSigned(pdf);
  if (place !== null) checkPage(place, pdf.getPageCount());
  // Before the PIN is asked for.
  for (const line of besideLines(context, features)) context.print(line);
  const signed = await withOutput(path, (output) => signInto(context, { document, original, place, path, output }, options));
  return { ...signed, features };
}

const besideLines = ({ say: { sign } }: CliContext, features: readonly PdfFeature[]): string[] =>
  features.length === 0 ? [] : [sign.beside, ...features.map((feature) => `  – ${sign.feature[feature]}`)];

export async function runSign(context: CliContext, document: string, options: SignOptions): Promise<void> {
  const result = await signFile(context, document, options);
  const note = result.hasChain ? [] : [context.say.sign.noChain];
  context.report(result, [context.say.sign.done(result.path, visible(result.signer)), ...note]);
}
