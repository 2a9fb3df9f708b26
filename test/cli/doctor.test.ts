// `sceau doctor` as it is run: a technician of the company's IT support brings a computer from nothing to «all well» by what the doctor names (S4); and what is
// found before anything of Sceau's can be loaded (S14).

import "reflect-metadata"; // before @peculiar/x509, which needs it
import { chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SubjectAlternativeNameExtension } from "@peculiar/x509";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Finding } from "../../host-bridge/doctor/finding.ts";
import { type Background, startInBackground } from "../support/background.ts";
import { anOffice, servers } from "../support/doctor-servers.ts";
import { freePort } from "../support/office-process.ts";
import { isRoot, nodeAs, ORDINARY_USER } from "../support/ordinary-user.ts";
import { ROOT, run } from "../support/run.ts";
import { runMeanwhile } from "../support/run-meanwhile.ts";
import { type Issued, issue, pem, rootCa, YEAR_2025 } from "../support/test-certificates.ts";

const LIMIT = { timeout: 90_000 };
/** What `sceau` runs of the build. */
const BUILT = ["protocol", "firmware", "simulator", "host-bridge", "office", "cli"] as const;

interface Spoken {
  readonly found: string;
  readonly mend: string;
}
interface Told {
  readonly isWell: boolean;
  readonly findings: readonly (Finding & Spoken)[];
}

const at = servers();
let base: string;
let checkout: string;
let home: string;
let ca: Issued;
const running: Background[] = [];

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), "sceau-doctor-cli-"));
  const isRun = (path: string): boolean => !/\.(?:d\.ts|map|test\.js)$/.test(path);
  for (const folder of BUILT) cpSync(join(ROOT, "dist", folder), join(base, "built", folder), { recursive: true, filter: isRun });
  ca = await rootCa("CN=Autorité de la Compagnie");
  writeFileSync(join(base, "authority.pem"), pem(ca.der));
});
afterEach(async () => {
  for (const program of running.splice(0)) await program.stop();
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** A clone of Sceau: sources, and nothing installed. */
function clone(name: string): void {
  [checkout, home] = [join(base, name, "sceau"), join(base, name, "home")];
  mkdirSync(join(checkout, "cli"), { recursive: true });
  mkdirSync(join(home, "runtime"), { recursive: true, mode: 0o700 });
  for (const file of ["package.json", "package-lock.json", "cli/sceau.mjs", "cli/first-aid.mjs"])
    cpSync(join(ROOT, file), join(checkout, file));
}

const link = (): void => symlinkSync(join(ROOT, "node_modules"), join(checkout, "node_modules"));
/** The same files under other names: a copy of the build is long in the making. */
function build(): void {
  expect(run("cp", ["-rl", join(base, "built"), join(checkout, "dist")])).toMatchObject({ status: 0 });
}

const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  PATH: `${join(base, "bin")}:${process.env["PATH"]}`,
  HOME: home,
  XDG_CONFIG_HOME: join(home, "config"),
  XDG_STATE_HOME: join(home, "state"),
  XDG_RUNTIME_DIR: join(home, "runtime"),
  LC_ALL: "C.UTF-8",
  ...more,
});

const doctor = (words: readonly string[], more: NodeJS.ProcessEnv = {}) =>
  runMeanwhile(process.execPath, [join(checkout, "cli", "sceau.mjs"), "doctor", ...words], environment(more));

