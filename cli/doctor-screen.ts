// How the doctor's findings look: on one screen for a person, and for a machine.

import type { Examined } from "../host-bridge/doctor/examine.ts";
import { isWell } from "../host-bridge/doctor/examine.ts";
import type { Area, CheckName, Code, Facts, FindingOf, Verdict } from "../host-bridge/doctor/finding.ts";
import type { CheckTexts } from "./messages/doctor-texts.ts";
import type { Messages } from "./messages/en.ts";
import { dim, mark, visible, warningMark } from "./terminal.ts";

/** In the guide's order. */
const AREAS: readonly Area[] = ["suite", "office", "rights", "installation"];

export interface Spoken {
  readonly found: string;
  readonly why: string;
  /** What to do, before the commands; empty: all is well. */
  readonly mend: string;
}

function speak<N extends CheckName>({ code, facts }: FindingOf<N>, texts: CheckTexts<N>): Spoken {
  const found: (facts: Facts<N>) => string = texts.found[code as Code<N>];
  const mend: ((facts: Facts<N>) => string) | undefined = texts.mend[code as Code<N>];
  return { found: visible(found(facts)), why: texts.why, mend: mend === undefined ? "" : visible(mend(facts)) };
}

/** A finding in words. Facts come from anywhere: what a terminal would obey is written out. */
export function spoken({ finding }: Examined, { doctor }: Messages): Spoken {
  return speak(finding as FindingOf<CheckName>, doctor.findings[finding.check] as CheckTexts<CheckName>);
}

/** @returns «!» for what does not stop an activation */
const MARKS: Readonly<Record<Verdict, () => string>> = { ok: () => mark(true), warning: warningMark, trouble: () => mark(false) };

function lines(examined: Examined, say: Messages): string[] {
  const { verdict, mender, commands } = examined.finding;
  const { found, why, mend } = spoken(examined, say);
  const head = `  ${MARKS[verdict]()} ${found}`;
  if (verdict === "ok") return [head];
  const whose = say.doctor.mender[mender];
  const todo = [...(whose === "" ? [] : [`[${whose}]`]), mend].filter((text) => text !== "").join(" ");
  return [
    head,
    `      ${dim(why)}`,
    ...(todo === "" ? [] : [`      → ${todo}`]),
    ...commands.map((command) => `          ${visible(command)}`),
  ];
}

/** What stands in the middle of the way and tells no more than the lines after it: left out when all is well. */
const SILENT_WHEN_WELL: ReadonlySet<string> = new Set(["tunnel:direct", "certificate:local", "office-address:fine"]);

function isShown({ finding: { check, code, verdict } }: Examined): boolean {
  return verdict !== "ok" || !SILENT_WHEN_WELL.has(`${check}:${code}`);
}

function closing(all: readonly Examined[], { doctor }: Messages): string[] {
  const count = (verdict: Verdict): number => all.filter(({ finding }) => finding.verdict === verdict).length;
  const [troubles, warnings] = [count("trouble"), count("warning")];
  const remarks = warnings === 0 ? [] : [doctor.warnings(warnings)];
  if (troubles > 0) return [doctor.troubles(troubles), ...remarks, doctor.again];
  const wasTried = all.some(({ finding: { check, verdict } }) => check === "answer" && verdict === "ok");
  return [wasTried ? doctor.well : doctor.wellButOffice, ...remarks];
}

export function doctorScreen(all: readonly Examined[], say: Messages): string[] {
  const areas = AREAS.map((area) => ({ area, own: all.filter((examined) => examined.area === area && isShown(examined)) }));
  return [
    ...areas
      .filter(({ own }) => own.length > 0)
      .flatMap(({ area, own }) => [say.doctor.area[area], ...own.flatMap((one) => lines(one, say)), ""]),
    ...closing(all, say),
  ];
}

/** One JSON value: everything that the screen has, and the facts. */
export function doctorResult(all: readonly Examined[], say: Messages): object {
  const findings = all.map((examined) => {
    const { area, office, finding } = examined;
    return { area, ...(office !== null && { office }), ...finding, ...spoken(examined, say) };
  });
  return { isWell: isWell(all), findings };
}
