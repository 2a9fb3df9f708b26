// The doctor and the desktop: the bridge's service, browsers, tokens on USB, and who has administrator rights. Each thing is broken in a scratch
// home; what the doctor names to mend it is run where that is possible, and the doctor is asked again.

import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MARK } from "../../host-bridge/desktop/marked-file.ts";
import { ROUTE_UNIT_TEXT } from "../../host-bridge/desktop/pcsc-setup.ts";
import { serviceUnit } from "../../host-bridge/desktop/service-unit.ts";
import { UDEV_RULE, UDEV_RULE_TEXT } from "../../host-bridge/desktop/udev-rule.ts";
import { administratorsIn, NODE_MACHINE } from "../../host-bridge/doctor/node-machine.ts";
import { DoctorBench } from "../support/doctor-bench.ts";
import { runningBridge } from "../support/doctor-running.ts";
import { found, says } from "../support/doctor-words.ts";
import { mustRun } from "../support/run.ts";

let bench: DoctorBench;
const ends: (() => unknown)[] = [];
beforeEach(() => {
  bench = new DoctorBench();
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  bench.close();
});

/** Runs what the doctor has named, with the bench's programs before the system's. */
const obey = (...commands: readonly string[]): void => {
  for (const command of commands) mustRun("sh", ["-c", command], { env: bench.place.environment });
};

