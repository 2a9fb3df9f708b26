// Names of files: as they came from a browser, as they are shown, as the signed ones are saved.

const MAX_CHARACTERS = 120;
/** Characters that steer what is shown: controls, and those that turn the direction of writing (a «fdp.exe» that reads «exe.pdf»). */
const STEERING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
/** What some system does not have in names; the path before a name goes. */
const NOT_IN_NAMES = /["*:<>?|]/g;
const EXTENSION = /\.pdf$/i;

/** @param given anything that a browser sends as a name */
export function shownName(given: string, unnamed: string): string {
  const last = given.split(/[/\\]/).pop() ?? "";
  const plain = last.normalize("NFC").replace(STEERING, "").replace(NOT_IN_NAMES, "_").trim().replace(/^\.+/, "");
  if (plain === "" || plain.toLowerCase() === "pdf") return unnamed; // an extension is no name
  const characters = [...plain];
  if (characters.length <= MAX_CHARACTERS) return plain;
  const extension = EXTENSION.exec(plain)?.[0] ?? "";
  return `${characters.slice(0, MAX_CHARACTERS - extension.length).join("")}${extension}`;
}

/** The same names, each once: a second «a.pdf» is «a (2).pdf». */
export function distinctNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let candidate = name;
    for (let number = 2; taken.has(candidate.toLowerCase()); number++) candidate = withSuffix(name, ` (${number})`);
    taken.add(candidate.toLowerCase());
    return candidate;
  });
}

/** «contract.pdf» → «contract-signed.pdf». */
export function withSuffix(name: string, suffix: string): string {
  const extension = EXTENSION.exec(name)?.[0] ?? "";
  return `${name.slice(0, name.length - extension.length)}${suffix}${extension === "" ? ".pdf" : extension}`;
}

/** Content-Disposition (RFC 6266, RFC 8187): the name in UTF-8, and one in ASCII for what can't read that. */
export function disposition(kind: "inline" | "attachment", name: string): string {
  const ascii = name
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[^\x20-\x7e]|["\\%]/gu, "_");
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  return `${kind}; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
