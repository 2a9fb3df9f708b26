// The script of pages that wait for a change: it asks for the page's own address, whose answer comes when there is one, and then shows it. Without
// scripts the browser does that by itself (frame.ts), and looks busy meanwhile.

import { createHash } from "node:crypto";

/** The answer of a page that waits tells what it waits for: the same again is no change. */
export const WAITING_HEADER = "x-sceau-waiting";

export const WAITING_SCRIPT = `const { waiting: next } = document.body.dataset;
for (;;) {
  let change = false;
  try {
    const answer = await fetch(next, { redirect: "manual", cache: "no-store" });
    change = answer.headers.get("${WAITING_HEADER}") !== next;
  } catch {} // the agent has gone, or is starting again
  if (change) break;
  await new Promise((resolve) => setTimeout(resolve, 1000));
}
location.replace(next);
`;

/** Changes with its content: browsers may keep it for ever. */
export const WAITING_PATH = `/waiting-${createHash("sha256").update(WAITING_SCRIPT).digest("hex").slice(0, 12)}.js`;
