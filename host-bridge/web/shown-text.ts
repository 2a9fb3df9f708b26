// Names and other text that somebody else wrote, made safe to be shown: nothing in it steers what stands around it, hides, or has no end.

const MAX_CHARACTERS = 120;
/** In these scripts U+200C and U+200D part and join letters; between others they are only there to be unseen. */
const JOINED =
  "\\p{scx=Arab}\\p{scx=Deva}\\p{scx=Beng}\\p{scx=Guru}\\p{scx=Gujr}\\p{scx=Orya}\\p{scx=Taml}\\p{scx=Telu}\\p{scx=Knda}\\p{scx=Mlym}\\p{scx=Sinh}";
/** Blank or unseen, and yet letters, marks or signs to Unicode: Hangul's and Braille's fillers, U+034F, Khmer's inherent vowels. */
const UNSEEN = "\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u2800\\u3164\\uffa0";
/** Controls, what has no width or turns the direction of writing, ends of lines, and what is no character. */
const STEERING = new RegExp(
  `(?:(?!(?<=[${JOINED}]\\p{M}*)[\\u200c\\u200d](?=\\p{L}))[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}\\p{Co}\\p{Cn}${UNSEEN}])+`,
  "gu",
);
/** Marks on one letter; more of them cover the lines above and below. */
const MANY_MARKS = /(\p{M}{4})\p{M}+/gu;
/** Written from right to left (Hebrew, Arabic, and their neighbours). */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const FIRST_STRONG_ISOLATE = "\u2068";
const POP_DIRECTIONAL_ISOLATE = "\u2069";

const written = (found: string): string => `\\u${(found.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;

/** What can't be seen is written out («\\u202e»), as the command line does; what is too long is cut, and says so. */
export function shownText(text: string): string {
  const characters = [
    ...text
      .normalize("NFC")
      .replace(/\p{Zs}+/gu, " ")
      .replace(/^ | $/g, ""),
  ];
  const plain = characters.slice(0, MAX_CHARACTERS).join("").replace(MANY_MARKS, "$1").replace(STEERING, written);
  return characters.length > MAX_CHARACTERS ? `${plain}…` : plain;
}

/** The same within a sentence: what it is written from right to left does not go on to its neighbours (Unicode UAX #9 §2.4.2). In HTML: `<bdi>`. */
export function isolated(text: string): string {
  const shown = shownText(text);
  return RIGHT_TO_LEFT.test(shown) ? `${FIRST_STRONG_ISOLATE}${shown}${POP_DIRECTIONAL_ISOLATE}` : shown;
}
