// Who is invited as an officer: somebody on record, or somebody new; with roles in one office.

import { z } from "zod";
import { HANDOVERS } from "../../enrolment/code-handover.ts";
import { ROLES } from "../../registration/roles.ts";
import { says } from "../edge/form.ts";
import { lineField } from "../edge/line-field.ts";

/** As certificates have them (RFC 5280 appendix A.1): officers are to get some. */
const MAX_NAME = 64;
const MAX_EMAIL = 255;

const name = lineField(MAX_NAME).min(1, says("required"));

const ROLES_FIELD = z.preprocess(
  (value) => (typeof value === "string" ? [value] : value),
  z.array(z.enum(ROLES), says("choose")).min(1, says("choose")),
);

/** What is not said goes by mail: nobody else sees the code then. */
export const HANDOVER = z.enum(HANDOVERS, says("choose")).default("mail");

/** What is said once of everybody who is invited. */
const assignment = { handover: HANDOVER, office: z.uuid(says("choose")), roles: ROLES_FIELD };

/** Somebody on record. */
export const KNOWN_INVITATION = z.object({ person: z.uuid(says("unreadable")), ...assignment });

export const NEW_INVITATION = z.object({
  organisation: z.uuid(says("choose")),
  givenName: name,
  surname: name,
  email: z
    .string(says("required"))
    .trim()
    .min(1, says("required"))
    .max(MAX_EMAIL, says("too-long"))
    .regex(/^[!-?A-~]+@[!-?A-~]+$/, says("not-an-email")),
  number: z
    .string(says("required"))
    .trim()
    .min(1, says("required"))
    .max(MAX_NAME, says("too-long"))
    .regex(/^[A-Za-z0-9 '()+,./:=?-]+$/, says("not-a-number")),
  language: z.enum(["fr", "en"], says("choose")),
  ...assignment,
});
