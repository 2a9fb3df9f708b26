// Troubles 1, 3 and 4 of the guide (S14): the suite is missing, rights are, or the installation is half done. Each thing is broken in a scratch home, and the
// doctor says which, in both languages, with the command that mends it.

import { chmodSync, mkdirSync, rmSync, unlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { UDEV_RULE_TEXT } from "../../host-bridge/desktop/udev-rule.ts";
import { register } from "../../host-bridge/discovery/module-file.ts";
import { p11KitAddress } from "../../host-bridge/signing/pkcs11-module.ts";
import { DoctorBench } from "../support/doctor-bench.ts";
import { pluggedToken, runningAgent, runningBridge } from "../support/doctor-running.ts";
import { servers } from "../support/doctor-servers.ts";
import { found, says } from "../support/doctor-words.ts";
import { freePort } from "../support/office-process.ts";
import { run } from "../support/run.ts";

const MEGABYTE = 1024 * 1024;
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

async function bridge(options: { readonly isAtDefault?: boolean } = {}): Promise<void> {
  const running = await runningBridge(bench, options.isAtDefault === true);
  ends.push(() => running.close());
}

async function agent(): Promise<void> {
  const running = await runningAgent(bench);
  ends.push(() => running.close());
}

/** A socket as a process leaves it behind that was killed. */
async function deadSocket(path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const program = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  run(process.execPath, ["-e", program]);
}

describe("S14, trouble 1: the suite is missing", () => {
  test("p11-kit's client is not installed: the package is named, for whoever has the rights", async () => {
    const told = await bench.with({ module: null }).machine({ uid: 1000 }).diagnose();
    expect(found(told, "module")).toMatchObject({
      verdict: "trouble",
      mender: "administrator",
      commands: ["sudo apt-get install -y --no-install-recommends p11-kit-modules"],
    });
    says(told, "p11-kit's client is not installed", "Le client de p11-kit n'est pas installé");
    says(
      told,
      "[for your IT support, with administrator rights] Install it:",
      "[pour votre support en TI, avec les droits d'administrateur]",
    );
  });

  test("the bridge and the agent are not running; then they are, and software sees the token", async () => {
    const before = await bench.diagnose();
    expect(found(before, "bridge")).toMatchObject({ code: "not-running", commands: ["sceau bridge"] });
    expect(found(before, "agent")).toMatchObject({ code: "not-running" });
    expect(before.was("software")).toBe(false);
    says(before, "The bridge is not running.", "Le pont n'est pas en service.");
    says(before, "nobody answers on port", "personne ne répond au port");
    await bridge({ isAtDefault: true });
    await agent();
    const empty = await bench.diagnose();
    expect(found(empty, "software")).toMatchObject({ code: "no-token", verdict: "warning" });
    expect(empty.isWell).toBe(true);
    const plug = await pluggedToken(bench);
    ends.push(() => plug.close());
    await expect.poll(async () => found(await bench.diagnose(), "software").code, { timeout: 5000 }).toBe("fine");
    const after = await bench.diagnose();
    says(after, "Signing software sees one token through the bridge.", "Les logiciels de signature voient un jeton par le pont.");
    says(after, `The agent is running, on port ${bench.place.agentPort}.`, `L'agent est en service, au port ${bench.place.agentPort}.`);
  });

  test("a socket of a bridge that was killed; a folder in its place", async () => {
    const path = bench.place.state.pkcs11Socket;
    await deadSocket(path);
    const dead = await bench.diagnose();
    expect(found(dead, "bridge")).toMatchObject({ code: "dead-socket", commands: ["sceau bridge"] });
    says(dead, `${path} was left behind by one that was killed`, `${path} est resté d'un pont qui a été tué`);
    unlinkSync(path);
    mkdirSync(path);
    const folder = await bench.diagnose();
    expect(found(folder, "bridge")).toMatchObject({ code: "no-socket", commands: [`mv ${path} ${path}.old`, "sceau bridge"] });
    says(folder, "is a folder, where its socket should be", "est un dossier, là où il faut son socket");
  });

  test("software from here does not find the bridge, or finds another server: the variable is given", async () => {
    await bridge();
    const told = await bench.diagnose();
    const mend = `export P11_KIT_SERVER_ADDRESS=${p11KitAddress(bench.place.state.pkcs11Socket)}`;
    expect(found(told, "software")).toMatchObject({ code: "nobody", verdict: "warning", commands: [mend] });
    says(told, "does not find the bridge: nobody answers at unix:path=", "ne trouvent pas le pont : personne ne répond à unix:path=");
    bench.environment({ P11_KIT_SERVER_ADDRESS: mend.slice(mend.indexOf("=") + 1) });
    expect(found(await bench.diagnose(), "software").code).toBe("no-token");
  });

  test("the bridge is not registered with p11-kit, or another one is, or the file is somebody else's", async () => {
    const path = join(bench.home, "config", "pkcs11", "modules", "sceau.module");
    const missing = await bench.diagnose();
    expect(found(missing, "registration")).toMatchObject({ code: "missing", verdict: "warning", commands: [bench.install()] });
    says(missing, "The bridge is not registered with p11-kit.", "Le pont n'est pas inscrit parmi les modules de p11-kit.");
    register(path, p11KitAddress("/elsewhere/pkcs11.sock"));
    expect(found(await bench.diagnose(), "registration").code).toBe("other-bridge");
    register(path, p11KitAddress(bench.place.state.pkcs11Socket));
    expect(found(await bench.diagnose(), "registration").code).toBe("fine");
    writeFileSync(path, "module: /usr/lib/other.so\n");
    const foreign = await bench.diagnose();
    expect(found(foreign, "registration")).toMatchObject({
      code: "not-ours",
      commands: [`mv ${path} ${join(bench.home, "config", "pkcs11", "sceau.module.old")}`, bench.install()],
    });
    says(foreign, "is not by Sceau", "n'est pas de Sceau");
  });

  test("the agent's port is taken by another program: which one is said; one that says nothing holds nothing up", async () => {
    const port = await at.http((_request, answer) => answer.end("<title>Sceau</title>"));
    const told = await bench.with({ agentPort: port }).diagnose();
    expect(found(told, "agent")).toMatchObject({ code: "other-program", facts: { port, pid: process.pid } });
    expect(found(told, "agent").commands).toEqual([`kill ${process.pid}`, `sceau agent --port ${port}`]);
    says(
      told,
      `Port ${port} of this computer is taken by another program: `,
      `Le port ${port} de cet ordinateur est occupé par un autre programme : `,
    );
    const silent = await at.tcp(() => {});
    expect(found(await bench.with({ agentPort: silent }).diagnose(), "agent").code).toBe("other-program");
  });

  test("another user has the agent's port, with a page that looks the same", async () => {
    await agent();
    const told = await bench.machine({ uid: 54_321 }).diagnose();
    expect(found(told, "agent")).toMatchObject({ code: "other-user", verdict: "trouble" });
    says(told, "Do not type a PIN there.", "N'y tapez aucun PIN.");
  });
});

describe("S14, trouble 3: rights", () => {
  test("a file where the folder should be", async () => {
    const { root } = bench.place.state;
    writeFileSync(root, "");
    const told = await bench.diagnose();
    expect(found(told, "state-folder")).toMatchObject({ code: "not-a-folder", verdict: "trouble", commands: [`mv ${root} ${root}.old`] });
    expect(told.was("runtime-folder")).toBe(false);
    says(told, `${root} is a file, where a folder should be.`, `${root} est un fichier, là où il faut un dossier.`);
    // As accounts without a home have it.
    bench.with({ state: { ...bench.place.state, root: "/dev/null/sceau", run: "/dev/null/sceau/run" } });
    expect(found(await bench.diagnose(), "state-folder")).toMatchObject({ code: "chosen-file", facts: { at: "/dev/null" }, commands: [] });
  });

  test("a folder that sudo made; sockets and records that others reach", async () => {
    const { root, run: sockets } = bench.place.state;
    mkdirSync(sockets, { recursive: true, mode: 0o755 });
    chmodSync(root, 0o777);
    chmodSync(sockets, 0o750);
    const open = await bench.diagnose();
    expect(found(open, "state-folder")).toMatchObject({ code: "open-to-others", verdict: "warning", commands: [`chmod go-w ${root}`] });
    expect(found(open, "runtime-folder")).toMatchObject({
      code: "open-to-others",
      verdict: "trouble",
      commands: [`chmod go-rwx ${sockets}`],
    });
    says(open, `can get into ${sockets} (mode 0750)`, `peuvent entrer dans ${sockets} (mode 0750)`);
    const foreign = await bench.machine({ uid: 54_321, userName: (uid) => (uid === 54_321 ? "ada" : "root") }).diagnose();
    expect(found(foreign, "state-folder")).toMatchObject({
      code: "other-owner",
      mender: "administrator",
      commands: [`sudo chown -R ada ${root}`],
    });
    says(foreign, `${root} belongs to root, not to you`, `${root} appartient à root, pas à vous`);
    const others = await bench.machine({ uid: 54_321, userName: () => "ada" }).diagnose();
    expect(found(others, "state-folder")).toMatchObject({ code: "others", verdict: "trouble", commands: [] });
    says(others, "Go on as ada", "Continuez sous le compte ada");
  });

  test("a folder that was chosen with --state, and is not Sceau's alone, is left as it is", async () => {
    const { root } = bench.place.state;
    const chosen = bench.with({ state: { ...bench.place.state, option: ` --state ${root}` } });
    mkdirSync(root);
    chmodSync(root, 0o777);
    const empty = await chosen.diagnose(); // as /srv often is
    expect(found(empty, "state-folder")).toMatchObject({ code: "shared", commands: [] });
    mkdirSync(join(root, "tokens"));
    expect(found(await chosen.diagnose(), "state-folder")).toMatchObject({ code: "open-to-others", commands: [`chmod go-w ${root}`] });
    writeFileSync(join(root, "letter.pdf"), "");
    const shared = await chosen.diagnose();
    expect(found(shared, "state-folder")).toMatchObject({ code: "shared", verdict: "trouble", commands: [] });
    says(shared, "it is not Sceau's alone", "il n'est pas réservé à Sceau");
    chosen.machine({ uid: 54_321 });
    expect(found(await chosen.diagnose(), "state-folder")).toMatchObject({ code: "others", commands: [] });
    rmSync(root, { recursive: true });
    mkdirSync(root);
    expect(found(await chosen.diagnose(), "state-folder")).toMatchObject({ code: "others", commands: [] });
    rmSync(root, { recursive: true });
    writeFileSync(root, "");
    expect(found(await chosen.diagnose(), "state-folder")).toMatchObject({ code: "chosen-file", commands: [] });
  });

  test("as root: said, and no trouble", async () => {
    const told = await bench.machine({ uid: 0 }).diagnose();
    expect(found(told, "user")).toMatchObject({ code: "root", verdict: "warning" });
    says(told, "You are root", "Vous êtes root");
  });

  test("the rule for tokens on USB is missing; a token is plugged in and may not be opened", async () => {
    const missing = await bench.machine({ uid: 1000 }).diagnose();
    expect(found(missing, "devices")).toMatchObject({ code: "no-rule", verdict: "warning", mender: "administrator" });
    expect(found(missing, "devices").commands).toEqual([bench.machineInstall()]);
    says(missing, "The rule for tokens on USB is missing", "La règle pour les jetons USB manque");
    const { sys, dev } = bench.place.devices;
    mkdirSync(join(sys, "class", "hidraw", "hidraw7", "device"), { recursive: true });
    writeFileSync(join(sys, "class", "hidraw", "hidraw7", "device", "uevent"), "DRIVER=hid-generic\nHID_NAME=Sceau Sceau token\n");
    // Root may open every file, whatever its mode.
    const forbidden = await bench.machine({ mayOpen: (path) => path !== join(dev, "hidraw7") }).diagnose();
    expect(found(forbidden, "devices")).toMatchObject({ code: "forbidden", verdict: "trouble", facts: { device: join(dev, "hidraw7") } });
    says(forbidden, "and you may not open it", "et vous n'avez pas le droit de l'ouvrir");
    const [, packaged = ""] = bench.place.udevRules;
    mkdirSync(packaged, { recursive: true });
    writeFileSync(join(packaged, "70-sceau.rules"), UDEV_RULE_TEXT);
    const elsewhere = await bench.diagnose();
    expect(found(elsewhere, "devices")).toMatchObject({ code: "not-at-the-screen", verdict: "trouble", mender: "user" });
    says(elsewhere, "does not let you open it", "ne vous laisse pas l'ouvrir");
  });
});

describe("S14, trouble 4: the installation", () => {
  const packages = () => join(bench.checkout, "node_modules");

  test("Node.js is too old", async () => {
    const told = await bench.machine({ nodeVersion: "20.18.3" }).diagnose();
    expect(found(told, "node-version")).toMatchObject({ verdict: "trouble", mender: "administrator" });
    says(told, "Node.js 20.18.3 is too old: Sceau needs 20.19", "Node.js 20.18.3 est trop ancien : Sceau veut la version 20.19");
    for (const nodeVersion of ["20.19.0", "20.20.2", "22.1.0"])
      expect(found(await bench.machine({ nodeVersion }).diagnose(), "node-version").verdict).toBe("ok");
  });

  test("packages are missing, or some are: then the way to npm's registry is tried, too", async () => {
    const closed = await freePort();
    bench.environment({ npm_config_registry: `http://127.0.0.1:${closed}/` });
    unlinkSync(packages());
    const none = await bench.diagnose();
    expect(found(none, "packages")).toMatchObject({ code: "missing", verdict: "trouble" });
    expect(found(none, "packages").commands.at(-1)).toBe(`npm --prefix ${bench.checkout} ci`);
    expect(found(none, "registry")).toMatchObject({ code: "refused", mender: "network", facts: { port: closed } });
    says(none, `127.0.0.1, port ${closed} refuses the connection`, `127.0.0.1, port ${closed}, refuse la connexion`);
    says(none, "The npm packages are not installed", "Les paquets npm ne sont pas installés");
    mkdirSync(join(packages(), "commander"), { recursive: true });
    writeFileSync(join(packages(), "commander", "package.json"), '{"version":"14.0.3"}');
    const half = await bench.diagnose();
    expect(found(half, "packages").code).toBe("half-done");
    says(half, "The installation is half done", "L'installation est restée à moitié faite");
    for (const name of ["native", "build"] as const) expect(half.was(name)).toBe(false);
  });

  test("a package of another version", async () => {
    const lock = join(bench.checkout, "package-lock.json");
    writeFileSync(lock, bench.read("sceau", "package-lock.json").replace('"version": "14.0.3"', '"version": "14.0.9"'));
    const told = await bench.diagnose();
    expect(found(told, "packages")).toMatchObject({ code: "older", facts: { count: 1, example: "commander" } });
    says(told, "1 npm packages are of another version", "1 paquets npm sont d'une autre version");
  });

  test("native parts do not load: libraries for USB are told apart", async () => {
    const usb = "libusb-1.0.so.0: cannot open shared object file";
    const told = await bench.machine({ uid: 1000, loadNative: (_folder, name) => (name === "node-hid" ? usb : null) }).diagnose();
    expect(found(told, "native")).toMatchObject({ code: "usb-libraries", verdict: "warning", mender: "administrator" });
    expect(found(told, "native").commands).toEqual(["sudo apt-get install -y --no-install-recommends libudev1 libusb-1.0-0"]);
    says(told, `Tokens on USB can't be seen: ${usb}`, `Les jetons USB ne peuvent pas être vus : ${usb}`);
    const other = await bench
      .machine({ loadNative: (_folder, name) => (name === "pkcs11js" ? "was compiled for another Node.js" : null) })
      .diagnose();
    expect(found(other, "native")).toMatchObject({ code: "not-loading", commands: [`npm --prefix ${bench.checkout} ci`] });
    says(other, "These packages don't load: pkcs11js", "Ces paquets ne se chargent pas : pkcs11js");
  });

  test("the build is missing, or older than a source; a test that changed does not count", async () => {
    const source = join(bench.checkout, "host-bridge", "deep", "source.ts");
    const later = new Date(Date.now() + 60_000);
    writeFileSync(join(dirname(source), "source.test.ts"), "");
    utimesSync(join(dirname(source), "source.test.ts"), later, later);
    expect(found(await bench.diagnose(), "build").code).toBe("fine");
    utimesSync(source, later, later);
    const old = await bench.diagnose();
    expect(found(old, "build")).toMatchObject({ code: "older", commands: [`npm --prefix ${bench.checkout} run build`] });
    says(old, "host-bridge/deep/source.ts was changed after it", "host-bridge/deep/source.ts a changé depuis");
    rmSync(join(bench.checkout, "dist"), { recursive: true });
    const none = await bench.diagnose();
    expect(found(none, "build").code).toBe("missing");
    says(none, "Sceau is not built", "Sceau n'est pas construit");
  });

  test.each([
    [5, "full", "trouble", "is full: 5 MB are left", "est plein : il reste 5 Mo"],
    [150, "little", "warning", "Little room is left", "Il reste peu de place"],
  ])("%i MB are left on the disk", async (megabytes, code, verdict, english, french) => {
    const told = await bench.machine({ freeBytes: () => megabytes * MEGABYTE }).diagnose();
    expect(found(told, "disk")).toMatchObject({ code, verdict });
    says(told, english, french);
  });
});

test("S14: nothing was changed by any of it: no folder was made, no file written", async () => {
  await bench
    .with({ office: "https://bureau.example" })
    .machine({ lookup: () => Promise.reject(Object.assign(new Error(), { code: "ENOTFOUND" })) })
    .diagnose();
  expect(run("find", [bench.home]).stdout.trim().split("\n").sort()).toEqual([bench.home, join(bench.home, "runtime")]);
});
