// Makes the P-256 kernel's blob out of firmware/p256/kernel/ with Debian's gcc-arm-none-eabi: position-independent Thumb-2 code with its constants, nothing
// writable, no relocations.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHECKOUT } from "./bundle-firmware.ts";

export const KERNEL_SOURCES = join(CHECKOUT, "firmware", "p256", "kernel");
export const KERNEL_BLOB_MODULE = join(CHECKOUT, "firmware", "p256", "kernel-blob.ts");
export const KERNEL_BUDGET_BYTES = 12_288;
/** What the committed blob was made with: with any other the bytes may differ. Debian 12, gcc-arm-none-eabi 15:12.2.rel1-1. */
export const PINNED_COMPILER = "arm-none-eabi-gcc (15:12.2.rel1-1) 12.2.1 20221205";

const COMPILER = "arm-none-eabi-gcc";
const FILES = [
  "entry.S",
  "montgomery.S",
  "field.S",
  "memory.c",
  "number.c",
  "inverse.c",
  "apply-matrix.S",
  "point.c",
  "sha256.c",
  "sha256-block.S",
  "ecdsa.c",
  "aes.c",
  "kernel.c",
];
const MACHINE = ["-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=soft"];
/** Loops that set or copy memory must not become calls of memset and memcpy in memset and memcpy. */
const CODE = ["-Os", "-std=c11", "-ffreestanding", "-fpie", "-fvisibility=hidden", "-fno-builtin", "-fno-tree-loop-distribute-patterns"];
const WARNINGS = ["-Wall", "-Wextra", "-Werror"];
const LINK = ["-nostdlib", "-Wl,-T,blob.ld", "-Wl,--build-id=none"];

export class KernelBuildError extends Error {
  override readonly name = "KernelBuildError";
}

function run(program: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: KERNEL_SOURCES, encoding: "utf8" });
  if (error !== undefined) throw new KernelBuildError(`${program} can't be run: apt-get install gcc-arm-none-eabi (${error.message})`);
  if (status !== 0) throw new KernelBuildError(`${program} ${args.join(" ")}\n${stderr}`);
  return stdout;
}

/** The first line of what it says of its version. */
export const compilerVersion = (): string => run(COMPILER, ["--version"]).split("\n", 1)[0] ?? "";

/** @throws KernelBuildError */
export function buildKernel(): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "sceau-kernel-"));
  try {
    const [elf, blob] = [join(folder, "kernel.elf"), join(folder, "kernel.bin")];
    run(COMPILER, [...MACHINE, ...CODE, ...WARNINGS, ...LINK, "-o", elf, ...FILES]);
    run("arm-none-eabi-objcopy", ["-O", "binary", "-j", ".blob", elf, blob]);
    return new Uint8Array(readFileSync(blob));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** firmware/p256/kernel-blob.ts for this blob. */
export function kernelBlobModule(blob: Uint8Array): string {
  return `// The P-256 kernel, as \`npm run build:kernel\` made it out of kernel/: ${blob.length} bytes. Not to be edited.

export const KERNEL_SHA256 = "${sha256Of(blob)}";
export const KERNEL_BASE64 =
  "${Buffer.from(blob).toString("base64")}";
`;
}
