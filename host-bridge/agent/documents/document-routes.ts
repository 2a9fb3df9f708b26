// The addresses of the pages of documents: dropped, seen, signed, saved, forgotten.

import multipart from "@fastify/multipart";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { findSigningKey } from "../../signing/token-signer.ts";
import { TokenError } from "../../token/token-error.ts";
import type { AgentParts } from "../agent-parts.ts";
import { page } from "../web/answering.ts";
import { isPinForm, takeSecret } from "../web/pin-fields.ts";
import { type Answer, type Visit, visitOf } from "../web/visit.ts";
import { archiveOf } from "./archive.ts";
import { DocumentError } from "./document-error.ts";
import { naming } from "./document-faults.ts";
import type { DocumentParts } from "./document-parts.ts";
import type { DocumentSet } from "./document-set.ts";
import { DocumentStore } from "./document-store.ts";
import { dropPage } from "./drop-page.ts";
import { disposition, withSuffix } from "./file-name.ts";
import { issuersIn, judgesOf } from "./known-authorities.ts";
import { learnAuthorities } from "./learn-authorities.ts";
import { MAX_FILE_BYTES } from "./limits.ts";
import { readOrder } from "./order-form.ts";
import { receiveDocument } from "./received-document.ts";
import { resultPage } from "./result-page.ts";
import { sealTexts } from "./seal-texts.ts";
import { seenPage } from "./seen-page.ts";
import { shownOrder } from "./shown-order.ts";
import { blockedPage, plugInPage, signPage, signPath, whichTokenPage } from "./sign-page.ts";
import { signSet } from "./sign-set.ts";
import { MAX_PARTS, readUpload } from "./upload.ts";
import { UploadTurns } from "./upload-turns.ts";
import { addViewerFiles } from "./viewer-files.ts";

/** As long as the page without a token waits for one before it is answered as it is. */
const WAIT_MS = 20_000;
const ID = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const INDEX = z.coerce.number().int().min(0).max(1000);
const SERIAL = z.string().regex(/^\d{1,10}$/);
const CONSENT = z.object({ token: SERIAL, shown: z.string().max(43).catch("") });
const SEEN = z.object({ seen: INDEX.catch(0), first: z.string().optional().catch(undefined) });
const PLUGGED = z.object({ token: SERIAL.optional().catch(undefined), seen: z.coerce.number().int().min(0).optional().catch(undefined) });

function setOf({ store }: DocumentParts, params: unknown): DocumentSet {
  const result = z.object({ id: ID }).safeParse(params);
  if (!result.success) throw new DocumentError("unknown");
  return store.get(result.data.id);
}

function indexOf(params: unknown): number {
  const result = z.object({ index: INDEX }).safeParse(params);
  if (!result.success) throw new DocumentError("unknown");
  return result.data.index;
}

function receive(visit: Visit, request: FastifyRequest, { store, authorities, workshop, uploads }: DocumentParts): Promise<Answer> {
  return uploads.during(async () => {
    const files = await readUpload(request, store.roomBytes, visit.texts.documents.saved.unnamed);
    const judges = judgesOf(authorities.known(), visit.now);
    const received = [];
    for (const { name, bytes } of files) received.push(await receiveDocument(name, bytes, workshop, judges));
    return { to: `/documents/${store.add(received).id}` };
  });
}

/** Until a token is plugged in, for a while. */
async function waitForToken(seen: number, request: FastifyRequest, { desk, closing }: DocumentParts): Promise<void> {
  const left = new AbortController();
  request.raw.once("close", () => left.abort());
  await desk.changes.wait(seen, WAIT_MS, AbortSignal.any([closing, left.signal]));
}

