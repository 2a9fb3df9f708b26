// A scratch home and a scratch machine for `sceau install`: real modutil and NSS databases; systemctl and udevadm are stand-ins that record.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { findProgram } from "../../cli/programs.ts";
import type { Desktop } from "../../host-bridge/desktop/desktop.ts";
import { findOpensslParts } from "../../host-bridge/desktop/openssl-step.ts";
import { carryOut, planInstall, planUninstall, type Result } from "../../host-bridge/desktop/plan.ts";
import type { Part, Step, StepName } from "../../host-bridge/desktop/step.ts";
import { findP11KitClient, p11KitAddress } from "../../host-bridge/signing/pkcs11-module.ts";
import { isRoot } from "./ordinary-user.ts";
import { mustRun, type Outcome, run } from "./run.ts";

/** Answers as systemctl does: `down` is a file that says there is no systemd; `unstartable`, that nothing starts; `stale`, that units on the disk are newer. */
const SYSTEMCTL = `#!/bin/sh
state=$(dirname "$0")
case "$*" in *Version*) test ! -e "$state/down"; exit ;; esac
case "$*" in *NeedDaemonReload*) test ! -e "$state/stale" || echo NeedDaemonReload=yes; exit ;; esac
for last; do :; done
case "$*" in *is-active*) test -e "$state/active-$last"; exit ;; esac
echo "systemctl $*" >> "$state/log"
case "$*" in
*daemon-reload*) rm -f "$state/stale" ;;
*try-restart*) ;;
*start*) if test -e "$state/unstartable"; then echo "Job for $last failed." >&2; exit 1; fi; touch "$state/active-$last" ;;
*stop*) rm -f "$state/active-$last" ;;
esac
`;
const UDEVADM = '#!/bin/sh\necho "udevadm $*" >> "$(dirname "$0")/log"\n';

export class InstallBench {
  readonly folder = mkdtempSync(join(tmpdir(), "sceau-install-"));
  readonly home = join(this.folder, "home");
  readonly root = join(this.folder, "root");
  private readonly bin = join(this.folder, "bin");
  desktop: Desktop;

  constructor() {
    for (const folder of [this.home, this.root]) mkdirSync(folder, { mode: 0o755 });
    this.program("systemctl", SYSTEMCTL);
    this.program("udevadm", UDEVADM);
    const environment = {
      ...process.env,
      PATH: `${this.bin}:${process.env["PATH"]}`,
      HOME: this.home,
      XDG_CONFIG_HOME: join(this.home, ".config"),
    };
    for (const name of ["XDG_STATE_HOME", "XDG_DATA_HOME"]) Reflect.deleteProperty(environment, name);
    this.desktop = {
      home: this.home,
      isRoot: false,
      environment,
      root: this.root,
      node: process.execPath,
      program: "/opt/sceau/cli/sceau.mjs",
      pkcs11Socket: join(this.home, "run", "pkcs11.sock"),
      stateWords: [],
      module: findP11KitClient(),
      openssl: findOpensslParts(),
      asRoot: "sudo ",
      find: (program) => findProgram(program, environment),
      run: ([program = "", ...args]) => {
        const { status, stdout, stderr } = spawnSync(program, args, { env: environment, encoding: "utf8" });
        return { status, output: `${stdout}${stderr}` };
      },
    };
  }

  with(changed: Partial<Desktop>): this {
    this.desktop = { ...this.desktop, ...changed };
    return this;
  }

  environment(changed: NodeJS.ProcessEnv): this {
    return this.with({ environment: { ...this.desktop.environment, ...changed } });
  }

  /** A program that is found before this machine's own. */
  program(name: string, text: string): void {
    this.write(join(this.bin, name), text, 0o755);
  }

  /** Tells the stand-in of systemctl something. */
  tell(what: "down" | "unstartable" | "stale"): void {
    this.write(join(this.bin, what), "");
  }

