// The boards' pages: their links lead somewhere, they say what the boards' descriptions say, and their pictures are drawings with nothing in them but the drawing.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import type { Board } from "../../firmware/espruino/board.ts";

const HERE = dirname(fileURLToPath(import.meta.url));
const FOLDERS = readdirSync(HERE, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [join(HERE, entry.name)] : []));
const PAGES = [HERE, ...FOLDERS].map((folder) => join(folder, "README.md"));
const PICTURES = FOLDERS.flatMap((folder) => readdirSync(folder).flatMap((name) => (name.endsWith(".svg") ? [join(folder, name)] : [])));

/** The folders with a description, each with it: what its only export is. */
const DESCRIBED = await Promise.all(
  FOLDERS.filter((folder) => existsSync(join(folder, "board.ts"))).map(async (folder) => {
    const module: Record<string, Board> = await import(pathToFileURL(join(folder, "board.ts")).href);
    const boards = Object.values(module);
    if (boards.length !== 1 || boards[0] === undefined) throw new Error(`${folder}/board.ts describes ${boards.length} boards`);
    return { name: basename(folder), folder, board: boards[0] };
  }),
);

/** The cells of each table row of a page. */
function rowsOf(page: string): string[][] {
  const lines = readFileSync(page, "utf8").split("\n");
  return lines.flatMap((line) =>
    line.startsWith("| ")
      ? [
          line
            .slice(1, -1)
            .split("|")
            .map((cell) => cell.trim()),
        ]
      : [],
  );
}

function rowOf(page: string, first: RegExp): string[] {
  const rows = rowsOf(page).filter((row) => first.test(row[0] ?? ""));
  expect(rows, `${page}: rows of ${first}`).toHaveLength(1);
  return rows[0] ?? [];
}

/** As the pages write an address: upper case, with as many zeros in front as they like. */
const hex = (address: number): RegExp => new RegExp(`\\b0x0*${address.toString(16).toUpperCase()}\\b`);

/** What `[text](target)` and `![text](target)` of a page lead to, but for other people's addresses. */
function targetsOf(page: string): string[] {
  const targets = [...readFileSync(page, "utf8").matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? "");
  return targets.filter((target) => !/^https?:/.test(target));
}

/** The anchors that GitHub makes of a page's headings. */
function anchorsOf(page: string): string[] {
  const headings = [...readFileSync(page, "utf8").matchAll(/^#+ (.+)$/gm)].map((match) => (match[1] ?? "").toLowerCase());
  return headings.map((heading) => heading.replace(/[^\w\- ]/g, "").replaceAll(" ", "-"));
}

interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  text: string;
}

const TAG_OR_TEXT =
  /<\/(?<end>[A-Za-z]+)>|<(?<start>[A-Za-z]+)(?<attributes>(?: [A-Za-z][\w:-]*="(?:[^<&"]|&(?:amp|lt|gt|quot);)*")*)(?<empty>\/?)>|(?<text>(?:[^<&]|&(?:amp|lt|gt|quot);)+)/y;

function readAttributes(source: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name = "", value = ""] of source.matchAll(/([\w:-]+)="([^"]*)"/g)) {
    if (attributes.has(name)) throw new Error(`${name} twice`);
    attributes.set(name, value);
  }
  return attributes;
}

function addText(parent: Element | undefined, text: string): void {
  if (parent !== undefined) parent.text += text;
  else if (text.trim() !== "") throw new Error("text outside of the root");
}

/** All elements of a well-formed XML document of one root; of comments, CDATA and declarations there must be none. @throws Error where it is not */
function readXml(source: string): Element[] {
  const elements: Element[] = [];
  const open: Element[] = [];
  const tokens = new RegExp(TAG_OR_TEXT);
  for (let at = 0; at < source.length; at = tokens.lastIndex) {
    tokens.lastIndex = at;
    const token = tokens.exec(source)?.groups;
    if (token === undefined) throw new Error(`not well-formed at ${source.slice(at, at + 40)}`);
    if (token["end"] !== undefined && open.pop()?.name !== token["end"]) throw new Error(`</${token["end"]}> closes another element`);
    if (token["text"] !== undefined) addText(open.at(-1), token["text"]);
    if (token["start"] === undefined) continue;
    if (open.length === 0 && elements.length > 0) throw new Error("two roots");
    const element = { name: token["start"], attributes: readAttributes(token["attributes"] ?? ""), text: "" };
    elements.push(element);
    if (token["empty"] === "") open.push(element);
  }
  if (open.length > 0) throw new Error(`<${open[0]?.name}> stays open`);
  return elements;
}

describe("the boards' pages", () => {
  test.each(PAGES)("%s: every link and picture exists", (page) => {
    for (const target of targetsOf(page)) {
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? page : resolve(dirname(page), path);
      expect(existsSync(file), target).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(file), target).toContain(anchor);
    }
  });

  test.each(FOLDERS)("%s: the page says first that it has not met hardware, and the table of boards leads to it", (folder) => {
    expect(readFileSync(join(folder, "README.md"), "utf8").slice(0, 2500)).toContain("**Nothing here has met hardware");
    expect(targetsOf(join(HERE, "README.md"))).toContain(`${basename(folder)}/README.md`);
  });

  test.each(PICTURES)("%s: is shown by the page beside it, with words for who does not see it", (picture) => {
    expect(readFileSync(join(dirname(picture), "README.md"), "utf8")).toMatch(new RegExp(`!\\[[^\\]]{40,}\\]\\(${basename(picture)}\\)`));
  });
});

