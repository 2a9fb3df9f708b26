// Sentences in lines that a terminal does not have to break, which it would do in the middle of words.

/** French has spaces before these signs and inside of its quotation marks: no line ends there. */
const BREAKS = /(?<!«) (?![:;?!»])/;
/** Narrower ones show whatever they show. */
const LEAST_COLUMNS = 40;

/** @param columns of the terminal; Infinity: it is no terminal. A word that is longer, such as a path, stays whole. @returns one line or more, none empty */
export function wrapped(text: string, columns: number): string[] {
  const room = Math.max(columns, LEAST_COLUMNS);
  const lines: string[] = [];
  for (const word of text.split(BREAKS)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= room) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
