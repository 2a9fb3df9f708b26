// Where an office's page hands a request over: the office is trusted or introduced, the request taken once, shown, agreed to with the PIN, done; and the
// browser goes back to the office.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { equalBytes } from "../../../protocol/bytes.ts";
import { SW_AUTH_METHOD_BLOCKED, SW_WRONG_DATA } from "../../../protocol/status-words.ts";
import { otherOffices } from "../../activation/activate-token.ts";
import { officeAddress } from "../../office-client/office-http.ts";
import { TokenError } from "../../token/token-error.ts";
import { html } from "../../web/html.ts";
import type { AgentParts } from "../agent-parts.ts";
import { page } from "../web/answering.ts";
import { facts, formField } from "../web/parts.ts";
import { isPinForm, takeSecret } from "../web/pin-fields.ts";
import type { Answer, PageAnswer, Visit } from "../web/visit.ts";
import { type HeldRequest, HeldRequests } from "./held-requests.ts";
import { RequestError } from "./request-error.ts";
import { type Asked, alreadyPage, choicePage, donePage, type PinProblem, pinPage, plugPage, usableTokens } from "./request-page.ts";
import { activationAt, requestWork } from "./request-work.ts";
import { type HandedOver, isTypedHost, trustPage } from "./trust-page.ts";

/** As long as the page without a token waits for one before it is answered as it is. */
const WAIT_MS = 20_000;

const HANDED_OVER = z.object({ office: z.string(), id: z.string().regex(/^[A-Za-z0-9_-]{43}$/) });
const HANDLE = z.object({ handle: z.string().regex(/^[A-Za-z0-9_-]{22}$/) });
const WHICH_TOKEN = z.object({
  token: z.string().max(20).optional().catch(undefined),
  seen: z.coerce.number().int().min(0).optional().catch(undefined),
});
const CONSENT = z.object({ token: z.string().max(20), new: z.enum(["0", "1"]), entrust: z.string().max(10_000).catch("") });

/** @throws RequestError link; OfficeClientError url, insecure */
function handedOver(fields: unknown): HandedOver {
  const result = HANDED_OVER.safeParse(fields);
  if (!result.success) throw new RequestError("link");
  return { office: officeAddress(result.data.office), id: result.data.id };
}

class RequestDesk {
  readonly held: HeldRequests;
  readonly parts: AgentParts;

  constructor(parts: AgentParts) {
    this.parts = parts;
    this.held = new HeldRequests(parts.clock);
  }

  /** @throws RequestError over */
  find(params: unknown): HeldRequest {
    const result = HANDLE.safeParse(params);
    if (!result.success) throw new RequestError("over");
    return this.held.find(result.data.handle);
  }

  /** @throws RequestError untrusted, taken, … */
  async take({ office, id }: HandedOver): Promise<Answer> {
    if (!this.parts.offices.isTrusted(office)) throw new RequestError("untrusted", office);
    const { handle } = await this.held.take(office, id);
    return { to: `/request/${handle}` };
  }

  /** The office is asked each time: an activation may have gone on since. */
  async asked(held: HeldRequest): Promise<Asked> {
    return { held, facts: held.taken.kind === "sign-in" ? null : await activationAt(held.taken).state() };
  }

  /** @throws RequestError no-key, not-sealed, formatted-elsewhere, other-token: before a PIN is asked for */
  requireUsable({ facts: known, held: { taken } }: Asked, serial: string): { readonly isNew: boolean } {
    const { info } = this.parts.desk.token(serial);
    if (taken.kind === "sign-in") {
      if (!info.isInitialised) throw new RequestError("no-key", taken.office);
      return { isNew: false };
    }
    if (known !== null && known.token !== null && known.token !== serial) throw new RequestError("other-token", taken.office);
    if (!info.isSealed) throw new RequestError("not-sealed", taken.office);
    if (info.isInitialised && this.parts.secrets.find(serial) === null) throw new RequestError("formatted-elsewhere", taken.office);
    return { isNew: !info.isInitialised };
  }

  async pinPage(asked: Asked, visit: Visit, serial: string, problem: PinProblem | null = null): Promise<PageAnswer> {
    const { isNew } = this.requireUsable(asked, serial);
    const triesLeft = isNew ? null : await this.parts.desk.pinTriesLeft(serial);
    if (triesLeft === 0) throw new TokenError(SW_AUTH_METHOD_BLOCKED, "VERIFY"); // nothing to be asked for
    return pinPage(asked, visit, { serial, isNew, triesLeft, others: this.others(asked, serial), problem });
  }

  /** Offices that have this token's secrets, when the one that asks is about to get them. */
  others({ facts: known, held: { taken } }: Asked, serial: string): readonly string[] {
    return known === null ? [] : otherOffices(this.parts.secrets.find(serial), known, taken.office);
  }
}

/** An office that is trusted: a button stands before the request, because opening it uses it up. */
function openPage(visit: Visit, { office, id }: HandedOver): PageAnswer {
  const { request: texts } = visit.texts;
  return {
    title: texts.openTitle,
    body: html`<p class="lead">${texts.openText}</p>${facts([[texts.address, html`<span class="origin">${office}</span>`]])}
<section class="card"><p>${texts.openCheck}</p><p class="shown-phrase"><q>${visit.phrase ?? ""}</q></p></section>
<form method="post" action="/request/take">${formField(visit)}<input type="hidden" name="office" value="${office}"><input type="hidden" name="id" value="${id}">
<p class="actions"><button>${texts.open}</button> <a class="button quiet" href="/">${visit.texts.frame.cancel}</a></p></form>`,
  };
}

