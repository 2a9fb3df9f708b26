// The signature journal on the command line: read from a token or from a file, believed when it is what the token signed, and exit code 1 when
// anything about it is not.

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { mustRun } from "../support/run.ts";
import { EvidenceBench, json, succeed } from "../support/token-evidence-bench.ts";
import { bytes, PIN, type Workbench } from "../support/workbench.ts";

interface JournalJson {
  readonly serial: string;
  readonly entries: readonly object[];
  readonly head: object;
  readonly certificates: readonly string[];
}

let evidence: EvidenceBench;
let bench: Workbench;

beforeAll(async () => {
  evidence = await EvidenceBench.open();
  ({ bench } = evidence);
  evidence.makeOtherAuthority();
});

afterAll(() => evidence.close());

describe("sceau token journal", () => {
  it("shows every use of a key, and is not one itself", () => {
    const before = evidence.counter;
    expect(succeed(evidence.own("journal")).stdout).toMatch(/1 {2}9C {4}signature {2}[0-9a-f]{16}…\n +2 {2}82 {4}signature/);
    expect(json(evidence.own("journal", "--json"))).toMatchObject({
      first: 1,
      entries: [
        { slot: "9C", kind: 1 },
        { slot: "82", kind: 1 },
      ],
    });
    expect(evidence.counter).toBe(before);
  });

  it("tells the digests that were signed", () => {
    const request = readFileSync(bench.path("request.pem"), "utf8");
    const der = Buffer.from(request.replaceAll(/-----[A-Z ]+-----|\s/g, ""), "base64");
    // CertificationRequest: SEQUENCE (3 bytes of head), then what is signed: SEQUENCE with one byte of length behind 0x81 or none.
    const start = der[1] === 0x81 ? 3 : 2;
    const signed = der.subarray(start, start + 2 + (der[start + 1] ?? 0));
    const digest = createHash("sha256").update(signed).digest("hex");
    expect(json(evidence.own("journal", "--json")).entries[0]?.digest).toBe(digest);
  });

  it("asks for the PIN where the office's key is not kept, saying what for", () => {
    expect(succeed(evidence.own("journal", "--pin-file", "pin.txt")).stdout).toContain("Signature journal");
    const secrets = bench.state.secrets(evidence.serial);
    mustRun("mv", [secrets, `${secrets}.away`]);
    expect(evidence.own("journal")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("to read its signature journal: There is no terminal"),
    });
    mustRun("mv", [`${secrets}.away`, secrets]);
  });

  it("--verify proves it, with a head that was signed for this very question", () => {
    const outcome = succeed(evidence.own("journal", "--verify"));
    expect(outcome.stdout).toMatch(/✔ Token \d+ signed this journal: entries 1 to \d+ .* signed just now/);
    expect(outcome.stdout).toContain("simulated token");
    expect(succeed(evidence.own("journal", "--verify", "--lang", "fr")).stdout).toMatch(/✔ Le jeton \d+ a signé ce journal/);
  });

  it("--verify believes no root that is not given", () => {
    const other = bench.path("ca.pem");
    expect(evidence.own("journal", "--verify", "--root", other)).toMatchObject({
      status: 1,
      stdout: expect.stringContaining("NOT PROVED"),
    });
    expect(json(evidence.own("journal", "--verify", "--json", "--root", other)).problems).toEqual(["untrusted"]);
  });

  it("is written into a file that somebody without a token proves, with the root alone", () => {
    succeed(evidence.own("journal", "--out", "journal.json"));
    const file = bench.path("journal.json");
    const outcome = succeed(evidence.away("journal", "--verify", "--file", file, "--root", evidence.root));
    expect(outcome.stdout).toMatch(/✔ .* cannot tell when/);
    expect(evidence.away("journal", "--verify", "--file", file)).toMatchObject({
      status: 1,
      stdout: expect.stringContaining("--root FILE"),
    });
    const unchecked = succeed(evidence.away("journal", "--file", file)).stdout;
    expect([unchecked.includes("✔"), unchecked.includes("shown, not checked")]).toEqual([false, true]);
  });

  it("is checked whenever roots are given: nobody who names one takes a file for checked that was only shown", () => {
    const file = bench.path("journal.json");
    expect(evidence.away("journal", "--file", file, "--root", bench.path("ca.pem"))).toMatchObject({
      status: 1,
      stdout: expect.stringContaining("NOT PROVED"),
    });
  });

  it("--json says of whom the proof is, and whether it is fresh", () => {
    const file = bench.path("journal.json");
    const ofFile = json(evidence.away("journal", "--verify", "--file", file, "--root", evidence.root, "--json"));
    expect(ofFile).toMatchObject({ valid: true, isFresh: false, profile: "strict", isSimulated: true });
    expect(json(evidence.own("journal", "--verify", "--json"))).toMatchObject({ valid: true, isFresh: true, isSimulated: true });
  });

  it("asks the token for nothing, and writes nothing, when a root cannot be read", () => {
    const before = evidence.counter;
    expect(evidence.own("journal", "--out", "late.json", "--verify", "--root", "pin.txt").status).toBe(2);
    expect([evidence.counter, existsSync(bench.path("late.json"))]).toEqual([before, false]);
  });

  it("of a file is chained as protocol/statements.md shows it, up to the hash that the token signed", () => {
    const { hashBefore, entries, head } = JSON.parse(readFileSync(bench.path("journal.json"), "utf8"));
    let hash = Buffer.from(hashBefore, "hex");
    for (const { counter, slot, kind, digest } of entries.slice(0, -1)) {
      const fields = Buffer.alloc(6);
      fields.writeUInt32BE(counter);
      fields.set([slot, kind], 4);
      hash = createHash("sha256").update(hash).update(fields).update(digest, "hex").digest();
    }
    expect(
      Buffer.from(head.statement, "base64")
        .toString("hex")
        .endsWith(`095820${hash.toString("hex")}`),
    ).toBe(true);
  });

  it("has a head that was asked for with a nonce of 32 bytes, another one each time", () => {
    succeed(evidence.own("journal", "--out", "second.json"));
    const nonce = (file: string): string | undefined => {
      const statement = Buffer.from(JSON.parse(readFileSync(bench.path(file), "utf8")).head.statement, "base64");
      return /06f5075820([0-9a-f]{64})08/.exec(statement.toString("hex"))?.[1];
    };
    expect([nonce("journal.json"), nonce("second.json")]).toEqual([expect.any(String), expect.any(String)]);
    expect(nonce("second.json")).not.toBe(nonce("journal.json"));
  });

  it("overwrites nothing, and asks the token for nothing then", () => {
    const before = evidence.counter;
    expect(evidence.own("journal", "--out", "journal.json")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("exists already"),
    });
    expect(evidence.counter).toBe(before);
    expect(evidence.own("journal", "--file", "journal.json", "--out", "copy.json").status).toBe(2);
    expect(evidence.own("journal", "--file", "journal.json", "--token", "token").status).toBe(2);
  });

  it("has a receipt beside it for what follows", () => evidence.makeReceipt("earlier.json"));

  it.each([
    ["an entry is changed", ["chain"], ({ entries: [first, ...rest] }) => ({ entries: [{ ...first, digest: "00".repeat(32) }, ...rest] })],
    ["an entry is removed", ["gap"], ({ entries: [first, , ...rest] }) => ({ entries: [first, ...rest] })],
    ["the newest entries are removed", ["incomplete"], ({ entries }) => ({ entries: entries.slice(0, -2) })],
    ["two entries are swapped", ["gap"], ({ entries: [first, second, ...rest] }) => ({ entries: [second, first, ...rest] })],
    ["it names another token", ["other-token"], () => ({ serial: "1" })],
    [
      "its head's signature is another",
      ["forged"],
      ({ head }) => ({ head: { ...head, signature: evidence.signedIn("earlier.json").signature } }),
    ],
    ["its head is a receipt", ["other-kind"], () => ({ head: evidence.signedIn("earlier.json") })],
    [
      "the certificate is another",
      ["forged", "no-attestation-key"],
      () => ({ certificates: [readFileSync(bench.path("ca.pem"), "utf8")] }),
    ],
  ] as [string, string[], (file: JournalJson) => Partial<JournalJson>][])("of a file is not proved when %s", (_, problems, change) => {
    const file = JSON.parse(readFileSync(bench.path("journal.json"), "utf8")) as JournalJson;
    const path = bench.write("tampered.json", JSON.stringify({ ...file, ...change(file) }));
    const outcome = evidence.away("journal", "--verify", "--file", path, "--root", evidence.root, "--json");
    expect([outcome.status, json(outcome).valid, json(outcome).problems]).toEqual([1, false, problems]);
  });

  it("of a file that is none is refused", () => {
    expect(evidence.own("journal", "--verify", "--file", "request.pem")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("no journal or receipt"),
    });
    expect(evidence.own("journal", "--verify", "--file", "nowhere.json").status).toBe(2);
  });
});

it("what another program signs stands in the journal, too", async () => {
  const client = await bench.client();
  await client.verifyPin(bytes(PIN));
  await client.sign(SLOT_SIGNATURE, new Uint8Array(32));
  client.close();
  expect(json(evidence.own("journal", "--json")).entries.at(-1)).toMatchObject({ slot: "9C", digest: "00".repeat(32) });
});
