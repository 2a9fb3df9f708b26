// Debian's piv-go judges simulated tokens by its own tests, with both profiles. A test that fails must be one of those listed here, and fail over what
// is listed.

import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { PCSCD_LIMIT_MS } from "../support/pcscd.ts";
import { mustRun, run } from "../support/run.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type Profile, toldOperations, YubikeyTools } from "../support/yubikey-tools.ts";

const SOURCE = "/usr/share/gocode/src/github.com/go-piv/piv-go";
const TIME_LIMIT_MS = 240_000;

interface ExpectedFailure {
  /** Each with all of its subtests. */
  readonly tests: readonly string[];
  /** As firmware/README.md tells it. */
  readonly answer: string;
  /** In the output of each. */
  readonly said: RegExp;
}

const EXPECTED: Record<Profile, readonly ExpectedFailure[]> = {
  compat: [
    {
      tests: ["TestYubiKeySignRSA", "TestYubiKeyDecryptRSA", "TestYubiKeyGenerateKey/rsa_1024", "TestYubiKeyGenerateKey/rsa_2048"],
      answer: "6A80",
      said: /generating key: command failed: smart card error 6a80/,
    },
    {
      tests: [
        "TestSetRSAPrivateKey/rsa_1024",
        "TestSetRSAPrivateKey/rsa_2048",
        "TestSetECDSAPrivateKey/ecdsa_P256",
        "TestSetECDSAPrivateKey/ecdsa_P384",
      ],
      answer: "6A81",
      said: /SetPrivateKeyInsecure.* smart card error 6a81/,
    },
    {
      tests: ["TestPINPrompt/Never", "TestPINPrompt/Always"],
      answer: "another number of PIN prompts",
      said: /PINPrompt called 1 times, want=[02]/,
    },
    {
      tests: ["TestYubiKeyAttestation"],
      answer: "another root",
      said: /attestation certifcate not signed by .*have public key of type \*rsa/,
    },
  ],
  strict: [
    {
      tests: [
        "TestYubiKeySignECDSA",
        "TestYubiKeyECDSASharedKey",
        "TestPINPrompt",
        "TestSlots",
        "TestYubiKeySignRSA",
        "TestYubiKeyDecryptRSA",
        "TestYubiKeyAttestation",
        "TestYubiKeyStoreCertificate",
        "TestYubiKeyGenerateKey",
        "TestYubiKeyPrivateKey",
        "TestYubiKeyPrivateKeyPINError",
        "TestSetRSAPrivateKey/rsa_1024",
        "TestSetRSAPrivateKey/rsa_2048",
        "TestSetECDSAPrivateKey/ecdsa_P256",
        "TestSetECDSAPrivateKey/ecdsa_P384",
        "TestYubiKeyAuthenticate",
        "TestYubiKeySetManagementKey",
        "TestChangeManagementKey",
        "TestMetadata",
      ],
      answer: "6A86",
      said: /get auth challenge: smart card error 6a86/,
    },
    { tests: ["TestYubiKeyUnblockPIN"], answer: "6985", said: /unblocking pin: smart card error 6985/ },
    { tests: ["TestYubiKeyChangePIN", "TestYubiKeyChangePUK"], answer: "6A80", said: /changing p(in|uk): smart card error 6a80/ },
  ],
};

interface GoTest {
  readonly name: string;
  readonly result: string;
  readonly output: string;
}

/** The tests without subtests, from the events that `go tool test2json` prints. */
function leaves(events: string): GoTest[] {
  const results = new Map<string, string>();
  const outputs = new Map<string, string>();
  for (const line of events.split("\n").filter((each) => each !== "")) {
    const { Action: action, Test: name, Output: text } = JSON.parse(line) as { Action: string; Test?: string; Output?: string };
    if (name === undefined) continue;
    if (action === "output") outputs.set(name, `${outputs.get(name) ?? ""}${text}`);
    else if (action !== "run" && action !== "pause" && action !== "cont") results.set(name, action);
  }
  const names = [...results.keys()];
  const isLeaf = (name: string): boolean => !names.some((other) => other.startsWith(`${name}/`));
  return names.filter(isLeaf).map((name) => ({ name, result: results.get(name) ?? "", output: outputs.get(name) ?? "" }));
}

const topLevel = (tests: readonly GoTest[]): string[] => [...new Set(tests.map(({ name }) => name.split("/")[0] ?? ""))];

const folder = temporaryFolder();
const program = join(folder, "piv.test");

beforeAll(() => {
  cpSync(SOURCE, join(folder, "source"), { recursive: true });
  mkdirSync(join(folder, "home"));
  // piv-go needs no other module: whatever would be fetched is an error.
  const env = {
    HOME: join(folder, "home"),
    GOPATH: join(folder, "path"),
    GOCACHE: join(folder, "cache"),
    GOFLAGS: "-mod=mod",
    GOPROXY: "off",
  };
  mustRun("go", ["test", "-c", "-o", program, "./piv"], { cwd: join(folder, "source"), env, timeout: TIME_LIMIT_MS });
}, TIME_LIMIT_MS);

describe.each(["compat", "strict"] as const)("piv-go's tests on a %s token", (profile) => {
  let tests: GoTest[];

  beforeAll(async () => {
    const tools = await YubikeyTools.open(profile);
    try {
      tests = leaves(run("go", ["tool", "test2json", program, "-test.v", "-wipe-yubikey"], { cwd: folder, timeout: TIME_LIMIT_MS }).stdout);
    } finally {
      await tools.close();
    }
  }, PCSCD_LIMIT_MS);

  it("fail where they are expected to, over what is expected", () => {
    expect(tests.length).toBeGreaterThan(50);
    const failed = new Map(tests.filter(({ result }) => result !== "pass").map((test) => [test.name, test]));
    for (const { tests: names, said } of EXPECTED[profile]) {
      for (const name of names) {
        const covered = tests.filter((test) => test.name === name || test.name.startsWith(`${name}/`));
        expect(covered.map((test) => ({ name: test.name, result: test.result }))).toEqual(
          covered.map((test) => ({ name: test.name, result: "fail" })),
        );
        expect(covered.length, name).toBeGreaterThan(0);
        for (const test of covered) {
          expect(test.output, test.name).toMatch(said);
          failed.delete(test.name);
        }
      }
    }
    expect([...failed.values()]).toEqual([]);
  });

  it("are told so by firmware/README.md", () => {
    const passed = topLevel(tests).length - topLevel(tests.filter(({ result }) => result !== "pass")).length;
    const rest = { operation: `${passed} of its ${topLevel(tests).length} tests`, answer: "yes" };
    const expected = EXPECTED[profile].map(({ tests: names, answer }) => ({ operation: names.join(", "), answer }));
    const told = toldOperations(profile).filter(({ tool }) => tool === "piv-go");
    expect(told).toEqual([rest, ...expected].map((row) => ({ tool: "piv-go", ...row })));
  });
});
