// The people of the demonstration whom whoever tries it wants to be: their mailboxes, and what they are there for.

/** «Léa Morel»: lea.morel@exemple.fr. */
export const mailboxFor = (name: string): string =>
  `${name
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/œ/g, "oe")
    .toLowerCase()
    .replace(/[^a-z]+/g, ".")}@exemple.fr`;

export interface DemoPerson {
  readonly email: string;
  /** `ready`: a reference number waits; `approved`: theirs has run out; `today`: an appointment; `invited`: by a corporate account. */
  readonly what: "ready" | "today" | "submitted" | "draft" | "manager" | "invited" | "approved" | "active";
}

export const DEMO_PEOPLE: readonly DemoPerson[] = [
  { email: mailboxFor("Clara Fontaine"), what: "ready" },
  { email: mailboxFor("Léa Morel"), what: "today" },
  { email: mailboxFor("Camille Aubin"), what: "submitted" },
  { email: mailboxFor("Victor Blanc"), what: "draft" },
  { email: mailboxFor("Nadia Benali"), what: "manager" },
  { email: mailboxFor("Juliette Roche"), what: "invited" },
  { email: mailboxFor("Rémi Vasseur"), what: "approved" },
  { email: mailboxFor("Sophie Delcourt"), what: "active" },
];
