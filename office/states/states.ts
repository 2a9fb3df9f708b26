// Every entity with states that the office has so far, for the test that walks them and compares them with the README.

import { ACCESS_KEY } from "./access-key-states.ts";
import { ACTIVATION } from "./activation-states.ts";
import { CERTIFICATE } from "./certificate-states.ts";
import { DOSSIER } from "./dossier-states.ts";
import { IDENTITY_CHECK } from "./identity-check-states.ts";
import { KEY } from "./key-states.ts";
import { OFFICER } from "./officer-states.ts";
import { ORGANISATION } from "./organisation-states.ts";
import { PAYMENT } from "./payment-states.ts";
import { QUESTION_SET } from "./question-set-states.ts";
import { SECRET_RELEASE } from "./secret-release-states.ts";
import { TOKEN } from "./token-states.ts";

export const STATE_MACHINES = [
  ORGANISATION,
  OFFICER,
  TOKEN,
  KEY,
  CERTIFICATE,
  DOSSIER,
  PAYMENT,
  IDENTITY_CHECK,
  QUESTION_SET,
  ACTIVATION,
  SECRET_RELEASE,
  ACCESS_KEY,
] as const;
