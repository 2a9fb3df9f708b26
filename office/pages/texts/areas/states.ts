// The names of the states (states/).

import { inBothLanguages } from "../in-both-languages.ts";

export const states = inBothLanguages(
  {
    certificate: { issued: "Émis, à activer", active: "Valide", expired: "Expiré", revoked: "Révoqué" },
    key: { attested: "Attestée", certified: "Certifiée", destroyed: "Détruite" },
    officer: { invited: "Invité", active: "Actif", withdrawn: "Retiré" },
    organisation: { requested: "Demandée", open: "Ouverte", closed: "Fermée" },
    token: {
      blank: "Vierge",
      formatted: "Préparé",
      assigned: "Attribué",
      active: "Actif",
      suspended: "Suspendu",
      blocked: "Bloqué",
      lost: "Perdu",
      damaged: "Endommagé",
      retired: "Retiré",
    },
  },
  {
    certificate: { issued: "Issued, to be activated", active: "Valid", expired: "Expired", revoked: "Revoked" },
    key: { attested: "Attested", certified: "Certified", destroyed: "Destroyed" },
    officer: { invited: "Invited", active: "Active", withdrawn: "Withdrawn" },
    organisation: { requested: "Requested", open: "Open", closed: "Closed" },
    token: {
      blank: "Blank",
      formatted: "Prepared",
      assigned: "Assigned",
      active: "Active",
      suspended: "Suspended",
      blocked: "Blocked",
      lost: "Lost",
      damaged: "Damaged",
      retired: "Retired",
    },
  },
);
