// What `sceau activate` does: reference number and answers, then key and certificate on the token (S15). Started again after whatever stopped it, it
// goes on where it was.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { activateToken, type TokenSecretsStore } from "../../host-bridge/activation/activate-token.ts";
import { AuthorityBook } from "../../host-bridge/agent/documents/known-authorities.ts";
import { learnAuthorities } from "../../host-bridge/agent/documents/learn-authorities.ts";
import { ActivationOverHttp, answerActivation, openActivation } from "../../host-bridge/office-client/activation-over-http.ts";
import { OfficeHttp } from "../../host-bridge/office-client/office-http.ts";
import { questionText } from "../../office/pages/texts/question-text.ts";
import { ActivationInputError } from "../activation-input-error.ts";
import { confirm } from "../confirmation.ts";
import type { CliContext } from "../context.ts";
import { failureOf } from "../failure.ts";
import { readInput } from "../files.ts";
import { entrustTokenSecrets, hasTokenSecrets, keepTokenSecrets, loadTokenSecrets, readPin } from "../secrets.ts";
import { parseSlot } from "../slots.ts";
import type { StateFolder } from "../state-folder.ts";
import { visible } from "../terminal.ts";
import { withOwnToken } from "../tokens.ts";
import { UsageError } from "../usage-error.ts";
import type { PinOption, TokenOption } from "./token.ts";

export interface ActivateOptions extends TokenOption, PinOption {
  readonly office: string;
  readonly referenceFile?: string;
  readonly answersFile?: string;
  /** Another office has the token's secrets: this one may have them, too. */
  readonly yes?: true;
}

const STANDARD_INPUT = "-";
const SLOT = "9C";
const ANSWER_LINE = /^\s*([a-z-]+)\s*:\s*(.*\S)\s*$/;

/** Never from the command line, where every process of the machine reads it. @throws UsageError two-standard-inputs */
async function referenceNumber(prompt: string, { referenceFile, answersFile, pinFile }: ActivateOptions): Promise<string> {
  const file = referenceFile ?? (process.stdin.isTTY ? undefined : STANDARD_INPUT);
  if ([file, answersFile, pinFile].filter((each) => each === STANDARD_INPUT).length > 1) throw new UsageError("two-standard-inputs", "");
  if (file !== undefined) return readPin(file, prompt);
  const { input } = await import("@inquirer/prompts");
  return input({ message: prompt }, { output: process.stderr });
}

/** @throws ActivationInputError unreadable, missing */
function answersIn(file: string, questions: readonly string[]): Record<string, string> {
  const text = file === STANDARD_INPUT ? readFileSync(0, "utf8") : Buffer.from(readInput(file)).toString("utf8");
  const answers: Record<string, string> = {};
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    const [, question = "", answer = ""] = ANSWER_LINE.exec(line) ?? [];
    // Without the line itself: there may be an answer in it.
    if (question === "") throw new ActivationInputError("unreadable", String(index + 1));
    answers[question] = answer;
  }
  const missing = questions.filter((question) => answers[question] === undefined);
  if (missing.length > 0) throw new ActivationInputError("missing", missing.join(", "));
  return Object.fromEntries(questions.map((question) => [question, answers[question] ?? ""]));
}

async function askAnswers({ say }: CliContext, questions: readonly string[]): Promise<Record<string, string>> {
  const answers: Record<string, string> = {};
  for (const question of questions)
    answers[question] = await readPin(undefined, visible(questionText(say.office.recordLanguage, question)));
  return answers;
}

/** @throws ActivationInputError pins-differ */
async function pinFor(
  context: CliContext,
  serial: string,
  office: string,
  isNew: boolean,
  { pinFile }: ActivateOptions,
): Promise<Uint8Array> {
  const { activate } = context.say;
  const pin = await readPin(pinFile, isNew ? activate.newPin(visible(serial)) : activate.pin(visible(serial), visible(office)));
  // Typed unseen: a slip would leave a token whose PIN nobody knows.
  if (isNew && pinFile === undefined && (await readPin(undefined, activate.newPinAgain(visible(serial)))) !== pin)
    throw new ActivationInputError("pins-differ", "");
  return new TextEncoder().encode(pin);
}

/** The state folder's. */
export function secretsIn(state: StateFolder): TokenSecretsStore {
  return {
    find: (serial) => (hasTokenSecrets(state, serial) ? loadTokenSecrets(state, serial) : null),
    keep: (serial, needsPuk) => keepTokenSecrets(state, serial, needsPuk),
    entrust: (serial, office) => entrustTokenSecrets(state, serial, office),
  };
}

/** The agent's: what an activation learns, its pages know. */
export const authoritiesIn = (state: StateFolder): AuthorityBook => new AuthorityBook(join(state.root, "agent", "authorities"));

/** @throws UsageError not-confirmed, no-terminal */
async function confirmSecondOffice(
  context: CliContext,
  serial: string,
  office: string,
  others: readonly string[],
  isGiven: boolean,
): Promise<true> {
  const { hostname } = new URL(office);
  const prompt = context.say.activate.otherOffice(visible(serial), visible(others.join(", ")), visible(office), visible(hostname));
  await confirm(isGiven, hostname, prompt);
  return true;
}

export async function activate(context: CliContext, options: ActivateOptions): Promise<void> {
  const { say, state, print } = context;
  const text = say.activate;
  const http = new OfficeHttp(options.office);
  await withOwnToken(state, options.token, async ({ client, info: { serial } }) => {
    const reference = await referenceNumber(text.referencePrompt, options);
    const { office, questions, triesLeft } = await openActivation(http, reference);
    print(text.office(visible(office), triesLeft));
    const { answersFile } = options;
    const answers = answersFile === undefined ? await askAnswers(context, questions) : answersIn(answersFile, questions);
    const { session } = await answerActivation(http, reference, answers);
    const activation = new ActivationOverHttp(http, session);
    const { person, organisation } = await activation.state();
    print(text.forWhom(visible(person), organisation === null ? null : visible(organisation)));
    const { serialNumber, certificate } = await activateToken({
      client,
      office: activation,
      secrets: secretsIn(state),
      certificateObject: parseSlot(SLOT).certificate,
      pin: (isNew) => pinFor(context, serial, office, isNew, options),
      mayEntrust: (_serial, others) => confirmSecondOffice(context, serial, http.address, others, options.yes === true),
      onStep: (step) => print(`  ${text.step[step]} …`),
      onButton: () => print(say.token.pressButton),
    });
    context.report({ serial, certificate: serialNumber, office: http.address, state: "active" }, [text.done(visible(serial))]);
    try {
      await learnAuthorities(certificate, [http.address], authoritiesIn(state), context.now());
    } catch (error) {
      print(text.authorityUnknown(failureOf(error, say).message)); // the certificate is active all the same
    }
  });
}
