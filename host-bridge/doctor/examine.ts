// All checks, in their order: what is needed first comes first. Adding one: a file of its own, its words in finding.ts, a place here, its texts.

import { TrustFileError } from "../agent/trust/trust-file-error.ts";
import { TrustedOffices } from "../agent/trust/trusted-offices.ts";
import { officeAddress } from "../office-client/office-http.ts";
import { administrator } from "./administrator.ts";
import { AGENT } from "./agent.ts";
import { BRIDGE } from "./bridge.ts";
import { BROWSERS } from "./browsers.ts";
import { BUILD } from "./build.ts";
import type { Check, OfficeCheck } from "./check.ts";
import { CONFINED } from "./confined.ts";
import { DEVICES } from "./devices.ts";
import { DISK } from "./disk.ts";
import type { Area, CheckName, Finding, FindingOf } from "./finding.ts";
import { ok, trouble, warning } from "./found.ts";
import { MODULE } from "./module.ts";
import { NATIVE } from "./native.ts";
import { NODE_VERSION } from "./node-version.ts";
import { ANSWER, CLOCK } from "./office-answer.ts";
import { CERTIFICATE } from "./office-certificate.ts";
import { addressCode, CONNECTION, NAME, nothingNamed, PROXY, TUNNEL } from "./office-ways.ts";
import { PACKAGES } from "./packages.ts";
import { PCSC } from "./pcsc.ts";
import type { Place } from "./place.ts";
import { REGISTRATION } from "./registration.ts";
import { REGISTRY } from "./registry.ts";
import { RUNTIME_FOLDER } from "./runtime-folder.ts";
import { SERVICE } from "./service.ts";
import { SOFTWARE } from "./software.ts";
import { STATE_FOLDER } from "./state-folder.ts";
import { USER } from "./user.ts";
import { VIRTUAL_READER } from "./virtual-reader.ts";

type AnyCheck = { [N in CheckName]: Check<N> }[CheckName];
type AnyOfficeCheck = { [N in CheckName]: OfficeCheck<N> }[CheckName];

export const CHECKS: readonly AnyCheck[] = [
  NODE_VERSION,
  PACKAGES,
  REGISTRY,
  NATIVE,
  BUILD,
  DISK,
  USER,
  STATE_FOLDER,
  RUNTIME_FOLDER,
  DEVICES,
  MODULE,
  BRIDGE,
  SOFTWARE,
  SERVICE,
  REGISTRATION,
  BROWSERS,
  CONFINED,
  PCSC,
  VIRTUAL_READER,
  AGENT,
];

export const OFFICE_CHECKS: readonly AnyOfficeCheck[] = [PROXY, NAME, CONNECTION, TUNNEL, CERTIFICATE, ANSWER, CLOCK];

export interface Examined {
  readonly area: Area;
  readonly finding: Finding;
  /** Of officeAddress; null: it is of this computer. */
  readonly office: string | null;
}

/** What the doctor tells while it looks. */
export interface Progress {
  begins(check: CheckName, office: string | null): void;
  found(examined: Examined): void;
}

type Closed = Set<CheckName>;

/** Whether a check is to be asked, after those that found a trouble or were not asked. */
const isOpen = (needs: readonly CheckName[] | undefined, closed: Closed): boolean => !needs?.some((name) => closed.has(name));

function addressOf(place: Place, typed: string): FindingOf<"office-address"> {
  const facts = { address: typed, path: "" };
  try {
    return ok("office-address", "fine", { ...facts, address: officeAddress(typed) });
  } catch (error) {
    const commands = [`${place.program} doctor --office https://…`];
    return trouble("office-address", addressCode(error), facts, { commands });
  }
}

/** The one that was typed, else those that the agent trusts. */
function officesOf(place: Place): FindingOf<"office-address">[] {
  if (place.office !== null) return [addressOf(place, place.office)];
  try {
    const known = new TrustedOffices(place.state.agent).all();
    return known.length === 0 ? [nothingNamed(place.program, "")] : known.map(({ address }) => addressOf(place, address));
  } catch (error) {
    if (!(error instanceof TrustFileError)) return [nothingNamed(place.program, "")]; // the folder can't be read: state-folder says so
    return [warning("office-address", "unreadable-list", { address: "", path: place.state.agent })];
  }
}

/** Asks everything, one after the other. @param checks of this computer */
export async function examine(place: Place, progress: Progress, checks: readonly AnyCheck[] = CHECKS): Promise<readonly Examined[]> {
  const all: Examined[] = [];
  const keep = (area: Area, finding: Finding, office: string | null): void => {
    const examined = { area, finding, office };
    all.push(examined);
    progress.found(examined);
  };
  const closed: Closed = new Set();
  const troubled: Closed = new Set();
  for (const { name, area, needs, onlyAfter, concerns, look } of checks) {
    if (concerns?.(place) === false) continue;
    if (onlyAfter !== undefined && !onlyAfter.some((earlier) => troubled.has(earlier))) continue;
    if (!isOpen(needs, closed)) {
      closed.add(name);
      continue;
    }
    progress.begins(name, null);
    const finding = await look(place);
    if (finding.verdict === "trouble") for (const set of [closed, troubled]) set.add(name);
    keep(area, finding, null);
  }
  for (const finding of officesOf(place)) {
    keep("office", finding, finding.facts.address);
    if (finding.verdict === "ok") await examineOffice(place, finding.facts.address, progress, keep);
  }
  // Last: whether it matters is a question of what the others found.
  const rights = administrator(
    place,
    all.map(({ finding }) => finding),
  );
  if (rights !== null) keep("rights", rights, null);
  return all;
}

async function examineOffice(
  place: Place,
  address: string,
  progress: Progress,
  keep: (area: Area, finding: Finding, office: string | null) => void,
): Promise<void> {
  const closed: Closed = new Set();
  for (const { name, area, needs, look } of OFFICE_CHECKS) {
    if (!isOpen(needs, closed)) {
      closed.add(name);
      continue;
    }
    progress.begins(name, address);
    const finding = await look(place, address);
    if (finding.verdict === "trouble") closed.add(name);
    keep(area, finding, address);
  }
}

export const isWell = (examined: readonly Examined[]): boolean => examined.every(({ finding }) => finding.verdict !== "trouble");
