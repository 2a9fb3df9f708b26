// The doctor and PC/SC: pcscd, and who reaches its virtual reader, over real sockets of this computer; pcscd itself is a stand-in that answers its first question.

import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MARK } from "../../host-bridge/desktop/marked-file.ts";
import { NETWORK_LIMIT_TEXT } from "../../host-bridge/desktop/pcsc-setup.ts";
import { NODE_MACHINE } from "../../host-bridge/doctor/node-machine.ts";
import { QUICK_ACK_ROUTE } from "../../host-bridge/pcsc/vpcd-address.ts";
import type { TcpSocket } from "../../host-bridge/tcp-sockets.ts";
import { startInBackground } from "../support/background.ts";
import { DoctorBench } from "../support/doctor-bench.ts";
import { found, says } from "../support/doctor-words.ts";
import { freePort } from "../support/office-process.ts";
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

const DRIVER = "usr/lib/pcsc/drivers/serial/libifdvpcd.so";

describe("PC/SC", () => {
  const socket = (): string => bench.place.environment["PCSCLITE_CSOCK_NAME"] ?? "";

  /** In pcscd's place. @param answer to the question for its version; empty: it hangs up, as polkit has it do; undefined: it says nothing */
  async function pcscd(answer?: Uint8Array): Promise<void> {
    const server = createServer((client) => {
      client.on("error", () => {}).once("data", () => answer !== undefined && client.end(answer));
    });
    await new Promise<void>((resolve) => server.listen(socket(), resolve));
    ends.push(() => new Promise((resolve) => server.close(resolve)));
  }

  test("nobody uses it: nothing is asked; it is set up, and programs are missing", async () => {
    expect(found(await bench.diagnose("pcsc"), "pcsc")).toMatchObject({ code: "unused", verdict: "ok" });
    bench.machineFile("etc/systemd/system/pcscd.service.d/sceau.conf", NETWORK_LIMIT_TEXT);
    const neither = await bench.machine({ uid: 1000 }).diagnose("pcsc");
    const install = "sudo apt-get install -y --no-install-recommends";
    expect(found(neither, "pcsc")).toMatchObject({ code: "no-daemon", commands: [`${install} pcscd vsmartcard-vpcd`] });
    says(neither, "pcscd is not installed", "pcscd n'est pas installé");
    bench.machineFile("usr/sbin/pcscd");
    const driverless = await bench.diagnose("pcsc");
    expect(found(driverless, "pcsc")).toMatchObject({ code: "no-driver", commands: [`${install} vsmartcard-vpcd`] });
    says(driverless, "its virtual reader is not installed", "son lecteur virtuel n'est pas installé");
  });

  test.each([
    ["no-socket", undefined, "is not there", "n'existe pas", "sudo systemctl enable --now pcscd.socket"],
    ["silent", () => pcscd(), "pcscd does not answer", "pcscd ne répond pas", "sudo systemctl restart pcscd.socket"],
    ["refused", () => pcscd(new Uint8Array(0)), "pcscd refuses you: polkit", "pcscd vous refuse : polkit", null],
    ["fine", () => pcscd(new Uint8Array(12)), "pcscd answers", "pcscd répond", null],
  ] as const)("pcscd: %s", async (code, start, english, french, command) => {
    for (const file of ["usr/sbin/pcscd", DRIVER]) bench.machineFile(file);
    await start?.();
    const told = await bench.machine({ uid: 1000, userName: () => "ada" }).diagnose("pcsc");
    expect(found(told, "pcsc")).toMatchObject({ code, verdict: code === "fine" ? "ok" : "warning" });
    says(told, english, french);
    if (command !== null) expect(found(told, "pcsc").commands).toEqual([command]);
    if (code === "refused") {
      const rule = mustRun("sh", ["-c", found(told, "pcsc").commands[0]?.replace(/\| sudo .*/, "") ?? ""]);
      expect(() => new Function("polkit", rule)).not.toThrow();
      expect(rule).toContain('subject.user === "ada"');
    }
  });

  test("a socket that a daemon left behind", async () => {
    for (const file of ["usr/sbin/pcscd", DRIVER]) bench.machineFile(file);
    const program = `require("net").createServer().listen(${JSON.stringify(socket())}, () => process.kill(process.pid, "SIGKILL"))`;
    mustRun("sh", ["-c", `'${process.execPath}' -e '${program}' || true`]);
    expect(existsSync(socket())).toBe(true);
    const dead = await bench.diagnose("pcsc");
    expect(found(dead, "pcsc").code).toBe("dead-socket");
    says(dead, "was left behind", "est resté d'un pcscd qui a été tué");
  });
});

