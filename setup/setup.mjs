// Sets everything up, each part only when it is not: Debian packages, npm packages, the build. Without dependencies, because it runs first.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { fileURLToPath } from "node:url";
import { isDebian } from "./needs.mjs";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));
const STAMP = join(ROOT, "node_modules", ".sceau-lock");
const [MAJOR, MINOR] = process.versions.node.split(".").map(Number);

/** Ends set-up with a message that says what to do. */
export class SetupError extends Error {}

const say = (text) => process.stderr.write(`${text}\n`);

function run(program, args, options = {}) {
  const result = spawnSync(program, args, { cwd: ROOT, stdio: ["ignore", 2, 2], ...options });
  if (result.error) throw new SetupError(`${program} could not be started: ${result.error.message}`);
  return result.status === 0;
}

function checkNode() {
  if (MAJOR > 20 || (MAJOR === 20 && MINOR >= 19)) return;
  throw new SetupError(`Sceau needs Node.js 20.19 or later; this is ${process.versions.node}. See https://nodejs.org/en/download`);
}

async function confirm(question) {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} [y/N] `);
  terminal.close();
  return /^[yYoO]/.test(answer.trim());
}

async function installDebianPackages(needs) {
  const missing = needs.filter((need) => !need.isThere());
  if (missing.length === 0) return;
  const packages = missing.map((need) => need.package);
  const list = missing.map((need) => `  ${need.what}  (Debian package ${need.package})`).join("\n");
  const stops = missing.flatMap((need) => need.keptFromStartingBy ?? []);
  const steps = [
    ...stops.map((path) => ["install", "-D", "/dev/null", path]),
    ["apt-get", "install", "--no-install-recommends", ...packages],
  ];
  const line = steps.map((step) => step.join(" ")).join(" && sudo ");
  const how = `Missing on this machine:\n${list}\n`;
  if (!isDebian()) throw new SetupError(`${how}Install what brings them on your system, and run this again.`);
  const isRoot = process.getuid?.() === 0;
  if (!isRoot) {
    const isTerminal = process.stdin.isTTY && process.stderr.isTTY;
    if (!isTerminal) throw new SetupError(`${how}Run this, and then the same command again:\n  sudo ${line}`);
    say(how);
    if (!(await confirm(`Run «sudo ${line}» now?`))) throw new SetupError(`Nothing was installed. To do it yourself:\n  sudo ${line}`);
  }
  say(`→ Debian packages: ${packages.join(", ")}`);
  const asRoot = (program, ...args) => {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    return isRoot ? run(program, args, { env }) : run("sudo", [program, ...args], { env, stdio: ["inherit", 2, 2] });
  };
  const apt = (...args) => asRoot("apt-get", ...args);
  for (const path of stops) {
    say(`→ ${path}: what is installed for the tests alone is not started`);
    if (!asRoot("install", "-D", "/dev/null", path)) throw new SetupError(`${path} could not be written.`);
  }
  const install = () => apt("install", "-y", "-qq", "--no-install-recommends", ...packages);
  // A fresh machine has no package lists: they are fetched when the first try finds nothing.
  if (!install() && !(apt("update", "-qq") && install())) throw new SetupError(`apt could not install them. Try by hand:\n  sudo ${line}`);
  const still = missing.filter((need) => !need.isThere());
  if (still.length > 0) throw new SetupError(`Installed, and still missing: ${still.map((need) => need.what).join(", ")}`);
}

/** What node_modules was installed from. Of Node its ABI: native packages are built for one. */
function lockDigest() {
  const hash = createHash("sha256");
  for (const file of ["package.json", "package-lock.json"]) hash.update(readFileSync(join(ROOT, file)));
  return hash.update(`${process.versions.modules} ${process.arch}`).digest("hex");
}

function installNpmPackages() {
  const digest = lockDigest();
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === digest) return;
  say("→ npm packages");
  if (!run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"])) throw new SetupError("npm ci failed: see above.");
  writeFileSync(STAMP, digest);
}

function build() {
  if (!existsSync(join(ROOT, "dist", "cli", "main.js"))) say("→ build");
  if (!run(process.execPath, [join(ROOT, "node_modules", "typescript", "bin", "tsc"), "-b"]))
    throw new SetupError("The build failed: see above.");
}

/** @throws SetupError */
export async function setUp(needs) {
  checkNode();
  await installDebianPackages(needs);
  installNpmPackages();
  build();
}

/** Runs `main`; a SetupError becomes its message and exit code 1. */
export async function withSetupErrors(main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}
