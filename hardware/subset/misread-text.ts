// Rules for what Espruino's lexer reads otherwise than JavaScript's: slashes, template literals, characters, names, numbers.

import type { AnyNode, TemplateLiteral, Token } from "acorn";
import { type Check, isProperty, isReference, parentOf, type Rule, words } from "./syntax-tree.ts";

const MISREAD_NAMES = words("of static");
/** Words that the parser takes for themselves where a class names a member, or a literal an accessor. */
const MISREAD_MEMBERS = words(
  "of static break case catch class const continue debugger default delete do else extends finally for function if in instanceof let new " +
    "return super switch this throw try typeof var void while null true false undefined",
);
/** Behind these a slash begins a regular expression, whatever it was meant to be; a word may be a property's name. */
const BEFORE_A_REGEX = words(
  "++ -- } of static break case catch class const continue debugger default delete do else extends finally for function if in instanceof " +
    "let new return super switch this throw try typeof var void while",
);
/**
 * An arrow's parameter is looked up before it is known to be one, and these are no variables; those of boards, too.
 */
const BUILT_IN_NAMES = words(
  "NaN Infinity HIGH LOW LED FET IRL IRLED IRR Q SCL SDA SERVO SPK VIBRATE BTN analogRead analogWrite atob btoa changeInterval " +
    "clearInterval clearTimeout clearWatch decodeURIComponent digitalPulse digitalRead digitalWrite dump echo edit encodeURIComponent eval " +
    "getPinMode getSerial getTime global globalThis isFinite isNaN load parseFloat parseInt peek16 peek32 peek8 pinMode poke16 poke32 poke8 " +
    "print require reset save setBusyIndicator setDeepSleep setInterval setSleepIndicator setTime setTimeout setWatch shiftOut show trace",
);
/** D0, A12, LED1, BTN2. */
const PIN_NAME = /^([A-Z]|LED|BTN)\d{1,2}$/;
/** What is longer is cut. */
const MAX_NAME_LENGTH = 63;
const MAX_BYTE = 0xff;

const isBuiltInName = (name: string): boolean => BUILT_IN_NAMES.has(name) || PIN_NAME.test(name);

/** True for the key of a class's member or of an accessor; a literal's own `of: 1` and `of() {}` are read well. */
function isMisreadMember(node: AnyNode): boolean {
  if (!isProperty(node) || node.computed || node.key.type !== "Identifier") return false;
  return (node.type !== "Property" || node.kind !== "init") && MISREAD_MEMBERS.has(node.key.name);
}

/**
 * Espruino's matcher knows characters, classes, `^`, `$`, `*`, `+` and flat groups without any of these; the rest never matches, or wrongly,
 * and `.` matches a line's end.
 */
function isMisreadRegex({ pattern, flags }: { pattern: string; flags: string }): boolean {
  const hasUnknownEscape = (pattern.match(/\\./g) ?? []).some((pair) => /[bB1-9ckpPu]/.test(pair));
  const unescaped = pattern.replace(/\\./g, "_");
  const plain = unescaped.replace(/\[[^\]]*\]/g, "_");
  return hasUnknownEscape || /[^gi]/.test(flags) || /\[[^\]]*\//.test(unescaped) || /[?|.]|\{\d|\)[*+]|\([^)]*\(/.test(plain);
}

/** In `${…}` Espruino counts braces, also those in strings, comments and regular expressions. */
function isMisreadTemplate({ expressions, quasis }: TemplateLiteral, source: string): boolean {
  if (quasis.some(({ value }) => value.raw.includes("\\$" + "{"))) return true;
  return expressions.some((_expression, i) => {
    const end = (quasis[i + 1]?.start ?? 0) - 1;
    let depth = 1;
    for (let at = (quasis[i]?.end ?? 0) + 2; at <= end; at++) {
      if (source[at] === "{") depth++;
      if (source[at] === "}") depth--;
      if (depth === 0) return at !== end;
    }
    return true;
  });
}

