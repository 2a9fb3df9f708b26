// How the doctor's findings look: on one screen for a person, and for a machine.

import type { Examined } from "../host-bridge/doctor/examine.ts";
import { isWell } from "../host-bridge/doctor/examine.ts";
import type { Area, CheckName, Code, Facts, FindingOf, Verdict } from "../host-bridge/doctor/finding.ts";
import type { CheckTexts } from "./messages/doctor-texts.ts";
import type { Messages } from "./messages/en.ts";
import { dim, mark, visible, warningMark } from "./terminal.ts";
import { wrapped } from "./wrapped.ts";

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

/** @param first what stands before the first line; the others begin below it */
function under(first: string, text: string, columns: number): string[] {
  const [head = "", ...more] = wrapped(text, columns - first.length);
  return [`${first}${head}`, ...more.map((line) => `${" ".repeat(first.length)}${line}`)];
}

function lines(examined: Examined, say: Messages, columns: number): string[] {
  const { verdict, mender, commands } = examined.finding;
  const { found, why, mend } = spoken(examined, say);
  const [first = "", ...more] = under("    ", found, columns);
  const head = [`  ${MARKS[verdict]()} ${first.trimStart()}`, ...more];
  if (verdict === "ok") return head;
  const whose = say.doctor.mender[mender];
  const todo = [...(whose === "" ? [] : [`[${whose}]`]), mend].filter((text) => text !== "").join(" ");
  return [
    ...head,
    ...under("      ", why, columns).map(dim),
    ...(todo === "" ? [] : under("      → ", todo, columns)),
    // Not broken: they are to be copied.
    ...commands.map((command) => `          ${visible(command)}`),
  ];
}

/** What is well and tells no more than other lines do is left out, so that all fits on one screen; --json has it all. */
const SILENT: ReadonlySet<string> = new Set([
  "office-address:fine",
  "proxy:none",
  "tunnel:direct",
  "certificate:local",
  "state-folder:fine",
  "state-folder:to-be-made",
  "runtime-folder:fine",
  "runtime-folder:to-be-made",
  "service:no-systemd",
  "registration:fine",
  "browsers:none",
  "confined:none",
  "pcsc:unused",
  "virtual-reader:unused",
]);

/** What is well because the other is: a way whose end is reached. */
const IMPLIED: Readonly<Partial<Record<CheckName, CheckName>>> = {
  module: "software",
  bridge: "software",
  packages: "native",
  name: "answer",
  connection: "answer",
  tunnel: "answer",
  certificate: "answer",
};

function isShown({ finding: { check, code, verdict }, office }: Examined, all: readonly Examined[]): boolean {
  if (verdict !== "ok") return true;
  if (SILENT.has(`${check}:${code}`)) return false;
  const other = all.find((examined) => examined.finding.check === IMPLIED[check] && examined.office === office);
  return other?.finding.verdict !== "ok";
}

function closing(all: readonly Examined[], { doctor }: Messages): string[] {
  const count = (verdict: Verdict): number => all.filter(({ finding }) => finding.verdict === verdict).length;
  const [troubles, warnings] = [count("trouble"), count("warning")];
  const remarks = warnings === 0 ? [] : [doctor.warnings(warnings)];
  if (troubles > 0) return [doctor.troubles(troubles), ...remarks, doctor.again];
  const wasTried = all.some(({ finding: { check, verdict } }) => check === "answer" && verdict === "ok");
  return [wasTried ? doctor.well : doctor.wellButOffice, ...remarks];
}

/** @param columns of the terminal; Infinity: it is no terminal */
export function doctorScreen(all: readonly Examined[], say: Messages, columns: number): string[] {
  const shown = all.filter((examined) => isShown(examined, all));
  const areas = AREAS.map((area) => ({ area, own: shown.filter((examined) => examined.area === area) }));
  return [
    ...areas
      .filter(({ own }) => own.length > 0)
      .flatMap(({ area, own }) => [say.doctor.area[area], ...own.flatMap((one) => lines(one, say, columns)), ""]),
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