describe("the virtual reader", () => {
  /** As the driver listens. @returns where */
  async function driver(host: string): Promise<number> {
    const server = createServer((card) => card.on("error", () => {}));
    const vpcdPort = await freePort();
    await new Promise<void>((resolve) => server.listen(vpcdPort, host, resolve));
    ends.push(() => new Promise((resolve) => server.close(resolve)));
    bench.with({ vpcdPort });
    return vpcdPort;
  }

  /** The real `ip`, in a network of its own that has Sceau's route, or has not, or has a plain one. */
  function route(words: readonly string[]): void {
    const real = `PATH='${process.env["PATH"]}'`;
    const add = words.length === 0 ? "" : `ip route replace ${words.join(" ")};`;
    bench.program("ip", `${real} exec unshare --net sh -c 'ip link set lo up; ${add} exec ip "$@"' ip "$@"`);
  }

  test("it is open to the network; the drop-in closes it; the fast route is missing, and there", async () => {
    bench.machineFile(DRIVER);
    expect(found(await bench.diagnose("virtual-reader"), "virtual-reader").code).toBe("unused");
    const port = await driver("0.0.0.0");
    const open = await bench.machine({ uid: 1000, addresses: () => ["192.0.2.7"] }).diagnose("virtual-reader");
    expect(found(open, "virtual-reader")).toMatchObject({ code: "open", verdict: "warning", mender: "administrator" });
    expect(found(open, "virtual-reader").commands).toEqual([bench.machineInstall(" --pcsc")]);
    says(
      open,
      `anybody who reaches 192.0.2.7 (TCP ports ${port}, ${port + 1})`,
      `quiconque joint 192.0.2.7 (ports TCP ${port}, ${port + 1})`,
    );
    route([]);
    bench.machineFile("etc/systemd/system/pcscd.service.d/sceau.conf", NETWORK_LIMIT_TEXT);
    const slow = await bench.diagnose("virtual-reader");
    expect(found(slow, "virtual-reader")).toMatchObject({ code: "slow", commands: [bench.machineInstall(" --pcsc")] });
    says(slow, "about 90 ms for each signature", "environ 90 ms par signature");
    route(QUICK_ACK_ROUTE.filter((word) => word !== "quickack" && word !== "1"));
    expect(found(await bench.diagnose("virtual-reader"), "virtual-reader").code).toBe("slow");
    route(QUICK_ACK_ROUTE);
    expect(found(await bench.diagnose("virtual-reader"), "virtual-reader")).toMatchObject({ code: "fine", verdict: "ok" });
    // Half of what the drop-in says is no lock.
    bench.machineFile("etc/systemd/system/pcscd.service.d/sceau.conf", `${MARK}\n[Service]\nIPAddressAllow=localhost\n`);
    expect(found(await bench.diagnose("virtual-reader"), "virtual-reader").code).toBe("open");
  });

  test("somebody else's card is in it: another program, another user, somebody from the network", async () => {
    const port = await driver("127.0.0.1");
    const program = `require("net").connect(${port}, "127.0.0.1", () => console.log("in"))`;
    const vicc = startInBackground(process.execPath, ["-e", program], process.env);
    ends.push(() => vicc.stop());
    await vicc.waitFor(/in/);
    const other = await bench.diagnose("virtual-reader");
    expect(found(other, "virtual-reader")).toMatchObject({ code: "other-program", facts: { pid: expect.any(Number) } });
    says(
      other,
      "Another program is the card in the virtual reader: node",
      "Un autre programme est la carte dans le lecteur virtuel : node",
    );
    const user = await bench.machine({ uid: 54_321 }).diagnose("virtual-reader");
    expect(found(user, "virtual-reader").code).toBe("other-user");
    says(user, "Do not type a PIN there.", "N'y tapez aucun PIN.");
    const asFromOutside = (socket: TcpSocket): TcpSocket =>
      socket.local.port === port && socket.state === "established" ? { ...socket, remote: { address: "c0000209", port: 9 } } : socket;
    const far = await bench.machine({ tcpSockets: () => NODE_MACHINE.tcpSockets().map(asFromOutside) }).diagnose("virtual-reader");
    expect(found(far, "virtual-reader")).toMatchObject({ code: "stranger", facts: { from: "192.0.2.9" } });
    says(far, "Somebody from the network (192.0.2.9)", "Quelqu'un du réseau (192.0.2.9)");
    mustRun("sh", ["-c", found(other, "virtual-reader").commands.join("\n")]);
    await expect.poll(async () => found(await bench.diagnose("virtual-reader"), "virtual-reader").code, { timeout: 5000 }).toBe("unused");
  });
});

test("cards in PC/SC readers: the optional package does not load", async () => {
  const reason = "libpcsclite.so.1: cannot open shared object file";
  const told = await bench.machine({ uid: 1000, loadNative: (_folder, name) => (name === "smartcard" ? reason : null) }).diagnose("native");
  expect(found(told, "native")).toMatchObject({ code: "card-readers", verdict: "warning", facts: { reason } });
  expect(found(told, "native").commands[0]).toBe("sudo apt-get install -y --no-install-recommends libpcsclite1 libpcsclite-dev");
  says(told, `can't be used: ${reason}`, `ne peuvent pas être utilisées : ${reason}`);
});
