// The form of an application, part by part: only the session of its own mailbox fills it in (S10).

import type { FastifyInstance } from "fastify";
import { levelsFor } from "../../dossiers/certificate-level.ts";
import { documentsNow } from "../../dossiers/consents.ts";
import { DossierError, type DossierRefusal } from "../../dossiers/dossier-error.ts";
import { isComplete, saveDraft, submitDossier } from "../../dossiers/dossier-rules.ts";
import type { Dossier } from "../../dossiers/dossiers.ts";
import { areQuestionsFixed, QuestionSetError, questionsOf, setQuestions } from "../../dossiers/question-sets.ts";
import { faultsOfAnswers } from "../../dossiers/questions.ts";
import { DOSSIER } from "../../states/dossier-states.ts";
import type { Database } from "../../store/store.ts";
import { accountPage } from "../edge/answering.ts";
import { type FieldProblems, FormState, readForm } from "../edge/form.ts";
import { idOf } from "../edge/record-id.ts";
import type { AccountVisit, Answer, Edge } from "../edge/visit.ts";
import { answerProblems, CONSENTS_FORM, detailsForm, detailsOf, givenAnswers, givenConsents, QUESTIONS_FORM } from "./application-forms.ts";
import { type OwnDossier, openAssociations, ownDossier } from "./application-records.ts";
import { consentsPage, detailsPage, type FilledParts, questionsPage, type SendingProblem } from "./form-pages.ts";

async function filledParts(db: Database, dossier: Dossier): Promise<FilledParts> {
  return { details: isComplete(dossier), questions: (await questionsOf(db, dossier.accountId)).length > 0 };
}

const toDossier = ({ id }: Dossier): Answer => ({ to: `/my/dossiers/${id}` });
const toPart = ({ id }: Dossier, part: string): Answer => ({ to: `/my/dossiers/${id}/${part}` });

/** What was sent is not filled in any more. */
const isDraft = ({ state }: Dossier): boolean => DOSSIER.allows(state, "submit");

function savedDetails({ givenName, surname, phone, title, memberNumber, language, profile, associationId }: Dossier): FormState {
  return new FormState({ givenName, surname, phone, title, memberNumber, language, profile, association: associationId ?? "" });
}

async function showDetails({ store: { db } }: Edge, visit: AccountVisit, own: OwnDossier, form: FormState): Promise<Answer> {
  const offered = { associations: await openAssociations(db), levels: await levelsFor(db, own.dossier, visit.now) };
  return detailsPage(visit, form, own, offered, await filledParts(db, own.dossier));
}

async function showQuestions({ store: { db } }: Edge, visit: AccountVisit, dossier: Dossier, form: FormState): Promise<Answer> {
  const kept = { questions: await questionsOf(db, dossier.accountId), areFixed: await areQuestionsFixed(db, dossier.accountId) };
  return questionsPage(visit, form, dossier.id, kept, await filledParts(db, dossier));
}

/** What only the rules behind the edge see, beside the field that it is about. */
const DETAILS_PROBLEMS: Readonly<Partial<Record<DossierRefusal, FieldProblems>>> = {
  "unknown-association": { association: "choose" },
  names: { surname: "names-too-long" },
  membership: { memberNumber: "membership-too-long" },
  profile: { profile: "not-as-certified" },
};

const SENDING_PROBLEMS: Readonly<Partial<Record<DossierRefusal, SendingProblem>>> = {
  "consents-changed": "changed",
  "organisation-not-open": "closed",
  "unknown-association": "closed",
  incomplete: "incomplete",
  profile: "incomplete",
  "questions-missing": "incomplete",
};

async function showConsents(
  { store: { db } }: Edge,
  visit: AccountVisit,
  own: OwnDossier,
  form: FormState,
  problem: SendingProblem | null = null,
): Promise<Answer> {
  return consentsPage(visit, form, own, { documents: await documentsNow(db, own.dossier.language), problem });
}

