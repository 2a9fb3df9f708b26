// OCSP over http (RFC 6960 §A, RFC 5019 §5, §6): GET and POST at /ocsp/ISSUER. Which issuer is meant, the request itself says.

import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { requestOfPath } from "./get-request.ts";
import { OcspRefusal } from "./ocsp-refusal.ts";
import { MAX_REQUEST_BYTES } from "./ocsp-request.ts";
import type { OcspAnswer, OcspResponder } from "./ocsp-responder.ts";
import { ocspError } from "./ocsp-response.ts";

const REQUEST_TYPE = "application/ocsp-request";
const RESPONSE_TYPE = "application/ocsp-response";
const NO_REQUEST = new Uint8Array();

/** Our own faults are an operator's business; what strangers send is not. */
function tell(request: FastifyRequest, { status, cause }: OcspRefusal): void {
  if (status === "malformedRequest" || status === "unauthorized") request.log.debug({ status }, "OCSP request refused");
  else request.log.error({ status, err: cause }, "OCSP request not answered");
}

function send(reply: FastifyReply, { response, cache }: OcspAnswer): FastifyReply {
  reply.type(RESPONSE_TYPE);
  if (cache === null) reply.header("cache-control", "no-store");
  else {
    reply
      .header("cache-control", `max-age=${cache.maxAgeSeconds}, public, no-transform, must-revalidate`)
      .header("last-modified", cache.producedAt.toUTCString())
      .header("expires", cache.nextUpdate.toUTCString());
  }
  return reply.send(Buffer.from(response));
}

export const ocspRoutes: FastifyPluginAsync<{ readonly responder: OcspResponder }> = async (server, { responder }) => {
  const answer = async (request: FastifyRequest, reply: FastifyReply, bytes: Uint8Array): Promise<FastifyReply> => {
    const found = await responder.answer(bytes);
    if (found.refusal !== null) tell(request, found.refusal);
    return send(reply, found);
  };
  const ofPath = (request: FastifyRequest<{ Params: { "*"?: string } }>, reply: FastifyReply): Promise<FastifyReply> =>
    answer(request, reply, requestOfPath(request.params["*"] ?? "") ?? NO_REQUEST);
  const ofBody = (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
    answer(request, reply, request.body instanceof Uint8Array ? request.body : NO_REQUEST);

  server.removeAllContentTypeParsers();
  server.addContentTypeParser(REQUEST_TYPE, { parseAs: "buffer", bodyLimit: MAX_REQUEST_BYTES }, (_request, body, done) =>
    done(null, body),
  );
  // A body that is too long, or of another type: http says which, OCSP says malformedRequest.
  server.setErrorHandler<Error & { readonly statusCode?: number }>((error, request, reply) => {
    const { statusCode = 500 } = error;
    const status = statusCode < 500 ? "malformedRequest" : "internalError";
    tell(request, new OcspRefusal(status, { cause: error }));
    return reply
      .code(statusCode)
      .type(RESPONSE_TYPE)
      .header("cache-control", "no-store")
      .send(Buffer.from(ocspError(status)));
  });
  server.get("/ocsp/:issuer", ofPath);
  server.get("/ocsp/:issuer/*", ofPath);
  server.post("/ocsp/:issuer", ofBody);
  server.post("/ocsp/:issuer/*", ofBody);
};
