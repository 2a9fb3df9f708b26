// What a guest is made of: Debian's own kernel and static busybox, fetched by apt as packages and unpacked into a folder of ours. Neither is installed
// on this machine: a kernel would go into its boot loader, and busybox-static takes the place of the busybox that some machines boot with.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { mustRun, type Outcome, ROOT, run } from "../support/run.ts";
import { ownFolder } from "./own-folder.ts";

/** Always the newest kernel of this Debian: its only dependency is the package with the kernel. */
const NEWEST_KERNEL = "linux-image-amd64";
const BUSYBOX = "busybox-static";
const CACHE = join(ROOT, "node_modules", ".cache", "sceau-guest");
const DOWNLOAD_LIMIT_MS = 300_000;
const XZ_MAGIC = Buffer.from("fd377a585a00", "hex");
/** Each comes with the modules that it depends on. */
const MODULES = [
  "virtio_pci",
  "virtio_net",
  "virtio_rng",
  "virtio_console",
  "9p",
  "9pnet_virtio",
  "overlay",
  "usbhid",
  "hid_generic",
  "vhci_hcd",
  "veth", // for what wants a network of its own in the guest
  "autofs4", // systemd
] as const;

/** Folders are named by it: what is kept differently is fetched anew. */
const FORM = createHash("sha256")
  .update(["vmlinux", "busybox", ...MODULES].join())
  .digest("hex")
  .slice(0, 12);

export interface GuestParts {
  /** Of the kernel, as uname -r tells it. */
  readonly release: string;
  /** The kernel to boot. */
  readonly kernel: string;
  readonly busybox: string;
  /** Holds lib/modules/RELEASE. */
  readonly folder: string;
}

/** Why there can be no guest on this machine; null: there can. */
export function whyNoGuest(): string | null {
  const release = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  if (process.arch === "x64" && /^ID=debian$/m.test(release)) return null;
  const [, name = process.platform] = /^ID=(.*)$/m.exec(release) ?? [];
  return `the guest runs this machine's own programs over Debian's kernel for amd64, and this is ${name} ${process.arch}`;
}

function kept(): GuestParts | null {
  const folder = join(CACHE, FORM);
  const modules = join(folder, "lib", "modules");
  const [release] = existsSync(modules) ? readdirSync(modules) : [];
  return release === undefined ? null : { release, kernel: join(folder, "vmlinux"), busybox: join(folder, "busybox"), folder };
}

/** apt's own message, with what to do about it. */
function fetchError({ stdout, stderr }: Outcome): Error {
  const how = "They are fetched once (the kernel has 70 MB), from the network. Try «sudo apt-get update», then the same again.";
  return new Error(`Debian's packages for the guest could not be fetched. ${how}\n${`${stderr}${stdout}`.trim()}`);
}

function fetchFrom(lists: "as they are" | "updated", folder: string): Outcome {
  if (lists === "updated") run("apt-get", ["update", "-qq"], { timeout: DOWNLOAD_LIMIT_MS });
  const told = run("apt-cache", ["depends", "--no-recommends", "--no-suggests", NEWEST_KERNEL]);
  const [, kernel] = /Depends: (linux-image-\S+)/.exec(told.stdout) ?? [];
  if (kernel === undefined) return { ...told, status: 1 };
  // Its sandbox is for users who may not write here; it would warn of that.
  const args = ["download", "-qq", "-o", "APT::Sandbox::User=root", kernel, BUSYBOX];
  return run("apt-get", args, { cwd: folder, timeout: DOWNLOAD_LIMIT_MS });
}

/** @returns the packages' files, unpacked together */
function fetchPackages(work: string): string {
  let outcome = fetchFrom("as they are", work);
  // The lists may be older than what they name. As root they are fetched anew, as setup/ does it.
  if (outcome.status !== 0 && process.getuid?.() === 0) outcome = fetchFrom("updated", work);
  if (outcome.status !== 0) throw fetchError(outcome);
  const all = join(work, "all");
  for (const file of readdirSync(work).filter((name) => name.endsWith(".deb"))) {
    mustRun("dpkg-deb", ["--extract", join(work, file), all], { timeout: DOWNLOAD_LIMIT_MS });
  }
  return all;
}

/** The files of a module and of all that it needs, in the order to load them, as modprobe names them. */
export function moduleFiles({ folder, release }: Pick<GuestParts, "folder" | "release">, name: string): string[] {
  const lines = mustRun("/sbin/modprobe", ["--set-version", release, "--dirname", folder, "--show-depends", name]).split("\n");
  return lines.filter((line) => line.startsWith("insmod ")).map((line) => line.split(" ")[1] ?? "");
}

/**
 * The kernel out of its packing (x86 boot protocol 2.08: payload_offset, payload_length), which takes an emulated processor 3 s. One that is not packed
 * with xz is booted as it is.
 */
function unpackKernel(packed: string, to: string): void {
  const image = readFileSync(packed);
  const start = (image.readUInt8(0x1f1) + 1) * 512 + image.readUInt32LE(0x248);
  const payload = image.subarray(start, start + image.readUInt32LE(0x24c));
  if (!payload.subarray(0, XZ_MAGIC.length).equals(XZ_MAGIC)) {
    cpSync(packed, to);
    return;
  }
  // Behind the stream its length is told.
  const unpacked = spawnSync("xz", ["--decompress", "--stdout", "--single-stream"], { input: payload, maxBuffer: 2 ** 28 });
  if (unpacked.status !== 0) throw new Error(`${packed} could not be unpacked: ${unpacked.error ?? unpacked.stderr}`);
  writeFileSync(to, unpacked.stdout);
}

/** Of a kernel's 4,000 modules two dozen. */
function keepModules(from: string, to: string): void {
  const [release = ""] = readdirSync(join(from, "lib", "modules"));
  mustRun("/sbin/depmod", ["--basedir", from, release]);
  const modules = join("lib", "modules", release);
  const files = MODULES.flatMap((name) => moduleFiles({ folder: from, release }, name)).map((path) => path.slice(from.length + 1));
  const lists = readdirSync(join(from, modules)).filter((name) => /^modules\.(builtin|order)/.test(name));
  for (const file of [...new Set(files), ...lists.map((name) => join(modules, name))]) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    cpSync(join(from, file), join(to, file));
    if (file.endsWith(".xz")) mustRun("xz", ["--decompress", join(to, file)]); // busybox's insmod reads them as they are in the kernel
  }
  mustRun("/sbin/depmod", ["--basedir", to, release]);
}

/**
 * What was kept from an earlier run; else it is fetched: 70 MB, and 65 MB are kept.
 * @throws when apt cannot fetch it
 */
export function guestParts(): GuestParts {
  const found = kept();
  if (found !== null) return found;
  const work = ownFolder(CACHE, "fetch-");
  try {
    const all = fetchPackages(work);
    const parts = join(work, "parts");
    mkdirSync(parts);
    const [kernel = ""] = readdirSync(join(all, "boot")).filter((name) => name.startsWith("vmlinuz-"));
    unpackKernel(join(all, "boot", kernel), join(parts, "vmlinux"));
    const [busybox = ""] = ["bin/busybox", "usr/bin/busybox"].map((path) => join(all, path)).filter((path) => existsSync(path));
    cpSync(busybox, join(parts, "busybox"));
    keepModules(all, parts);
    try {
      renameSync(parts, join(CACHE, FORM));
    } catch (error) {
      if (kept() === null) throw error; // else another test file was faster
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  const fetched = kept();
  if (fetched === null) throw new Error(`nothing in ${join(CACHE, FORM)}`);
  return fetched;
}
