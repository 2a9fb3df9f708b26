// What is typed to confirm what can't be undone: enough to tell that this one was meant, and was read.

import { z } from "zod";
import { type FieldProblem, says } from "../edge/form.ts";

const TYPED_CHARACTERS = 8;
const MAX_CHARACTERS = 300;

/** So many characters at the end of a serial number are typed. */
export const endOf = (serialNumber: string): string => serialNumber.slice(-TYPED_CHARACTERS);

function typed(isRight: (text: string) => boolean, problem: FieldProblem) {
  return z
    .string(says("required"))
    .max(MAX_CHARACTERS, says("too-long"))
    .refine((text) => text.trim() !== "", says("required"))
    .refine((text) => text.trim() === "" || isRight(text), says(problem));
}

/** Spaces and capitals don't matter. @param problem what is said when it is another one's */
export function typedEnd(serialNumber: string, problem: FieldProblem) {
  const plain = (text: string): string => text.replace(/\s/g, "").toLowerCase();
  return typed((text) => plain(text) === plain(endOf(serialNumber)), problem);
}

const folded = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[\u2018\u2019\u02bc]/g, "'")
    .replace(/[\u2010-\u2015]/g, "-")
    .replace(/\s+/g, " ")
    .trim()
    .toLowerCase();

/** A name as a keyboard gives it: accents, capitals and kinds of apostrophes don't matter. */
export function typedName(name: string, problem: FieldProblem) {
  return typed((text) => folded(text) === folded(name), problem);
}
