// French spaces: what stands before ; : ? ! » and after « does not leave it at the end of a line.

const NO_BREAK = "\u00a0";

const spaced = (text: string): string => text.replace(/ ([;:?!»])/g, `${NO_BREAK}$1`).replace(/« /g, `«${NO_BREAK}`);

/** In every text of an object, also in those that a function makes. */
export function frenchSpaces<const T>(texts: T): T {
  if (typeof texts === "string") return spaced(texts) as T;
  if (typeof texts === "function") return ((...values: readonly unknown[]) => frenchSpaces(texts(...values))) as T;
  if (Array.isArray(texts)) return texts.map((text) => frenchSpaces(text)) as T;
  if (typeof texts !== "object" || texts === null) return texts;
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, frenchSpaces(text)])) as T;
}
