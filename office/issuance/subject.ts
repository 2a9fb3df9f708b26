// What may stand in a certificate's names and addresses, and how it is written there: as given, never interpreted.

import "reflect-metadata"; // before @peculiar/x509, which needs it
import { type JsonAttributeObject, Name } from "@peculiar/x509";
import { isPlainLine } from "../store/plain-text.ts";
import { AuthoritySettingsError, type Membership, type Person } from "./certificate-authority.ts";
import { IssuanceError } from "./issuance-error.ts";

/** RFC 5280 appendix A.1: ub-organization-name, -organizational-unit-name, -common-name, -serial-number, -title. The same for surname and given name. */
const MAX_NAME_CHARACTERS = 64;
/** RFC 5280 appendix A.1, ub-emailaddress-length. */
const MAX_EMAIL_CHARACTERS = 255;
const ID_SERIAL_NUMBER = "2.5.4.5";
const ID_TITLE = "2.5.4.12";
const COUNTRY = /^[A-Za-z]{2}$/;
/** PrintableString, which serialNumber has to be. */
const PRINTABLE = /^[A-Za-z0-9 '()+,./:=?-]+$/;
const EMAIL = /^[!-?A-~]+@[!-?A-~]+$/;
const ASCII = /^[!-~]+$/;

export interface AuthorityNames {
  readonly publicUrl: string;
  readonly organisation: string;
  readonly country: string;
}

export const rootCommonName = (organisation: string): string => `${organisation} Root CA`;
/** @param generation 1 for the first issuing CA, 2 for the one after it */
export const issuingCommonName = (organisation: string, generation: number): string =>
  `${organisation} Issuing CA${generation === 1 ? "" : ` ${generation}`}`;
/** So many issuing CAs have room in an authority's name. */
export const MAX_GENERATIONS = 99;
export const responderCommonName = (organisation: string): string => `${organisation} OCSP`;
const personCommonName = ({ givenName, surname }: Person): string => `${givenName} ${surname}`;

/** Of which association somebody is a member, and as which: the organizational unit (2.5.4.11). */
const unitName = ({ association, number }: Membership): string => `${association}: ${number}`;

/** What a person has beside the name, and need not have. */
function attested({ title, membership }: Person): { readonly title: string | null; readonly unit: string | null } {
  return { title: title ?? null, unit: membership ? unitName(membership) : null };
}

const isName = (text: string): boolean => text.trim() !== "" && [...text].length <= MAX_NAME_CHARACTERS && isPlainLine(text);

function isWebAddress(text: string): boolean {
  return ASCII.test(text) && URL.canParse(text) && ["http:", "https:"].includes(new URL(text).protocol);
}

/** @throws IssuanceError person */
export function checkPerson(person: Person): void {
  const { givenName, surname, organisation, country, number, email } = person;
  const { title, unit } = attested(person);
  const membership = person.membership ? [person.membership.association, person.membership.number] : [];
  const optional = [title, unit, ...membership].filter((text) => text !== null);
  const areNames = [givenName, surname, organisation, number, personCommonName(person), ...optional].every(isName);
  const isSound = areNames && PRINTABLE.test(number) && COUNTRY.test(country) && EMAIL.test(email);
  if (!isSound || email.length > MAX_EMAIL_CHARACTERS) throw new IssuanceError("person");
}

/** @throws AuthoritySettingsError */
export function checkAuthorityNames({ publicUrl, organisation, country }: AuthorityNames): void {
  if (!isWebAddress(publicUrl)) throw new AuthoritySettingsError("url");
  if (!isName(organisation) || !isName(issuingCommonName(organisation, MAX_GENERATIONS))) throw new AuthoritySettingsError("organisation");
  if (!COUNTRY.test(country)) throw new AuthoritySettingsError("country");
}

/** Whoever was at a ceremony: one line each in its record. @throws AuthoritySettingsError witness */
export function checkWitnesses(witnesses: readonly string[]): void {
  if (!witnesses.every(isName)) throw new AuthoritySettingsError("witness");
}

// Typed values: @peculiar/x509 would read quotation marks, backslashes and a leading # of a plain string as RFC 4514's notation.
const utf8 = (text: string): JsonAttributeObject => ({ utf8String: text });
const printable = (text: string): JsonAttributeObject => ({ printableString: text });

export function caName({ organisation, country }: AuthorityNames, commonName: string): Name {
  return new Name([{ C: [printable(country)] }, { O: [utf8(organisation)] }, { CN: [utf8(commonName)] }]);
}

export function personName(person: Person): Name {
  const { title, unit } = attested(person);
  return new Name([
    { C: [printable(person.country)] },
    { O: [utf8(person.organisation)] },
    ...(unit === null ? [] : [{ OU: [utf8(unit)] }]),
    { SN: [utf8(person.surname)] },
    { G: [utf8(person.givenName)] },
    ...(title === null ? [] : [{ [ID_TITLE]: [utf8(title)] }]),
    { [ID_SERIAL_NUMBER]: [printable(person.number)] },
    { CN: [utf8(personCommonName(person))] },
  ]);
}
