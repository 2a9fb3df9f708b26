// Signs several PDFs with one PIN and one press (batch consent, protocol/vendor.ts): all are prepared first, so that the token is told all
// the digests; then it signs them in their order.

import { SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { MAX_BATCH_DIGESTS } from "../../protocol/vendor.ts";
import type { TokenClient } from "../token/token-client.ts";
import type { SignPdfOptions } from "./sign-pdf.ts";
import type { DigestSigner } from "./signer.ts";
import { asDigestOf, type Consent, type SigningKey } from "./token-signer.ts";

export interface PdfOrder {
  readonly original: Uint8Array;
  readonly options: SignPdfOptions;
}

/** As signPdf does, here or elsewhere. */
export type PdfSigning<Signed> = (original: Uint8Array, signer: DigestSigner, options: SignPdfOptions) => Promise<Signed>;

/** What a batch is signed with. */
export interface BatchSigning<Signed> {
  readonly sign: PdfSigning<Signed>;
  readonly client: TokenClient;
  readonly key: SigningKey;
  readonly consent: Consent;
  /** Aborts when the holder gives it up: the token is not asked any more. */
  readonly signal: AbortSignal;
  /** Told after each, with how many are signed. */
  readonly onSigned?: (count: number) => void;
}

export interface SignedPdfs<Signed> {
  /** In the order of the orders; fewer when it was interrupted. */
  readonly signed: readonly Signed[];
  /** Why the others are not signed; null: all are. */
  readonly interruption: unknown;
}

/** One of the documents can't be signed: nothing was, and the token was not asked. */
export class DocumentOfBatchError extends Error {
  override readonly name = "DocumentOfBatchError";
  /** Of the order, from 0. */
  readonly index: number;
  constructor(index: number, options: ErrorOptions) {
    super(`document ${index + 1} of a batch can't be signed`, options);
    this.index = index;
  }
}

class GivenUpError extends Error {
  override readonly name = "GivenUpError";
}

/** One document, prepared up to its digest: `signPdf` waits in it for the signature. */
class Prepared<Signed> implements DigestSigner {
  readonly certificate: Uint8Array;
  readonly issuers: readonly Uint8Array[];
  /** Resolves with the digest to be signed. */
  readonly digest: Promise<Uint8Array>;
  readonly signed: Promise<Signed>;
  private isGivenUp = false;
  private tellDigest: (digest: Uint8Array) => void = () => {};
  private tellSignature: (signature: Uint8Array) => void = () => {};
  private giveUpSignature: (reason: Error) => void = () => {};

  constructor(key: SigningKey, sign: PdfSigning<Signed>, { original, options }: PdfOrder) {
    this.certificate = key.certificate;
    this.issuers = key.issuers;
    const digest = new Promise<Uint8Array>((resolve) => {
      this.tellDigest = (value) => resolve(asDigestOf(key, value));
    });
    this.signed = sign(original, this, options);
    this.signed.catch(() => {}); // told by `digest` or by `finish`; given up, nobody asks any more
    this.digest = Promise.race([digest, this.signed.then(() => digest)]);
  }

  signDigest(digest: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.isGivenUp) reject(new GivenUpError("not signed"));
      this.tellSignature = resolve;
      this.giveUpSignature = reject;
      this.tellDigest(digest);
    });
  }

  finish(signature: Uint8Array): Promise<Signed> {
    this.tellSignature(signature);
    return this.signed;
  }

  giveUp(): void {
    this.isGivenUp = true;
    this.giveUpSignature(new GivenUpError("not signed"));
  }
}

/** Rejects with the signal's reason. */
function abortion(signal: AbortSignal): Promise<never> {
  const aborted = new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true }));
  aborted.catch(() => {}); // when nobody waits for it any more
  return aborted;
}

/** Given up in between, or one of them refused: none waits any longer. */
async function prepareAll<Signed>(orders: readonly PdfOrder[], { sign, key, signal }: BatchSigning<Signed>): Promise<Prepared<Signed>[]> {
  const prepared: Prepared<Signed>[] = [];
  const aborted = abortion(signal);
  let index = 0;
  try {
    for (const order of orders) {
      signal.throwIfAborted();
      const document = new Prepared(key, sign, order);
      prepared.push(document);
      await Promise.race([document.digest, aborted]);
      index += 1;
    }
    signal.throwIfAborted();
    return prepared;
  } catch (cause) {
    for (const each of prepared) each.giveUp();
    signal.throwIfAborted(); // what it broke off is nobody's fault
    throw new DocumentOfBatchError(index, { cause });
  }
}

/**
 * @param orders 1 to MAX_BATCH_DIGESTS
 * @throws the signal's reason; DocumentOfBatchError before the PIN is tried; TokenError when PIN or press are missing, TransportError: nothing is signed
 */
export async function signPdfs<Signed>(orders: readonly PdfOrder[], batch: BatchSigning<Signed>): Promise<SignedPdfs<Signed>> {
  if (orders.length === 0 || orders.length > MAX_BATCH_DIGESTS) throw new RangeError(`${orders.length} documents in a batch`);
  const { client, key, consent, signal, onSigned = () => {} } = batch;
  const prepared = await prepareAll(orders, batch);
  const signed: Signed[] = [];
  let hasConsent = false;
  try {
    const digests = await Promise.all(prepared.map(({ digest }) => digest));
    await client.verifyPin(consent.pin);
    signal.throwIfAborted(); // before the token waits for a press
    await client.vendor.beginBatch(SLOT_SIGNATURE, digests, consent.onButton === undefined ? {} : { onButton: consent.onButton });
    hasConsent = true;
    for (const document of prepared) {
      signal.throwIfAborted();
      const signature = await client.sign(SLOT_SIGNATURE, await document.digest, { algorithm: key.algorithm });
      signed.push(await document.finish(signature));
      onSigned(signed.length);
    }
    return { signed, interruption: null };
  } catch (error) {
    if (!hasConsent) throw error;
    return { signed, interruption: error };
  } finally {
    for (const document of prepared) document.giveUp(); // nothing, for those that are signed
  }
}
