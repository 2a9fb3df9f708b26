// Vitest's global set-up: the program `sceau` as it was built, with all that it loads, in some files in place of 1,500. Node.js needs two thirds of a short
// command's time to find and read its modules, and the tests start hundreds of commands. Every module is told the address that it has in dist/, so it finds
// what lies beside it. Tests of the start itself (doctor, installation, tour --stay, program-as-built) take cli/sceau.mjs as it is, and all do with
// SCEAU_PROGRAM=cli/sceau.mjs.

import { createHash, randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import { CHECKOUT } from "../../cli/checkout.ts";

const CACHE = join(CHECKOUT, "node_modules", ".cache", "sceau");
const DIST = join(CHECKOUT, "dist");
const ENTRY = join(CHECKOUT, "cli", "sceau.mjs");
/** What ENTRY loads, and how: an address is nothing that a bundler follows. */
const MAIN = 'import(new URL("../dist/cli/main.js", import.meta.url).href)';
/** They have files of their own beside them: compiled ones, WebAssembly. */
const LEFT_OUT = ["node-hid", "serialport", "pkcs11js", "smartcard", "@node-rs/argon2", "@electric-sql/pglite", "pdfjs-dist", "pg-native"];
/** Of an earlier build, that perhaps another run is still using. */
const KEPT_MS = 3_600_000;

/** Changes with every build that changes anything. */
function nameOfBundle(): string {
  const made = createHash("sha256")
    .update(readFileSync(ENTRY))
    .update(readFileSync(new URL(import.meta.url)))
    .update(process.version);
  made.update(readFileSync(join(CHECKOUT, "package-lock.json")));
  for (const entry of readdirSync(DIST, { recursive: true, withFileTypes: true })) {
    if (!entry.name.endsWith(".js")) continue;
    const { size, mtimeMs } = statSync(join(entry.parentPath, entry.name));
    made.update(`${entry.parentPath}/${entry.name} ${size} ${mtimeMs}\n`);
  }
  return `program-${made.digest("hex").slice(0, 16)}`;
}

/** Modules keep their addresses. */
const addresses: Plugin = {
  name: "addresses",
  setup({ onLoad }) {
    onLoad({ filter: /\.m?js$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      if (!text.includes("import.meta.url")) return null;
      return { contents: text.replaceAll("import.meta.url", JSON.stringify(pathToFileURL(path).href)), loader: "js" };
    });
  },
};

async function bundleInto(folder: string): Promise<void> {
  const entry = readFileSync(ENTRY, "utf8");
  if (!entry.includes(MAIN)) throw new Error(`${ENTRY} no longer loads the program by ${MAIN}`);
  const contents = entry
    .replace(MAIN, 'import("../dist/cli/main.js")')
    .replaceAll("import.meta.url", JSON.stringify(pathToFileURL(ENTRY).href));
  await build({
    stdin: { contents, resolveDir: join(CHECKOUT, "cli"), sourcefile: "sceau.mjs", loader: "js" },
    entryNames: "sceau",
    outdir: folder,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    minifyWhitespace: true,
    external: LEFT_OUT,
    // For CommonJS in the bundle: what it requires are Node.js' own modules, and what is left out.
    banner: { js: `import{createRequire as requireFrom}from"node:module";const require=requireFrom(${JSON.stringify(ENTRY)});` },
    outExtension: { ".js": ".mjs" },
    logLevel: "error",
    plugins: [addresses],
  });
}

function removeOld(kept: string): void {
  for (const name of readdirSync(CACHE)) {
    const path = join(CACHE, name);
    const isOld = name.startsWith("program-") && name !== kept && statSync(path).mtimeMs < Date.now() - KEPT_MS;
    if (isOld) rmSync(path, { recursive: true, force: true });
  }
}

/** Tells the tests by the environment where the program is. Without a build the tests of it tell what is missing. */
export async function setup(): Promise<void> {
  if (process.env["SCEAU_PROGRAM"] !== undefined || !existsSync(join(DIST, "cli", "main.js"))) return;
  const name = nameOfBundle();
  const folder = join(CACHE, name);
  if (!existsSync(folder)) {
    const fresh = `${folder}.${randomBytes(4).toString("hex")}`;
    await bundleInto(fresh);
    try {
      renameSync(fresh, folder);
    } catch (error) {
      if (!["ENOTEMPTY", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
      rmSync(fresh, { recursive: true }); // another run was first
    }
    removeOld(name);
  }
  process.env["SCEAU_PROGRAM"] = join(folder, "sceau.mjs");
}
