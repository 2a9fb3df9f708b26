// What the pages say, in English.

import { account, unlocking, welcome } from "./areas/account.ts";
import { activation, desk, tokenSecrets } from "./areas/activation.ts";
import { application } from "./areas/application.ts";
import { appointment, evidence } from "./areas/appointment.ts";
import { audit } from "./areas/audit.ts";
import { authority } from "./areas/authority.ts";
import { certificate, certificates, revocation } from "./areas/certificate.ts";
import { corporate } from "./areas/corporate.ts";
import { dossierDecisions } from "./areas/dossier-decisions.ts";
import { dossiers } from "./areas/dossiers.ts";
import { faults } from "./areas/faults.ts";
import { problems } from "./areas/form-problems.ts";
import { frame, menu, pager } from "./areas/frame.ts";
import { help, settings } from "./areas/help.ts";
import { checks, identity } from "./areas/identity.ts";
import { invitation, officers } from "./areas/officers.ts";
import { organisation } from "./areas/organisation.ts";
import { ownDossier } from "./areas/own-dossier.ts";
import { person } from "./areas/person.ts";
import { profile } from "./areas/profiles.ts";
import { representative } from "./areas/representative.ts";
import { roles } from "./areas/roles.ts";
import { search } from "./areas/search.ts";
import { sessions, signIn } from "./areas/sign-in.ts";
import { states } from "./areas/states.ts";
import { token } from "./areas/token.ts";
import { tokenDecisions } from "./areas/token-decisions.ts";
import type { Texts } from "./french.ts";

export const ENGLISH: Texts = {
  frame: frame.en,
  menu: menu.en,
  pager: pager.en,
  problems: problems.en,
  states: states.en,
  profile: profile.en,
  roles: roles.en,
  signIn: signIn.en,
  search: search.en,
  certificates: certificates.en,
  person: person.en,
  token: token.en,
  tokenDecisions: tokenDecisions.en,
  organisation: organisation.en,
  representative: representative.en,
  certificate: certificate.en,
  revocation: revocation.en,
  audit: audit.en,
  officers: officers.en,
  invitation: invitation.en,
  sessions: sessions.en,
  authority: authority.en,
  welcome: welcome.en,
  account: account.en,
  unlocking: unlocking.en,
  help: help.en,
  settings: settings.en,
  dossiers: { ...dossiers.en, ...dossierDecisions.en },
  application: { ...application.en, ...ownDossier.en },
  corporate: corporate.en,
  activation: activation.en,
  desk: desk.en,
  tokenSecrets: tokenSecrets.en,
  identity: identity.en,
  appointment: appointment.en,
  evidence: evidence.en,
  checks: checks.en,
  faults: faults.en,
};
