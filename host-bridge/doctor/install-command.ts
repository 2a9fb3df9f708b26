// `sceau install` as it is to be typed here: it mends most of what a desktop can lack.

import { join } from "node:path";
import { shellWord } from "../desktop/shell-word.ts";
import { asRoot, ROOT_UID } from "./as-root.ts";
import type { Place } from "./place.ts";

/** The user's part: service, p11-kit's module file, browsers. Root is asked whether it means itself. */
export const installCommand = ({ program, machine, state: { option } }: Place): string =>
  `${program}${option} install${machine.uid === ROOT_UID ? " --user" : ""}`;

/** The machine's part. Node.js is named: root's shell may find another one, or none. */
export function machineInstallCommand(place: Place, ...options: readonly string[]): string {
  const program = [process.execPath, join(place.checkout, "cli", "sceau.mjs")].map(shellWord).join(" ");
  return asRoot(place, [program, "install", "--machine", ...options].join(" "));
}
