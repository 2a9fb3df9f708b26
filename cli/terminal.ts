// How results look on a terminal. Colour only there, and not when NO_COLOR is set (no-color.org).

const useColour = process.stdout.isTTY === true && !process.env["NO_COLOR"];
const paint = (code: number, text: string): string => (useColour ? `\u001b[${code}m${text}\u001b[0m` : text);
const GREEN = 32;
const RED = 31;
const YELLOW = 33;
const DIM = 2;
const LABEL_WIDTH = 18;

export const dim = (text: string): string => paint(DIM, text);
export const mark = (isGood: boolean): string => (isGood ? paint(GREEN, "✔") : paint(RED, "✘"));
/** Neither: a remark. */
export const warningMark = (): string => paint(YELLOW, "!");

/**
 * What a terminal would obey instead of showing it, or not show at all: C0, DEL, C1, line separators, marks that turn the direction of writing, and those
 * without a width (tags are pairs of \udb40 and another). U+200C and U+200D stay: Persian and Hindi names are written with them.
 */
const COMMANDS =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that are looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|\u034f|\u17b4|\u17b5|\udb40[\udc00-\udfff]/g;
const escaped = (found: string): string =>
  Array.from({ length: found.length }, (_, index) => `\\u${found.charCodeAt(index).toString(16).padStart(4, "0")}`).join("");

/** Text of a document, a certificate or a token, made safe to print: control characters are written out («\\u001b»). */
export const visible = (text: string): string => text.replace(COMMANDS, escaped);

/** The same for text of several lines. */
export const visibleLines = (text: string): string => text.split("\n").map(visible).join("\n");

/** One line of JSON that is as safe to print. */
export const jsonLine = (value: unknown): string => `${visible(JSON.stringify(value))}\n`;

/** A line «label  value» under a heading. The value may come from anywhere. */
export const field = (label: string, value: string): string => `    ${paint(DIM, label.padEnd(LABEL_WIDTH))} ${visible(value)}`;

export const dimField = (label: string, value: string): string =>
  `    ${paint(DIM, label.padEnd(LABEL_WIDTH))} ${paint(DIM, visible(value))}`;
