// Findings, written shortly.

import type { CheckName, Code, Facts, FindingOf, Mender } from "./finding.ts";

interface ToMend {
  readonly mender?: Mender;
  readonly commands?: readonly string[];
}

export const ok = <N extends CheckName>(check: N, code: Code<N>, facts: Facts<N>): FindingOf<N> => ({
  check,
  code,
  verdict: "ok",
  facts,
  mender: "user",
  commands: [],
});

export const warning = <N extends CheckName>(
  check: N,
  code: Code<N>,
  facts: Facts<N>,
  { mender = "user", commands = [] }: ToMend = {},
): FindingOf<N> => ({ check, code, verdict: "warning", facts, mender, commands });

export const trouble = <N extends CheckName>(
  check: N,
  code: Code<N>,
  facts: Facts<N>,
  { mender = "user", commands = [] }: ToMend = {},
): FindingOf<N> => ({ check, code, verdict: "trouble", facts, mender, commands });
