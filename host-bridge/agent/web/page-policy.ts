// What a page may load (Content Security Policy Level 3).

/** `plain`: our style and picture only; `documents`: also our own scripts, for pages that show documents (pdf.js). `waiting`: the script of pages that wait. */
export type PagePolicy = "plain" | "waiting" | "documents";

const COMMON = "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; style-src 'self'";

export const POLICIES: Readonly<Record<PagePolicy, string>> = {
  plain: `${COMMON}; img-src 'self'`,
  waiting: `${COMMON}; img-src 'self'; script-src 'self'; connect-src 'self'`,
  documents: `${COMMON}; img-src 'self' blob: data:; script-src 'self'; worker-src 'self'; connect-src 'self'; font-src 'self' data:`,
};
