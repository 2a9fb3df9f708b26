// What applicants type: read, and said field by field where it can't be so.

import { z } from "zod";
import { LEVELS } from "../../dossiers/certificate-level.ts";
import type { GivenConsent } from "../../dossiers/consents.ts";
import type { Details } from "../../dossiers/dossier-rules.ts";
import { type AnswerFault, QUESTIONS_A_SET } from "../../dossiers/questions.ts";
import { type FieldProblem, type FieldProblems, says } from "../edge/form.ts";
import { lineField } from "../edge/line-field.ts";

/** As certificates have them (RFC 5280 appendix A.1). */
const MAX_NAME = 64;

const optionalName = lineField(MAX_NAME);
const name = optionalName.min(1, says("required"));
const optionalNumber = z
  .string(says("required"))
  .trim()
  .max(MAX_NAME, says("too-long"))
  .regex(/^[A-Za-z0-9 '()+,./:=?-]*$/, says("not-a-number"));

export const PHONE = z
  .string(says("required"))
  .trim()
  .min(1, says("required"))
  .regex(/^\+?[0-9 ().-]{6,30}$/, says("not-a-telephone"));

/** Which of them are offered, the rules say. */
const profile = z.enum(LEVELS, says("choose")).default("SIGN-LCP");
const common = { givenName: name, surname: name, phone: PHONE, language: z.enum(["fr", "en"], says("choose")), profile };

/** On one's own: an association authorises, and knows the applicant by title and number (S12). */
const OWN_DETAILS = z.object({
  ...common,
  association: z.uuid(says("choose")),
  title: name,
  memberNumber: optionalNumber.min(1, says("required")),
});

/** Invited by an organisation: with an association, or without. */
const INVITED_DETAILS = z
  .object({
    ...common,
    association: z.union([z.literal(""), z.uuid()], says("choose")),
    title: optionalName,
    memberNumber: optionalNumber,
  })
  .superRefine(({ association, title, memberNumber }, context) => {
    if (association === "") return;
    if (title === "") context.addIssue({ code: "custom", path: ["title"], message: "required" satisfies FieldProblem });
    if (memberNumber === "") context.addIssue({ code: "custom", path: ["memberNumber"], message: "required" satisfies FieldProblem });
  });

export const detailsForm = (isInvited: boolean) => (isInvited ? INVITED_DETAILS : OWN_DETAILS);

export function detailsOf({ association, ...details }: z.infer<typeof INVITED_DETAILS>): Details {
  return { ...details, associationId: association === "" ? null : association };
}

export const APPLY = z.union([z.object({ invitation: z.uuid() }), z.object({ association: z.uuid(says("choose")) })]);

/** What is wrong with them, the rules say: any text is read. */
const text = z.string().catch("");
export const QUESTIONS_FORM = z.object({ question1: text, question2: text, question3: text, answer1: text, answer2: text, answer3: text });

export const givenAnswers = (form: z.infer<typeof QUESTIONS_FORM>) => [
  { question: form.question1, answer: form.answer1 },
  { question: form.question2, answer: form.answer2 },
  { question: form.question3, answer: form.answer3 },
];

const ANSWER_PROBLEMS: Readonly<Record<AnswerFault["problem"], FieldProblem>> = {
  "unknown-question": "choose",
  "same-question": "question-twice",
  "too-short": "answer-too-short",
  "too-long": "too-long",
  "same-answer": "answer-twice",
};

/** The faults of answers, beside the fields that they are about. */
export function answerProblems(faults: readonly AnswerFault[]): FieldProblems {
  return Object.fromEntries(faults.map(({ index, part, problem }) => [`${part}${index + 1}`, ANSWER_PROBLEMS[problem]]));
}

export const QUESTION_NUMBERS = Array.from({ length: QUESTIONS_A_SET }, (_value, index) => index + 1);

/** A checkbox's value: version and SHA-256 (hexadecimal) of what was on the page. */
const consent = z.string(says("not-agreed")).regex(/^[^|]{1,40}\|[0-9a-f]{64}$/, says("not-agreed"));
export const CONSENTS_FORM = z.object({ terms: consent, privacy: consent });

export const consentValue = ({ version, digest }: GivenConsent): string => `${version}|${Buffer.from(digest).toString("hex")}`;

export function givenConsents(form: z.infer<typeof CONSENTS_FORM>): GivenConsent[] {
  const given = (document: "terms" | "privacy"): GivenConsent => {
    const [version = "", digest = ""] = form[document].split("|");
    return { document, version, digest: new Uint8Array(Buffer.from(digest, "hex")) };
  };
  return [given("terms"), given("privacy")];
}
