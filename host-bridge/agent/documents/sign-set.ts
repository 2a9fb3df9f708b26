// Signs the documents of a set that are not signed yet: one by itself, several with one PIN and one press. What comes out is kept whole, or not at all.

import { type PdfOrder, type PdfSigning, signPdfs } from "../../signing/sign-pdfs.ts";
import { type Consent, type SigningKey, TokenSigner } from "../../signing/token-signer.ts";
import type { TokenClient } from "../../token/token-client.ts";
import type { DocumentWorkshop, SignedReading } from "../workshop/document-workshop.ts";
import { DocumentError } from "./document-error.ts";
import type { DocumentSet } from "./document-set.ts";
import { judgesOf, type KnownAuthorities } from "./known-authorities.ts";
import { visiblePlace } from "./seal-place.ts";

/** What depends on the holder's language. */
export interface SealTexts {
  readonly signedBy: (name: string) => string;
  readonly date: (at: Date) => string;
}

export interface SetSigning {
  readonly client: TokenClient;
  readonly key: SigningKey;
  readonly consent: Consent;
  readonly workshop: DocumentWorkshop;
  readonly known: KnownAuthorities;
  readonly now: Date;
  readonly texts: SealTexts;
  /** Of the signed file, by the document's. */
  readonly nameOf: (document: string) => string;
  readonly onSigned?: (count: number) => void;
  /** Aborts when the holder gives it up: the token is not asked any more. */
  readonly signal: AbortSignal;
}

function orderFor(set: DocumentSet, index: number, { key, now, texts }: SetSigning): PdfOrder {
  const { reason, seal } = set.order;
  const { bytes, pages } = set.document(index);
  const lines = [texts.signedBy(key.signer), ...(reason === "" ? [] : [reason]), texts.date(now)];
  const visible = visiblePlace(seal, pages, lines);
  return { original: bytes, options: { date: now, ...(reason !== "" && { reason }), ...(visible !== null && { visible }) } };
}

interface Signed {
  readonly signed: readonly SignedReading[];
  readonly interruption: unknown;
}

async function signOrders(orders: readonly PdfOrder[], signing: SetSigning): Promise<Signed> {
  const { client, key, consent, onSigned, signal, workshop, known, now } = signing;
  const [only, ...more] = orders;
  if (only === undefined) throw new DocumentError("nothing-to-sign");
  const bench = workshop.bench();
  const judges = judgesOf(known, now);
  const sign: PdfSigning<SignedReading> = (original, signer, options) => bench.sign(original, signer, options, judges);
  try {
    if (more.length > 0) return await signPdfs(orders, { sign, client, key, consent, signal, ...(onSigned !== undefined && { onSigned }) });
    const token = new TokenSigner(client, key, consent);
    const signDigest = (digest: Uint8Array): Promise<Uint8Array> => {
      signal.throwIfAborted(); // given up while the document was prepared
      return token.signDigest(digest);
    };
    const { certificate, issuers } = token;
    return { signed: [await sign(only.original, { certificate, issuers, signDigest }, only.options)], interruption: null };
  } finally {
    await bench.close();
  }
}

/**
 * Returns also when it was interrupted in the middle: the set says what is signed, and why no more.
 * @throws DocumentError nothing-to-sign; DocumentOfBatchError (its index is of the unsigned ones), DocumentRefused, SigningError, TokenError,
 * TransportError: nothing was signed
 */
export async function signSet(set: DocumentSet, signing: SetSigning): Promise<void> {
  const indices = set.unsigned;
  set.interruption = null;
  const { signed, interruption } = await signOrders(
    indices.map((index) => orderFor(set, index, signing)),
    signing,
  );
  for (const [position, { bytes, reports }] of signed.entries()) {
    const index = indices[position] ?? 0;
    set.keepSigned(index, { signer: signing.key.signer, name: signing.nameOf(set.document(index).name), bytes, reports });
  }
  set.interruption = interruption;
}
