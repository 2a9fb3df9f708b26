// The certificate that a browser proved in TLS (RFC 8446 §4.4): the key in it signs the officer in, when the office's own CA vouches for it.

import { TLSSocket } from "node:tls";
import type { FastifyRequest } from "fastify";
import { SignInError } from "../../registration/sign-in.ts";

/** @returns SubjectPublicKeyInfo, DER @throws SignInError key-unknown: no certificate, or not one of this office's that is valid now */
export function provedKey({ raw: { socket } }: FastifyRequest): Uint8Array {
  const certificate = socket instanceof TLSSocket && socket.authorized ? socket.getPeerX509Certificate() : undefined;
  if (certificate === undefined) throw new SignInError("key-unknown");
  return new Uint8Array(certificate.publicKey.export({ format: "der", type: "spki" }));
}
