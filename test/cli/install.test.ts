// `sceau install` as it is run: by an ordinary user, who is told the line for the administrator, and by that administrator, over a scratch /etc.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { apart, InstallBench } from "../support/install-bench.ts";
import { isRoot, nodeAs, ORDINARY_USER } from "../support/ordinary-user.ts";
import { mustRun, ROOT } from "../support/run.ts";

const SCEAU = join(ROOT, "cli", "sceau.mjs");
const LIMIT = { timeout: 60_000 };
/** Empty, for this namespace alone. */
const SCRATCH_ETC = ["/etc/udev/rules.d", "/etc/systemd/system"];

interface Told {
  readonly isComplete: boolean;
  readonly machineLine: string | null;
  readonly steps: readonly { readonly name: string; readonly outcome: string; readonly commands: readonly string[] }[];
}

let bench: InstallBench;
beforeEach(() => {
  bench = new InstallBench();
});
afterEach(() => bench.close());

const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(" ");
/** Whoever runs the tests is root in the namespace, and there steps back to somebody who is not. */
const STEP_BACK = isRoot ? [] : ["unshare", "--user", "--map-user=1000", "--map-group=1000"];
const asUser = (...args: string[]): string => {
  const [program, words] = nodeAs(ORDINARY_USER, [SCEAU, "install", ...args]);
  return quoted([...STEP_BACK, program, ...words]);
};
const asRoot = (...args: string[]): string => quoted([process.execPath, SCEAU, "install", ...args]);

/** Runs them one after the other over a scratch /etc. @returns what each wrote, and its exit code at the end */
function over(etc: string, ...lines: string[]): string[] {
  const mounts = SCRATCH_ETC.map((folder) => `mkdir -p '${etc}${folder}'; mount --bind '${etc}${folder}' ${folder}`);
  const runs = lines.map((line) => `${line} 2>&1 && status=0 || status=$?; printf '%s\\036' "$status"`);
  const { stdout } = apart("-m", [...mounts, ...runs].join("\n"), bench.desktop.environment);
  return stdout.split("\u001e").slice(0, -1);
}
const outcomes = (output = ""): string[] =>
  (JSON.parse(output.slice(0, -1)) as Told).steps.map(({ name, outcome }) => `${name}: ${outcome}`);
const files = (folder: string): string[] =>
  mustRun("find", [folder, "-not", "-type", "d", "-printf", "%P\n"]).split("\n").filter(Boolean).sort();

test("an ordinary user: shown, done, done already, undone; in both languages", LIMIT, () => {
  bench.profile(".mozilla", "firefox", "a.default");
  if (isRoot) mustRun("chown", ["-R", `${ORDINARY_USER.uid}:${ORDINARY_USER.gid}`, bench.folder]);
  const before = bench.tree();
  const etc = join(bench.folder, "etc");
  const [shown = "", french = ""] = over(etc, asUser("--dry-run"), asUser("--dry-run", "--lang", "fr"));
  expect(bench.tree()).toEqual(before);
  expect(files(etc)).toEqual([]);
  expect(bench.commands()).toEqual([]);
  for (const line of [
    "  + The bridge starts at login, and again should it crash — to be done",
    "      write ~/.config/systemd/user/sceau-bridge.service",
    `        + ExecStart="${process.execPath}" "${SCEAU}" "bridge"`,
    "      run systemctl --user start sceau-bridge.service",
    "  … Whoever sits at this computer may open tokens on USB — to be done with administrator rights",
    '        + KERNEL=="hidraw*", SUBSYSTEM=="hidraw", ATTRS{product}=="Sceau*", TAG+="uaccess"',
    "This only showed what would be done: nothing was changed.",
    `  sudo ${process.execPath} ${SCEAU} install --machine`,
  ])
    expect(shown.split("\n")).toContain(line);
  expect(shown).toMatch(/\n0$/);
  expect(french).toContain("  + Le pont démarre à l'ouverture de session, et redémarre après une panne — à faire\n");
  expect(french).toContain("Ceci a seulement montré ce qui serait fait : rien n'a changé.\n");

  const [first, second, third = ""] = over(etc, asUser("--json"), asUser("--json", "--user"), asUser("--uninstall", "--user"));
  const [done, already] = [first, second].map(outcomes);
  expect(done).toEqual(["service: changed", "module-file: changed", "nss: changed", "openssl: by-hand", "udev-rule: waits"]);
  expect(already).toEqual(["service: done", "module-file: done", "nss: done", "openssl: by-hand"]);
  expect([first, second].map((output) => output?.at(-1))).toEqual(["0", "0"]);
  expect(third).toContain("  ✔ Firefox sees your tokens — undone\n");
  expect(third).toMatch(/\n0$/);
  expect(files(etc)).toEqual([]);
  expect(files(bench.home)).toEqual([
    ".mozilla/firefox/a.default/cert9.db",
    ".mozilla/firefox/a.default/key4.db",
    ".mozilla/firefox/a.default/pkcs11.txt",
    ".mozilla/firefox/profiles.ini",
  ]);
});

