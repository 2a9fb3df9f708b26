import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    // A PKCS#11 client must be another process than the bridge, and native modules do not share a thread.
    pool: "forks",
    // Vitest leaves one processor free, which on two is half; many of these wait for other processes.
    maxWorkers: availableParallelism() + 1,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
