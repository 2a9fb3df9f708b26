import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    // A PKCS#11 client must be another process than the bridge, and native modules do not share a thread.
    pool: "forks",
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
