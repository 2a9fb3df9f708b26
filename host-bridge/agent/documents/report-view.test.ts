// What a report on signatures means in one word, and the dates in it.

import { describe, expect, test } from "vitest";
import type { SignatureProblem, SignatureReport } from "../../signing/verify-pdf.ts";
import { NO_AUTHORITIES } from "./known-authorities.ts";
import { pdfDate, verdictOf } from "./report-view.ts";

const ROOT = "ab".repeat(32);
const LEARNED = {
  chosen: [],
  learned: [
    {
      fingerprint: ROOT,
      subject: "CN=Root",
      isRoot: true,
      certificate: new Uint8Array(0),
      office: "https://office.example",
      since: new Date(0),
    },
  ],
};
const reportWith = (...problems: readonly SignatureProblem[]): SignatureReport => ({
  field: "Signature1",
  signer: "Anne",
  issuers: [],
  root: problems.includes("untrusted") ? null : ROOT,
  serialNumber: null,
  subFilter: "ETSI.CAdES.detached",
  claimedDate: null,
  reason: null,
  problems,
  coversWholeFile: true,
  signedLengthBytes: 1,
  changesAfter: null,
});

const verdict = (...problems: readonly SignatureProblem[]) => verdictOf(reportWith(...problems), NO_AUTHORITIES);

describe("a signature", () => {
  test("without problems is valid; when nobody knows its authority, that alone is said", () => {
    expect(verdict()).toBe("valid");
    expect(verdict("untrusted")).toBe("unknown-authority");
  });

  test("of an authority that was only learnt from an office is not valid without more", () => {
    expect(verdictOf(reportWith(), LEARNED)).toBe("office-authority");
    expect(verdictOf(reportWith("altered"), LEARNED)).toBe("invalid");
  });

  test.each<SignatureProblem>(["altered", "forged", "expired", "changed-after", "byte-range", "key-usage"])(
    "with the problem %s is not valid, whoever is known",
    (problem) => {
      expect(verdict(problem)).toBe("invalid");
      expect(verdict(problem, "untrusted")).toBe("invalid");
      expect(verdict("untrusted", problem)).toBe("invalid");
    },
  );
});

describe("a date as PDFs write it", () => {
  test.each([
    ["D:20260301102030Z", "2026-03-01T10:20:30.000Z"],
    ["D:20260301102030+02'00'", "2026-03-01T08:20:30.000Z"],
    ["D:20260301102030-05'30", "2026-03-01T15:50:30.000Z"],
    ["D:20260301102030", "2026-03-01T10:20:30.000Z"],
    ["D:2026", "2026-01-01T00:00:00.000Z"],
  ])("%s", (text, iso) => {
    expect(pdfDate(text)?.toISOString()).toBe(iso);
  });

  test.each(["", "yesterday", "D:20261301", "2026-03-01", "D:20260301102030Z<script>"])("%j is none", (text) => {
    expect(pdfDate(text)).toBeNull();
  });
});
