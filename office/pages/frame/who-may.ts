// Who may do what the officer may not: told where it is refused, and where it is not offered.

import { type Permission, rolesWith } from "../../registration/roles.ts";
import type { Visit } from "../edge/visit.ts";

/** A sentence. */
export function whoMay(permission: Permission, { texts: { frame, roles } }: Visit): string {
  const names = rolesWith(permission).map((role) => roles[role].name);
  return frame.whoMay(names.join(", "));
}
