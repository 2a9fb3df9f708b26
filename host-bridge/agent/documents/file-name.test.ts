// Names of files that people and others give.

import { describe, expect, test } from "vitest";
import { disposition, distinctNames, shownName, withSuffix } from "./file-name.ts";

describe("a name is shown", () => {
  test.each([
    ["Contrat d'été.pdf", "Contrat d'été.pdf"],
    ["/home/anne/Contrat.pdf", "Contrat.pdf"],
    ["C:\\Users\\Anne\\Contrat.pdf", "Contrat.pdf"],
    ["../../etc/passwd", "passwd"],
    ["facture\u202Efdp.exe", "facturefdp.exe"],
    ["a\r\nb\u0000.pdf", "ab.pdf"],
    ['a"b<c>.pdf', "a_b_c_.pdf"],
    ["...hidden.pdf", "hidden.pdf"],
    ["", "document.pdf"],
    [".pdf", "document.pdf"],
    ["e\u0301te\u0301.pdf", "été.pdf"],
  ])("%j as %j", (given, shown) => {
    expect(shownName(given, "document.pdf")).toBe(shown);
  });

  test("cut, with its extension", () => {
    const shown = shownName(`${"é".repeat(300)}.pdf`, "document.pdf");
    expect([...shown]).toHaveLength(120);
    expect(shown.endsWith("é.pdf")).toBe(true);
  });
});

test("two files of one name stay apart, whatever their capitals", () => {
  expect(distinctNames(["a.pdf", "A.pdf", "b.pdf", "a (2).pdf", "a.pdf"])).toEqual([
    "a.pdf",
    "A (2).pdf",
    "b.pdf",
    "a (2) (2).pdf",
    "a (3).pdf",
  ]);
});

test("the signed one's name", () => {
  expect(withSuffix("Contrat.PDF", "-signé")).toBe("Contrat-signé.PDF");
  expect(withSuffix("scan", "-signed")).toBe("scan-signed.pdf");
});

describe("Content-Disposition", () => {
  test("has the name twice: for everybody, and in UTF-8", () => {
    expect(disposition("attachment", "Contrat d'été (2)-signé.pdf")).toBe(
      "attachment; filename=\"Contrat d'ete (2)-signe.pdf\"; filename*=UTF-8''Contrat%20d%27%C3%A9t%C3%A9%20%282%29-sign%C3%A9.pdf",
    );
  });

  test("is one line of ASCII, whatever the name", () => {
    expect(disposition("inline", 'a"b\\c%d\u{1F600}.pdf')).toMatch(/^inline; filename="a_b_c_d_+\.pdf"; filename\*=UTF-8''[\x21-\x7e]+$/);
  });
});
