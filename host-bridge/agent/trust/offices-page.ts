// The offices that the holder trusts to hand over requests, and a way to trust one no longer; beside them the authorities that vouch for people's names,
// which is another kind of trust, and chosen by itself.

import type { FastifyInstance } from "fastify";
import { commonName } from "../../signing/distinguished-name.ts";
import { type Html, html } from "../../web/html.ts";
import { isolated } from "../../web/shown-text.ts";
import type { AgentParts } from "../agent-parts.ts";
import type { Authority, LearnedAuthority } from "../documents/known-authorities.ts";
import { page } from "../web/answering.ts";
import { formField, named, notice, pill, time } from "../web/parts.ts";
import type { Visit } from "../web/visit.ts";

const FINGERPRINT_GROUP = /.{1,4}/g;

const fingerprintOf = ({ fingerprint }: Authority): Html =>
  html`<code class="number">${(fingerprint.match(FINGERPRINT_GROUP) ?? []).map((group) => html`<span>${group}</span>`)}</code>`;

function authorityForm(visit: Visit, { fingerprint, subject }: Authority, action: "choose" | "unchoose"): Html {
  const { authorities: texts } = visit.texts;
  const [words, label] = action === "choose" ? [texts.choose, texts.chooseOf] : [texts.unchoose, texts.unchooseOf];
  return html`<form method="post" action="/authorities/${action}">${formField(visit)}<input type="hidden" name="fingerprint" value="${fingerprint}"><button class="quiet" aria-label="${label(isolated(commonName(subject)))}">${words}</button></form>`;
}

function learnedCard(authority: LearnedAuthority, visit: Visit): Html {
  const { authorities: texts } = visit.texts;
  return html`<section class="card office"><div><h3>${named(commonName(authority.subject))} ${pill(texts.learned, "waiting")}</h3>
<p>${texts.learnedFrom} <span class="origin">${authority.office}</span>, ${time(authority.since, visit, "day")}. ${texts.why}</p><p><small>SHA-256</small> ${fingerprintOf(authority)}</p></div>
${authorityForm(visit, authority, "choose")}</section>`;
}

function chosenCard(authority: Authority, visit: Visit, isChosenHere: boolean): Html {
  const { authorities: texts } = visit.texts;
  return html`<section class="card office"><div><h3>${named(commonName(authority.subject))} ${pill(texts.chosen, "good")}</h3><p><small>SHA-256</small> ${fingerprintOf(authority)}</p></div>
${isChosenHere ? authorityForm(visit, authority, "unchoose") : html`<p class="hint">${texts.byFile}</p>`}</section>`;
}

function authorities(visit: Visit, { authorities: book }: AgentParts): Html {
  const { authorities: texts } = visit.texts;
  const { chosen, learned } = book.known();
  const roots = { chosen: chosen.filter(({ isRoot }) => isRoot), learned: learned.filter(({ isRoot }) => isRoot) };
  return html`<h2 id="authorities">${texts.title}</h2><p>${texts.text}</p>
${roots.learned.map((each) => learnedCard(each, visit))}${roots.chosen.map((each) => chosenCard(each, visit, book.isChosenHere(each.fingerprint)))}
${roots.chosen.length + roots.learned.length === 0 ? html`<p class="none">${texts.none}</p>` : null}`;
}

export function addOfficesRoutes(app: FastifyInstance, parts: AgentParts): void {
  const { offices } = parts;
  app.get(
    "/offices",
    page(parts, (visit, request) => {
      const { offices: texts } = visit.texts;
      const known = offices.all();
      const { removed } = request.query as Record<string, unknown>;
      return {
        title: texts.title,
        body: html`${removed === "1" ? notice(texts.removed) : null}<p>${texts.text}</p>
${known.length === 0 ? html`<p class="none">${texts.none}</p>` : null}${known.map(
  ({
    address,
    since,
  }) => html`<section class="card office"><div><h2 class="origin">${address}</h2><p>${texts.since} ${time(since, visit, "day")}</p></div>
<form method="post" action="/offices/remove">${formField(visit)}<input type="hidden" name="address" value="${address}"><button class="quiet" aria-label="${texts.removeOf(address)}">${texts.remove}</button></form></section>`,
)}
${authorities(visit, parts)}`,
      };
    }),
  );
  for (const action of ["choose", "unchoose"] as const) {
    app.post(
      `/authorities/${action}`,
      page(parts, (_visit, request) => {
        const { fingerprint } = (request.body ?? {}) as Record<string, unknown>;
        parts.authorities[action](String(fingerprint));
        return { to: "/offices#authorities" };
      }),
    );
  }
  app.post(
    "/offices/remove",
    page(parts, (_visit, request) => {
      const { address } = (request.body ?? {}) as Record<string, unknown>;
      offices.remove(String(address));
      return { to: "/offices?removed=1" };
    }),
  );
}
