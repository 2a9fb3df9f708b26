// Answers as people mean them (S10): case, accents, spaces and punctuation make no difference; everything else does.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { faultsOfAnswers, normaliseAnswer, problemWithAnswers, QUESTIONS } from "./questions.ts";

describe("S10: an answer", () => {
  test.each([
    ["Élodie", "elodie"],
    ["  rue  de l'Église, 12 ", "rue de l’église 12"],
    ["ÉCOLE", "E\u0301cole"],
    ["Sœur Æmilia", "soeur aemilia"],
    ["Große Straße", "grosse strasse"],
    ["Łódź", "lodz"],
    ["04 12-34-56", "04123456"],
    ["ﬁlm", "FILM"],
  ])("«%s» is «%s»", (one, other) => {
    expect(normaliseAnswer(one)).toBe(normaliseAnswer(other));
    expect(normaliseAnswer(one)).not.toBe("");
  });

  test("normalised twice is normalised once, and never has marks or spaces", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const once = normaliseAnswer(text);
        expect(normaliseAnswer(once)).toBe(once);
        expect(once).not.toMatch(/[\s\p{M}\p{P}]/u);
      }),
      { numRuns: 500 },
    );
  });

  test("of other letters and digits is another", () => {
    expect(new Set(["paul", "paule", "pau1", "саша", "паша", "田中", "中田"].map(normaliseAnswer)).size).toBe(7);
  });
});

describe("S10: three answers", () => {
  const [first, second, third] = QUESTIONS;
  const good = [
    { question: first, answer: "Camille" },
    { question: second, answer: "rue des Lilas" },
    { question: third, answer: "04 12 34 56 78" },
  ];

  test("are taken", () => expect(problemWithAnswers(good)).toBe(null));

  test.each([
    ["count", good.slice(1)],
    ["unknown-question", [...good.slice(1), { question: "mother's name", answer: "Durand" }]],
    ["same-question", [...good.slice(1), { question: second, answer: "avenue" }]],
    ["too-short", [...good.slice(1), { question: first, answer: " a-b " }]],
    ["too-long", [...good.slice(1), { question: first, answer: "a".repeat(201) }]],
    ["same-answer", [...good.slice(1), { question: first, answer: "RUE DES LILAS" }]],
  ] as const)("%s", (problem, answers) => expect(problemWithAnswers(answers)).toBe(problem));

  test("what is wrong stands beside what it is about", () => {
    expect(faultsOfAnswers(good)).toEqual([]);
    const faulty = [
      { question: "", answer: "a b" },
      { question: second, answer: "Camille" },
      { question: second, answer: "CAMILLE" },
    ];
    expect(faultsOfAnswers(faulty).map(({ index, part, problem }) => `${part}${index} ${problem}`)).toEqual([
      "question0 unknown-question",
      "answer0 too-short",
      "question2 same-question",
      "answer2 same-answer",
    ]);
    const texts = fc.constantFrom("", "ab", "Camille", "camille", "rue des Lilas", "04 12 34 56 78", "é".repeat(201));
    const answer = fc.record({ question: fc.constantFrom(first, second, third, "none"), answer: texts });
    fc.assert(
      fc.property(fc.array(answer, { minLength: 3, maxLength: 3 }), (answers) => {
        expect(faultsOfAnswers(answers).length === 0).toBe(problemWithAnswers(answers) === null);
      }),
    );
  });
});
