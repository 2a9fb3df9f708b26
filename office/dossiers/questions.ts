// The personal questions (S10): which there are, and how an answer is read. Their words are in pages/texts, by the same names.

/** None whose answer is in a register, on a card or on a profile page. */
export const QUESTIONS = [
  "childhood-friend",
  "childhood-street",
  "childhood-telephone",
  "first-pet",
  "first-school-teacher",
  "first-journey",
  "favourite-childhood-book",
  "first-job-place",
  "childhood-dream",
  "grandparent-village",
] as const;
export type Question = (typeof QUESTIONS)[number];

export const QUESTIONS_A_SET = 3;
/** Of a normalised answer: shorter ones are guessed. */
export const MIN_ANSWER_CHARACTERS = 3;
export const MAX_ANSWER_CHARACTERS = 200;

export const isQuestion = (text: string): text is Question => (QUESTIONS as readonly string[]).includes(text);

/**
 * As people mean it: no matter which case, accents, spaces or punctuation. NFKD, then without marks (Unicode category M), in lower case, and all that is
 * neither letter nor digit gone; ligatures and ß as they are written out.
 */
export function normaliseAnswer(answer: string): string {
  return answer
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/œ/gu, "oe")
    .replace(/æ/gu, "ae")
    .replace(/ß/gu, "ss")
    .replace(/ø/gu, "o")
    .replace(/ł/gu, "l")
    .replace(/[^\p{L}\p{N}]/gu, "");
}

export type AnswerProblem = "too-short" | "too-long" | "same-answer" | "same-question" | "unknown-question" | "count";

/** What is wrong with a set of answers, in their order; null: nothing. */
export function problemWithAnswers(answers: readonly { readonly question: string; readonly answer: string }[]): AnswerProblem | null {
  if (answers.length !== QUESTIONS_A_SET) return "count";
  if (!answers.every(({ question }) => isQuestion(question))) return "unknown-question";
  if (new Set(answers.map(({ question }) => question)).size !== answers.length) return "same-question";
  if (answers.some(({ answer }) => answer.length > MAX_ANSWER_CHARACTERS)) return "too-long";
  const normalised = answers.map(({ answer }) => normaliseAnswer(answer));
  if (normalised.some((answer) => [...answer].length < MIN_ANSWER_CHARACTERS)) return "too-short";
  return new Set(normalised).size === answers.length ? null : "same-answer";
}

/** Which part of which answer is wrong, for whoever shows them one by one. */
export interface AnswerFault {
  readonly index: number;
  readonly part: "question" | "answer";
  readonly problem: Exclude<AnswerProblem, "count">;
}

/** All that is wrong with answers, each beside what it is about; none exactly when `problemWithAnswers` finds none in three of them. */
export function faultsOfAnswers(answers: readonly { readonly question: string; readonly answer: string }[]): AnswerFault[] {
  return answers.flatMap(({ question, answer }, index) => {
    const before = answers.slice(0, index);
    const normalised = normaliseAnswer(answer);
    const faults: AnswerFault[] = [];
    if (!isQuestion(question)) faults.push({ index, part: "question", problem: "unknown-question" });
    else if (before.some((other) => other.question === question)) faults.push({ index, part: "question", problem: "same-question" });
    if (answer.length > MAX_ANSWER_CHARACTERS) faults.push({ index, part: "answer", problem: "too-long" });
    else if ([...normalised].length < MIN_ANSWER_CHARACTERS) faults.push({ index, part: "answer", problem: "too-short" });
    else if (before.some((other) => normaliseAnswer(other.answer) === normalised)) {
      faults.push({ index, part: "answer", problem: "same-answer" });
    }
    return faults;
  });
}
