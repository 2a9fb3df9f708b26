// What keeps `sceau` itself from being loaded: Node.js, packages, the build. Without dependencies, and in words that an older Node.js reads: it runs before
// all else. Findings look as those of `sceau doctor` do, which finds everything that comes later.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const TEXTS = {
  en: {
    tooOld: (version, needed) => `Node.js ${version} is too old: Sceau needs ${needed} or later.`,
    tooOldMend: "Install a later one: https://nodejs.org/en/download",
    missing: (folder) => `The npm packages are not installed: ${folder} is missing.`,
    halfDone: (what) => `The installation is half done: ${what} is missing.`,
    packagesMend: "Install them, and build:",
    notBuilt: (folder) => `Sceau is not built yet: there is no program in ${folder}.`,
    buildMend: "Build it:",
    why: "Without it no command of Sceau's runs.",
  },
  fr: {
    tooOld: (version, needed) => `Node.js ${version} est trop ancien : Sceau veut la version ${needed} ou une plus récente.`,
    tooOldMend: "Installez-en une plus récente : https://nodejs.org/fr/download",
    missing: (folder) => `Les paquets npm ne sont pas installés : ${folder} manque.`,
    halfDone: (what) => `L'installation est restée à moitié faite : il manque ${what}.`,
    packagesMend: "Installez-les, et construisez :",
    notBuilt: (folder) => `Sceau n'est pas encore construit : il n'y a pas de programme dans ${folder}.`,
    buildMend: "Construisez-le :",
    why: "Sans cela, aucune commande de Sceau ne marche.",
  },
};

const word = (text) => (/^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.split("'").join("'\\''")}'`);

function textsFor(args, environment) {
  const at = args.indexOf("--lang");
  const joined = args.find((arg) => arg.startsWith("--lang="));
  const chosen = at >= 0 ? args[at + 1] : (joined || "").slice("--lang=".length);
  const locale = chosen || environment.LC_ALL || environment.LC_MESSAGES || environment.LANG || "";
  return locale.toLowerCase().startsWith("fr") ? TEXTS.fr : TEXTS.en;
}

function isOlder(version, needed) {
  const own = version.split(".").map(Number);
  const other = needed.split(".").map(Number);
  const at = other.findIndex((part, index) => (own[index] || 0) !== part);
  return at >= 0 && (own[at] || 0) < other[at];
}

const commandsFor = (folder, ...steps) => steps.map((step) => `npm --prefix ${word(folder)} ${step}`);

function finding(check, code, facts, found, mend, commands, text) {
  const mender = check === "node-version" ? "administrator" : "user";
  return { area: "installation", check, code, verdict: "trouble", facts, mender, commands, found, why: text.why, mend };
}

/**
 * What is missing before anything of Sceau's can be loaded; null: nothing.
 * @param folder that Sceau was cloned into
 * @param version of Node.js
 */
export function findMissing(folder, version, args, environment) {
  const text = textsFor(args, environment);
  const { engines } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const needed = engines.node.replace(/[^\d.]/g, "");
  if (isOlder(version, needed)) {
    return finding("node-version", "too-old", { version, needed }, text.tooOld(version, needed), text.tooOldMend, [], text);
  }
  const packages = join(folder, "node_modules");
  if (!existsSync(packages)) {
    const commands = commandsFor(folder, "ci", "run build");
    return finding("packages", "missing", { folder: packages }, text.missing(packages), text.packagesMend, commands, text);
  }
  const built = join(folder, "dist");
  if (!existsSync(join(built, "cli", "main.js"))) {
    return finding("build", "missing", { folder: built }, text.notBuilt(built), text.buildMend, commandsFor(folder, "run build"), text);
  }
  return null;
}

/** What Node.js said when it could not find a part; null: it said something else. */
export function findHalfDone(folder, error, args, environment) {
  if (error.code !== "ERR_MODULE_NOT_FOUND" && error.code !== "MODULE_NOT_FOUND") return null;
  const text = textsFor(args, environment);
  const example = (/'([^']+)'/.exec(error.message) || [])[1] || "";
  const commands = commandsFor(folder, "ci", "run build");
  return finding("packages", "half-done", { example }, text.halfDone(example), text.packagesMend, commands, text);
}

/** Told as `sceau doctor` tells it, or as any other command tells an error. */
export function tell(found, args) {
  const isJson = args.includes("--json");
  const isDoctor = args.includes("doctor");
  if (isJson) {
    const result = isDoctor ? { isWell: false, findings: [found] } : { error: "not-installed", message: found.found };
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const lines = [`✘ ${found.found}`, `    ${found.why}`, `    → ${found.mend}`, ...found.commands.map((command) => `        ${command}`)];
  (isDoctor ? process.stdout : process.stderr).write(`${lines.join("\n")}\n`);
}
