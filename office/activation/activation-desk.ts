// What activations work with: applications and issuance at once.

import type { ApplicationDesk } from "../applications/application-desk.ts";
import type { IssuanceDesk } from "../issuance/issuance-desk.ts";

export interface ActivationDesk extends ApplicationDesk, IssuanceDesk {}
