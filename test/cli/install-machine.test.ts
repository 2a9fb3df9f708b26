// The machine's part of `sceau install`, below a scratch root: udev's rule, the network limit and the route of PC/SC. systemd, udev and the kernel judge the texts.

import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { NETWORK_LIMIT_TEXT, ROUTE_UNIT_TEXT } from "../../host-bridge/desktop/pcsc-setup.ts";
import { UDEV_RULE, UDEV_RULE_TEXT } from "../../host-bridge/desktop/udev-rule.ts";
import { apart, became, InstallBench, only } from "../support/install-bench.ts";
import { mustRun, ROOT } from "../support/run.ts";

let bench: InstallBench;
beforeEach(() => {
  bench = new InstallBench();
  for (const folder of ["etc/udev/rules.d", "etc/systemd/system/multi-user.target.wants", "usr/sbin"])
    mkdirSync(join(bench.root, folder), { recursive: true });
  bench.write(at("etc/systemd/system/multi-user.target.wants/cron.service"), "");
});
afterEach(() => bench.close());

const at = (path: string): string => join(bench.root, path);
const RULE = "etc/udev/rules.d/70-sceau.rules";
const LIMIT = "etc/systemd/system/pcscd.service.d/sceau.conf";
const ROUTE = "etc/systemd/system/sceau-pcsc-route.service";
const UDEV = ["udevadm control --reload", "udevadm trigger --subsystem-match=hidraw --subsystem-match=tty"];

function packagesAreThere(): void {
  for (const path of ["usr/sbin/pcscd", "usr/sbin/ip", "usr/lib/x86_64-linux-gnu/pcsc/drivers/serial/libifdvpcd.so"])
    bench.write(at(path), "");
}

test("the rule alone, without --pcsc: written, found, undone without a trace", () => {
  const before = bench.tree();
  expect(became(bench.install(["machine"]))).toEqual(["udev-rule: changed"]);
  expect(bench.commands()).toEqual(UDEV);
  expect(readFileSync(at(RULE), "utf8")).toBe(UDEV_RULE_TEXT);
  expect(became(bench.install(["machine"]))).toEqual(["udev-rule: done"]);
  expect(bench.commands()).toEqual([]);
  expect(became(bench.uninstall(["machine"]))).toEqual(["udev-rule: changed", "pcsc-route: done", "pcsc-network: done"]);
  expect(bench.tree()).toEqual(before);
});

test("the same rule, written by hand: it counts, and stays", () => {
  bench.write(at(RULE), `${UDEV_RULE.join("\n")}\n`);
  expect(became(bench.install(["machine"]))).toEqual(["udev-rule: done"]);
  expect(became(bench.uninstall(["machine"]))[0]).toBe("udev-rule: foreign (not-ours)");
});

test("a package's rule: the same counts, an older one is hidden by ours, and stays", () => {
  const packaged = at(RULE).replace("/etc/udev/", "/usr/lib/udev/");
  bench.write(packaged, `${UDEV_RULE.join("\n")}\n`);
  expect(became(bench.install(["machine"]))).toEqual(["udev-rule: done"]);
  expect(existsSync(at(RULE))).toBe(false);
  bench.write(packaged, `${UDEV_RULE[0]}\n`);
  expect(became(bench.install(["machine"]))).toEqual(["udev-rule: changed"]);
  expect(readFileSync(at(RULE), "utf8")).toContain(UDEV_RULE.join("\n"));
  expect(readFileSync(packaged, "utf8")).toBe(`${UDEV_RULE[0]}\n`);
});

test("with --pcsc: the limit before the packages, the route, and the service of each user; all undone without a trace", () => {
  const before = bench.tree();
  const results = bench.install(["machine"], true);
  expect(became(results)).toEqual([
    "udev-rule: changed",
    "pcsc-network: changed",
    "pcsc-packages: cannot (packages)",
    "pcsc-route: changed",
  ]);
  expect(results[2]?.step.commands).toEqual(["sudo apt-get install -y --no-install-recommends pcscd vsmartcard-vpcd iproute2"]);
  const reload = "systemctl daemon-reload";
  const route = "systemctl restart sceau-pcsc-route.service";
  expect(bench.commands()).toEqual([...UDEV, reload, "systemctl try-restart pcscd.service", reload, route]);
  // From here on it is kept up to date without being asked for, and the user's bridge holds the readers.
  expect(became(bench.plan(["machine"]).map((step) => ({ step, became: "left" }) as const))).toContain("pcsc-route: done");
  expect(only(bench.plan(["user"]), "service").changes[0]).toMatchObject({ after: expect.stringContaining('"bridge" "--pcsc"\n') });
  expect(became(bench.uninstall(["machine"]))).toEqual(["udev-rule: changed", "pcsc-route: changed", "pcsc-network: changed"]);
  expect(bench.commands()).toEqual([
    ...UDEV,
    "systemctl stop sceau-pcsc-route.service",
    reload,
    reload,
    "systemctl try-restart pcscd.service",
  ]);
  expect(bench.tree()).toEqual(before);
});

