// A scratch computer for the doctor: a home, a copy of Sceau that is as good as whole, a machine whose answers a test may change.

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { doctorScreen } from "../../cli/doctor-screen.ts";
import { en } from "../../cli/messages/en.ts";
import { fr } from "../../cli/messages/fr.ts";
import { CHECKS, type Examined, examine, isWell } from "../../host-bridge/doctor/examine.ts";
import type { CheckName, FindingOf } from "../../host-bridge/doctor/finding.ts";
import { NODE_MACHINE } from "../../host-bridge/doctor/node-machine.ts";
import type { Machine, Place } from "../../host-bridge/doctor/place.ts";
import { findP11KitClient } from "../../host-bridge/signing/pkcs11-module.ts";
import { ROOT } from "./run.ts";

const PROJECTS = ["protocol", "firmware", "simulator", "host-bridge", "office", "cli"] as const;
/** Nobody listens there. */
const NO_PORT = 1;
const AN_HOUR_MS = 3_600_000;
/** No terminal: sentences stay whole. */
const WIDE = Number.POSITIVE_INFINITY;
/** A holder's, wherever the tests run. */
const HOLDER_UID = process.getuid?.() ?? 0;

/** A folder that looks like a clone of Sceau that was installed and built: real packages, an empty build that is newer than its sources. */
export function copyOfSceau(folder: string): void {
  mkdirSync(join(folder, "dist", "cli"), { recursive: true });
  mkdirSync(join(folder, ".tsbuild"));
  for (const name of ["package.json", "package-lock.json"]) cpSync(join(ROOT, name), join(folder, name));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "dist", "cli", "main.js"), "");
  for (const project of PROJECTS) {
    const source = join(folder, project, "deep", "source.ts");
    mkdirSync(join(folder, project, "deep"), { recursive: true });
    writeFileSync(source, "");
    const earlier = new Date(Date.now() - AN_HOUR_MS);
    utimesSync(source, earlier, earlier);
    writeFileSync(join(folder, ".tsbuild", `${project}.tsbuildinfo`), "");
  }
}

export interface Diagnosis {
  readonly all: readonly Examined[];
  readonly isWell: boolean;
  /** The whole screen, without colour. */
  readonly en: string;
  readonly fr: string;
  /** @throws when the check was not asked, or was asked more than once */
  of<N extends CheckName>(name: N): FindingOf<N>;
  was(name: CheckName): boolean;
}

export class DoctorBench {
  readonly folder = mkdtempSync(join(tmpdir(), "sceau-doctor-"));
  readonly checkout = join(this.folder, "sceau");
  readonly home = join(this.folder, "home");
  /** Before all other programs. */
  readonly programs = join(this.folder, "bin");
  /** The machine's own files. */
  readonly root = join(this.folder, "machine");
  place: Place;

  constructor() {
    for (const folder of [this.home, this.programs, this.root]) mkdirSync(folder, { mode: 0o700 });
    copyOfSceau(this.checkout);
    const run = join(this.home, "runtime");
    mkdirSync(run, { mode: 0o700 });
    const root = join(this.home, "state");
    this.place = {
      machine: NODE_MACHINE,
      environment: {
        PATH: `${this.programs}:${process.env["PATH"]}`,
        HOME: this.home,
        XDG_CONFIG_HOME: join(this.home, "config"),
        XDG_RUNTIME_DIR: run,
        PCSCLITE_CSOCK_NAME: join(this.folder, "pcscd.comm"),
      },
      checkout: this.checkout,
      state: { root, run: join(root, "run"), pkcs11Socket: join(root, "run", "pkcs11.sock"), agent: join(root, "agent"), option: "" },
      program: "sceau",
      home: this.home,
      module: findP11KitClient(),
      agentPort: 0,
      office: null,
      systemAuthorities: join(this.folder, "authorities.pem"),
      udevRules: ["etc/udev/rules.d", "usr/lib/udev/rules.d"].map((folder) => join(this.root, folder)),
      devices: { sys: join(this.folder, "sys"), dev: join(this.folder, "dev") },
      root: this.root,
      vpcdPort: NO_PORT,
      now: () => new Date(),
      timeLimitMs: 700,
    };
  }

  machine(changed: Partial<Machine>): this {
    this.place = { ...this.place, machine: { ...this.place.machine, uid: HOLDER_UID, ...changed } };
    return this;
  }

  with(changed: Partial<Place>): this {
    this.place = { ...this.place, ...changed };
    return this;
  }

  /** Beside what is there; undefined takes one away. */
  environment(changed: NodeJS.ProcessEnv): this {
    return this.with({ environment: { ...this.place.environment, ...changed } });
  }

  /** What mends the user's part, as the doctor names it: root says that it means itself. */
  install(): string {
    return `sceau install${this.place.machine.uid === 0 ? " --user" : ""}`;
  }

  /** The same of the machine's part, for a user who is not root. */
  machineInstall(options = ""): string {
    return `sudo ${process.execPath} ${join(this.checkout, "cli", "sceau.mjs")} install --machine${options}`;
  }

  /** A program of the system, as a shell script. */
  program(name: string, ...lines: readonly string[]): this {
    writeFileSync(join(this.programs, name), `${["#!/bin/sh", ...lines].join("\n")}\n`, { mode: 0o755 });
    return this;
  }

  /** A file of the machine's, below the prefix. */
  machineFile(path: string, text = ""): string {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  /** @param only these of this computer's checks; none named: all of them */
  async diagnose(...only: readonly CheckName[]): Promise<Diagnosis> {
    const checks = only.length === 0 ? CHECKS : CHECKS.filter(({ name }) => only.includes(name));
    return diagnosis(await examine(this.place, { begins: () => {}, found: () => {} }, checks));
  }

  read(...path: readonly string[]): string {
    return readFileSync(join(this.folder, ...path), "utf8");
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function diagnosis(all: readonly Examined[]): Diagnosis {
  const named = (name: CheckName) => all.filter(({ finding }) => finding.check === name);
  return {
    all,
    isWell: isWell(all),
    en: doctorScreen(all, en, WIDE).join("\n"),
    fr: doctorScreen(all, fr, WIDE).join("\n"),
    of: <N extends CheckName>(name: N) => {
      const [only, ...more] = named(name);
      if (only === undefined || more.length > 0)
        throw new Error(`${name}: not one finding, but ${named(name).length}\n${doctorScreen(all, en, WIDE).join("\n")}`);
      return only.finding as FindingOf<N>;
    },
    was: (name) => named(name).length > 0,
  };
}
