// npm run build:kernel: makes the kernel's blob and its table, writes both into the checkout, and tells size and SHA-256.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  buildKernel,
  compilerVersion,
  KERNEL_BLOB_MODULE,
  KERNEL_BUDGET_BYTES,
  KERNEL_SOURCES,
  KernelBuildError,
  kernelBlobModule,
  PINNED_COMPILER,
  sha256Of,
} from "./build-kernel.ts";
import { baseTableHeader } from "./kernel-base-table.ts";

function writeWhenOther(path: string, text: string): void {
  let before = "";
  try {
    before = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  if (before !== text) writeFileSync(path, text);
}

try {
  writeWhenOther(join(KERNEL_SOURCES, "base-table.h"), baseTableHeader());
  const blob = buildKernel();
  const compiler = compilerVersion();
  if (blob.length > KERNEL_BUDGET_BYTES) throw new KernelBuildError(`${blob.length} bytes: more than ${KERNEL_BUDGET_BYTES}`);
  if (compiler === PINNED_COMPILER) writeWhenOther(KERNEL_BLOB_MODULE, kernelBlobModule(blob));
  else process.stderr.write(`Not written: ${compiler} is not ${PINNED_COMPILER}.\n`);
  process.stdout.write(`${blob.length} bytes of ${KERNEL_BUDGET_BYTES}\nSHA-256 ${sha256Of(blob)}\n`);
} catch (error) {
  if (!(error instanceof KernelBuildError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