/** A slash that divides, or one that opens a regular expression, where Espruino takes it for the other. */
function isMisreadSlash({ type, start, end }: Token, before: Token | undefined, source: string): boolean {
  const textBefore = before === undefined ? "" : source.slice(before.start, before.end);
  if (type.label === "regexp") return textBefore === ")" || textBefore === "]";
  return (type.label === "/" || source.slice(start, end) === "/=") && BEFORE_A_REGEX.has(textBefore);
}

const hasMisreadSlash: Check = (node, _ancestors, { source, tokens }) => {
  if (node.type !== "Program") return false;
  return tokens.some((token, i) => isMisreadSlash(token, tokens[i - 1], source));
};

/** Strings are bytes: no board has the build option for more. */
const isMisreadCharacter: Check = (node, _ancestors, { source }) => {
  const text = source.slice(node.start, node.end);
  if (node.type === "Identifier") return text !== node.name || /[^\0-\x7e]/.test(text);
  const isText = node.type === "TemplateElement" || (node.type === "Literal" && typeof node.value === "string");
  if (!isText) return false;
  const escapes = text.match(/\\(u\{|u[0-9a-fA-F]{4}|[\s\S])/g) ?? [];
  return /[^\0-\x7e]/.test(text) || escapes.some((each) => /^\\([\r\n]|u\{)/.test(each) || Number.parseInt(each.slice(2), 16) > MAX_BYTE);
};

const isLongName: Check = (node) => {
  const named = node.type === "MemberExpression" && !node.computed ? node.property : isProperty(node) && !node.computed ? node.key : node;
  return named.type === "Identifier" && named.name.length > MAX_NAME_LENGTH;
};

/** A `return` whose line ends there (Espruino reads on), and a statement behind a bare `return`: what esbuild makes of it. */
const isBareReturnBeforeMore: Check = (node, ancestors, { source }) => {
  if (node.type !== "ReturnStatement" || node.argument != null) return false;
  const isEnded = source[node.end - 1] === ";" || /^(\s|\/\/.*|\/\*[\s\S]*?\*\/)*(\}|$)/.test(source.slice(node.end));
  if (!isEnded) return true;
  const parent = parentOf(ancestors);
  const body: readonly unknown[] = parent?.type === "BlockStatement" ? parent.body : parent?.type === "SwitchCase" ? parent.consequent : [];
  return body.indexOf(node) < body.length - 1;
};

/** `x` and on the next line `++y`: the line's end does not end the statement. */
const isSignOnNextLine: Check = (node, ancestors, { source }) =>
  node.type === "UpdateExpression" &&
  node.prefix &&
  parentOf(ancestors)?.type === "ExpressionStatement" &&
  /[\w$\]]\s*\n\s*$/.test(source.slice(0, node.start));

export const MISREAD_TEXT: readonly Rule[] = [
  {
    name: "regular expression syntax",
    check: (node) => node.type === "Literal" && "regex" in node && node.regex != null && isMisreadRegex(node.regex),
  },
  { name: "slash", check: hasMisreadSlash },
  { name: "template literal", check: (node, _ancestors, { source }) => node.type === "TemplateLiteral" && isMisreadTemplate(node, source) },
  { name: "character beyond a byte", check: isMisreadCharacter },
  { name: "long name", check: isLongName },
  {
    name: "misread name",
    check: (node, ancestors) =>
      (node.type === "Identifier" && MISREAD_NAMES.has(node.name) && isReference(node, parentOf(ancestors))) || isMisreadMember(node),
  },
  {
    name: "arrow's parameter of a built-in's name",
    check: (node) =>
      node.type === "ArrowFunctionExpression" && node.params.some((each) => each.type === "Identifier" && isBuiltInName(each.name)),
  },
  {
    name: "large integer",
    check: (node) =>
      node.type === "Literal" &&
      typeof node.value === "number" &&
      node.value > Number.MAX_SAFE_INTEGER &&
      /^(\d+|0[xob].*)$/i.test(node.raw ?? ""),
  },
  {
    name: "negative zero",
    check: (node) =>
      node.type === "UnaryExpression" && node.operator === "-" && node.argument.type === "Literal" && node.argument.value === 0,
  },
  { name: "bare return before more", check: isBareReturnBeforeMore },
  { name: "sign on the next line", check: isSignOnNextLine },
];
