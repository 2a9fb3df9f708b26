// As whom the doctor, and so Sceau, was started.

import type { Check } from "./check.ts";
import { ok, warning } from "./found.ts";

const ROOT_UID = 0;

export const USER: Check<"user"> = {
  name: "user",
  area: "rights",
  look: ({ machine }) => {
    const facts = { name: machine.userName(machine.uid), uid: machine.uid };
    return machine.uid === ROOT_UID ? warning("user", "root", facts) : ok("user", "fine", facts);
  },
};
