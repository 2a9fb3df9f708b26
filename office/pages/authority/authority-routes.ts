// The CA's page, for everybody: its certificates to fetch (the files are status/'s), their fingerprints, and how to check them.

import { X509Certificate } from "node:crypto";
import { asc } from "drizzle-orm";
import type { FastifyInstance } from "fastify";
import { type Html, html } from "../../../host-bridge/web/html.ts";
import { issuers } from "../../store/schema.ts";
import { publicPage } from "../edge/answering.ts";
import type { Edge, PageAnswer, Visit } from "../edge/visit.ts";
import { type Fact, facts, grouped, pill, time } from "../frame/parts.ts";

type Issuer = typeof issuers.$inferSelect;

function issuerCard(visit: Visit, { name, certificate, isOnline, isCurrent }: Issuer): Html {
  const { authority, frame } = visit.texts;
  const x509 = new X509Certificate(Buffer.from(certificate));
  const fingerprint = x509.fingerprint256.replaceAll(":", "").toLowerCase();
  const role = isCurrent ? pill(authority.current, "good") : isOnline ? pill(authority.former, "over") : pill(authority.offline, "waiting");
  const rows: readonly Fact[] = [
    [authority.role, role],
    [authority.subject, x509.subject.replaceAll("\n", ", ")],
    [authority.issuer, x509.issuer.replaceAll("\n", ", ")],
    [
      authority.validity,
      html`${time(new Date(x509.validFrom), visit, "UTC", "day")} – ${time(new Date(x509.validTo), visit, "UTC", "day")}`,
    ],
    [authority.fingerprint, grouped(fingerprint)],
  ];
  return html`<section><h2>${isOnline ? authority.issuing(name) : authority.root(name)}</h2>${facts(rows, frame.unknown)}
<p class="actions"><a class="button quiet" href="/ca/${name}.cer" download>${name}.cer (DER)</a>
<a class="button quiet" href="/ca/${name}.pem" download>${name}.pem</a></p></section>`;
}

function authorityPage(visit: Visit, rows: readonly Issuer[], publicUrl: string): PageAnswer {
  const { authority } = visit.texts;
  const root = rows.find(({ isOnline }) => !isOnline);
  const file = `${root?.name ?? "root"}.cer`;
  if (rows.length === 0) return { title: authority.title, body: html`<p class="none">${authority.none}</p>` };
  return {
    title: authority.title,
    body: html`<p class="lead">${authority.text}</p>${rows.map((row) => issuerCard(visit, row))}
<h2>${authority.checkTitle}</h2><p>${authority.check}</p>
<code class="command">curl -O ${publicUrl}/ca/${file}
sha256sum ${file}</code>
<p>${authority.compare}</p>`,
  };
}

export function addAuthorityRoutes(app: FastifyInstance, edge: Edge): void {
  const { db } = edge.store;
  app.get(
    "/ca",
    publicPage(edge, async (visit) => {
      const rows = await db.select().from(issuers).orderBy(asc(issuers.isOnline), asc(issuers.name));
      return authorityPage(visit, rows, edge.publicUrl);
    }),
  );
}
