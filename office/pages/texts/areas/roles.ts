// The roles of officers, and what they may do.

import { inBothLanguages } from "../../../../host-bridge/web/in-both-languages.ts";

export const roles = inBothLanguages(
  {
    administrator: { name: "Administrateur", may: "agents, organisations, autorité de certification" },
    verifier: { name: "Vérificateur", may: "enregistre les personnes et vérifie leur identité" },
    approver: { name: "Approbateur", may: "approuve les demandes et ouvre les organisations" },
    issuer: { name: "Émetteur", may: "remet les jetons, émet et révoque les certificats" },
    helpdesk: { name: "Assistance", may: "consulte les fiches" },
    auditor: { name: "Auditeur", may: "consulte les fiches, lit et vérifie le journal d'audit" },
  },
  {
    administrator: { name: "Administrator", may: "officers, organisations, certification authority" },
    verifier: { name: "Verifier", may: "enters people and verifies their identity" },
    approver: { name: "Approver", may: "approves applications and opens organisations" },
    issuer: { name: "Issuer", may: "hands out tokens, issues and revokes certificates" },
    helpdesk: { name: "Helpdesk", may: "sees the sheets" },
    auditor: { name: "Auditor", may: "sees the sheets, reads and verifies the audit trail" },
  },
);
