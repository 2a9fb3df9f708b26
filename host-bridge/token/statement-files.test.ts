// Files of journals and receipts: they come back as they were written, and what is no such file is refused.

import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { type SealedToken, sealedToken } from "../../test/support/sealed-token.ts";
import { SERIAL } from "../../test/support/simulated-token.ts";
import { type DestructionReceipt, formatReceipt, parseReceipt } from "./destruction-receipt.ts";
import { formatJournalFile, type JournalFile, parseJournalFile } from "./journal-file.ts";
import { StatementFileError } from "./statement-file.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

let sealed: SealedToken;
let journal: JournalFile;
let receipt: DestructionReceipt;

beforeAll(async () => {
  sealed = await sealedToken();
  const officer = await sealed.token.officer();
  await officer.generateKey(SLOT_SIGNATURE);
  receipt = { signed: await officer.vendor.eraseKey(SLOT_SIGNATURE), certificates: [sealed.certificate] };
  const head = await officer.vendor.journalHead(new Uint8Array(32).fill(9));
  journal = { serial: String(SERIAL), section: await officer.vendor.readJournal(), head, certificates: [sealed.certificate] };
});

test("a journal comes back as it was written", () => {
  expect(journal.section.entries.length).toBeGreaterThan(1);
  expect(parseJournalFile(utf8(formatJournalFile(journal)))).toEqual(journal);
});

test("a receipt comes back as it was written", () => {
  expect(parseReceipt(utf8(formatReceipt(receipt)))).toEqual(receipt);
});

/** Every place in a JSON value. */
function places(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => places(inner, [...path, Array.isArray(value) ? Number(key) : key]))];
}

/** With something else in one place; undefined takes it out. */
function withOther(text: string, [first, ...rest]: readonly (string | number)[], other: unknown): string {
  if (first === undefined) return JSON.stringify(other) ?? "";
  const value = JSON.parse(text) as Record<string | number, unknown>;
  value[first] =
    other === undefined && rest.length === 0 ? undefined : JSON.parse(withOther(JSON.stringify(value[first]), rest, other) || "null");
  return JSON.stringify(value);
}

/** What one may write there: the signed statement decides about a serial number, and whether nothing is one; a journal may be empty. */
function isFineThere(field: string, other: unknown): boolean {
  if (field === "serial") return typeof other === "string";
  if (field === "statement" || field === "signature") return other === "";
  return field === "entries" && Array.isArray(other) && other.length === 0;
}

describe.each([
  ["a journal", () => formatJournalFile(journal), parseJournalFile],
  ["a receipt", () => formatReceipt(receipt), parseReceipt],
] as const)("%s is refused when", (_name, format, parse) => {
  const refused = (text: string): void => {
    expect(() => parse(utf8(text))).toThrow(StatementFileError);
  };

  test("any value in it is of another type", () => {
    const text = format();
    for (const path of places(JSON.parse(text))) {
      for (const other of [null, true, -1, 1.5, 2 ** 32, "", "ZZ", "a".repeat(9000), [], [[]], {}, { statement: 1 }]) {
        if (isFineThere(String(path.at(-1)), other)) continue;
        refused(withOther(text, path, other));
      }
    }
  });

  test("any field is missing or one too many", () => {
    const text = format();
    for (const path of places(JSON.parse(text))) {
      if (path.length > 0 && typeof path.at(-1) === "string") refused(withOther(text, path, undefined));
    }
    refused(JSON.stringify({ ...JSON.parse(text), comment: "" }));
  });

  test("it is cut short anywhere", () => {
    const text = format().trimEnd();
    fc.assert(
      fc.property(fc.nat(text.length - 1), (length) => {
        refused(text.slice(0, length));
      }),
    );
  });

  test("it has a field twice, of which other programs read the other one", () => {
    const text = format();
    for (const field of text.matchAll(/"(\w+)": /g)) {
      refused(`${text.slice(0, field.index)}"${field[1]}": [], ${text.slice(field.index)}`);
      refused(
        `${text.slice(0, field.index)}"\\u00${field[1]?.charCodeAt(0).toString(16)}${field[1]?.slice(1)}": 1, ${text.slice(field.index)}`,
      );
    }
  });

  test("a certificate has something beside it, or base64 has bits to spare", () => {
    const text = format();
    refused(text.replace("-----BEGIN", "read me\\n-----BEGIN"));
    refused(text.replace("END CERTIFICATE-----\\n", "END CERTIFICATE-----\\n-----BEGIN CERTIFICATE-----\\n"));
    const spare = text.replace(/"(signature|statement)": "([^"=]+)([AQgw])==/, (_, field, rest, last) => {
      const next = String.fromCharCode(last.charCodeAt(0) + 1);
      return `"${field}": "${rest}${next}==`;
    });
    if (spare !== text) refused(spare);
  });

  test("it is of another format or version, no UTF-8, or far too long", () => {
    const text = format();
    refused(text.replace("/1", "/2"));
    refused(text.replace("sceau-", "other-"));
    expect(() => parse(Uint8Array.of(0xff, 0xfe, ...utf8(text)))).toThrow(StatementFileError);
    refused(text + " ".repeat(4_000_000));
  });
});

test("a journal is refused when it has more entries than any token keeps, or an entry with a slot that is no byte", () => {
  const [entry] = journal.section.entries;
  if (entry === undefined) throw new Error("the journal is empty");
  const withEntries = (entries: JournalFile["section"]["entries"]): Uint8Array =>
    utf8(formatJournalFile({ ...journal, section: { ...journal.section, entries } }));
  expect(() => parseJournalFile(withEntries(Array.from({ length: 10_001 }, () => entry)))).toThrow(StatementFileError);
  expect(() => parseJournalFile(withEntries([{ ...entry, slot: 256 }]))).toThrow(StatementFileError);
});

test("neither is taken for the other", () => {
  expect(() => parseReceipt(utf8(formatJournalFile(journal)))).toThrow(StatementFileError);
  expect(() => parseJournalFile(utf8(formatReceipt(receipt)))).toThrow(StatementFileError);
});