async function sendForm(edge: Edge, visit: AccountVisit, own: OwnDossier, body: unknown): Promise<Answer> {
  const { data, form } = readForm(CONSENTS_FORM, body);
  if (data === null) return showConsents(edge, visit, own, form);
  try {
    await submitDossier(edge, { accountId: visit.account.id, dossierId: own.dossier.id, consents: givenConsents(data) });
    return { to: `/my/dossiers/${own.dossier.id}?done=sent` };
  } catch (error) {
    const problem = error instanceof DossierError ? SENDING_PROBLEMS[error.refusal] : undefined;
    if (problem === undefined) throw error;
    return showConsents(edge, visit, own, form, problem);
  }
}

async function saveQuestions(edge: Edge, visit: AccountVisit, dossier: Dossier, body: unknown): Promise<Answer> {
  const { data, form } = readForm(QUESTIONS_FORM, body);
  if (data === null) return showQuestions(edge, visit, dossier, form);
  const answers = givenAnswers(data);
  const faults = faultsOfAnswers(answers);
  if (faults.length > 0) return showQuestions(edge, visit, dossier, form.with(answerProblems(faults)));
  await setQuestions(edge, visit.account.id, answers);
  return toPart(dossier, "consents");
}

export function addFormRoutes(app: FastifyInstance, edge: Edge): void {
  const { db } = edge.store;
  /** A part of a draft; of what was sent, its own page instead. */
  const part = (handle: (visit: AccountVisit, own: OwnDossier, body: unknown) => Promise<Answer>) =>
    accountPage(edge, async (visit, { params, body }) => {
      const own = await ownDossier(db, idOf(params), visit);
      return isDraft(own.dossier) ? handle(visit, own, body) : toDossier(own.dossier);
    });

  app.get(
    "/my/dossiers/:id/form",
    part(async (_visit, { dossier }) => {
      const filled = await filledParts(db, dossier);
      return toPart(dossier, filled.details ? (filled.questions ? "consents" : "questions") : "details");
    }),
  );
  app.get(
    "/my/dossiers/:id/details",
    part((visit, own) => showDetails(edge, visit, own, savedDetails(own.dossier))),
  );
  app.post(
    "/my/dossiers/:id/details",
    part(async (visit, own, body) => {
      const { data, form } = readForm(detailsForm(own.dossier.organisationId !== null), body);
      if (data === null) return showDetails(edge, visit, own, form);
      try {
        await saveDraft(edge, { accountId: visit.account.id, dossierId: own.dossier.id, details: detailsOf(data) });
      } catch (error) {
        const problems = error instanceof DossierError ? DETAILS_PROBLEMS[error.refusal] : undefined;
        if (problems === undefined) throw error;
        return showDetails(edge, visit, own, form.with(problems));
      }
      return toPart(own.dossier, "questions");
    }),
  );
  app.get(
    "/my/dossiers/:id/questions",
    part(async (visit, { dossier }) =>
      isComplete(dossier) ? showQuestions(edge, visit, dossier, new FormState()) : toPart(dossier, "details"),
    ),
  );
  app.post(
    "/my/dossiers/:id/questions",
    part(async (visit, { dossier }, body) => {
      try {
        return await saveQuestions(edge, visit, dossier, body);
      } catch (error) {
        if (!(error instanceof QuestionSetError) || error.refusal !== "in-use") throw error;
        return showQuestions(edge, visit, dossier, new FormState());
      }
    }),
  );
  app.get(
    "/my/dossiers/:id/consents",
    part(async (visit, own) => {
      const filled = await filledParts(db, own.dossier);
      if (!filled.details) return toPart(own.dossier, "details");
      return filled.questions ? showConsents(edge, visit, own, new FormState()) : toPart(own.dossier, "questions");
    }),
  );
  app.post(
    "/my/dossiers/:id/consents",
    part((visit, own, body) => sendForm(edge, visit, own, body)),
  );
}