  write(path: string, text: string, mode = 0o644): string {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode });
    return path;
  }

  /** An NSS database as software makes it, in a profile when it is Mozilla's. @returns its folder */
  database(...path: readonly string[]): string {
    const folder = join(this.home, ...path);
    mkdirSync(folder, { recursive: true });
    mustRun("certutil", ["-N", "-d", `sql:${folder}`, "--empty-password"]);
    return folder;
  }

  profile(...path: readonly string[]): string {
    const folder = this.database(...path);
    this.write(
      join(dirname(folder), "profiles.ini"),
      `[Profile0]\nName=default\nIsRelative=1\nPath=${path.at(-1)}\n\n[General]\nVersion=2\n`,
    );
    return folder;
  }

  plan(parts: readonly Part[] = ["user"], isPcsc = false): Step[] {
    return planInstall(this.desktop, { parts, isPcsc });
  }

  install(parts: readonly Part[] = ["user"], isPcsc = false): Result[] {
    return this.plan(parts, isPcsc).map((step) => carryOut(step, this.desktop));
  }

  uninstall(parts: readonly Part[] = ["user"]): Result[] {
    return planUninstall(this.desktop, { parts }).map((step) => carryOut(step, this.desktop));
  }

  /** What the stand-ins were told since the last time, a line each. */
  commands(): string[] {
    const log = join(this.bin, "log");
    if (lstatSync(log, { throwIfNoEntry: false }) === undefined) return [];
    const lines = readFileSync(log, "utf8").trim().split("\n");
    rmSync(log);
    return lines;
  }

  /** Each file, folder and link of home and root: its mode and its content. */
  tree(): string[] {
    const told: string[] = [];
    const visit = (path: string): void => {
      const found = lstatSync(path);
      const content = found.isSymbolicLink()
        ? readlinkSync(path)
        : found.isFile()
          ? createHash("sha256").update(readFileSync(path)).digest("hex")
          : "";
      told.push(`${relative(this.folder, path)} ${found.mode.toString(8)} ${content}`);
      if (found.isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name));
    };
    for (const path of [this.home, this.root]) visit(path);
    return told;
  }

  /** What NSS itself says of the database's modules. */
  modules(folder: string): string {
    return mustRun("modutil", ["-list", "-dbdir", `sql:${folder}`], {
      env: { HOME: this.home, P11_KIT_SERVER_ADDRESS: p11KitAddress("/nowhere") },
    });
  }

  /** systemd's own judgement of a unit. */
  verify(path: string, kind: "--user" | "--system"): Outcome {
    const env = {
      XDG_RUNTIME_DIR: this.folder,
      SYSTEMD_UNIT_PATH: `${dirname(path)}:/usr/lib/systemd/${kind.slice(2)}:/lib/systemd/${kind.slice(2)}`,
    };
    const outcome = run("systemd-analyze", [kind, "verify", path], { env });
    // Of this machine, not of the unit: systemd 255 wants a bus (a container may have none).
    return { ...outcome, stderr: outcome.stderr.replace("Failed to connect to system bus: No such file or directory\n", "") };
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/**
 * Runs a script as root in a namespace of its own, so that nothing of this machine changes.
 * @param kind of the namespace: -m, -n
 */
export const apart = (kind: "-m" | "-n", script: string, env: NodeJS.ProcessEnv = {}): Outcome =>
  run("unshare", [...(isRoot ? [] : ["-r"]), kind, "sh", "-ec", script], { env });

export const became = (results: readonly Result[]): string[] =>
  results.map(
    ({ step, became: what }) => `${step.name}: ${what === "left" ? step.state : what}${step.reason === "" ? "" : ` (${step.reason})`}`,
  );

export function only(steps: readonly Step[], name: StepName): Step {
  const [found, ...more] = steps.filter((step) => step.name === name);
  if (found === undefined || more.length > 0) throw new Error(`${name}: not one step, but ${more.length + (found === undefined ? 0 : 1)}`);
  return found;
}
