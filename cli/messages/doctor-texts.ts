// The shape of what the doctor says of each finding: a language that leaves one out does not compile.

import type { CheckName, Code, Facts } from "../../host-bridge/doctor/finding.ts";

type Say<N extends CheckName> = (facts: Facts<N>) => string;

export interface CheckTexts<N extends CheckName> {
  /** What is being looked at, while it takes long. */
  readonly looking: string;
  /** Why it matters, for a person who wants to sign. */
  readonly why: string;
  readonly found: { readonly [C in Code<N>]: Say<N> };
  /** What to do, before the commands. Absent: the commands say it all, or all is well. */
  readonly mend: { readonly [C in Code<N>]?: Say<N> };
}

export type DoctorFindingTexts = { readonly [N in CheckName]: CheckTexts<N> };

type OfWay = "office-address" | "proxy" | "name" | "connection" | "tunnel" | "certificate" | "answer" | "clock";

/** Of the way to an office: a file of its own. */
export type OfficeFindingTexts = Pick<DoctorFindingTexts, OfWay>;

type OfDesktop = "service" | "browsers" | "confined" | "pcsc" | "virtual-reader" | "administrator";

/** Of the desktop: a file of its own. */
export type DesktopFindingTexts = Pick<DoctorFindingTexts, OfDesktop>;
