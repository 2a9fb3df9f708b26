// What managers type, and what officers type about associations.

import { z } from "zod";
import { MIN_CORPORATE_USERS } from "../../dossiers/corporate-accounts.ts";
import { EMAIL } from "../account/mailbox-form.ts";
import { PHONE } from "../application/application-forms.ts";
import { says } from "../edge/form.ts";
import { lineField } from "../edge/line-field.ts";

/** As certificates have them (RFC 5280 appendix A.1). */
const MAX_NAME = 64;
const MAX_USERS = 100_000;

/** Where organisations are, ISO 3166: the Union, its neighbours, and French-speaking countries. */
export const COUNTRIES =
  "FR BE CH LU MC CA AT BG CY CZ DE DK EE ES FI GB GR HR HU IE IS IT LI LT LV MT NL NO PL PT RO SE SI SK BF BJ CD CG CI CM DZ GA GN HT LB MA MG ML MU NE SN TD TG TN".split(
    " ",
  );

const name = lineField(MAX_NAME).min(1, says("required"));
const country = z.string(says("choose")).refine((code) => COUNTRIES.includes(code), says("choose"));

/** Who the legal representative is, when it is not the manager: both or neither. */
const REPRESENTATIVE = {
  representativeName: lineField(MAX_NAME).default(""),
  representativeEmail: z
    .string(says("not-an-email"))
    .trim()
    .refine((text) => text === "" || EMAIL.safeParse(text).success, says("not-an-email"))
    .default(""),
};

const REQUEST_FIELDS = z.object({
  name,
  country,
  office: z.uuid(says("choose")),
  managerName: name,
  phone: PHONE,
  users: z
    .string(says("required"))
    .trim()
    .min(1, says("required"))
    .regex(/^\d{1,6}$/, says("not-a-count"))
    .transform(Number)
    .refine((count) => count <= MAX_USERS, says("not-a-count"))
    .refine((count) => count >= MIN_CORPORATE_USERS, says("too-few-users")),
  ...REPRESENTATIVE,
});

export const CORPORATE_REQUEST = REQUEST_FIELDS.superRefine(({ representativeName, representativeEmail }, context) => {
  if ((representativeName === "") === (representativeEmail === "")) return;
  const path = [representativeName === "" ? "representativeName" : "representativeEmail"];
  context.addIssue({ code: "custom", path, message: says("required").error });
});

const MAX_REASON = 500;

export const NEW_MANAGER = z.object({
  email: EMAIL,
  name,
  phone: PHONE,
  reason: lineField(MAX_REASON).min(1, says("required")),
});

export const INVITATION = z.object({ email: EMAIL, language: z.enum(["fr", "en"], says("choose")) });

/** «ASSOCIATION: NUMBER» is one field of a certificate: its members' numbers need room. */
const MAX_ASSOCIATION_NAME = 44;

export const ASSOCIATION = z.object({ name: name.max(MAX_ASSOCIATION_NAME, says("too-long")), country, office: z.uuid(says("choose")) });
