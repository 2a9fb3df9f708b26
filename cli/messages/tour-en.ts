// What `sceau tour` says, and the letter that it writes, in English. French has the same keys (tour-fr.ts).

export const tourEn = {
  title: "Sceau: from an application to a signed PDF, with a simulated token",
  plugIn: "plug in a new simulated token",
  bridge: "start the bridge",
  office: "start the demonstration's office (the first time it fills itself)",
  apply: "apply: mailbox, form, three questions, consents",
  check: "a verifier checks the identity, face to face",
  approve: "another officer approves",
  activate: "activate: key on the token, attestation, certificate, proof",
  application: {
    person: { givenName: "Camille", surname: "Durand", title: "Chartered accountant", memberNumber: "10-4217" },
    place: "Desk 2, ground floor",
    seen: "Demonstration: identity card seen at the desk.",
    waived: "Demonstration: nothing to pay.",
    status: "Demonstration: register of members, in good standing today.",
  },
  document: "write a letter of three pages",
  read: "read the document",
  sign: "sign it through PKCS#11 (PAdES-B-B)",
  verify: "verify the signature",
  signedFile: "Signed file",
  signedBy: "Signed by",
  trust: "Root to trust",
  total: (seconds: string) => `All in ${seconds} s.`,
  notValid: "The signature does not verify.",
  stay: "The token stays plugged in. In another terminal:",
  stayPin: (path: string) => `Its PIN is in ${path}`,
  stayOffice: (url: string) => `The demonstration's office: ${url}`,
  stayStop: "Ctrl-C unplugs it.",
  letter: {
    title: "Engagement letter",
    parties: "Between the firm Sceau Demonstration and its client",
    articles: [
      {
        title: "Mission",
        paragraphs: [
          "The client entrusts the firm with the preparation of its annual accounts. This letter sets out the mission, its duration and its terms.",
          "The mission covers the balance sheet, the profit and loss account and the notes. It is neither an audit nor a search for fraud.",
        ],
      },
      {
        title: "Duties of the firm",
        paragraphs: [
          "The firm carries out its work with care and independence, according to the standards of its profession, and keeps secret what it learns.",
          "It tells the client without delay of anything that may put the deadline in doubt.",
        ],
      },
      {
        title: "Duties of the client",
        paragraphs: [
          "The client hands over the documents that the firm needs, complete and in good time, and answers its questions.",
          "The client remains responsible for its books, and for the accounts that it approves.",
        ],
      },
      {
        title: "Duration",
        paragraphs: [
          "The mission lasts one year and is renewed unless one of the parties ends it with three months' notice, by registered letter.",
          "If it ends early, the work that was done is due, and the documents go back to the client.",
        ],
      },
      {
        title: "Fees",
        paragraphs: [
          "The fees are agreed each year and are due within thirty days of the invoice. Costs are charged as they were incurred.",
        ],
      },
    ],
    page: (page: number, of: number) => `Page ${page} of ${of}`,
    signature: "Signature of the firm:",
  },
};