describe("the bridge's service", () => {
  const unit = (): string => join(bench.home, "config", "systemd", "user", "sceau-bridge.service");
  const FINE = {
    LoadState: "loaded",
    ActiveState: "active",
    SubState: "running",
    UnitFileState: "enabled",
    Result: "success",
    ExecMainStatus: "0",
    NeedDaemonReload: "no",
  };

  /** A systemctl that shows these properties, and notes what else it is told. */
  function systemd(changed: Partial<typeof FINE> = {}): string {
    const told = join(bench.folder, "systemctl.told");
    const lines = Object.entries({ ...FINE, ...changed }).map(([name, value]) => `${name}=${value}`);
    bench.program("systemctl", `if test "$2" != show; then echo "$*" >> '${told}'; exit 0; fi`, `printf '%s\\n' ${lines.join(" ")}`);
    return told;
  }

  function write(changed: { node?: string; program?: string; words?: readonly string[] } = {}): void {
    mkdirSync(dirname(unit()), { recursive: true });
    const program = join(bench.checkout, "cli", "sceau.mjs");
    writeFileSync(unit(), serviceUnit({ node: process.execPath, program, words: ["bridge"], variables: {}, ...changed }));
  }
  beforeEach(() => writeFileSync(join(bench.checkout, "cli", "sceau.mjs"), ""));

  test("there is no systemd of the user's: no remark; there is one, and no service", async () => {
    bench.program("systemctl", "echo 'Failed to connect to bus: No medium found' >&2", "exit 1");
    expect(found(await bench.diagnose("bridge", "service"), "service")).toMatchObject({ code: "no-systemd", verdict: "ok" });
    systemd({ LoadState: "not-found", UnitFileState: "" });
    const told = await bench.diagnose("bridge", "service");
    expect(found(told, "service")).toMatchObject({ code: "missing", verdict: "warning", commands: [bench.install()] });
    says(told, "The bridge does not start by itself when you sign in.", "Le pont ne démarre pas tout seul quand vous ouvrez une session.");
    const trial = await bench.with({ state: { ...bench.place.state, option: " --state /tmp/trial" } }).diagnose("bridge", "service");
    expect(trial.was("service")).toBe(false);
  });

  test("it is well, or stopped: then that is how the bridge is started", async () => {
    write();
    systemd();
    expect(found(await bench.diagnose("bridge", "service"), "service").code).toBe("fine");
    const told = systemd({ ActiveState: "inactive", SubState: "dead" });
    const stopped = await bench.diagnose("bridge", "service");
    expect(found(stopped, "service")).toMatchObject({ code: "stopped", verdict: "ok" });
    expect(found(stopped, "bridge").commands).toEqual(["systemctl --user restart sceau-bridge.service"]);
    obey(...found(stopped, "bridge").commands);
    expect(readFileSync(told, "utf8")).toBe("--user restart sceau-bridge.service\n");
  });

  test.each([
    [{ UnitFileState: "disabled" }, "not-enabled", "does not start when you sign in", "ne démarre pas quand vous ouvrez"],
    [{ NeedDaemonReload: "yes" }, "not-loaded", "systemd has not read", "systemd n'a pas lu"],
    [{ LoadState: "not-found", UnitFileState: "" }, "not-loaded", "systemd has not read", "systemd n'a pas lu"],
    [
      { ActiveState: "activating", SubState: "auto-restart", Result: "exit-code", ExecMainStatus: "1" },
      "failed",
      "ends again and again (exit-code 1)",
      "s'arrête sans cesse (exit-code 1)",
    ],
    [{ ActiveState: "failed", Result: "signal", ExecMainStatus: "9" }, "failed", "(signal 9)", "(signal 9)"],
  ])("systemd says %j: %s", async (properties, code, english, french) => {
    write();
    const told = systemd(properties);
    bench.program("journalctl", "exit 0");
    const diagnosis = await bench.diagnose("bridge", "service");
    expect(found(diagnosis, "service")).toMatchObject({ code, verdict: "warning" });
    says(diagnosis, english, french);
    obey(...found(diagnosis, "service").commands);
    expect(readFileSync(told, "utf8")).toMatch(/^--user (?:enable --now|restart) sceau-bridge\.service$/m);
  });

  test("it waits for a bridge that was started by hand: no remark", async () => {
    write();
    systemd({ ActiveState: "activating", SubState: "auto-restart", Result: "exit-code" });
    const bridge = await runningBridge(bench, false);
    ends.push(() => bridge.close());
    const told = await bench.diagnose("bridge", "service");
    expect(found(told, "service")).toMatchObject({ code: "waiting", verdict: "ok" });
    says(told, "its service takes over", "son service prendra la suite");
  });

  test("it starts another Sceau, or one that has gone, or without the readers; the file is somebody else's", async () => {
    systemd();
    const elsewhere = join(bench.folder, "an other 50% $dir", "sceau.mjs");
    write({ program: elsewhere });
    const gone = await bench.diagnose("bridge", "service");
    expect(found(gone, "service")).toMatchObject({ code: "gone", facts: { reason: elsewhere }, commands: [bench.install()] });
    says(gone, `${elsewhere} is not there any more`, `${elsewhere} n'est plus là`);
    expect(found(gone, "bridge").commands).toEqual(["sceau bridge"]);
    mkdirSync(dirname(elsewhere));
    writeFileSync(elsewhere, "");
    const other = await bench.diagnose("bridge", "service");
    expect(found(other, "service")).toMatchObject({ code: "other-checkout", facts: { reason: elsewhere } });
    says(other, "starts another Sceau than this one", "démarre un autre Sceau que celui-ci");
    write({ node: "/opt/node-18/bin/node" });
    expect(found(await bench.diagnose("bridge", "service"), "service")).toMatchObject({
      code: "gone",
      facts: { reason: "/opt/node-18/bin/node" },
    });
    write();
    bench.machineFile("etc/systemd/system/sceau-pcsc-route.service", ROUTE_UNIT_TEXT);
    const cardless = await bench.diagnose("bridge", "service");
    expect(found(cardless, "service").code).toBe("no-pcsc");
    says(cardless, "does not put tokens into the virtual card reader", "ne met pas les jetons dans le lecteur de cartes virtuel");
    write({ words: ["bridge", "--pcsc"] });
    expect(found(await bench.diagnose("bridge", "service"), "service").code).toBe("fine");
    writeFileSync(unit(), "[Service]\nExecStart=/bin/true\n");
    const foreign = await bench.diagnose("bridge", "service");
    expect(found(foreign, "service")).toMatchObject({ code: "foreign", commands: [`mv ${unit()} ${unit()}.old`, bench.install()] });
    says(foreign, `${unit()} is not by Sceau`, `${unit()} n'est pas de Sceau`);
  });
});