test("all there: nothing changes; without systemd files alone are written; others' files are left alone", () => {
  packagesAreThere();
  bench.install(["machine"], true);
  bench.commands();
  const after = bench.tree();
  expect(became(bench.install(["machine"], true))).toEqual(
    ["udev-rule", "pcsc-network", "pcsc-packages", "pcsc-route"].map((name) => `${name}: done`),
  );
  expect(bench.tree()).toEqual(after);
  expect(bench.commands()).toEqual([]);
  bench.uninstall(["machine"]);
  bench.commands();
  bench.tell("down");
  bench.write(at(RULE), "# the administrator's\n");
  bench.write(at(LIMIT), "[Service]\n");
  const results = bench.install(["machine"], true);
  expect(became(results)).toEqual([
    "udev-rule: foreign (not-ours)",
    "pcsc-network: foreign (not-ours)",
    "pcsc-packages: done",
    "pcsc-route: changed (no-systemd)",
  ]);
  expect(results[0]?.step.commands).toEqual([`sudo mv ${at(RULE)} ${at(RULE)}.old`]);
  expect(bench.commands()).toEqual([]);
  expect(became(bench.uninstall(["machine"]))).toEqual([
    "udev-rule: foreign (not-ours)",
    "pcsc-route: changed",
    "pcsc-network: foreign (not-ours)",
  ]);
  expect(readFileSync(at(RULE), "utf8")).toBe("# the administrator's\n");
});

test("somebody ended the installation before systemd was told: the next one tells it, and the limit holds", () => {
  packagesAreThere();
  bench.install(["machine"], true);
  bench.commands();
  bench.tell("stale");
  expect(became(bench.install(["machine"]))).toContain("pcsc-network: changed");
  expect(bench.commands().slice(0, 2)).toEqual(["systemctl daemon-reload", "systemctl try-restart pcscd.service"]);
  expect(became(bench.install(["machine"]))).toContain("pcsc-network: done");
});

test("the route's service does not start: its files are gone again, the rest stays", () => {
  packagesAreThere();
  bench.tell("unstartable");
  const before = bench.tree().filter((line) => line.includes("route"));
  const results = bench.install(["machine"], true);
  expect(results[3]).toMatchObject({ became: "failed", problem: expect.stringContaining("Job for sceau-pcsc-route.service failed.") });
  expect(bench.tree().filter((line) => line.includes("route"))).toEqual(before);
  expect(results[1]?.became).toBe("changed");
});

describe("judged by others", () => {
  test("systemd accepts the route's service and the limit, and would tell of an unknown line", () => {
    const path = bench.write(at(ROUTE), ROUTE_UNIT_TEXT);
    expect(bench.verify(path, "--system")).toMatchObject({ status: 0, stderr: "" });
    bench.write(at(LIMIT), NETWORK_LIMIT_TEXT);
    const pcscd = bench.write(at("etc/systemd/system/pcscd.service"), "[Service]\nExecStart=/bin/true\n");
    expect(bench.verify(pcscd, "--system")).toMatchObject({ status: 0, stderr: "" });
    bench.write(at(LIMIT), NETWORK_LIMIT_TEXT.replace("=any", "=anybody"));
    expect(bench.verify(pcscd, "--system").stderr).toContain("anybody");
  });

  test("udev reads the rule without a word", () => {
    bench.write(at(RULE), UDEV_RULE_TEXT);
    const read = () => {
      const { stdout, stderr } = apart(
        "-m",
        `mount --bind '${at("etc/udev/rules.d")}' /etc/udev/rules.d; udevadm test --action=add /class/mem/null`,
      );
      return `${stdout}${stderr}`.split("\n").filter((line) => line.includes("70-sceau.rules"));
    };
    expect(read()).toEqual(["Reading rules file: /etc/udev/rules.d/70-sceau.rules"]);
    bench.write(at(RULE), UDEV_RULE_TEXT.replace("TAG+=", "TUG+="));
    expect(read()).toContainEqual(expect.stringMatching(/70-sceau\.rules:2 Invalid key 'TUG'\.?$/));
  });

  test("the kernel takes the route, once and again, and is rid of it afterwards", () => {
    const command = (key: string): string => new RegExp(`^${key}=(.*)$`, "m").exec(ROUTE_UNIT_TEXT)?.[1] ?? "false";
    const list = "ip route show table local";
    const { status, stdout } = apart(
      "-n",
      `ip link set lo up; ${list} >'${at("before")}'; ${command("ExecStart")}; ${command("ExecStart")}; ${list}; ${command("ExecStop")}; ${list} >'${at("after")}'`,
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/^local 127\.83\.67\.69 dev lo .*quickack 1 $/m);
    expect(readFileSync(at("after"), "utf8")).toBe(readFileSync(at("before"), "utf8"));
  });

  test("transport/README.md shows the same rule", () => {
    expect(readFileSync(join(ROOT, "host-bridge", "transport", "README.md"), "utf8")).toContain(`\n${UDEV_RULE.join("\n")}\n`);
    expect(
      mustRun("sh", ["-c", "grep -rl 'TAG+=\"uaccess\"' --include=*.ts --exclude=*.test.ts host-bridge cli"], { cwd: ROOT }).trim(),
    ).toBe("host-bridge/desktop/udev-rule.ts");
  });
});
