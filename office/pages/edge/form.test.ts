// Forms as they are read: what no text may have is said beside its field, and what was typed stays.

import { describe, expect, test } from "vitest";
import { z } from "zod";
import { readForm, says } from "./form.ts";
import { lineField } from "./line-field.ts";

const FORM = z.object({ note: z.string().catch(""), reason: lineField(20).min(3, says("required")) });

describe("a character that is no text", () => {
  const read = (note: string, reason: string) => readForm(FORM, { note, reason, csrf: "c" });

  test.each(["\0", "\u0007", "\u001b[2J", "\u009f", "\ud800", "\u202e"])(
    "%j is refused in any field, also one whose schema takes all",
    (text) => {
      const { data, form } = read(`a${text}b`, "lost card");
      expect([data, form.problems]).toEqual([null, { note: "unreadable" }]);
      expect([form.text("note"), form.text("reason")]).toEqual([`a${text}b`, "lost card"]);
      expect(read("", `lost${text}card`).form.problems).toEqual({ reason: "unreadable" });
    },
  );

  test.each(["\n", "\t", "\u200f", "\u2028"])("%j is text, but none of a line", (text) => {
    expect(read(`a${text}b`, "lost card").data).toEqual({ note: `a${text}b`, reason: "lost card" });
    expect(read("", `lost${text}card`).form.problems).toEqual({ reason: "unreadable" });
  });

  test.each([
    "Zoë Ñandú-Þórs",
    "e\u0301",
    "مريم",
    "נועה",
    "می\u200cخواهم",
    "👩\u200d👩\u200d👧 🏴\u{e0067}\u{e007f}",
    "«\u00a0perdue\u202f»",
  ])("%s is text and a line", (text) => {
    expect(read(text, `lost ${text}`).data).toEqual({ note: text, reason: `lost ${text}` });
  });

  test("other problems are said beside it; spaces around a line are none", () => {
    expect(read("\0", "  ").form.problems).toEqual({ note: "unreadable", reason: "required" });
    expect(read("", "x".repeat(21)).form.problems).toEqual({ reason: "too-long" });
    expect(read("", " lost card\r\n").data).toEqual({ note: "", reason: "lost card" });
  });
});
