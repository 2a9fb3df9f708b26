// How results look on a terminal. Colour only there, and not when NO_COLOR is set (no-color.org).

const useColour = process.stdout.isTTY === true && !process.env["NO_COLOR"];
const paint = (code: number, text: string): string => (useColour ? `\u001b[${code}m${text}\u001b[0m` : text);
const GREEN = 32;
const RED = 31;
const DIM = 2;
const LABEL_WIDTH = 18;

export const mark = (isGood: boolean): string => (isGood ? paint(GREEN, "✔") : paint(RED, "✘"));

/** A line «label  value» under a heading. */
export const field = (label: string, value: string): string => `    ${paint(DIM, label.padEnd(LABEL_WIDTH))} ${value}`;

export const dim = (text: string): string => paint(DIM, text);
