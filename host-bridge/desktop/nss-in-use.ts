// Whether the software runs that has an NSS database open: it would not see what is changed, and writes the file of modules itself.

import { lstatSync, readlinkSync } from "node:fs";
import { homedir, hostname } from "node:os";
import { isAbsolute, join } from "node:path";
import type { NssDatabase } from "./nss-databases.ts";

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Where a link leads; null: there is none. */
function target(link: string): string | null {
  return lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === true ? readlinkSync(link) : null;
}

/** Firefox and Thunderbird: a link `lock` to ADDRESS:+PID in the profile, which stays behind after a crash (nsProfileLock.cpp). */
function isProfileOpen(folder: string): boolean {
  const [, pid] = /:\+?(\d+)$/.exec(target(join(folder, "lock")) ?? "") ?? [];
  return pid !== undefined && isAlive(Number(pid));
}

/** Below the configuration folder: one of each brand and channel. */
const CHROMIUM_FOLDERS = [
  "chromium",
  "google-chrome",
  "google-chrome-beta",
  "google-chrome-unstable",
  "microsoft-edge",
  "BraveSoftware/Brave-Browser",
  "vivaldi",
] as const;

/** Chromium and its family: a link `SingletonLock` to HOST-PID (process_singleton_posix.cc). */
function isChromiumOpen(folder: string): boolean {
  const found = target(join(folder, "SingletonLock"));
  const split = found?.lastIndexOf("-") ?? -1;
  if (found === null || split < 0 || found.slice(0, split) !== hostname()) return false;
  return isAlive(Number(found.slice(split + 1)));
}

/** Of software that is not confined: a snap's or flatpak's processes have numbers of their own. */
export function isInUse({ software, folder }: NssDatabase, environment: NodeJS.ProcessEnv, home: string = homedir()): boolean {
  if (software !== "chromium") return isProfileOpen(folder);
  const configured = environment["XDG_CONFIG_HOME"];
  const config = configured !== undefined && isAbsolute(configured) ? configured : join(home, ".config");
  return CHROMIUM_FOLDERS.some((name) => isChromiumOpen(join(config, name)));
}
