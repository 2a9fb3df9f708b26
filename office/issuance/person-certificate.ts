// A person's certificate: one of the profiles, under an issuing CA.

import type { KeyObject } from "node:crypto";
import "reflect-metadata"; // before @peculiar/x509, which needs it
import { X509Certificate } from "@peculiar/x509";
import type { CaKey } from "./ca-key.ts";
import type { Person } from "./certificate-authority.ts";
import { earlier, wholeSeconds, yearsLater } from "./clock.ts";
import { IssuanceError } from "./issuance-error.ts";
import { PERSON_PROFILES, type PersonProfile, personExtensions, statusAddresses } from "./profiles.ts";
import { checkPerson, personName } from "./subject.ts";
import { newSerialNumber, signCertificate } from "./x509-signing.ts";

export interface Issuer {
  /** In addresses: issuing, issuing-2, … */
  readonly name: string;
  /** DER. */
  readonly certificate: Uint8Array;
  readonly key: CaKey;
}

export interface PersonOrder {
  readonly profile: PersonProfile;
  readonly person: Person;
  readonly publicKey: KeyObject;
  readonly issuer: Issuer;
  readonly publicUrl: string;
  readonly now: Date;
}

export interface PersonCertificate {
  /** Hexadecimal. */
  readonly serialNumber: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly der: Uint8Array;
}

/** Never outlives its issuer. @throws IssuanceError person, expired-issuer; CaKeyError */
export async function certifyPerson({ profile, person, publicKey, issuer, publicUrl, now }: PersonOrder): Promise<PersonCertificate> {
  checkPerson(person);
  const { subjectName, notAfter: issuerEnd } = new X509Certificate(new Uint8Array(issuer.certificate));
  const notBefore = wholeSeconds(now);
  if (notBefore >= issuerEnd) throw new IssuanceError("expired-issuer");
  const serialNumber = newSerialNumber();
  const notAfter = earlier(yearsLater(notBefore, PERSON_PROFILES[profile].years), issuerEnd);
  const addresses = statusAddresses(publicUrl, issuer.name);
  const extensions = personExtensions(profile, publicKey, issuer.key.publicKey, person.email, addresses);
  const template = { serialNumber, subject: personName(person), issuer: subjectName, notBefore, notAfter, publicKey, extensions };
  return { serialNumber, notBefore, notAfter, der: await signCertificate(template, issuer.key) };
}
