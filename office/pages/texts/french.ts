// What the pages say, in French: every area's. The other languages have the same type: an area or a text that is missing there does not compile.

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

export type Texts = typeof FRENCH;

export const FRENCH = {
  frame: frame.fr,
  menu: menu.fr,
  pager: pager.fr,
  problems: problems.fr,
  states: states.fr,
  profile: profile.fr,
  roles: roles.fr,
  signIn: signIn.fr,
  search: search.fr,
  certificates: certificates.fr,
  person: person.fr,
  token: token.fr,
  tokenDecisions: tokenDecisions.fr,
  organisation: organisation.fr,
  representative: representative.fr,
  certificate: certificate.fr,
  revocation: revocation.fr,
  audit: audit.fr,
  officers: officers.fr,
  invitation: invitation.fr,
  sessions: sessions.fr,
  authority: authority.fr,
  welcome: welcome.fr,
  account: account.fr,
  unlocking: unlocking.fr,
  help: help.fr,
  settings: settings.fr,
  dossiers: { ...dossiers.fr, ...dossierDecisions.fr },
  application: { ...application.fr, ...ownDossier.fr },
  corporate: corporate.fr,
  activation: activation.fr,
  desk: desk.fr,
  tokenSecrets: tokenSecrets.fr,
  identity: identity.fr,
  appointment: appointment.fr,
  evidence: evidence.fr,
  checks: checks.fr,
  faults: faults.fr,
};
