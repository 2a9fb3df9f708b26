// Every entity with states that the office has so far, for the test that walks them and compares them with the README.

import { CERTIFICATE } from "./certificate-states.ts";
import { KEY } from "./key-states.ts";
import { OFFICER } from "./officer-states.ts";
import { ORGANISATION } from "./organisation-states.ts";
import { TOKEN } from "./token-states.ts";

export const STATE_MACHINES = [ORGANISATION, OFFICER, TOKEN, KEY, CERTIFICATE] as const;