test("the administrator: the computer's part alone, with PC/SC, and all of it undone", LIMIT, () => {
  const before = bench.tree();
  const etc = join(bench.folder, "etc");
  // An administrator's umask keeps no user from reading what is there for all.
  const [first = "", second = ""] = over(etc, `umask 077; ${asRoot("--pcsc")}`, asRoot("--json"));
  expect(mustRun("find", [etc, "-not", "-type", "l", "-not", "-perm", "-o=r"])).toBe("");
  expect(first).toContain("As root only the computer's part is looked at.");
  expect(first).toContain("systemd now keeps pcscd to this computer's own addresses; nothing else of it changes.");
  expect(first).toMatch(/\n0$/);
  expect(outcomes(second)).toEqual(["udev-rule", "pcsc-network", "pcsc-packages", "pcsc-route"].map((name) => `${name}: done`));
  expect(files(etc)).toEqual([
    "etc/systemd/system/multi-user.target.wants/sceau-pcsc-route.service",
    "etc/systemd/system/pcscd.service.d/sceau.conf",
    "etc/systemd/system/sceau-pcsc-route.service",
    "etc/udev/rules.d/70-sceau.rules",
  ]);
  expect(readFileSync(join(etc, "etc/systemd/system/pcscd.service.d/sceau.conf"), "utf8")).toContain("\nIPAddressDeny=any\n");
  const [undone] = over(etc, asRoot("--uninstall", "--json"));
  expect(outcomes(undone)).toEqual(["udev-rule: changed", "pcsc-route: changed", "pcsc-network: changed"]);
  expect(files(etc)).toEqual([]);
  expect(bench.tree()).toEqual(before);
});

test("what cannot be done ends with 1, and says what is missing", LIMIT, () => {
  const unit = join(bench.home, ".config", "systemd", "user", "sceau-bridge.service");
  bench.write(unit, "[Service]\n");
  const [told = ""] = over(join(bench.folder, "etc"), asRoot("--user"));
  expect(told).toContain("  i Browsers and mail see your tokens — for you to do, if you wish\n");
  expect(told).toContain(
    "      No browser or mail program has been used here yet. Start yours once, close it, then run the same command again.\n",
  );
  expect(told).toContain("  ! The bridge starts at login, and again should it crash — left alone\n");
  expect(told).toContain(`          mv ${unit} ${unit}.old\n`);
  expect(told).toMatch(/\n1$/);
});

test("Ctrl-C: the step that is at work is taken back, those after it are left, and the next run does all", LIMIT, () => {
  bench.program(
    "systemctl",
    '#!/bin/sh\ncase "$*" in *is-active*) exit 3 ;; *" start "*) test -e "$0.hit" && exit; touch "$0.hit"; kill -INT $PPID; exit 1 ;; esac\n',
  );
  const etc = join(bench.folder, "etc");
  const [stopped = "", again = ""] = over(etc, asRoot("--user", "--json"), asRoot("--user", "--json"));
  expect(outcomes(stopped)).toEqual(["service: failed", "module-file: to-do", "nss: by-hand", "openssl: by-hand"]);
  expect(stopped).toMatch(/}\n1$/);
  expect(outcomes(again).slice(0, 2)).toEqual(["service: changed", "module-file: changed"]);
});