function addHandOver(app: FastifyInstance, parts: AgentParts, desk: RequestDesk): void {
  app.get(
    "/request",
    page(parts, (visit, request) => {
      const order = handedOver(request.query);
      if (!parts.offices.isTrusted(order.office)) return trustPage(visit, order);
      if (desk.held.isTaken(order.office, order.id)) throw new RequestError("taken", order.office);
      return openPage(visit, order);
    }),
  );
  app.post(
    "/request/trust",
    page(parts, (visit, request) => {
      const order = handedOver(request.body);
      const { host } = request.body as Record<string, unknown>;
      if (!isTypedHost(host, order.office)) return trustPage(visit, order, true);
      parts.offices.add(order.office, parts.clock.now());
      return desk.take(order);
    }),
  );
  app.post(
    "/request/take",
    page(parts, (_visit, request) => desk.take(handedOver(request.body))),
  );
}

/** Other offices that have the token's secrets must have been named, and agreed to. */
function entrustProblem(others: readonly string[], agreed: readonly string[], { request: texts }: Visit["texts"]): PinProblem | null {
  return others.every((office) => agreed.includes(office)) ? null : { field: "entrust", text: texts.entrustProblem };
}

/** What is wrong with a PIN before the token is asked; null: nothing. */
function formProblem(pin: Uint8Array, again: Uint8Array | null, { pin: texts }: Visit["texts"]): PinProblem | null {
  if (!isPinForm(pin)) return { field: "pin", text: texts.form };
  if (again !== null && !equalBytes(pin, again)) return { field: "again", text: texts.notTheSame };
  return null;
}

/** What the token has against it; null: something else went wrong. */
function tokenProblem(error: unknown, isNew: boolean, { pin: texts }: Visit["texts"]): PinProblem | null {
  if (!(error instanceof TokenError)) return null;
  if (error.triesLeft !== null && error.triesLeft > 0) return { field: "pin", text: texts.wrong(error.triesLeft) };
  return isNew && error.sw === SW_WRONG_DATA ? { field: "pin", text: texts.weak } : null;
}

async function consent(desk: RequestDesk, held: HeldRequest, visit: Visit, body: unknown): Promise<Answer> {
  const pin = takeSecret(body, "pin");
  const again = takeSecret(body, "again");
  try {
    held.requireOpen();
    const fields = CONSENT.safeParse(body);
    if (!fields.success) throw new RequestError("changed", held.taken.office);
    const { token: serial } = fields.data;
    const isNew = fields.data.new === "1";
    const asked = await desk.asked(held);
    if (desk.requireUsable(asked, serial).isNew !== isNew) throw new RequestError("changed", held.taken.office);
    const entrustedBeside = fields.data.entrust.split(" ");
    const problem =
      entrustProblem(desk.others(asked, serial), entrustedBeside, visit.texts) ?? formProblem(pin, isNew ? again : null, visit.texts);
    if (problem !== null) return await desk.pinPage(asked, visit, serial, problem);
    try {
      return await desk.parts.works.begin(requestWork(held, { serial, pin: pin.slice(), isNew, entrustedBeside }, desk.parts));
    } catch (error) {
      const wrong = tokenProblem(error, isNew, visit.texts);
      if (wrong === null) throw error;
      return await desk.pinPage(asked, visit, serial, wrong);
    }
  } finally {
    pin.fill(0);
    again.fill(0);
  }
}

function addRequest(app: FastifyInstance, parts: AgentParts, desk: RequestDesk): void {
  app.get(
    "/request/:handle",
    page(parts, async (visit, request) => {
      const held = desk.find(request.params);
      if (held.doneTo !== null) return { to: `/request/${held.handle}/done` };
      const { token, seen } = WHICH_TOKEN.parse(request.query);
      const asked = await desk.asked(held);
      if (asked.facts?.stage === "active") return alreadyPage(asked, visit);
      if (seen !== undefined && usableTokens(parts.desk, asked).length === 0) {
        const left = new AbortController();
        request.raw.once("close", () => left.abort());
        await parts.desk.changes.wait(seen, WAIT_MS, AbortSignal.any([parts.closing, left.signal]));
      }
      const tokens = usableTokens(parts.desk, asked);
      const [only, ...more] = token === undefined ? tokens : tokens.filter(({ info }) => info.serial === token);
      if (only === undefined) return plugPage(asked, visit, `/request/${held.handle}?seen=${parts.desk.changes.version}`);
      if (more.length > 0) return choicePage(asked, visit, tokens);
      return desk.pinPage(asked, visit, only.info.serial);
    }),
  );
  app.post(
    "/request/:handle",
    page(parts, (visit, request) => {
      const held = desk.find(request.params);
      return consent(desk, held, visit, request.body);
    }),
  );
  app.post(
    "/request/:handle/decline",
    page(parts, (visit, request) => {
      const held = desk.find(request.params);
      held.requireOpen(); // what the token is at goes on: it is given up on its own page
      desk.held.drop(held);
      const { request: texts } = visit.texts;
      return {
        title: texts.declinedTitle,
        body: html`<p class="lead">${texts.declined}</p><p class="actions"><a class="button" href="${held.taken.returnTo}">${texts.back}</a></p>`,
      };
    }),
  );
  app.get(
    "/request/:handle/done",
    page(parts, (visit, request) => {
      const held = desk.find(request.params);
      if (held.doneTo === null) return { to: `/request/${held.handle}` };
      return donePage({ held }, visit, held.doneTo);
    }),
  );
}

export function addRequestRoutes(app: FastifyInstance, parts: AgentParts): void {
  const desk = new RequestDesk(parts);
  addHandOver(app, parts, desk);
  addRequest(app, parts, desk);
}
