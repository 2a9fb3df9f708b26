// A check: begun, taken up, decided, called off; and its evidence, added and shown.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { beginCheck, callOffCheck, decideCheck, takeUpCheck } from "../../identity/checks.ts";
import { addEvidence, showEvidence } from "../../identity/evidence.ts";
import { IdentityError } from "../../identity/identity-error.ts";
import { type CheckSheet, checkSheet, officeOfEvidence } from "../../identity/identity-records.ts";
import { isPermitted } from "../../registration/roles.ts";
import { officerPage, requireOfficerToken } from "../edge/answering.ts";
import { FormState, readForm } from "../edge/form.ts";
import { idOf } from "../edge/record-id.ts";
import { type Answer, type Edge, NothingThereError, type OfficerVisit, scopeOf, visitOf } from "../edge/visit.ts";
import { CALL_OFF, type CheckTold, checkPage, VERDICT } from "./check-page.ts";
import { receiveFile, withUploads } from "./evidence-upload.ts";
import { refusalText } from "./identity-fields.ts";

/** @throws NothingThereError, NotPermittedError */
async function sheetOf({ store }: Edge, visit: OfficerVisit, params: unknown): Promise<CheckSheet> {
  const sheet = await checkSheet(store.db, idOf(params), scopeOf(visit, "identity"));
  if (sheet === null) throw new NothingThereError();
  return sheet;
}

const NOTHING_TOLD: CheckTold = { done: null, refusal: null };

/** Does it, and goes on to the page; when it is refused, the page says why. */
async function doing(
  edge: Edge,
  visit: OfficerVisit,
  params: unknown,
  form: FormState,
  work: (checkId: string) => Promise<string>,
): Promise<Answer> {
  const { check } = await sheetOf(edge, visit, params);
  try {
    return { to: await work(check.id) };
  } catch (error) {
    const refusal = refusalText(error, visit);
    return checkPage(visit, await sheetOf(edge, visit, params), form, { done: null, refusal });
  }
}

async function upload(edge: Edge, visit: OfficerVisit, request: FastifyRequest): Promise<Answer> {
  const { dossier } = await sheetOf(edge, visit, request.params);
  return doing(edge, visit, request.params, new FormState(), async (checkId) => {
    const { kind, bytes } = await receiveFile(request, (fields) => requireOfficerToken(visit, fields["csrf"]));
    await addEvidence(edge, { dossierId: dossier.id, kind, bytes, by: { officerId: visit.session.officer.id } });
    return `/identity/checks/${checkId}?done=added`;
  });
}

/** The office's that has the dossier: those who check identities, and those who approve. */
async function requireViewer({ store }: Edge, { session }: OfficerVisit, evidenceId: string): Promise<void> {
  const officeId = await officeOfEvidence(store.db, evidenceId);
  const { assignments } = session.officer;
  const maySee =
    officeId !== null && (["identity", "approve"] as const).some((permission) => isPermitted(assignments, permission, officeId));
  if (!maySee) throw new NothingThereError();
}

const EXTENSIONS = { "image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf" } as const;

/** Bytes that somebody else has made: the browser takes them for what they were found to be, and runs nothing. */
async function sendEvidence(edge: Edge, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const id = idOf(request.params);
  const { session, ...visit } = await visitOf(request, edge);
  if (session === null) return reply.redirect("/identity", 303);
  await requireViewer(edge, { ...visit, session }, id);
  try {
    const { mediaType, bytes } = await showEvidence(edge, id, session.officer.id);
    // A browser shows no PDF in a sandbox: it is saved instead.
    const disposition = mediaType === "application/pdf" ? "attachment" : "inline";
    return reply
      .header("cache-control", "no-store")
      .header("x-content-type-options", "nosniff")
      .header("content-security-policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
      .header("content-disposition", `${disposition}; filename="${id}.${EXTENSIONS[mediaType]}"`)
      .type(mediaType)
      .send(Buffer.from(bytes));
  } catch (error) {
    if (error instanceof IdentityError) throw new NothingThereError();
    throw error;
  }
}

export function addCheckRoutes(app: FastifyInstance, edge: Edge): void {
  const address = "/identity/checks/:id";
  app.get(
    address,
    officerPage(edge, async (visit, { params, query }) => {
      const { done } = query as { readonly done?: unknown };
      const told = { ...NOTHING_TOLD, done: typeof done === "string" ? done : null };
      return checkPage(visit, await sheetOf(edge, visit, params), new FormState(), told);
    }),
  );
  app.post(
    address,
    officerPage(edge, async (visit, { params, body }) => {
      const { data, form } = readForm(VERDICT, body);
      if (data === null) return checkPage(visit, await sheetOf(edge, visit, params), form, NOTHING_TOLD);
      return doing(edge, visit, params, form, async (checkId) => {
        await decideCheck(edge, { checkId, officerId: visit.session.officer.id, ...data });
        return `/identity/checks/${checkId}?done=decided`;
      });
    }),
  );
  for (const [action, change, done] of [
    ["begin", beginCheck, "begun"],
    ["take-up", takeUpCheck, "taken"],
  ] as const) {
    app.post(
      `${address}/${action}`,
      officerPage(edge, (visit, { params }) =>
        doing(edge, visit, params, new FormState(), async (checkId) => {
          await change(edge, { checkId, officerId: visit.session.officer.id });
          return `/identity/checks/${checkId}?done=${done}`;
        }),
      ),
    );
  }
  app.post(
    `${address}/call-off`,
    officerPage(edge, async (visit, { params, body }) => {
      const { data, form } = readForm(CALL_OFF, body);
      if (data === null) return checkPage(visit, await sheetOf(edge, visit, params), form, NOTHING_TOLD);
      return doing(edge, visit, params, form, async (checkId) => {
        await callOffCheck(edge, { checkId, officerId: visit.session.officer.id, reason: data.reason });
        return "/identity?done=off";
      });
    }),
  );
  app.get("/identity/evidence/:id", (request, reply) => sendEvidence(edge, request, reply));
  withUploads(app, (scope) =>
    scope.post(
      `${address}/evidence`,
      officerPage(edge, (visit, request) => upload(edge, visit, request), "upload"),
    ),
  );
}
