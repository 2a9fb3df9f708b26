// The certificates of a person, or of a token's keys, in a table.

import { desc, eq, type SQL } from "drizzle-orm";
import { type Html, html } from "../../../host-bridge/web/html.ts";
import { table } from "../../../host-bridge/web/table.ts";
import type { CertificateState } from "../../states/certificate-states.ts";
import { certificates, keys } from "../../store/schema.ts";
import type { Database } from "../../store/store.ts";
import type { Visit } from "../edge/visit.ts";
import { grouped, time } from "../frame/parts.ts";
import { certificatePill, stateNow } from "../frame/state-pills.ts";

export interface ListedCertificate {
  readonly id: string;
  readonly serialNumber: string;
  readonly profile: string;
  readonly state: CertificateState;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly tokenSerial: string;
}

async function listed(db: Database, which: SQL): Promise<ListedCertificate[]> {
  const { id, serialNumber, profile, state, notBefore, notAfter } = certificates;
  return db
    .select({ id, serialNumber, profile, state, notBefore, notAfter, tokenSerial: keys.tokenSerial })
    .from(certificates)
    .innerJoin(keys, eq(keys.id, certificates.keyId))
    .where(which)
    .orderBy(desc(certificates.issuedAt), certificates.id);
}

export const certificatesOfPerson = (db: Database, id: string): Promise<ListedCertificate[]> => listed(db, eq(certificates.personId, id));
export const certificatesOfToken = (db: Database, serial: string): Promise<ListedCertificate[]> => listed(db, eq(keys.tokenSerial, serial));

/** @param hasToken whether each row says which token it is on */
export function certificateTable(visit: Visit, rows: readonly ListedCertificate[], timeZone: string, hasToken: boolean): Html {
  const { texts, now } = visit;
  const { certificates: labels } = texts;
  const day = (at: Date): Html => html`<span class="nowrap">${time(at, visit, timeZone, "day")}</span>`;
  return table({
    caption: labels.title,
    columns: [labels.serialNumber, labels.profile, labels.state, ...(hasToken ? [labels.token] : []), labels.validity],
    none: labels.none,
    rows: rows.map(({ id, serialNumber, profile, state, notBefore, notAfter, tokenSerial }) => [
      html`<a href="/certificates/${id}">${grouped(serialNumber)}</a>`,
      texts.profile(profile),
      certificatePill(stateNow(state, notAfter, now), texts),
      ...(hasToken ? [html`<a href="/tokens/${encodeURIComponent(tokenSerial)}">${grouped(tokenSerial)}</a>`] : []),
      html`${day(notBefore)} – ${day(notAfter)}`,
    ]),
  });
}
