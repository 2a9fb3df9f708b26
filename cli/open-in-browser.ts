// Opens a link in the user's own browser, where there is a desktop.

import { spawn } from "node:child_process";

/** The link is an argument, which other users of the machine could read: it works once, and for a minute. */
export function openInBrowser(link: string): void {
  const child = spawn("xdg-open", [link], { stdio: "ignore", detached: true });
  child.once("error", () => {}); // there is none: the link was printed
  child.unref();
}
