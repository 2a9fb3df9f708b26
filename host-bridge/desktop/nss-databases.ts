// Where Firefox, Thunderbird and the family of Chromium keep their NSS databases: in the home folder, in a snap's, in a flatpak's. Nothing is made.

import { accessSync, existsSync, readFileSync, realpathSync } from "node:fs";
import { isAbsolute, join } from "node:path";

export type NssSoftware = "firefox" | "thunderbird" | "chromium";

/** A snap loads no module from outside of it; a flatpak sees neither the module nor the bridge's socket, unless it is told to. */
export type Confinement = "none" | "snap" | "flatpak";

export interface NssDatabase {
  readonly software: NssSoftware;
  readonly folder: string;
  readonly confinement: Confinement;
  /** The snap's or flatpak's name: org.mozilla.firefox; empty: neither. */
  readonly application: string;
}

/** Without it there is no database in NSS's format of today, and the software has not been started yet. */
const DATABASE_FILE = "cert9.db";

/** What is there and may not be looked at, root's for instance, counts as one: it is told as unreadable. */
const UNREADABLE: ReadonlySet<string> = new Set(["EACCES", "ENOTDIR"]);

function isDatabase(folder: string): boolean {
  try {
    accessSync(join(folder, DATABASE_FILE));
    return true;
  } catch (error) {
    return UNREADABLE.has((error as NodeJS.ErrnoException).code ?? "");
  }
}

/** null: it may not be read, or is no file. */
function readProfiles(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

/** Folders of the profiles in a profiles.ini, as Mozilla writes it; the file itself when it may not be read. */
function profiles(folder: string): string[] {
  const file = join(folder, "profiles.ini");
  if (!existsSync(file)) return [];
  const text = readProfiles(file);
  if (text === null) return [file];
  return text
    .split(/^\[/m)
    .filter((section) => /^Profile\d+\]/.test(section))
    .flatMap((section) => {
      const path = /^Path=(.*)$/m.exec(section)?.[1]?.trim();
      if (path === undefined || path === "") return [];
      return [isAbsolute(path) ? path : join(folder, path)];
    });
}

/** Two paths lead to one folder where somebody linked the new place to the old one. */
function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

type Place = readonly [software: NssSoftware, confinement: Confinement, application: string, folder: string];

/** The XDG Base Directory Specification has relative paths ignored. */
function xdg(home: string, configured: string | undefined, otherwise: string): string {
  return configured !== undefined && isAbsolute(configured) ? configured : join(home, otherwise);
}

/** Folders with a profiles.ini. Firefox 147 and later keep new profiles below .config; older ones stay where they are. */
function mozilla(home: string, environment: NodeJS.ProcessEnv): Place[] {
  const config = xdg(home, environment["XDG_CONFIG_HOME"], ".config");
  const flatpak = (name: string, ...path: string[]): string => join(home, ".var", "app", name, ...path);
  const snap = (name: string, ...path: string[]): string => join(home, "snap", name, "common", ...path);
  const [fox, bird] = ["org.mozilla.firefox", "org.mozilla.Thunderbird"];
  return [
    ["firefox", "none", "", join(home, ".mozilla", "firefox")],
    ["firefox", "none", "", join(config, "mozilla", "firefox")],
    ["thunderbird", "none", "", join(home, ".thunderbird")],
    ["thunderbird", "none", "", join(config, "thunderbird")],
    ["firefox", "snap", "firefox", snap("firefox", ".mozilla", "firefox")],
    ["firefox", "snap", "firefox", snap("firefox", ".config", "mozilla", "firefox")],
    ["thunderbird", "snap", "thunderbird", snap("thunderbird", ".thunderbird")],
    ["firefox", "flatpak", fox, flatpak(fox, ".mozilla", "firefox")],
    ["firefox", "flatpak", fox, flatpak(fox, "config", "mozilla", "firefox")],
    ["thunderbird", "flatpak", bird, flatpak(bird, ".thunderbird")],
    ["thunderbird", "flatpak", bird, flatpak(bird, "config", "thunderbird")],
  ];
}

const CHROMIUM_FLATPAKS = ["org.chromium.Chromium", "com.google.Chrome", "com.microsoft.Edge", "com.brave.Browser"] as const;
const CHROMIUM_SNAPS = ["chromium", "brave"] as const;

/**
 * Folders that are a database themselves. Chromium, Chrome, Edge, Brave and Vivaldi share one; from 146 on it is below .local/share, unless the older one is
 * there (Chromium's docs/linux/cert_management.md). A flatpak's is the shared one when it may see it, else its own.
 */
function chromium(home: string, environment: NodeJS.ProcessEnv): Place[] {
  const data = xdg(home, environment["XDG_DATA_HOME"], join(".local", "share"));
  return [
    ["chromium", "none", "", join(home, ".pki", "nssdb")],
    ["chromium", "none", "", join(data, "pki", "nssdb")],
    ...CHROMIUM_SNAPS.flatMap((name): Place[] => [
      ["chromium", "snap", name, join(home, "snap", name, "current", ".pki", "nssdb")],
      ["chromium", "snap", name, join(home, "snap", name, "current", ".local", "share", "pki", "nssdb")],
    ]),
    ...CHROMIUM_FLATPAKS.flatMap((name): Place[] => [
      ["chromium", "flatpak", name, join(home, ".var", "app", name, ".pki", "nssdb")],
      ["chromium", "flatpak", name, join(home, ".var", "app", name, "data", "pki", "nssdb")],
    ]),
  ];
}

/** Every database of this user that is there, each once. @param home the home folder */
export function nssDatabases(home: string, environment: NodeJS.ProcessEnv): readonly NssDatabase[] {
  const inProfiles = mozilla(home, environment).flatMap(([software, confinement, application, folder]) =>
    profiles(folder).map((profile): NssDatabase => ({ software, confinement, application, folder: profile })),
  );
  const shared = chromium(home, environment).map(
    ([software, confinement, application, folder]): NssDatabase => ({ software, confinement, application, folder }),
  );
  const seen = new Set<string>();
  return [...inProfiles, ...shared].filter(({ folder }) => {
    const real = realFolder(folder);
    if (seen.has(real) || !isDatabase(folder)) return false;
    seen.add(real);
    return true;
  });
}