/** The page on which the PIN is typed, with what it is for. */
async function askPin(set: DocumentSet, serial: string, visit: Visit, parts: DocumentParts, problem?: string): Promise<Answer> {
  const { desk, authorities, offices } = parts;
  parts.workshop.warm();
  const triesLeft = await desk.pinTriesLeft(serial);
  if (triesLeft === 0) return blockedPage(serial, visit);
  const key = await desk.lend(serial, (client) => findSigningKey(client, issuersIn(authorities.known()), visit.now));
  const trusted = offices.all().map(({ address }) => address);
  await learnAuthorities(key.certificate, trusted, authorities, visit.now);
  return signPage(set, { serial, key, triesLeft, ...(problem !== undefined && { problem }) }, visit);
}

/** Where a document is that has to be looked at by itself before it is signed; null: there is none. */
function toBeSeen(set: DocumentSet): Answer | null {
  const index = set.notSeen[0];
  return index === undefined ? null : { to: `/documents/${set.id}?seen=${index}&first=1` };
}

async function askConsent(visit: Visit, request: FastifyRequest, parts: DocumentParts): Promise<Answer> {
  const set = setOf(parts, request.params);
  if (set.unsigned.length === 0) throw new DocumentError("nothing-to-sign");
  const unseen = toBeSeen(set);
  if (unseen !== null) return unseen;
  const { token, seen } = PLUGGED.parse(request.query);
  if (seen !== undefined && parts.desk.tokens().length === 0) await waitForToken(seen, request, parts);
  const tokens = parts.desk.tokens();
  const [only, ...more] = tokens;
  if (only === undefined) return plugInPage(set, parts.desk.changes.version, visit);
  if (token === undefined && more.length > 0) return whichTokenPage(set, tokens, visit);
  return askPin(set, token ?? only.info.serial, visit, parts);
}

interface Agreed {
  readonly serial: string;
  readonly pin: Uint8Array;
  /** Of shownOrder: what the page showed. */
  readonly shown: string;
}

/** Lends the token to the set; the PIN is gone when it is done. */
function signing(set: DocumentSet, { serial, pin, shown }: Agreed, visit: Visit, parts: DocumentParts): Promise<{ readonly to: string }> {
  const { works, authorities, workshop, clock } = parts;
  const names = set.unsigned.map((index) => set.document(index).name);
  const { suffix } = visit.texts.documents.saved;
  const known = authorities.known();
  set.isBeingSigned = true; // before any token is waited for: two of them don't both sign it
  return works.begin({
    serial,
    title: (texts) => texts.documents.sign.working,
    again: signPath(set, serial),
    end: () => {
      pin.fill(0);
      set.isBeingSigned = false;
    },
    run: async (client, { onButton, signal }) => {
      try {
        const key = await findSigningKey(client, issuersIn(known), clock.now());
        if (shownOrder(set, key.certificate) !== shown) throw new DocumentError("changed");
        signal.throwIfAborted();
        const consent = { pin, onButton };
        await signSet(set, {
          client,
          key,
          consent,
          workshop,
          known,
          now: clock.now(),
          signal,
          texts: sealTexts(visit),
          nameOf: (name) => withSuffix(name, suffix),
        });
        return `/documents/${set.id}/signed`;
      } catch (error) {
        throw naming(error, names);
      }
    },
  });
}

async function consent(visit: Visit, request: FastifyRequest, parts: DocumentParts): Promise<Answer> {
  const set = setOf(parts, request.params);
  const pin = takeSecret(request.body, "pin");
  try {
    const agreed = CONSENT.safeParse(request.body);
    if (!agreed.success) throw new DocumentError("form");
    const { token: serial, shown } = agreed.data;
    if (set.isBeingSigned) throw new DocumentError("being-signed");
    if (set.unsigned.length === 0) throw new DocumentError("nothing-to-sign");
    const unseen = toBeSeen(set);
    if (unseen !== null) return unseen;
    if (!isPinForm(pin)) return await askPin(set, serial, visit, parts, visit.texts.documents.sign.pinForm);
    try {
      return await signing(set, { serial, pin: Uint8Array.from(pin), shown }, visit, parts); // a copy: work outlives the request
    } catch (error) {
      const isChanged = error instanceof DocumentError && error.failure === "changed";
      if (isChanged) return await askPin(set, serial, visit, parts, visit.texts.documents.failures.changed);
      const left = error instanceof TokenError ? error.triesLeft : null;
      if (left === null) throw error;
      return left === 0 ? blockedPage(serial, visit) : await askPin(set, serial, visit, parts, visit.texts.documents.sign.wrongPin(left));
    }
  } finally {
    pin.fill(0);
  }
}

