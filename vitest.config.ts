import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const NEVER = ["**/node_modules/**", "**/dist/**"];
const COMMON = {
  // A PKCS#11 client must be another process than the bridge, and native modules do not share a thread.
  pool: "forks",
  testTimeout: 30_000,
  hookTimeout: 60_000,
} as const;

/** Tests beside code that keeps nothing between two calls: their files share a process, which loads each module once. */
const PARTS = ["protocol", "firmware", "simulator", "hardware", "host-bridge"];
const inParts = PARTS.map((folder) => `${folder}/**/*.test.ts`);

export default defineConfig({
  test: {
    // Vitest leaves one processor free, which on two is half; many of these wait for other processes.
    maxWorkers: availableParallelism() + 1,
    projects: [
      { test: { ...COMMON, name: "parts", include: inParts, exclude: NEVER, isolate: false } },
      {
        test: {
          ...COMMON,
          name: "whole",
          include: ["**/*.test.ts"],
          exclude: [...NEVER, ...inParts],
          // V8 compiles PGlite twice, the second time with much care: no test lives long enough to profit.
          execArgv: ["--liftoff-only"],
        },
      },
    ],
  },
});
