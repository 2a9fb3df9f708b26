// A guest: a Debian in qemu, in software (no KVM), whose root is this machine's own, read-only, under a layer of memory. What it writes is gone with it.
// It has a kernel and devices of its own, so that tests may do there what would change this machine: USB devices, udev, pcscd.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { mustRun, type Outcome, ROOT } from "../support/run.ts";
import { type GuestParts, guestParts, moduleFiles } from "./guest-parts.ts";
import { ownFolder } from "./own-folder.ts";

/** This machine's loopback, seen from the guest (qemu's user network). */
export const HOST_ADDRESS = "10.0.2.2";

/** What the initial ramdisk needs to reach the root; the guest's own modprobe loads the others. */
const BOOT_MODULES = ["virtio_pci", "virtio_net", "virtio_rng", "virtio_console", "9p", "9pnet_virtio", "overlay"];
const INITIAL_FILES = ["guest-agent.sh", "guest-agent.service"];
const CONSOLE = "console.log";
const BOOT_LIMIT_MS = 120_000;
const COMMAND_LIMIT_MS = 90_000;

export interface GuestOptions {
  readonly memoryMb?: number;
  /** Emulated: two are a third faster where nothing else runs, and cost almost twice the time of the real ones. */
  readonly processors?: number;
  /** The first program: the agent alone, or systemd with the agent as a service. */
  readonly init?: "agent" | "systemd";
}

/** What the host's own services would do is not what is looked at. */
const SYSTEMD_WORDS = ["systemd.unit=multi-user.target", ...["postgresql", "ssh"].map((name) => `systemd.mask=${name}.service`)];

