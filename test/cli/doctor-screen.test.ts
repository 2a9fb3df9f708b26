// The doctor's one screen: short when all is well, in both languages on a terminal of 80 columns; and when the guide's four troubles (S14) come together, each is
// found, explained, and in its place.

import { mkdirSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { doctorScreen } from "../../cli/doctor-screen.ts";
import { en } from "../../cli/messages/en.ts";
import { fr } from "../../cli/messages/fr.ts";
import { NETWORK_LIMIT_TEXT } from "../../host-bridge/desktop/pcsc-setup.ts";
import { serviceUnit } from "../../host-bridge/desktop/service-unit.ts";
import { UDEV_RULE_TEXT } from "../../host-bridge/desktop/udev-rule.ts";
import { register } from "../../host-bridge/discovery/module-file.ts";
import { p11KitAddress } from "../../host-bridge/signing/pkcs11-module.ts";
import { DoctorBench } from "../support/doctor-bench.ts";
import { pluggedToken, runningAgent, runningBridge } from "../support/doctor-running.ts";
import { anOffice, servers } from "../support/doctor-servers.ts";
import { freePort } from "../support/office-process.ts";
import { mustRun } from "../support/run.ts";

/** What every terminal has. */
const SCREEN = { columns: 80, lines: 24 };

const at = servers();
let bench: DoctorBench;
const ends: (() => unknown)[] = [];
beforeEach(async () => {
  bench = new DoctorBench();
  bench.with({ agentPort: await freePort() });
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  bench.close();
});

async function startAll(): Promise<void> {
  const bridge = await runningBridge(bench, true);
  ends.push(() => bridge.close());
  const plug = await pluggedToken(bench);
  ends.push(() => plug.close());
  const agent = await runningAgent(bench);
  ends.push(() => agent.close());
  await expect.poll(async () => (await bench.diagnose()).of("software").code, { timeout: 5000 }).toBe("fine");
}

/** As `sceau install` and `sudo sceau install --pcsc` leave it, with a browser, and an office that answers. */
async function setUpDesktop(): Promise<void> {
  const program = join(bench.checkout, "cli", "sceau.mjs");
  const unit = join(bench.home, "config", "systemd", "user", "sceau-bridge.service");
  writeFileSync(program, "");
  mkdirSync(dirname(unit), { recursive: true });
  writeFileSync(unit, serviceUnit({ node: process.execPath, program, words: ["bridge", "--pcsc"], variables: {} }));
  bench.program(
    "systemctl",
    "printf '%s\\n' LoadState=loaded ActiveState=active SubState=running UnitFileState=enabled NeedDaemonReload=no",
  );
  bench.program("ip", "echo local 127.83.67.69 dev lo quickack 1");
  register(join(bench.home, "config", "pkcs11", "modules", "sceau.module"), p11KitAddress(bench.place.state.pkcs11Socket));
  const firefox = join(bench.home, ".mozilla", "firefox");
  mkdirSync(join(firefox, "abc"), { recursive: true });
  writeFileSync(join(firefox, "profiles.ini"), "[Profile0]\nPath=abc\n");
  writeFileSync(join(firefox, "abc", "cert9.db"), "");
  writeFileSync(join(firefox, "abc", "pkcs11.txt"), `library=${bench.place.module}\nname=Sceau\n`);
  bench.machineFile("etc/udev/rules.d/70-sceau.rules", UDEV_RULE_TEXT);
  bench.machineFile("etc/systemd/system/pcscd.service.d/sceau.conf", NETWORK_LIMIT_TEXT);
  for (const file of ["usr/sbin/pcscd", "usr/lib/pcsc/drivers/serial/libifdvpcd.so"]) bench.machineFile(file);
  const pcscd = createServer((client) => client.on("error", () => {}).once("data", () => client.end(new Uint8Array(12))));
  await new Promise<void>((resolve) => pcscd.listen(bench.place.environment["PCSCLITE_CSOCK_NAME"], resolve));
  ends.push(() => new Promise((resolve) => pcscd.close(resolve)));
  bench.with({ office: `http://127.0.0.1:${await at.http(anOffice())}` });
}

test("all is well: one screen of 24 lines of 80 columns, in French and in English", async () => {
  await setUpDesktop();
  await startAll();
  bench.machine({ uid: process.getuid?.() ?? 0, userName: () => "ada" });
  const told = await bench.diagnose();
  const remarks = told.all.filter(({ finding }) => finding.verdict !== "ok").map(({ finding }) => finding.check);
  // Root runs these tests in CI, and is told so.
  expect(remarks).toEqual(process.getuid?.() === 0 ? ["user"] : []);
  const well = told.all.filter(({ finding }) => finding.verdict === "ok");
  for (const say of [en, fr]) {
    const lines = doctorScreen(well, say, SCREEN.columns);
    expect(lines.length, lines.join("\n")).toBeLessThanOrEqual(SCREEN.lines);
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(SCREEN.columns);
  }
  for (const text of ["The bridge starts by itself", "is there in Firefox", "pcscd answers", "from this computer only", "All is well"])
    expect(told.en).toContain(text);
});

test("S14: the four troubles at once, each in its place on the one screen, each with why and with what to do", async () => {
  const modules = join(bench.checkout, "node_modules");
  unlinkSync(modules);
  mkdirSync(modules);
  rmSync(bench.place.state.root, { recursive: true, force: true });
  const closed = await freePort();
  bench.environment({ HTTPS_PROXY: `http://127.0.0.1:${closed}`, npm_config_registry: `https://127.0.0.1:${closed}/` });
  const told = await bench
    .with({ module: null, office: "https://bureau.example" })
    .machine({ uid: 1000, administrators: () => ({ group: "sudo", names: ["grace"], isOne: false }) })
    .diagnose();
  const troubles = (area: string): string[] =>
    told.all
      .filter((one) => one.area === area && one.finding.verdict === "trouble")
      .map(({ finding: { check, code } }) => `${check}: ${code}`);
  expect({
    suite: troubles("suite"),
    office: troubles("office"),
    rights: troubles("rights"),
    installation: troubles("installation"),
  }).toEqual({
    suite: ["module: missing", "bridge: not-running", "agent: not-running"],
    office: ["connection: refused"],
    rights: ["administrator: no-member"],
    installation: ["packages: half-done", "registry: refused"],
  });
  const parts = [
    ["Sceau and what it needs", "p11-kit's client is not installed", "By that module", "sudo apt-get install"],
    ["Firewall and proxy", "refuses the connection", "The firewall has to let", `Have TCP port ${closed}`],
    [
      "Rights on this computer",
      "You are in no group that has administrator rights here. Who has them: grace",
      "Signing itself wants none",
      "Give them this screen",
    ],
    ["The installation is whole", "The installation is half done", "broken off", "npm --prefix"],
  ].flat();
  const places = parts.map((text) => told.en.indexOf(text));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(places).not.toContain(-1);
  expect(told.fr).toContain("Vous n'êtes d'aucun groupe qui ait les droits d'administrateur ici. Ceux qui les ont : grace");
  for (const say of [en, fr])
    for (const line of doctorScreen(told.all, say, SCREEN.columns))
      expect(line.length <= SCREEN.columns || line.startsWith(" ".repeat(10)), line).toBe(true);
  mustRun("test", ["!", "-e", bench.place.state.root]);
});
