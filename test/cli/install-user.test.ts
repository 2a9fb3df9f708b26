// The user's part of `sceau install`, in a scratch home with real NSS databases: set up, found set up, undone; what is somebody else's, what is missing, what fails.

import { chownSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { installScreen, type Shown } from "../../cli/install-screen.ts";
import { en } from "../../cli/messages/en.ts";
import { fr } from "../../cli/messages/fr.ts";
import { carryOut, planUninstall } from "../../host-bridge/desktop/plan.ts";
import { serviceUnit } from "../../host-bridge/desktop/service-unit.ts";
import { p11KitAddress } from "../../host-bridge/signing/pkcs11-module.ts";
import { became, InstallBench, only } from "../support/install-bench.ts";
import { isRoot, ORDINARY_USER } from "../support/ordinary-user.ts";
import { mustRun } from "../support/run.ts";

let bench: InstallBench;
beforeEach(() => {
  bench = new InstallBench();
});
afterEach(() => bench.close());

const FIREFOX = [".mozilla", "firefox", "a.default"] as const;
const config = (...path: string[]): string => join(bench.home, ".config", ...path);
const unit = (): string => config("systemd", "user", "sceau-bridge.service");
const link = (): string => config("systemd", "user", "default.target.wants", "sceau-bridge.service");
const moduleFile = (): string => config("pkcs11", "modules", "sceau.module");
const pkcs11 = (folder: string): string => readFileSync(join(folder, "pkcs11.txt"), "utf8");
const RELOAD = "systemctl --user daemon-reload";
/** A PKCS#11 module that has nothing to do with us, and needs no setting. */
const otherLibrary = (): string => join(dirname(bench.desktop.module ?? ""), "p11-kit-trust.so");

test("all of it is set up, found set up the second time, and undone without a trace", () => {
  const databases = [bench.profile(...FIREFOX), bench.profile(".thunderbird", "b.default"), bench.database(".pki", "nssdb")];
  mkdirSync(config());
  const before = bench.tree();
  const planned = bench.plan();
  expect(bench.tree()).toEqual(before);
  expect(bench.commands()).toEqual([]);
  expect(only(planned, "openssl").text).toContainEqual(
    expect.stringMatching(`(MODULE_PATH|pkcs11-module-path) = ${bench.desktop.module}$`),
  );
  expect(became(bench.install())).toEqual([
    "service: changed",
    "module-file: changed",
    "nss: changed",
    "nss: changed",
    "nss: changed",
    "openssl: by-hand (text)",
  ]);
  expect(bench.commands()).toEqual([RELOAD, "systemctl --user start sceau-bridge.service"]);
  expect(readFileSync(unit(), "utf8")).toContain(`ExecStart="${process.execPath}" "/opt/sceau/cli/sceau.mjs" "bridge"\n`);
  expect(readlinkSync(link())).toBe("../sceau-bridge.service");
  expect(readFileSync(moduleFile(), "utf8")).toContain(`remote: ${p11KitAddress(bench.desktop.pkcs11Socket)}\n`);
  for (const folder of databases)
    expect(bench.modules(folder)).toMatch(new RegExp(`2\\. Sceau\n\tlibrary name: ${bench.desktop.module}\n.*\n.*\n\tstatus: loaded`));

  const after = bench.tree();
  expect(became(bench.install())).toEqual(
    ["service", "module-file", "nss", "nss", "nss"].map((name) => `${name}: done`).concat("openssl: by-hand (text)"),
  );
  expect(bench.tree()).toEqual(after);
  expect(bench.commands()).toEqual([]);

  expect(became(bench.uninstall())).toEqual(["nss: changed", "nss: changed", "nss: changed", "module-file: changed", "service: changed"]);
  expect(bench.tree()).toEqual(before);
  expect(bench.commands()).toEqual(["systemctl --user stop sceau-bridge.service", RELOAD]);
  expect(became(bench.uninstall())).toEqual(["module-file: done", "service: done"]);
  expect(bench.commands()).toEqual([]);
});

describe("the service", () => {
  test("systemd itself accepts the unit, whatever the folders are called", () => {
    const node = join(bench.folder, "a b$c %n é", "node");
    mkdirSync(dirname(node));
    symlinkSync(process.execPath, node);
    const command = { node, program: '/opt/"quoted" $HOME %h\\/sceau.mjs', words: ["bridge"], variables: { XDG_STATE_HOME: '/a %t "b' } };
    const text = serviceUnit(command);
    expect(text).toContain('"/opt/\\"quoted\\" $$HOME %%h\\\\/sceau.mjs" "bridge"\n');
    expect(text).toContain(`ConditionPathExists=${node.replace("%", "%%")}\nConditionPathExists=/opt/"quoted" $HOME %%h\\/sceau.mjs\n`);
    const path = bench.write(join(bench.folder, "units", "sceau-bridge.service"), text);
    expect(bench.verify(path, "--user")).toEqual({ status: 0, stdout: "", stderr: "" });
    // And it would have said so: of a program that is not there, and of a line that it does not know.
    unlinkSync(node);
    expect(bench.verify(path, "--user").stderr).toContain(`Command ${node} is not executable`);
    writeFileSync(path, text.replace("RestartSec=5", "RestartSec=often"));
    expect(bench.verify(path, "--user").stderr).toMatch(/Failed to parse (sec value, ignoring: |RestartSec=)often/);
  });

  test("without a systemd of the user's it is written and linked, and what is left to do is said", () => {
    bench.tell("down");
    expect(became(bench.install())[0]).toBe("service: changed (next-login)");
    expect(readlinkSync(link())).toBe("../sceau-bridge.service");
    expect(only(bench.plan(), "service")).toMatchObject({
      state: "done",
      reason: "next-login",
      commands: ["systemctl --user enable --now sceau-bridge.service"],
    });
    expect(bench.commands()).toEqual([]);
    bench.uninstall();
    expect(bench.tree().filter((line) => line.includes("sceau"))).toEqual([]);
  });

  test("another state folder, XDG_STATE_HOME, PC/SC: the service gets them; a change restarts it", () => {
    bench.install();
    bench.commands();
    bench.with({ stateWords: ["--state", "/srv/trial run"] }).environment({ XDG_STATE_HOME: "/srv/states" });
    expect(became(bench.install(["user"], true))[0]).toBe("service: changed");
    expect(bench.commands()).toEqual([RELOAD, "systemctl --user restart sceau-bridge.service"]);
    const text = readFileSync(unit(), "utf8");
    expect(text).toContain('"--state" "/srv/trial run" "bridge" "--default-socket" "--pcsc"\n');
    expect(text).toContain('Environment="XDG_STATE_HOME=/srv/states"\n');
  });

  test("somebody ended the installation before systemd was told: the next one tells it", () => {
    bench.install();
    bench.commands();
    bench.tell("stale");
    expect(became(bench.install())[0]).toBe("service: changed");
    expect(bench.commands()).toEqual([RELOAD, "systemctl --user restart sceau-bridge.service"]);
    expect(became(bench.install())[0]).toBe("service: done");
  });

  test("it does not start: no file of it is left, systemd is told so, and the other steps go on", () => {
    bench.tell("unstartable");
    const before = bench.tree().filter((line) => line.includes("systemd"));
    const [service, file] = bench.install();
    expect(service).toMatchObject({ became: "failed", problem: expect.stringContaining("Job for sceau-bridge.service failed.") });
    expect(file?.became).toBe("changed");
    expect(bench.tree().filter((line) => line.includes("systemd"))).toEqual(before);
    expect(bench.commands()).toEqual([RELOAD, "systemctl --user start sceau-bridge.service", RELOAD]);
  });
});

test("two at once, both with the same plan: the later one takes nothing back from the earlier", () => {
  const folder = bench.profile(...FIREFOX);
  const plans = [bench.plan(), bench.plan()];
  for (const plan of plans)
    expect(became(plan.map((step) => carryOut(step, bench.desktop))).slice(0, 3)).toEqual([
      "service: changed",
      "module-file: changed",
      "nss: changed",
    ]);
  expect(pkcs11(folder).match(/^name=Sceau$/gm)).toHaveLength(1);
  expect(became(bench.install()).slice(0, 3)).toEqual(["service: done", "module-file: done", "nss: done"]);
});

describe("what is strange at home", () => {
  test("root in somebody else's folders, as sudo -E leaves it: nothing is written, and it is said why", () => {
    bench.profile(...FIREFOX);
    if (isRoot) chownSync(bench.home, ORDINARY_USER.uid, ORDINARY_USER.gid);
    const before = bench.tree();
    bench.with({ isRoot: true });
    expect(became(bench.install())).toEqual(["own-folders: cannot (others-folder)"]);
    expect(became(bench.uninstall())).toEqual(["own-folders: cannot (others-folder)"]);
    expect(bench.plan()[0]?.where).toBe(bench.home);
    bench.with({ home: "/" }).environment({ XDG_CONFIG_HOME: bench.home });
    expect(bench.plan()[0]?.where).toBe(bench.home);
    expect(bench.tree()).toEqual(before);
    expect(bench.commands()).toEqual([]);
  });

  test("HOME or XDG_CONFIG_HOME that is no absolute path: nothing is written into the folder where one just happens to be", () => {
    bench.environment({ XDG_CONFIG_HOME: "settings" });
    expect(became(bench.install())).toEqual(["own-folders: cannot (relative-folder)"]);
    bench.environment({ XDG_CONFIG_HOME: "" });
    expect(only(bench.plan(), "service").state).toBe("to-do");
    expect(became(bench.with({ home: "" }).install())).toEqual(["own-folders: cannot (relative-folder)"]);
  });

  test.each([
    ["leads in a circle", () => symlinkSync(".config", config())],
    ["is a file", () => bench.write(config(), "")],
  ])("the folder of settings %s: what needs it fails with the system's word, the rest is done", (_what, spoil) => {
    bench.profile(...FIREFOX);
    spoil();
    expect(became(bench.install()).slice(0, 3)).toEqual(["service: failed", "module-file: failed", "nss: changed"]);
    expect(became(bench.uninstall())).toEqual(["nss: changed", "module-file: done", "service: done"]);
  });

  test("a list of profiles that is none; a profile that two ways lead to is one", () => {
    mkdirSync(join(bench.home, ".thunderbird", "profiles.ini"), { recursive: true });
    bench.profile(...FIREFOX);
    mkdirSync(config("mozilla"), { recursive: true });
    symlinkSync(join(bench.home, ".mozilla", "firefox"), config("mozilla", "firefox"));
    expect(became(bench.install()).slice(2)).toEqual(["nss: changed", "openssl: by-hand (text)"]);
  });

  test("what a step did cannot be taken back: that is said, and the rest of it is taken back", () => {
    bench.program(
      "systemctl",
      `#!/bin/sh\ncase "$*" in *" start "*) rm '${unit()}'; mkdir '${unit()}'; exit 1 ;; *is-active*) exit 3 ;; esac\n`,
    );
    const [service] = bench.install();
    expect(service).toMatchObject({
      became: "broken",
      problem: expect.stringMatching(/^systemctl --user start sceau-bridge.service: ; .*sceau-bridge\.service/),
    });
    expect(bench.tree().filter((line) => line.includes("bridge.service"))).toEqual([
      expect.stringContaining("systemd/user/sceau-bridge.service 40"),
    ]);
  });
});

test("on a terminal of 80 columns nothing is broken in the middle of a word, in both languages", () => {
  bench.profile("snap", "firefox", "common", ".mozilla", "firefox", "s");
  bench.profile(".var", "app", "org.mozilla.firefox", ".mozilla", "firefox", "f");
  const shown = bench.plan(["user", "machine"], true).map((step): Shown => ({ step, outcome: step.state, problem: "" }));
  const installed = {
    shown,
    isUninstall: false,
    isDryRun: false,
    isComplete: false,
    machineLine: null,
    isRootAlone: true,
    home: bench.home,
  };
  const toCopy = shown.flatMap(({ step }) => [step.where.replace(bench.home, "~"), ...step.commands, ...step.text]);
  const changed = (line: string): boolean => /^ {6}( {2}[+-]| ?(write|link|run|écrire|lier|lancer)) /.test(line);
  for (const say of [en, fr]) {
    const long = installScreen(installed, say, 80).filter((line) => line.length > 80);
    expect(long.filter((line) => !toCopy.includes(line.trim()) && !changed(line))).toEqual([]);
  }
});

test("what somebody else wrote is left alone, by install and by uninstall", () => {
  const firefox = bench.profile(...FIREFOX);
  mustRun("modutil", ["-force", "-dbdir", `sql:${firefox}`, "-add", "Sceau", "-libfile", otherLibrary()], { env: { HOME: bench.home } });
  bench.write(unit(), "[Service]\nExecStart=/usr/bin/true\n");
  bench.write(moduleFile(), "module: other.so\n");
  const before = bench.tree();
  const results = bench.install();
  expect(became(results)).toEqual([
    "service: foreign (not-ours)",
    "module-file: foreign (not-ours)",
    "nss: foreign (other-library)",
    "openssl: by-hand (text)",
  ]);
  expect(results[0]?.step.commands).toEqual([`mv ${unit()} ${unit()}.old`]);
  // Beside itself p11-kit would go on reading it.
  expect(results[1]?.step.commands).toEqual([`mv ${moduleFile()} ${config("pkcs11", "sceau.module.old")}`]);
  expect(became(bench.uninstall())).toEqual(["module-file: foreign (not-ours)", "service: foreign (not-ours)"]);
  expect(bench.tree()).toEqual(before);
  expect(bench.commands()).toEqual([]);
});

describe("NSS databases", () => {
  test("software that is open is asked to be closed first; then it goes on", () => {
    const folder = bench.profile(...FIREFOX);
    symlinkSync(`127.0.1.1:+${process.pid}`, join(folder, "lock"));
    const before = pkcs11(folder);
    expect(became(bench.install())[2]).toBe("nss: cannot (in-use)");
    expect(pkcs11(folder)).toBe(before);
    unlinkSync(join(folder, "lock"));
    expect(became(bench.install())[2]).toBe("nss: changed");
    symlinkSync(`127.0.1.1:+${process.pid}`, join(folder, "lock"));
    expect(became(bench.uninstall())[0]).toBe("nss: cannot (in-use)");
  });

  test("modutil or p11-kit's client is not installed: the package is named, and nothing is touched", () => {
    const folder = bench.profile(...FIREFOX);
    const { find } = bench.desktop;
    bench.with({ find: (program) => (program === "modutil" ? null : find(program)) });
    expect(bench.plan()[2]).toMatchObject({
      state: "cannot",
      reason: "no-modutil",
      commands: ["sudo apt-get install -y --no-install-recommends libnss3-tools"],
    });
    bench.with({ module: null });
    expect(bench.plan()[2]).toMatchObject({ reason: "no-client", commands: [expect.stringContaining("p11-kit-modules")] });
    expect(only(bench.plan(), "openssl")).toMatchObject({ reason: "packages", text: [] });
    expect(pkcs11(folder)).not.toContain("Sceau");
  });

  test.each([
    ["breaks off half way", 'printf half > "$list"; echo "disk is full" >&2; exit 1', "disk is full"],
    ["is ended between taking the file away and putting the new one there", 'rm "$list"; kill -KILL $$', "modutil -force"],
    ["says that it is done, and did nothing", "exit 0", "modutil -force"],
    ["says that it is done, and did something else", 'printf half > "$list"', "modutil -force"],
    // As NSS does when the disk is full.
    ["says that it is done, and dropped others' entries", 'printf "library=%s\\nname=Sceau\\n\\n" "$7" > "$list"', "modutil -force"],
  ])("modutil %s: the database is as it was", (_what, script, problem) => {
    const folder = bench.profile(...FIREFOX);
    const before = bench.tree().filter((line) => line.includes(".mozilla"));
    bench.program("modutil", `#!/bin/sh\nlist=$(echo "$3" | cut -d: -f2)/pkcs11.txt\n${script}\n`);
    expect(bench.install()[2]).toMatchObject({ became: "failed", problem: expect.stringContaining(problem) });
    expect(bench.tree().filter((line) => line.includes(".mozilla"))).toEqual(before);
    expect(bench.modules(folder)).not.toContain("Sceau");
  });

  test("one with a password, an entry from before the library moved, others' entries: only our own changes", () => {
    const folder = join(bench.home, ".pki", "nssdb");
    mkdirSync(folder, { recursive: true });
    mustRun("certutil", ["-N", "-d", `sql:${folder}`, "-f", bench.write(join(bench.folder, "password"), "hidden from the installer\n")]);
    mustRun("modutil", ["-force", "-dbdir", `sql:${folder}`, "-add", "Other card", "-libfile", otherLibrary()], {
      env: { HOME: bench.home },
    });
    const others = pkcs11(folder);
    writeFileSync(join(folder, "pkcs11.txt"), `${others}library=/old/p11-kit-client.so\nname=Sceau\n\n`);
    expect(became(bench.install())[2]).toBe("nss: changed");
    expect(pkcs11(folder)).toContain(`library=${bench.desktop.module}\nname=Sceau\n`);
    expect(pkcs11(folder)).not.toContain("/old/");
    expect(pkcs11(folder)).toContain("name=Other card");
    bench.uninstall();
    expect(pkcs11(folder)).toBe(others);
  });

  test("a snap's and a flatpak's are never written, and it is said what can be done", () => {
    const snap = bench.profile("snap", "firefox", "common", ".mozilla", "firefox", "s");
    const flatpak = bench.profile(".var", "app", "org.mozilla.firefox", ".mozilla", "firefox", "f");
    const before = [snap, flatpak].map(pkcs11);
    expect(became(bench.install()).slice(2, 4)).toEqual(["nss: by-hand (snap)", "nss: by-hand (flatpak)"]);
    expect([snap, flatpak].map(pkcs11)).toEqual(before);
    const [, , inSnap, inFlatpak] = bench.plan();
    expect(inSnap?.commands).toEqual(["sudo snap connect firefox:pcscd"]);
    expect(inFlatpak?.commands[0]).toBe("flatpak override --user --filesystem=xdg-run/p11-kit/pkcs11 org.mozilla.firefox");
    expect(planUninstall(bench.desktop, { parts: ["user"] }).filter(({ name }) => name === "nss")).toEqual([]);
  });
});
