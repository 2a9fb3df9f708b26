// What the agent's pages say in English: a list of areas; the words are in areas/.

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
import type { Texts } from "./french.ts";

export const ENGLISH: Texts = {
  frame: frame.en,
  menu: menu.en,
  faults: faults.en,
  home: home.en,
  pin: pin.en,
  phrase: phrase.en,
  offices: offices.en,
  authorities: authorities.en,
  request: request.en,
  requestFaults: requestFaults.en,
  documents: documents.en,
  verification: verification.en,
  tokenPages: tokenPages.en,
  work: work.en,
};
