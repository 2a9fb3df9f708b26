// The certificate that a browser proved in TLS (RFC 8446 §4.4): the key in it signs the officer in, when the office's own CA vouches for it.

import { TLSSocket } from "node:tls";
import type { FastifyRequest } from "fastify";

export interface PresentedKey {
  /** SubjectPublicKeyInfo, DER. The connection proved that whoever is there has the private one, whatever the certificate is worth. */
  readonly publicKey: Uint8Array;
  /** The certificate is one of this office's that is valid now. */
  readonly isVouchedFor: boolean;
}

/** Null: no certificate. */
export function presentedKey({ raw: { socket } }: FastifyRequest): PresentedKey | null {
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  if (!(socket instanceof TLSSocket) || certificate === undefined) return null;
  const publicKey = new Uint8Array(certificate.publicKey.export({ format: "der", type: "spki" }));
  return { publicKey, isVouchedFor: socket.authorized };
}
