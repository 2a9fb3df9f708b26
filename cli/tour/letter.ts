// The letter that the tour signs when it is given no document: three pages, in the user's language.

import { PDFDocument, type PDFFont, rgb, StandardFonts } from "@cantoo/pdf-lib";
import type { Messages } from "../messages/en.ts";

const A4 = { width: 595.28, height: 841.89 };
const MARGIN = 72;
const BODY_POINTS = 11;
const LEADING = 16;
const PAGES = 3;
const ARTICLES_A_PAGE = 2;
const INK = rgb(0.12, 0.12, 0.15);

function wrap(text: string, font: PDFFont, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && font.widthOfTextAtSize(longer, BODY_POINTS) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

export async function writeLetter(text: Messages["tour"]["letter"], date: Date): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  document.setTitle(text.title);
  document.setCreationDate(date);
  document.setModificationDate(date);
  const body = await document.embedFont(StandardFonts.TimesRoman);
  const bold = await document.embedFont(StandardFonts.TimesRomanBold);
  for (let number = 1; number <= PAGES; number++) {
    const page = document.addPage([A4.width, A4.height]);
    let y = A4.height - MARGIN;
    if (number === 1) {
      page.drawText(text.title, { x: MARGIN, y, size: 20, font: bold, color: INK });
      y -= 30;
      page.drawText(text.parties, { x: MARGIN, y, size: BODY_POINTS, font: body, color: INK });
      y -= 2 * LEADING;
    }
    const first = (number - 1) * ARTICLES_A_PAGE;
    for (const [index, article] of text.articles.slice(first, first + ARTICLES_A_PAGE).entries()) {
      page.drawText(`${first + index + 1}. ${article.title}`, { x: MARGIN, y, size: 13, font: bold, color: INK });
      y -= 1.5 * LEADING;
      for (const line of article.paragraphs.flatMap((paragraph) => [...wrap(paragraph, body, A4.width - 2 * MARGIN), ""])) {
        page.drawText(line, { x: MARGIN, y, size: BODY_POINTS, font: body, color: INK });
        y -= LEADING;
      }
      y -= LEADING;
    }
    if (number === PAGES) page.drawText(text.signature, { x: MARGIN, y: 200, size: BODY_POINTS, font: body, color: INK });
    page.drawText(text.page(number, PAGES), { x: MARGIN, y: 40, size: 9, font: body, color: rgb(0.4, 0.4, 0.45) });
  }
  return document.save();
}

/** Where the letter is signed: under «Signature of the firm:» on its last page. */
export const LETTER_SIGNATURE_PLACE = `${PAGES},${MARGIN},130,240,56`;
