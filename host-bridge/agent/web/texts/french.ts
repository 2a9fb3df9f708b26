// What the agent's pages say in French: a list of areas; the words are in areas/.

import { documents } from "./areas/documents.ts";
import { faults } from "./areas/faults.ts";
import { frame, menu } from "./areas/frame.ts";
import { home } from "./areas/home.ts";
import { pin } from "./areas/pin.ts";
import { request } from "./areas/request.ts";
import { requestFaults } from "./areas/request-faults.ts";
import { tokenPages } from "./areas/token-pages.ts";
import { authorities, offices, phrase } from "./areas/trust.ts";
import { verification } from "./areas/verification.ts";
import { work } from "./areas/work.ts";

export const FRENCH = {
  frame: frame.fr,
  menu: menu.fr,
  faults: faults.fr,
  home: home.fr,
  pin: pin.fr,
  phrase: phrase.fr,
  offices: offices.fr,
  authorities: authorities.fr,
  request: request.fr,
  requestFaults: requestFaults.fr,
  documents: documents.fr,
  verification: verification.fr,
  tokenPages: tokenPages.fr,
  work: work.fr,
};

export type Texts = typeof FRENCH;