describe("the boards' pages say what the boards' descriptions say", () => {
  test("of Jolt.js at least", () => {
    expect(DESCRIBED.map((described) => described.name)).toContain("jolt-js");
  });

  test.each(DESCRIBED)("$name: pins, in the page and in its picture", ({ folder, board }) => {
    const page = join(folder, "README.md");
    const picture = readFileSync(join(folder, "wiring.svg"), "utf8");
    const [, pin, how] = rowOf(page, /^button/);
    expect(pin).toBe(board.button.pin);
    expect(how).toContain(`\`${board.button.mode}\``);
    expect(how).toContain(board.button.pressed ? "high while pressed" : "low while pressed");
    expect(picture).toContain(`pin ${board.button.pin}`);
    const lights = rowsOf(page).filter((row) => row[0]?.startsWith("LED"));
    for (const [state, ledPin] of Object.entries(board.leds)) {
      const light = lights.find((row) => row[1] === ledPin);
      expect(light?.[2], `${state} on ${ledPin}`).toContain(state);
      expect(picture).toMatch(new RegExp(`\\b${ledPin}\\b`));
    }
  });

  test.each(DESCRIBED)("$name: randomness and the token's pages", ({ folder, board }) => {
    const page = join(folder, "README.md");
    expect(rowOf(page, /^randomness$/)[1]).toMatch(board.noise === "chip" ? /the chip's generator/ : /noise of the ADC/);
    expect(readFileSync(page, "utf8")).toMatch(hex(board.flash.address));
  });

  test("Jolt.js: the map of its flash, in the page and in its picture", () => {
    const { folder, board } = DESCRIBED.find((described) => described.name === "jolt-js") ?? {};
    if (folder === undefined || board === undefined) throw new Error("no description");
    const end = board.flash.address + board.flash.pages * board.flash.pageBytes;
    const state = rowsOf(join(folder, "README.md")).find((row) => row[2]?.includes("Sceau's state"));
    expect(state?.[0]).toMatch(hex(board.flash.address));
    expect(state?.[1]).toMatch(hex(end));
    expect(state?.[2]).toContain(`${board.flash.pages} pages`);
    const map = readFileSync(join(folder, "flash-map.svg"), "utf8");
    expect(map).toMatch(hex(board.flash.address));
    expect(map).toMatch(hex(end));
    expect(map).toContain(`state, ${board.flash.pages} pages`);
    expect(map).toContain(`pages ${board.flash.address / board.flash.pageBytes} to ${end / board.flash.pageBytes - 1}`);
  });
});

describe("the pictures", () => {
  test.each(PICTURES)("%s: well-formed, titled, nothing active, nothing from elsewhere, drawn for light and dark", (picture) => {
    const source = readFileSync(picture, "utf8");
    const elements = readXml(source);
    for (const element of elements) expect(["svg", "title", "desc", "style", "rect", "circle", "path", "text"]).toContain(element.name);
    const root = elements[0];
    expect(root?.attributes.get("xmlns")).toBe("http://www.w3.org/2000/svg");
    expect(root?.attributes.get("role")).toBe("img");
    expect(root?.attributes.get("aria-labelledby")).toBe("title desc");
    expect(elements.slice(1, 3).map((element) => element.attributes.get("id"))).toEqual(["title", "desc"]);
    for (const element of elements.slice(1, 3)) expect(element.text.length).toBeGreaterThan(15);
    const attributes = elements.flatMap((element) => [...element.attributes.keys()]);
    expect(attributes.filter((name) => /^on|href|^style$|^fill$|^stroke$/.test(name))).toEqual([]);
    const style = elements.find((element) => element.name === "style")?.text ?? "";
    expect(style).toContain("@media (prefers-color-scheme: dark)");
    expect(style).not.toMatch(/url\(|@import|@font-face/);
  });

  test.each(PICTURES)("%s: all it draws is within its edges", (picture) => {
    const elements = readXml(readFileSync(picture, "utf8"));
    const [, , width = 0, height = 0] = (elements[0]?.attributes.get("viewBox") ?? "").split(" ").map(Number);
    for (const element of elements) {
      const x = Number(element.attributes.get("x") ?? element.attributes.get("cx") ?? 0);
      const y = Number(element.attributes.get("y") ?? element.attributes.get("cy") ?? 0);
      expect(x + Number(element.attributes.get("width") ?? 0), element.text).toBeLessThanOrEqual(width);
      expect(y + Number(element.attributes.get("height") ?? 0), element.text).toBeLessThanOrEqual(height);
    }
  });

  test("a drawing that is not well-formed, or has a script in it, is told", () => {
    expect(() => readXml("<svg><g></svg>")).toThrow("closes another");
    expect(() => readXml("<svg>a & b</svg>")).toThrow("not well-formed");
    expect(() => readXml('<svg a="1" a="2"/>')).toThrow("twice");
    expect(() => readXml("<svg/><svg/>")).toThrow("two roots");
    expect(() => readXml("<svg><text>")).toThrow("stays open");
  });
});
