// p11-kit's module file, as `sceau bridge --register` writes it.

import { dirname } from "node:path";
import { draftFolder, MODULE_FILE_MARK, moduleFile, moduleFileText } from "../discovery/module-file.ts";
import { p11KitAddress } from "../signing/pkcs11-module.ts";
import type { Place } from "./change.ts";
import type { Desktop } from "./desktop.ts";
import { fileState, readIfThere } from "./marked-file.ts";
import { moveAway } from "./service-step.ts";
import { type Step, step } from "./step.ts";

const placeOf = (path: string): Place => ({
  stays: dirname(dirname(dirname(path))),
  mode: 0o600,
  folderMode: 0o700,
  draftFolder: draftFolder(path),
});

export function installModuleFile({ environment, pkcs11Socket }: Desktop): Step {
  const path = moduleFile(environment);
  const known = { name: "module-file", part: "user", where: path } as const;
  const after = moduleFileText(p11KitAddress(pkcs11Socket));
  const state = fileState(path, after, MODULE_FILE_MARK);
  if (state === "same") return step({ ...known, state: "done" });
  // p11-kit reads every file in its folder, whatever it is called: beside itself it would go on being a module.
  if (state === "foreign") return step({ ...known, state: "foreign", reason: "not-ours", commands: [moveAway(path, draftFolder(path))] });
  return step({ ...known, state: "to-do", changes: [{ kind: "write", path, before: readIfThere(path), after, of: placeOf(path) }] });
}

export function uninstallModuleFile({ environment }: Desktop): Step {
  const path = moduleFile(environment);
  const known = { name: "module-file", part: "user", where: path } as const;
  const state = fileState(path, "", MODULE_FILE_MARK);
  if (state === "absent") return step({ ...known, state: "done" });
  if (state === "foreign") return step({ ...known, state: "foreign", reason: "not-ours" });
  return step({ ...known, state: "to-do", changes: [{ kind: "remove", path, before: readIfThere(path) ?? "", of: placeOf(path) }] });
}
