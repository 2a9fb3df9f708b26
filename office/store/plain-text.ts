// Which characters the office takes as text, wherever somebody types some that is kept: one rule, so that nobody meets a database that refuses it
// (PostgreSQL keeps no U+0000), a certificate that can't carry it, or a page on which it stands otherwise than it was written.

/** Control characters but ends of lines and tabs, lone surrogates (no UTF-8 has them), and what turns the direction of writing. */
const NOT_TEXT = /[\p{Cs}\u202a-\u202e\u2066-\u2069]|(?![\n\r\t])\p{Cc}/u;
/** In a name or a reason, ends of lines and marks of direction are none either. */
const NOT_ON_ONE_LINE = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

/** Text of any number of lines. */
export const isPlainText = (text: string): boolean => !NOT_TEXT.test(text);

/** Text on one line, as names are. */
export const isPlainLine = (text: string): boolean => !NOT_ON_ONE_LINE.test(text);
