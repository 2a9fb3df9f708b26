// What a visible signature looks like: a frame with who signed, why, and when.

import { type PDFContext, type PDFRef, StandardFontEmbedder, StandardFonts } from "@cantoo/pdf-lib";

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const FONT_POINTS = 9;
const LEADING_POINTS = 12;
const MARGIN_POINTS = 6;

/** Text in WinAnsi as a hexadecimal string; what WinAnsi has not becomes its base letter, or «?». */
function winAnsi(text: string, font: StandardFontEmbedder): string {
  let hex = "";
  for (const character of text.normalize("NFC")) {
    for (const candidate of [character, character.normalize("NFD").charAt(0), "?"]) {
      try {
        hex += font.encodeText(candidate).asString();
        break;
      } catch {
        // Not in this encoding: the next candidate. «?» always is.
      }
    }
  }
  return hex;
}

/** So many degrees a page is turned, clockwise, when it is shown. */
export type Turn = 0 | 90 | 180 | 270;

/** Turns a form of this size (as it is read) the other way round than the page: then it stands upright (ISO 32000-2 §8.10.1). */
function uprightMatrix(turn: Turn, width: number, height: number): number[] {
  if (turn === 90) return [0, 1, -1, 0, height, 0];
  if (turn === 180) return [-1, 0, 0, -1, width, height];
  return turn === 270 ? [0, -1, 1, 0, 0, width] : [1, 0, 0, 1, 0, 0];
}

/** A form XObject that fills the rectangle, upright as the page is shown. */
export function appearanceStream(context: PDFContext, rectangle: Rectangle, lines: readonly string[], turn: Turn = 0): PDFRef {
  const font = StandardFontEmbedder.for(StandardFonts.Helvetica as never);
  const isOnSide = turn === 90 || turn === 270;
  const [width, height] = isOnSide ? [rectangle.height, rectangle.width] : [rectangle.width, rectangle.height];
  const text = lines.map((line) => `<${winAnsi(line, font)}> Tj 0 -${LEADING_POINTS} Td`).join("\n");
  const operators = [
    "q 0.16 0.27 0.52 RG 0.8 w",
    `0.4 0.4 ${width - 0.8} ${height - 0.8} re S`,
    "BT 0.1 0.1 0.1 rg",
    `/Helv ${FONT_POINTS} Tf ${MARGIN_POINTS} ${height - MARGIN_POINTS - FONT_POINTS} Td`,
    text,
    "ET Q",
  ].join("\n");
  const helvetica = { Type: "Font", Subtype: "Type1", BaseFont: "Helvetica", Encoding: "WinAnsiEncoding" };
  return context.register(
    context.stream(operators, {
      Type: "XObject",
      Subtype: "Form",
      BBox: [0, 0, width, height],
      ...(turn !== 0 && { Matrix: uprightMatrix(turn, width, height) }),
      Resources: { Font: { Helv: helvetica } },
    }),
  );
}
