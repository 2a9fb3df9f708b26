// Where NSS databases are found, what their list of modules says, and whether somebody has them open: read from files as the software writes them.

import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { nssDatabases } from "./nss-databases.ts";
import { isInUse } from "./nss-in-use.ts";
import { moduleState } from "./nss-modules.ts";

const base = temporaryFolder();
const home = join(base, "home");
const CLIENT = "/usr/lib/x86_64-linux-gnu/pkcs11/p11-kit-client.so";
/** More than any system gives out (PID_MAX_LIMIT). */
const NOBODYS_PID = 4_194_305;

beforeEach(() => {
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
});

function write(path: string, text = ""): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}
const database = (...path: string[]): string => dirname(write(join(home, ...path, "cert9.db")));

describe("nssDatabases", () => {
  test("profiles of Firefox and Thunderbird, old place and new; without a database there is none", () => {
    const elsewhere = dirname(write(join(base, "elsewhere", "cert9.db")));
    write(
      join(home, ".mozilla", "firefox", "profiles.ini"),
      `[Install4F96D1932A9F858E]\nDefault=a.default\nLocked=1\n\n[Profile1]\nName=x\nIsRelative=0\nPath=${elsewhere}\n\n[Profile0]\r\nName=default\r\nIsRelative=1\r\nPath=a.default\r\n\n[Profile2]\nPath=never-started\n\n[Profile3]\nPath=a.default\n`,
    );
    const old = database(".mozilla", "firefox", "a.default");
    mkdirSync(join(home, ".mozilla", "firefox", "never-started"));
    database(".mozilla", "firefox", "in-no-list");
    write(join(home, "settings", "mozilla", "firefox", "profiles.ini"), "[Profile0]\nPath=b.default\n");
    const young = database("settings", "mozilla", "firefox", "b.default");
    write(join(home, ".thunderbird", "profiles.ini"), "[Profile0]\nPath=c.default\n");
    const mail = database(".thunderbird", "c.default");
    const found = nssDatabases(home, { XDG_CONFIG_HOME: join(home, "settings") });
    expect(found.map(({ software, folder, confinement }) => [software, folder, confinement])).toEqual([
      ["firefox", elsewhere, "none"],
      ["firefox", old, "none"],
      ["firefox", young, "none"],
      ["thunderbird", mail, "none"],
    ]);
  });

  test("Chromium's shared database, at its old and its new place", () => {
    const old = database(".pki", "nssdb");
    const young = database(".local", "share", "pki", "nssdb");
    expect(nssDatabases(home, {}).map(({ folder }) => folder)).toEqual([old, young]);
    const moved = database("data", "pki", "nssdb");
    expect(nssDatabases(home, { XDG_DATA_HOME: join(home, "data") }).map(({ folder }) => folder)).toEqual([old, moved]);
  });

  test("a snap's and a flatpak's are told apart, with their names", () => {
    write(join(home, "snap", "firefox", "common", ".mozilla", "firefox", "profiles.ini"), "[Profile0]\nPath=s\n");
    database("snap", "firefox", "common", ".mozilla", "firefox", "s");
    database("snap", "chromium", "current", ".local", "share", "pki", "nssdb");
    write(join(home, ".var", "app", "org.mozilla.firefox", ".mozilla", "firefox", "profiles.ini"), "[Profile0]\nPath=f\n");
    database(".var", "app", "org.mozilla.firefox", ".mozilla", "firefox", "f");
    database(".var", "app", "com.google.Chrome", "data", "pki", "nssdb");
    expect(nssDatabases(home, {}).map(({ software, confinement, application }) => [software, confinement, application])).toEqual([
      ["firefox", "snap", "firefox"],
      ["firefox", "flatpak", "org.mozilla.firefox"],
      ["chromium", "snap", "chromium"],
      ["chromium", "flatpak", "com.google.Chrome"],
    ]);
  });
});

describe("moduleState", () => {
  const INTERNAL = "library=\nname=NSS Internal PKCS #11 Module\nparameters=configdir='sql:x'\nNSS=Flags=internal,critical\n\n";
  const state = (text: string, library: string | null = CLIENT): string => {
    write(join(home, "db", "pkcs11.txt"), text);
    return moduleState(join(home, "db"), library);
  };

  test.each([
    ["missing", INTERNAL],
    ["there", `${INTERNAL}library=${CLIENT}\nname=Sceau\n\n`],
    ["there", `${INTERNAL}library="${CLIENT}"\nname="Sceau"\n\n`],
    ["moved", `${INTERNAL}library=/usr/lib64/pkcs11/p11-kit-client.so\nname=Sceau\n\n`],
    ["other-library", `${INTERNAL}library=/opt/sceau.so\nname=Sceau\n\n`],
    ["other-name", `${INTERNAL}library=${CLIENT}\nname=My tokens\n\n`],
    ["proxy", `${INTERNAL}library=/usr/lib64/p11-kit-proxy.so\nname=p11-kit-proxy\n\n`],
    ["unreadable", ""],
    ["unreadable", "\u0000\u0001"],
  ])("%s", (expected, text) => expect(state(text)).toBe(expected));

  test("a library that is not installed any more; no file of modules", () => {
    expect(state(`${INTERNAL}library=${CLIENT}\nname=Sceau\n\n`, null)).toBe("there");
    expect(moduleState(join(home, "nowhere"), CLIENT)).toBe("unreadable");
  });
});

describe("isInUse", () => {
  test.each([
    [`127.0.1.1:+${process.pid}`, true],
    [`127.0.1.1:${process.pid}`, true],
    [`127.0.1.1:+${NOBODYS_PID}`, false],
    ["127.0.1.1", false],
  ])("Firefox's lock %s", (target, expected) => {
    const folder = database("profile");
    symlinkSync(target, join(folder, "lock"));
    expect(isInUse({ software: "firefox", folder, confinement: "none", application: "" }, {}, home)).toBe(expected);
  });

  test.each([
    [`${hostname()}-${process.pid}`, true],
    [`${hostname()}-${NOBODYS_PID}`, false],
    [`another-machine-${process.pid}`, false],
  ])("Chromium's lock %s", (target, expected) => {
    mkdirSync(join(home, "settings", "google-chrome"), { recursive: true });
    symlinkSync(target, join(home, "settings", "google-chrome", "SingletonLock"));
    const shared = { software: "chromium", folder: database(".pki", "nssdb"), confinement: "none", application: "" } as const;
    expect(isInUse(shared, { XDG_CONFIG_HOME: join(home, "settings") }, home)).toBe(expected);
  });

  test("nobody has it open", () => {
    const folder = database("profile");
    expect(isInUse({ software: "thunderbird", folder, confinement: "none", application: "" }, {}, home)).toBe(false);
  });
});