async function diagnosis(words: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<Told & { readonly status: number | null }> {
  const { status, stdout, stderr } = await doctor(["--json", ...words], more);
  expect(stderr).toBe("");
  return { status, ...(JSON.parse(stdout) as Told) };
}
const troubles = ({ findings }: Told): string[] =>
  findings.filter(({ verdict }) => verdict === "trouble").map(({ check, code }) => `${check}: ${code}`);

describe("S14, trouble 4: before anything can be loaded", () => {
  test("packages and build are missing, one after the other: said in both languages, and for a machine", LIMIT, async () => {
    clone("early");
    const english = await doctor([]);
    expect(english.status).toBe(1);
    expect(english.stdout).toContain("✘ The npm packages are not installed");
    expect(english.stdout).toContain(`npm --prefix ${checkout} ci`);
    expect((await doctor(["--lang", "fr"])).stdout).toContain("✘ Les paquets npm ne sont pas installés");
    mkdirSync(join(checkout, "node_modules"));
    const unbuilt = await diagnosis([]);
    expect(unbuilt).toMatchObject({ status: 1, isWell: false, findings: [{ check: "build", code: "missing", area: "installation" }] });
    build();
    const half = await doctor([], { LC_ALL: "fr_FR.UTF-8" });
    expect(half).toMatchObject({ status: 1, stderr: "" });
    expect(half.stdout).toContain("L'installation est restée à moitié faite : il manque commander.");
    const other = run(process.execPath, [join(checkout, "cli", "sceau.mjs"), "sign", "--json"], { env: environment() });
    expect(JSON.parse(other.stdout)).toMatchObject({ error: "not-installed" });
  });

  test("a Node.js that is too old is told by its first words", async () => {
    const { findMissing } = (await import(join(ROOT, "cli", "first-aid.mjs"))) as {
      findMissing(folder: string, version: string, args: readonly string[], environment: object): Spoken | null;
    };
    for (const [version, isFine] of [
      ["18.19.1", false],
      ["20.18.3", false],
      ["20.19.0", true],
      ["24.1.0", true],
    ] as const)
      expect(findMissing(ROOT, version, [], {}) === null, version).toBe(isFine);
    expect(findMissing(ROOT, "18.19.1", ["--lang=fr"], {})?.found).toContain("Node.js 18.19.1 est trop ancien");
  });
});

/**
 * Stand-ins for what takes minutes and a network: npm installs by a link to this checkout's packages, and builds by copying this checkout's build. What else the
 * doctor names is run as it is named.
 */
function standInNpm(): void {
  mkdirSync(join(base, "bin"), { recursive: true });
  const lines = [
    "#!/bin/sh",
    'test "$1" = --prefix || exit 9',
    'case "$3" in',
    `ci) ln -s '${join(ROOT, "node_modules")}' "$2/node_modules" ;;`,
    `run) cp -rl '${join(base, "built")}' "$2/dist" ;;`,
    "*) exit 9 ;;",
    "esac",
  ];
  writeFileSync(join(base, "bin", "npm"), `${lines.join("\n")}\n`, { mode: 0o755 });
}

/** Runs a command that the doctor has named; what stays until Ctrl-C is left running. @returns what it sets for this terminal */
async function obey(command: string, told: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  const [, name = "", value = ""] = /^export (\w+)=(.*)$/.exec(command) ?? [];
  if (name !== "") return { [name]: value };
  if (/ (?:bridge|agent)(?: --port \d+)?$/.test(command)) {
    const quiet = command.includes(" agent") ? " --no-open --no-serial --no-hid --json" : " --no-serial --no-hid --json";
    const program = startInBackground("sh", ["-c", `exec ${command}${quiet}`], environment(told));
    running.push(program);
    await program.waitFor(/"ready"/);
    return {};
  }
  expect(run("sh", ["-c", command], { env: environment(told) }), command).toMatchObject({ status: 0 });
  return {};
}

test("S4: from nothing to «all well» by doing each command that the doctor names", LIMIT, async () => {
  clone("technician");
  standInNpm();
  const leaf = await issue({
    name: "CN=localhost",
    issuer: ca,
    extensions: [new SubjectAlternativeNameExtension([{ type: "dns", value: "localhost" }])],
  });
  const office = `https://localhost:${await at.https(leaf, anOffice())}`;
  const words = ["--office", office, "--port", String(await freePort())];
  const seen: string[][] = [];
  const done: string[] = [];
  let terminal: NodeJS.ProcessEnv = {};
  for (let round = 0; round < 8; round++) {
    const told = await diagnosis(words, terminal);
    expect(told.status).toBe(told.isWell ? 0 : 1);
    if (told.isWell) break;
    seen.push(troubles(told));
    for (const { check, code, commands } of told.findings.filter((finding) => finding.verdict === "trouble")) {
      // The authority's certificate comes from whoever runs it; root would put it where the named commands put it.
      const named = code === "unknown-issuer" ? [`export NODE_EXTRA_CA_CERTS=${join(base, "authority.pem")}`] : commands;
      expect(named, `${check}: ${code}`).not.toEqual([]);
      for (const command of named) {
        if (done.includes(command)) continue;
        done.push(command);
        terminal = { ...terminal, ...(await obey(command, terminal)) };
      }
    }
  }
  expect(seen).toEqual([["packages: missing"], ["bridge: not-running", "agent: not-running", "certificate: unknown-issuer"]]);
  const { status, stdout } = await doctor([...words, "--lang", "fr"], terminal);
  expect(status).toBe(0);
  expect(stdout).toContain("Tout va bien : l'activation peut commencer.");
  for (const never of ["✘", "\u001b"]) expect(stdout).not.toContain(never);
  expect((await doctor(words, terminal)).stdout).toContain("All is well: an activation can begin.");
});

/** A systemd of the user's that believes the files, as after a daemon-reload. */
function standInSystemd(): void {
  mkdirSync(join(base, "bin"), { recursive: true });
  const lines = [
    "#!/bin/sh",
    'unit="$XDG_CONFIG_HOME/systemd/user/sceau-bridge.service"',
    'if test -e "$unit"; then echo LoadState=loaded ActiveState=active UnitFileState=enabled | tr " " "\\n"; else echo LoadState=not-found; fi',
  ];
  writeFileSync(join(base, "bin", "systemctl"), `${lines.join("\n")}\n`, { mode: 0o755 });
}

test("the desktop: one command that the doctor names sets up service, module file and browser", LIMIT, async () => {
  clone("desktop");
  link();
  build();
  standInSystemd();
  const profile = join(home, ".mozilla", "firefox", "abc.default");
  mkdirSync(profile, { recursive: true });
  writeFileSync(join(home, ".mozilla", "firefox", "profiles.ini"), "[Profile0]\nPath=abc.default\n");
  expect(run("certutil", ["-N", "-d", `sql:${profile}`, "--empty-password"])).toMatchObject({ status: 0 });
  const ofDesktop = ({ findings }: Told) =>
    findings.filter(({ check }) => check === "service" || check === "registration" || check === "browsers");
  const before = ofDesktop(await diagnosis([]));
  expect(before.map(({ check, code }) => `${check}: ${code}`)).toEqual(["service: missing", "registration: missing", "browsers: missing"]);
  const [command = "", ...others] = new Set(before.flatMap(({ commands }) => commands));
  expect(others).toEqual([]);
  await obey(command, {});
  const after = ofDesktop(await diagnosis([]));
  expect(after.map(({ check, code, verdict }) => `${check}: ${code} (${verdict})`)).toEqual([
    "service: fine (ok)",
    "registration: fine (ok)",
    "browsers: fine (ok)",
  ]);
});

describe("S14, trouble 2, with an authority that this computer trusts", () => {
  const names = (name: string) => [new SubjectAlternativeNameExtension([{ type: "dns", value: name }])];
  const trusting = (more: NodeJS.ProcessEnv = {}) => ({ NODE_EXTRA_CA_CERTS: join(base, "authority.pem"), ...more });
  const ofOffice = (told: Told) => told.findings.filter(({ check }) => ["tunnel", "certificate", "answer", "clock"].includes(check));

  test("a certificate that has ended, one for another name; the way through a proxy to an office that is well", LIMIT, async () => {
    clone("trusting");
    link();
    build();
    const notAfter = new Date("2025-02-01T00:00:00Z");
    const ended = await issue({ name: "CN=localhost", issuer: ca, notBefore: YEAR_2025, notAfter, extensions: names("localhost") });
    const foreign = await issue({ name: "CN=www.example", issuer: ca, extensions: names("www.example") });
    const right = await issue({ name: "CN=bureau.example", issuer: ca, extensions: names("bureau.example") });
    const expired = await diagnosis(["--office", `https://localhost:${await at.https(ended, anOffice())}`, "--lang", "fr"], trusting());
    expect(ofOffice(expired).at(-1)).toMatchObject({ code: "expired", found: expect.stringContaining("a expiré le 2025-02-01") });
    const other = await diagnosis(["--office", `https://localhost:${await at.https(foreign, anOffice())}`], trusting());
    expect(ofOffice(other).at(-1)).toMatchObject({ code: "name", found: "The certificate is not for localhost, but for www.example." });
    const proxy = await at.proxy(await at.https(right, anOffice()));
    const variables = trusting({ HTTPS_PROXY: `http://ada:not-for-a-screen@127.0.0.1:${proxy.port}` });
    const through = await diagnosis(["--office", "https://bureau.example"], variables);
    expect(ofOffice(through).map(({ check, verdict }) => [check, verdict])).toEqual(
      ["tunnel", "certificate", "answer", "clock"].map((check) => [check, "ok"]),
    );
    expect(new Set(proxy.asked)).toEqual(new Set(["bureau.example:443"]));
    expect(JSON.stringify(through)).not.toContain("not-for-a-screen");
    // The doctor's own question, the clock's, and one by the very client that activates: none of them past the proxy.
    expect(proxy.asked.length).toBeGreaterThanOrEqual(5);
  });
});

test("S14, trouble 3: a home that an ordinary user may not write, in both languages", LIMIT, async () => {
  clone("home");
  link();
  build();
  const locked = join(home, "state");
  mkdirSync(locked, { mode: isRoot ? 0o755 : 0o555 }); // root's, or one's own
  chownSync(join(home, "runtime"), ORDINARY_USER.uid, ORDINARY_USER.gid);
  for (const [language, text] of [
    ["en", `You may not write in ${locked} (owner `],
    ["fr", `Vous n'avez pas le droit d'écrire dans ${locked} (propriétaire `],
  ] as const) {
    const [program, words] = nodeAs(ORDINARY_USER, [join(checkout, "cli", "sceau.mjs"), "doctor", "--json", "--lang", language]);
    const told = JSON.parse(run(program, words, { env: environment() }).stdout) as Told;
    const found = told.findings.find(({ check }) => check === "state-folder");
    expect(found).toMatchObject({ code: "not-writable", verdict: "trouble", found: expect.stringContaining(text) });
    expect(found?.mender).toBe(isRoot ? "administrator" : "user");
    expect(found?.commands[0]).toMatch(isRoot ? /^sudo install -d -o \S+ -m 700 / : /^chmod u\+rwx /);
  }
  expect(existsSync(join(locked, "sceau"))).toBe(false);
});
