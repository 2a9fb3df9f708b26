// Signs several PDFs with one PIN and one press (batch consent, protocol/vendor.ts): all are prepared first, so that the token is told all
// the digests; then it signs them in their order.

import { SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { MAX_BATCH_DIGESTS } from "../../protocol/vendor.ts";
import type { TokenClient } from "../token/token-client.ts";
import { type SignPdfOptions, signPdf } from "./sign-pdf.ts";
import type { DigestSigner } from "./signer.ts";
import { asDigestOf, type Consent, type SigningKey } from "./token-signer.ts";

export interface PdfOrder {
  readonly original: Uint8Array;
  readonly options: SignPdfOptions;
}

export interface SignedPdfs {
  /** In the order of the orders; fewer when it was interrupted. */
  readonly signed: readonly Uint8Array[];
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
class Prepared implements DigestSigner {
  readonly certificate: Uint8Array;
  readonly issuers: readonly Uint8Array[];
  /** Resolves with the digest to be signed. */
  readonly digest: Promise<Uint8Array>;
  readonly signed: Promise<Uint8Array>;
  private tellDigest: (digest: Uint8Array) => void = () => {};
  private tellSignature: (signature: Uint8Array) => void = () => {};
  private giveUpSignature: (reason: Error) => void = () => {};

  constructor(key: SigningKey, { original, options }: PdfOrder) {
    this.certificate = key.certificate;
    this.issuers = key.issuers;
    const digest = new Promise<Uint8Array>((resolve) => {
      this.tellDigest = (value) => resolve(asDigestOf(key, value));
    });
    this.signed = signPdf(original, this, options);
    this.signed.catch(() => {}); // told by `digest` or by `finish`; given up, nobody asks any more
    this.digest = Promise.race([digest, this.signed.then(() => digest)]);
  }

  signDigest(digest: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.tellSignature = resolve;
      this.giveUpSignature = reject;
      this.tellDigest(digest);
    });
  }

  finish(signature: Uint8Array): Promise<Uint8Array> {
    this.tellSignature(signature);
    return this.signed;
  }

  giveUp(): void {
    this.giveUpSignature(new GivenUpError("not signed"));
  }
}

async function prepareAll(orders: readonly PdfOrder[], key: SigningKey): Promise<Prepared[]> {
  const prepared: Prepared[] = [];
  for (const [index, order] of orders.entries()) {
    const document = new Prepared(key, order);
    try {
      await document.digest;
    } catch (cause) {
      for (const each of prepared) each.giveUp();
      throw new DocumentOfBatchError(index, { cause });
    }
    prepared.push(document);
  }
  return prepared;
}

/**
 * @param orders 1 to MAX_BATCH_DIGESTS
 * @param onSigned told after each, with how many are signed
 * @throws DocumentOfBatchError before the PIN is tried; TokenError when PIN or press are missing, TransportError: nothing is signed
 */
export async function signPdfs(
  orders: readonly PdfOrder[],
  client: TokenClient,
  key: SigningKey,
  consent: Consent,
  onSigned: (count: number) => void = () => {},
): Promise<SignedPdfs> {
  if (orders.length === 0 || orders.length > MAX_BATCH_DIGESTS) throw new RangeError(`${orders.length} documents in a batch`);
  const prepared = await prepareAll(orders, key);
  const signed: Uint8Array[] = [];
  let hasConsent = false;
  try {
    const digests = await Promise.all(prepared.map(({ digest }) => digest));
    await client.verifyPin(consent.pin);
    await client.vendor.beginBatch(SLOT_SIGNATURE, digests, consent.onButton === undefined ? {} : { onButton: consent.onButton });
    hasConsent = true;
    for (const document of prepared) {
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