function sendFile(reply: FastifyReply, type: string, header: string, bytes: Uint8Array): FastifyReply {
  return reply
    .header("cache-control", "no-store")
    .header("content-security-policy", "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'")
    .header("content-disposition", header)
    .type(type)
    .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

function addFiles(app: FastifyInstance, parts: DocumentParts): void {
  app.get("/documents/:id/:index/file", (request, reply) => {
    const { name, bytes } = setOf(parts, request.params).document(indexOf(request.params));
    return sendFile(reply, "application/pdf", disposition("inline", name), bytes);
  });
  app.get("/documents/:id/:index/signed", (request, reply) => {
    const signed = setOf(parts, request.params).signed(indexOf(request.params));
    if (signed === null) throw new DocumentError("unknown");
    return sendFile(reply, "application/pdf", disposition("attachment", signed.name), signed.bytes);
  });
  app.get("/documents/:id/archive", (request, reply) => {
    const set = setOf(parts, request.params);
    const files = set.documents.flatMap((_, index) => set.signed(index) ?? []);
    if (files.length === 0) throw new DocumentError("unknown");
    return sendFile(
      reply,
      "application/zip",
      disposition("attachment", visitOf(request, parts).texts.documents.result.archive),
      archiveOf(files, parts.clock.now()),
    );
  });
}

function addPages(app: FastifyInstance, parts: DocumentParts): void {
  const { store } = parts;
  app.get(
    "/",
    page(parts, (visit, request) => dropPage(visit, store.all(), (request.query as Record<string, unknown>)["forgotten"] === "1")),
  );
  app.post(
    "/documents",
    page(parts, (visit, request) => receive(visit, request, parts)),
  );
  app.get(
    "/documents/:id",
    page(parts, (visit, request) => {
      const { seen, first } = SEEN.parse(request.query);
      return seenPage(setOf(parts, request.params), seen, visit, parts, { isFirst: first === "1" });
    }),
  );
  app.post(
    "/documents/:id/order",
    page(parts, (visit, request) => {
      const set = setOf(parts, request.params);
      if (set.isBeingSigned) throw new DocumentError("being-signed");
      const typed = readOrder(request.body);
      if (typed.isReasonWrong) return seenPage(set, 0, visit, parts, { typed });
      set.order = typed.order;
      return { to: signPath(set) };
    }),
  );
  app.get(
    "/documents/:id/sign",
    page(parts, (visit, request) => askConsent(visit, request, parts)),
  );
  app.post(
    "/documents/:id/sign",
    page(parts, (visit, request) => consent(visit, request, parts)),
  );
  app.get(
    "/documents/:id/signed",
    page(parts, (visit, request) => resultPage(setOf(parts, request.params), visit, parts, request.id)),
  );
  app.post(
    "/documents/:id/forget",
    page(parts, (_visit, request) => {
      store.forget(setOf(parts, request.params).id);
      return { to: "/?forgotten=1" };
    }),
  );
}

export async function addDocumentRoutes(app: FastifyInstance, agent: AgentParts): Promise<void> {
  const store = new DocumentStore(agent.clock);
  const parts: DocumentParts = { ...agent, store, uploads: new UploadTurns() };
  app.addHook("onClose", () => store.close());
  addViewerFiles(app);
  // Forms with files are read here and nowhere else.
  await app.register(async (scope) => {
    await scope.register(multipart, {
      throwFileSizeLimit: false,
      limits: { fileSize: MAX_FILE_BYTES, files: MAX_PARTS, fields: 0, parts: MAX_PARTS },
    });
    addPages(scope, parts);
    addFiles(scope, parts);
  });
}
