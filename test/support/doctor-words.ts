// How a test reads the doctor: one finding, and sentences of the screen in both languages.

import { expect } from "vitest";
import type { CheckName, Finding } from "../../host-bridge/doctor/finding.ts";
import type { Diagnosis } from "./doctor-bench.ts";

export const found = (told: Diagnosis, check: CheckName): Finding => told.of(check) as Finding;

export const says = (told: Diagnosis, english: string, french: string): void =>
  expect([told.en, told.fr]).toEqual([expect.stringContaining(english), expect.stringContaining(french)]);