describe("browsers", () => {
  const ADD = ["-force", "-add", "Sceau", "-libfile"] as const;

  /** A profile as the software makes it, with NSS's own tool. @returns its folder */
  function profile(...path: readonly string[]): string {
    const folder = join(bench.home, ...path);
    mkdirSync(folder, { recursive: true });
    mustRun("certutil", ["-N", "-d", `sql:${folder}`, "--empty-password"]);
    if (!path.includes("nssdb")) writeFileSync(join(folder, "..", "profiles.ini"), `[Profile0]\nPath=${path.at(-1)}\n`);
    return folder;
  }
  const enter = (folder: string, library: string): void => {
    mustRun("modutil", ["-dbdir", `sql:${folder}`, ...ADD, library]);
  };
  const client = (): string => bench.place.module ?? "";

  test("none is here; the module is missing, in two of them; in one; in none", async () => {
    const none = await bench.diagnose("module", "browsers", "confined");
    expect(found(none, "browsers")).toMatchObject({ code: "none", verdict: "ok" });
    const folders = [profile(".mozilla", "firefox", "abc.default"), profile(".pki", "nssdb")];
    const both = await bench.diagnose("module", "browsers", "confined");
    expect(found(both, "browsers")).toMatchObject({ code: "missing", verdict: "warning", mender: "user", commands: [bench.install()] });
    says(
      both,
      "The token's module is missing in Firefox, Chromium (2 profiles).",
      "Le module du jeton manque dans Firefox, Chromium (2 profils).",
    );
    for (const folder of folders) enter(folder, client());
    expect(found(await bench.diagnose("module", "browsers", "confined"), "browsers")).toMatchObject({ code: "fine", facts: { count: 2 } });
    bench.environment({ PATH: bench.programs });
    rmSync(join(folders[0] ?? "", "pkcs11.txt"));
    enter(profile(".thunderbird", "xyz"), client());
    const unreadable = await bench.diagnose("module", "browsers", "confined");
    expect(found(unreadable, "browsers")).toMatchObject({ code: "unreadable", facts: { software: "Firefox", folder: folders[0] } });
    says(unreadable, "The list of modules of Firefox can't be read", "La liste des modules de Firefox est illisible");
  });

  test("it leads to a file that is not there; to another library; modutil is not installed", async () => {
    const folder = profile(".mozilla", "firefox", "abc.default");
    enter(folder, client());
    const list = join(folder, "pkcs11.txt");
    writeFileSync(list, readFileSync(list, "utf8").replace(client(), "/usr/lib/old/p11-kit-client.so"));
    const moved = await bench.diagnose("module", "browsers", "confined");
    expect(found(moved, "browsers")).toMatchObject({ code: "moved", commands: [bench.install()] });
    says(moved, "leads to a file that is not the one of this computer", "mène à un fichier qui n'est pas celui de cet ordinateur");
    writeFileSync(list, readFileSync(list, "utf8").replace("p11-kit-client.so", "opensc-pkcs11.so"));
    const other = await bench.diagnose("module", "browsers", "confined");
    expect(found(other, "browsers").code).toBe("other-library");
    says(other, "the module called Sceau is another library", "le module nommé Sceau est une autre bibliothèque");
    const [takeOut = ""] = found(other, "browsers").commands;
    obey(takeOut);
    expect(found(await bench.diagnose("module", "browsers", "confined"), "browsers").code).toBe("missing");
    const toolless = await bench.machine({ uid: 1000 }).environment({ PATH: bench.programs }).diagnose("module", "browsers", "confined");
    const commands = ["sudo apt-get install -y --no-install-recommends libnss3-tools", bench.install()];
    expect(found(toolless, "browsers")).toMatchObject({ code: "missing", mender: "administrator", commands });
  });

  test("in a Flatpak: what the doctor names lets it through, and then it is well", async () => {
    profile(".var", "app", "org.mozilla.firefox", ".mozilla", "firefox", "abc.default");
    // flatpak-override(1) writes this file.
    const overrides = join(bench.home, ".local", "share", "flatpak", "overrides");
    bench.program(
      "flatpak",
      `test "$1 $2" = "override --user" || exit 9`,
      `mkdir -p ${overrides}`,
      `printf '[Context]\\nfilesystems=%s;\\n' "\${3#--filesystem=}" > ${overrides}/$4`,
    );
    const shut = await bench.diagnose("module", "browsers", "confined");
    expect(found(shut, "confined")).toMatchObject({ code: "flatpak", verdict: "warning" });
    says(
      shut,
      "Firefox is in a Flatpak (org.mozilla.firefox) and can't see",
      "Firefox est en Flatpak (org.mozilla.firefox) et ne peut pas voir",
    );
    says(shut, "sees neither this computer's modules nor the bridge", "ne voit ni les modules de cet ordinateur, ni le pont");
    const [open = "", enterModule = ""] = found(shut, "confined").commands;
    obey(open);
    expect(found(await bench.diagnose("module", "browsers", "confined"), "confined").code).toBe("flatpak");
    obey(enterModule);
    expect(found(await bench.diagnose("module", "browsers", "confined"), "confined")).toMatchObject({ code: "fine", verdict: "ok" });
  });

  test("in a Snap: Firefox has the card reader left, others another package; whoever has such a package is told nothing", async () => {
    const folder = profile("snap", "firefox", "common", ".mozilla", "firefox", "abc.default");
    const fox = await bench.machine({ uid: 1000 }).diagnose("module", "browsers", "confined");
    const commands = [bench.machineInstall(" --pcsc"), "sudo snap connect firefox:pcscd"];
    expect(found(fox, "confined")).toMatchObject({ code: "firefox-snap", mender: "administrator", commands });
    says(fox, "Firefox is in a Snap and can't load the token's module.", "Firefox est en Snap et ne peut pas charger le module du jeton.");
    appendFileSync(join(folder, "pkcs11.txt"), "library=/snap/firefox/current/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so\nname=opensc\n\n");
    expect(found(await bench.diagnose("module", "browsers", "confined"), "confined").code).toBe("fine");
    profile("snap", "chromium", "current", ".pki", "nssdb");
    const chromium = await bench.diagnose("module", "browsers", "confined");
    expect(found(chromium, "confined")).toMatchObject({ code: "snap", facts: { application: "chromium" }, commands: [] });
    says(chromium, "Use another package of Chromium", "Prenez un autre paquet de Chromium");
    profile(".pki", "nssdb");
    expect(found(await bench.diagnose("module", "browsers", "confined"), "confined").code).toBe("fine");
  });
});

