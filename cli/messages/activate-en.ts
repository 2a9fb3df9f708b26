// What `sceau activate` says, in English. French has the same keys (activate-fr.ts).

import type { ActivationStep } from "../../host-bridge/activation/activate-token.ts";
import type { ActivationProblem } from "../../host-bridge/activation/activation-error.ts";

export const activateEn = {
  help: {
    activate: "make the key of an approved application on the token, and activate its certificate",
    office: "the office's address, as in its mail",
    referenceFile: "the reference number (“-”: standard input); without, it is asked for",
    yes: "give this office the token's PUK and management key although another one has them",
    answersFile: "the three answers, a line each «question-id: answer» («-»: standard input)",
  },
  referencePrompt: "Reference number, from the office's mail:",
  office: (office: string, triesLeft: number) => `${office} asks three questions. Tries left: ${triesLeft}`,
  forWhom: (person: string, organisation: string | null) => `Certificate for ${person}${organisation === null ? "" : ` (${organisation})`}`,
  otherOffice: (token: string, others: string, office: string, word: string) =>
    `The PUK and management key of token ${token} went to ${others} before. ${office} gets them, too, if you go on: each of them can then unblock the token and replace its keys. Type ${word} to go on:`,
  pin: (token: string, office: string) => `PIN of token ${token}, to activate its certificate at ${office}:`,
  newPin: (token: string) => `New PIN for token ${token} (6 to 8 digits), which it will ask for before each signature:`,
  newPinAgain: (token: string) => `The new PIN for token ${token} once more:`,
  step: {
    format: "formatting the token",
    escrow: "giving the office the token's PUK, encrypted",
    key: "making the key on the token",
    certificate: "asking for the certificate",
    write: "writing the certificate to the token",
    proof: "proving that the token has key and certificate",
  } satisfies Record<ActivationStep, string> as Record<ActivationStep, string>,
  /** After `done`. @param reason a whole sentence */
  authorityUnknown: (reason: string) =>
    `The office's authority could not be kept on this computer; the agent tries again before the next signature. ${reason}`,
  done: (token: string) => `Active. Token ${token} signs with slot 9C from now on.`,
  triesLeft: (count: number) => `Tries left: ${count}.`,
  refused: {
    reference: "The office does not know this reference number. Compare it with the mail: four groups of four.",
    expired: "This reference number is too old. Ask for a new one on your application's page.",
    used: "This reference number was used: the certificate is active.",
    locked: "Too many wrong answers: the activation is locked. The office's helpdesk unlocks it.",
    answers: "The answers are not those that you gave with your application. Capitals, accents and spaces do not matter.",
    session: "That took too long. Start the same command again: it goes on where it was.",
  },
  problem: {
    "not-sealed": (token) => `Token ${token} has no attestation key: no office can tell that its keys are made inside. Use another token.`,
    "formatted-elsewhere": (token) => `Token ${token} was formatted on another computer. Activate it there, or at the office's desk.`,
    "other-office": (token) => `Another office has the PUK and management key of token ${token}. Nothing was sent to this one.`,
    "other-token": (token) => `This activation goes with token ${token}. Plug that one in.`,
    "slot-in-use": (token) => `Slot 9C of token ${token} has another key. Nothing was changed. Use another token, or ask the office.`,
    "other-key": (token) =>
      `The certificate that the office issued is for a key that token ${token} does not have. Ask the office for a new reference number.`,
  } satisfies Record<ActivationProblem, (token: string) => string> as Record<ActivationProblem, (token: string) => string>,
  answersUnreadable: (line: string) => `Line ${line} of the answers is not «question-id: answer».`,
  answersMissing: (questions: string) => `The answers' file has no answer to: ${questions}`,
  pinsDiffer: "The two PINs differ. Nothing was changed.",
};
