// Whether there is room where Sceau writes: keys' records and documents are lost by a disk that is full.

import { shellWord } from "../desktop/shell-word.ts";
import type { Check } from "./check.ts";
import { ok, trouble, warning } from "./found.ts";

const MEGABYTE = 1024 * 1024;
const FULL_BELOW = 20;
const LITTLE_BELOW = 200;

export const DISK: Check<"disk"> = {
  name: "disk",
  area: "installation",
  look: ({ machine, state, checkout }) => {
    const places = [state.root, checkout].map((path) => ({ path, freeMegabytes: Math.floor(machine.freeBytes(path) / MEGABYTE) }));
    const [least = { path: state.root, freeMegabytes: 0 }] = places.sort((a, b) => a.freeMegabytes - b.freeMegabytes);
    const facts = { ...least, neededMegabytes: LITTLE_BELOW };
    const commands = [`df -h ${shellWord(least.path)}`, "npm cache clean --force"];
    if (least.freeMegabytes < FULL_BELOW) return trouble("disk", "full", facts, { commands });
    return least.freeMegabytes < LITTLE_BELOW ? warning("disk", "little", facts, { commands }) : ok("disk", "fine", facts);
  },
};