describe("S14, trouble 3: no administrator rights", () => {
  const asAda = (group: string | null, names: readonly string[], isOne = false) =>
    bench.machine({ uid: 1000, administrators: () => ({ group, names, isOne }) });

  test("nothing wants them: not asked; something does, and who can is told", async () => {
    bench.machineFile("etc/udev/rules.d/70-sceau.rules", UDEV_RULE_TEXT);
    expect((await asAda("sudo", ["grace"]).diagnose("module", "devices")).was("administrator")).toBe(false);
    bench.with({ module: null });
    const none = await asAda("sudo", ["grace", "katherine"]).diagnose("module", "devices");
    expect(found(none, "administrator")).toMatchObject({ code: "no-member", verdict: "trouble", facts: { wanted: 1 } });
    says(none, "Who has them: grace, katherine (group sudo).", "Ceux qui les ont : grace, katherine (groupe sudo).");
    const unknown = await asAda(null, []).diagnose("module", "devices");
    expect(found(unknown, "administrator").code).toBe("nobody");
    says(
      unknown,
      "ask your IT support, or who set this computer up",
      "demandez à votre support en TI, ou à la personne qui a installé cet ordinateur",
    );
    const one = await asAda("wheel", ["ada"], true).diagnose("module", "devices");
    expect(found(one, "administrator")).toMatchObject({ code: "member", verdict: "ok" });
    says(one, "You are in the group wheel", "Vous êtes du groupe wheel");
  });

  test("only remarks want them: a remark", async () => {
    expect(found(await asAda("sudo", ["grace"]).diagnose("module", "devices"), "administrator").verdict).toBe("warning");
  });

  test("the groups are read as group(5) has them", () => {
    const groups = "root:x:0:\nadm:x:4:ada\nsudo:x:27:grace,katherine\nwheel:x:998:grace\n";
    expect(administratorsIn(groups, [4, 1000])).toEqual({ group: "sudo", names: ["grace", "katherine"], isOne: false });
    expect(administratorsIn(groups, [1000, 998]).isOne).toBe(true);
    expect(administratorsIn("root:x:0:\n", [1000])).toEqual({ group: null, names: [], isOne: false });
  });
});

describe("tokens on USB", () => {
  const rule = (text: string): string => bench.machineFile("etc/udev/rules.d/70-sceau.rules", text);

  test("the rule is an older one, by hand or by Sceau; ModemManager would write to a token's port; comments don't count", async () => {
    const path = rule(`${UDEV_RULE[0]}\n`);
    const byHand = await bench.machine({ uid: 1000, isRunning: () => false }).diagnose("devices");
    expect(found(byHand, "devices")).toMatchObject({ code: "older-rule", verdict: "warning" });
    expect(found(byHand, "devices").commands).toEqual([`sudo mv ${path} ${path}.old`, bench.machineInstall()]);
    rmSync(path);
    const older = bench.machineFile("usr/lib/udev/rules.d/70-sceau.rules", `${UDEV_RULE[0]}\n`);
    const packaged = await bench.diagnose("devices");
    expect(found(packaged, "devices")).toMatchObject({ code: "older-rule", commands: [bench.machineInstall()] });
    rmSync(older);
    says(byHand, "is not the one of this Sceau", "n'est pas celle de ce Sceau");
    rule(`${MARK}\n${UDEV_RULE[0]}\n`);
    expect(found(await bench.diagnose("devices"), "devices")).toMatchObject({ code: "older-rule", commands: [bench.machineInstall()] });
    const modem = await bench.machine({ uid: 1000, isRunning: (program) => program === "ModemManager" }).diagnose("devices");
    expect(found(modem, "devices")).toMatchObject({ code: "modem-manager", commands: [bench.machineInstall()] });
    says(modem, "ModemManager is running", "ModemManager est en service");
    rule(`# by hand\n\n${UDEV_RULE.join("\n")}\n`);
    expect(found(await bench.diagnose("devices"), "devices")).toMatchObject({ code: "fine", verdict: "ok" });
  });

  test("programs are found by their names, whoever runs them", () => {
    expect([NODE_MACHINE.isRunning("node"), NODE_MACHINE.isRunning("no-such-program")]).toEqual([true, false]);
  });
});