interface Waiting {
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** A script as bash's `printf %b` reads it: one line. */
const escaped = (script: string): string => script.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");

/** busybox, the modules and the scripts, as the kernel wants them at its start. @returns the file */
function buildInitialRamdisk(parts: GuestParts, folder: string): string {
  const root = join(folder, "initial");
  for (const name of ["bin", "modules", "proc", "sys", "dev", "host", "layer", "root"]) mkdirSync(join(root, name), { recursive: true });
  cpSync(parts.busybox, join(root, "bin", "busybox"));
  const modules = [...new Set(BOOT_MODULES.flatMap((name) => moduleFiles(parts, name)))];
  for (const path of modules) cpSync(path, join(root, "modules", basename(path)));
  writeFileSync(join(root, "modules", "order"), modules.map((path) => `${basename(path)}\n`).join(""));
  writeFileSync(join(root, "modules", "folder"), realpathSync(join(parts.folder, "lib", "modules")));
  writeFileSync(join(root, "modules", "checkout"), realpathSync(ROOT));
  for (const name of INITIAL_FILES) cpSync(join(ROOT, "test", "usb", name), join(root, name));
  cpSync(join(ROOT, "test", "usb", "guest-init.sh"), join(root, "init"));
  mustRun("chmod", ["755", join(root, "init")]);
  const image = join(folder, "initial.cpio");
  mustRun("sh", ["-c", `cd "$0" && find . | bin/busybox cpio -o -H newc -R 0:0 >"$1"`, root, image]);
  return image;
}

const kernelWords = (init: string): string =>
  ["console=ttyS0 quiet panic=-1", `guest.init=${init}`, ...(init === "systemd" ? SYSTEMD_WORDS : [])].join(" ");

function qemuArguments({ kernel }: GuestParts, ramdisk: string, consoleFile: string, options: GuestOptions): string[] {
  const { memoryMb = 768, processors = 1, init = "agent" } = options;
  return [
    ...["-machine", "q35", "-accel", "tcg", "-cpu", "max", "-m", String(memoryMb), "-smp", String(processors)],
    ...["-nodefaults", "-no-reboot", "-display", "none", "-serial", `file:${consoleFile}`],
    ...["-kernel", kernel, "-initrd", ramdisk, "-append", kernelWords(init)],
    ...["-virtfs", "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap"],
    ...["-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net,romfile=", "-device", "virtio-rng-pci"],
    ...["-chardev", "stdio,id=agent,signal=off", "-device", "virtio-serial-pci", "-device", "virtserialport,chardev=agent"],
  ];
}

/** It ends with this process, even if that is killed. */
function launch(parts: GuestParts, folder: string, options: GuestOptions): ChildProcess {
  try {
    writeFileSync(join(folder, CONSOLE), "");
    const args = qemuArguments(parts, buildInitialRamdisk(parts, folder), join(folder, CONSOLE), options);
    return spawn("setpriv", ["--pdeathsig", "SIGKILL", "qemu-system-x86_64", ...args], { stdio: ["pipe", "pipe", "pipe"] });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

export class Guest {
  private readonly folder: string;
  private readonly qemu: ChildProcess;
  private readonly ready: Promise<void>;
  private readonly waiting = new Map<string, Waiting>();
  /** null: it runs. */
  private end: Error | null = null;
  private errors = "";
  private count = 0;

  private constructor(folder: string, qemu: ChildProcess) {
    [this.folder, this.qemu] = [folder, qemu];
    qemu.stdin?.on("error", () => {}); // told as its end
    qemu.stderr?.on("data", (bytes) => (this.errors += String(bytes)));
    this.ready = new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(this.failure("the guest did not start in time")), BOOT_LIMIT_MS);
      const ended = (): void => {
        clearTimeout(timer);
        this.end ??= this.failure("the guest has ended");
        reject(this.end);
        for (const command of this.waiting.values()) command.reject(this.end);
      };
      qemu.once("error", ended).once("close", ended);
      if (qemu.stdout === null) return;
      createInterface({ input: qemu.stdout }).on("line", (line) => {
        if (line !== "ready") return this.answered(line);
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /**
   * Boots a guest, in 3 s and more. The first time on a machine its kernel is fetched.
   * @throws with the guest's console, when it does not start; when its kernel cannot be fetched
   */
  static async start(options: GuestOptions = {}): Promise<Guest> {
    const parts = guestParts();
    const folder = ownFolder(tmpdir(), "sceau-guest-");
    const guest = new Guest(folder, launch(parts, folder, options));
    try {
      await guest.ready;
    } catch (error) {
      await guest.stop();
      throw error;
    }
    return guest;
  }

  /** What the kernel and the first program have printed. */
  get console(): string {
    return readFileSync(join(this.folder, CONSOLE), "utf8");
  }

  /**
   * Runs a bash script in the guest, as root. Several at once run at once. What it leaves running there stays. Its output is text.
   * @throws when the guest ends, or the script has not ended at its limit
   */
  run(script: string, limitMs = COMMAND_LIMIT_MS): Promise<Outcome> {
    if (this.end !== null) return Promise.reject(this.end);
    const id = String(++this.count);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(this.failure(`not ended after ${limitMs} ms, in the guest: ${script}`)), limitMs);
      this.waiting.set(id, { resolve, reject, timer });
      this.qemu.stdin?.write(`${id} ${escaped(script)}\n`);
    });
  }

  /** Like `run`, for what must succeed. The answer is its output. */
  async mustRun(script: string, limitMs?: number): Promise<string> {
    const { status, stdout, stderr } = await this.run(script, limitMs);
    if (status !== 0) throw this.failure(`in the guest: ${script} → ${status}\n${stdout}${stderr}`);
    return stdout;
  }

  /** Pulls its plug. */
  async stop(): Promise<void> {
    if (this.qemu.exitCode === null && this.qemu.signalCode === null && this.qemu.pid !== undefined) {
      const closed = once(this.qemu, "close");
      this.qemu.kill("SIGKILL");
      await closed;
    }
    for (const { timer } of this.waiting.values()) clearTimeout(timer);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private answered(line: string): void {
    const [id = "", status, answer = ""] = line.split(" ");
    const asked = this.waiting.get(id);
    if (asked === undefined) return;
    this.waiting.delete(id);
    clearTimeout(asked.timer);
    const [stdout = "", stderr = ""] = Buffer.from(answer, "base64").toString().split("\0");
    asked.resolve({ status: Number(status), stdout, stderr });
  }

  private failure(what: string): Error {
    return new Error(`${what}\n${this.errors}\nThe guest's console:\n${this.console}`);
  }
}

/**
 * Runs one bash script in a guest of its own, as root, with this machine's programs and files.
 * @param limitMs of the script, without the guest's start
 * @throws when there is no guest, or when the script does not end
 */
export async function runInGuest(script: string, options: GuestOptions & { readonly limitMs?: number } = {}): Promise<Outcome> {
  const guest = await Guest.start(options);
  try {
    return await guest.run(script, options.limitMs);
  } finally {
    await guest.stop();
  }
}
