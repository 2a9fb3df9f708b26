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
/** Of test/office/, what asks the office over HTTP only. */
const OVER_HTTP = [
  ...["account-pages", "activation-pages", "applications", "decision-pages", "dossier-pages", "identity-pages", "lost-token", "ocsp"],
  ...["office-upkeep", "officer-codes", "page-rules", "representative-pages", "slow-connections", "status-files", "status-of-issuance"],
  ...["tls-sign-in", "within-a-second"],
].map((name) => `test/office/${name}.test.ts`);
/** The office's tests close what they open. One process compiles PGlite once, and loads the modules once, for many files: two thirds of the time. */
const inOffice = ["office/**/*.test.ts", ...OVER_HTTP];
/** People at the pages of office and agent, which are in the test's own process, and close what they open, too. */
const WITH_PEOPLE = [
  "test/house/*.test.ts",
  ...["account-views", "application-pages", "identity-browser", "pages", "representative-browser", "whole-pages"].map(
    (name) => `test/office/${name}.test.ts`,
  ),
  ...["documents-pages", "documents-signing", "documents", "request-pages", "request-refused", "request", "token-pages"].map(
    (name) => `test/agent/${name}.test.ts`,
  ),
];
/** SoftHSM reads once in a process which tokens there are. */
const WITH_SOFTHSM = ["ca-ceremony", "ca-key", "revocation"].map((name) => `office/issuance/${name}.test.ts`);
// V8 compiles PGlite twice, the second time with much care: no test lives long enough to profit.
const execArgv = ["--liftoff-only"];
const inParts = PARTS.map((folder) => `${folder}/**/*.test.ts`);

export default defineConfig({
  test: {
    // Vitest leaves one processor free, which on two is half; many of these wait for other processes.
    maxWorkers: availableParallelism() + 1,
    projects: [
      { test: { ...COMMON, name: "pages", include: WITH_PEOPLE, exclude: NEVER, isolate: false, execArgv } },
      { test: { ...COMMON, name: "parts", include: inParts, exclude: NEVER, isolate: false } },
      { test: { ...COMMON, name: "office", include: inOffice, exclude: [...NEVER, ...WITH_SOFTHSM], isolate: false, execArgv } },
      {
        test: {
          ...COMMON,
          name: "whole",
          globalSetup: "test/support/bundled-program.ts",
          include: ["**/*.test.ts"],
          exclude: [...NEVER, ...inParts, ...inOffice, ...WITH_PEOPLE],
          execArgv,
        },
      },
      { test: { ...COMMON, name: "softhsm", include: WITH_SOFTHSM, exclude: NEVER, execArgv } },
    ],
  },
});
