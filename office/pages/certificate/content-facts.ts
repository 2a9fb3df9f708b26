// What every sheet of a certificate says, an officer's and a legal representative's: the fields of S44 from the name to the validity, in its order.

import { type HtmlValue, html } from "../../../host-bridge/web/html.ts";
import type { Visit } from "../edge/visit.ts";
import { type Fact, grouped, time } from "../frame/parts.ts";
import type { CertificateRecord } from "./certificate-record.ts";

/**
 * @param name the holder's; a link to their sheet for those who have one
 * @param timeZone IANA: the office's
 */
export function contentFacts(
  { certificate, contents, person }: Pick<CertificateRecord, "certificate" | "contents" | "person">,
  visit: Visit,
  name: HtmlValue,
  timeZone: string,
): readonly Fact[] {
  const { certificate: labels } = visit.texts;
  const names = contents.alternativeNames;
  return [
    [labels.name, name],
    [labels.email, person.email],
    [labels.organization, contents.organization],
    [labels.organizationalUnit, contents.organizationalUnit],
    [labels.function, contents.title],
    [labels.serialNumber, grouped(certificate.serialNumber)],
    [labels.issuer, contents.issuer],
    [labels.subject, contents.subject],
    [labels.alternativeName, names.length === 0 ? null : names.join(", ")],
    [
      labels.validity,
      html`${time(certificate.notBefore, visit, timeZone)}<br>${labels.until} ${time(certificate.notAfter, visit, timeZone)}`,
    ],
  ];
}
