// The OCSP responder (RFC 6960; RFC 5019 where that does not contradict it): a request's bytes in, a response's bytes out. It reads the tables,
// and writes nothing.

import { MalformedError } from "../../protocol/malformed.ts";
import type { Database } from "../store/store.ts";
import { type KnownStatus, type StatusReader, statusReader } from "./certificate-status.ts";
import { IssuerDirectory, type ServedIssuer } from "./issuer-directory.ts";
import type { OcspKey } from "./ocsp-key.ts";
import { OcspRefusal } from "./ocsp-refusal.ts";
import { type CertId, type OcspRequest, parseOcspRequest } from "./ocsp-request.ts";
import { ocspError, type SingleResponse, signOcspResponse } from "./ocsp-response.ts";

/** How long a response may be kept. */
export const RESPONSE_LIFE_MS = 60_000;

export interface StatusClock {
  now(): Date;
}

export interface OcspAnswer {
  /** OCSPResponse, DER. */
  readonly response: Uint8Array;
  /** How long a cache may keep it; null: not at all. */
  readonly cache: { readonly producedAt: Date; readonly nextUpdate: Date; readonly maxAgeSeconds: number } | null;
  /** Why there is nothing but an error, for the log; null: there is more. */
  readonly refusal: OcspRefusal | null;
}

const wholeSeconds = (date: Date): Date => new Date(Math.floor(date.getTime() / 1000) * 1000);

function read(bytes: Uint8Array): OcspRequest {
  try {
    return parseOcspRequest(bytes);
  } catch (cause) {
    if (cause instanceof MalformedError) throw new OcspRefusal("malformedRequest", { cause });
    throw cause;
  }
}

/** For what the database has to say. */
async function asked<T>(question: Promise<T>): Promise<T> {
  try {
    return await question;
  } catch (cause) {
    throw new OcspRefusal("tryLater", { cause });
  }
}

function single({ der }: CertId, known: KnownStatus | undefined, issuer: ServedIssuer, now: Date): SingleResponse {
  if (known === undefined) return { certId: der, status: { kind: "unknown" }, archiveCutoff: null };
  // Nothing is ever forgotten here: of use to whoever asks about a certificate whose time is over (ETSI EN 319 411-2 §6.3.10).
  return { certId: der, status: known.status, archiveCutoff: known.notAfter < now ? issuer.notBefore : null };
}

export class OcspResponder {
  private readonly readStatuses: StatusReader;
  private readonly key: OcspKey;
  private readonly clock: StatusClock;
  private readonly directory: IssuerDirectory;

  constructor(db: Database, key: OcspKey, clock: StatusClock) {
    this.readStatuses = statusReader(db);
    this.key = key;
    this.clock = clock;
    this.directory = new IssuerDirectory(db, key);
  }

  /**
   * Whatever the bytes are, there is an answer.
   * @param request OCSPRequest, DER
   */
  async answer(request: Uint8Array): Promise<OcspAnswer> {
    try {
      return await this.respond(read(request));
    } catch (cause) {
      const refusal = cause instanceof OcspRefusal ? cause : new OcspRefusal("internalError", { cause });
      return { response: ocspError(refusal.status), cache: null, refusal };
    }
  }

  private async respond({ certIds, nonce }: OcspRequest): Promise<OcspAnswer> {
    const now = this.clock.now();
    const issuer = await this.issuerOf(certIds, now);
    const certificate = issuer.responders.find(({ notAfter }) => now < notAfter);
    if (certificate === undefined) throw new OcspRefusal("tryLater");
    const statuses = await asked(this.readStatuses(issuer.id, [...new Set(certIds.map(({ serialNumber }) => serialNumber))]));
    const responses = certIds.map((certId) => single(certId, statuses.get(certId.serialNumber), issuer, now));
    const producedAt = wholeSeconds(now);
    const nextUpdate = new Date(Math.min(producedAt.getTime() + RESPONSE_LIFE_MS, certificate.notAfter.getTime()));
    const response = await signOcspResponse({ producedAt, nextUpdate, responses, nonce }, this.key, certificate.der);
    const maxAgeSeconds = Math.max(0, Math.floor((nextUpdate.getTime() - now.getTime()) / 1000));
    return { response, cache: nonce === null ? { producedAt, nextUpdate, maxAgeSeconds } : null, refusal: null };
  }

  /**
   * A response is signed in the name of one issuer, so all that is asked must be of it.
   * @throws OcspRefusal unauthorized, tryLater
   */
  private async issuerOf(certIds: readonly CertId[], now: Date): Promise<ServedIssuer> {
    let issuer: ServedIssuer | null = null;
    for (const certId of certIds) {
      const found = await asked(this.directory.find(certId, now));
      if (found === null || (issuer !== null && issuer.id !== found.id)) throw new OcspRefusal("unauthorized");
      issuer = found;
    }
    if (issuer === null || now >= issuer.notAfter) throw new OcspRefusal("unauthorized");
    return issuer;
  }
}
