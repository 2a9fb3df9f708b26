// Whether the user can do what wants administrator rights, when something does; and who else can (S14: «no administrator rights»).

import { ROOT_UID } from "./as-root.ts";
import type { Finding, FindingOf } from "./finding.ts";
import { ok, trouble, warning } from "./found.ts";
import type { Place } from "./place.ts";

const FOR_ROOT = /(?:^|\| )sudo /;

/** @returns null: nothing that was found wants these rights */
export function administrator({ machine }: Place, found: readonly Finding[]): FindingOf<"administrator"> | null {
  const wanting = found.filter(({ verdict, commands }) => verdict !== "ok" && commands.some((command) => FOR_ROOT.test(command)));
  if (wanting.length === 0 || machine.uid === ROOT_UID) return null;
  const { group, names, isOne } = machine.administrators();
  const facts = { group: group ?? "", names: names.join(", "), wanted: wanting.length };
  if (isOne) return ok("administrator", "member", facts);
  const code = names.length === 0 ? "nobody" : "no-member";
  const isTrouble = wanting.some(({ verdict }) => verdict === "trouble");
  return (isTrouble ? trouble : warning)("administrator", code, facts);
}
