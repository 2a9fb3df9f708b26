// Journal and receipts on the command line: read from a token or from a file, believed when they are what the token signed, and exit code 1
// when anything about them is not.

import { createHash, X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SLOT_CARD_AUTHENTICATION, SLOT_KEY_MANAGEMENT, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { mustRun, type Outcome, ROOT, run, sceau } from "../support/run.ts";
import { bytes, PIN, Workbench } from "../support/workbench.ts";

let bench: Workbench;
/** Somebody who has files and no token. */
let elsewhere: string;

const own = (...args: string[]): Outcome => sceau(["token", ...args, "--state", bench.folder], { cwd: bench.folder, input: "" });
const away = (...args: string[]): Outcome => sceau(["token", ...args, "--state", elsewhere], { cwd: elsewhere, input: "" });
// biome-ignore lint/suspicious/noExplicitAny: the tests look at fields by name
const json = (outcome: Outcome): any => JSON.parse(outcome.stdout);
interface JournalJson {
  readonly serial: string;
  readonly entries: readonly object[];
  readonly head: object;
  readonly certificates: readonly string[];
}

const succeed = (outcome: Outcome): Outcome => {
  expect(outcome).toMatchObject({ status: 0, stderr: "" });
  return outcome;
};
const root = (): string => mustRun("find", [bench.path("factory"), "-name", "root.pem"]).trim();
const counter = (): number => json(own("info", "--json")).journalCounter;

beforeAll(async () => {
  bench = await Workbench.open({ withBridge: false });
  elsewhere = bench.path("elsewhere");
  mkdirSync(elsewhere);
  bench.write("pin.txt", `${PIN}\n`);
  succeed(own("init", "--pin-file", "pin.txt"));
  succeed(own("generate", "9c", "--out", "request.pem", "--pin-file", "pin.txt"));
  succeed(own("generate", "82", "--algorithm", "p384", "--out", "retired.pem", "--pin-file", "pin.txt"));
});

afterAll(() => bench.close());

describe("sceau token info", () => {
  it("tells kinds of keys, tries, and whether there is an attestation key; empty retired slots are left out", () => {
    expect(json(own("info", "--json"))).toMatchObject({
      profile: "strict",
      isSealed: true,
      pinTriesLeft: 3,
      pinTriesTotal: 3,
      slots: [
        { slot: "9A", hasKey: false, algorithm: null },
        { slot: "9C", hasKey: true, algorithm: "P-256" },
        { slot: "9D", hasKey: false },
        { slot: "9E", hasKey: false },
        { slot: "82", hasKey: true, algorithm: "P-384" },
      ],
    });
    expect(succeed(own("info")).stdout).toMatch(/Slot 82\s+P-384 key, no certificate/);
  });
});

describe("sceau token generate --algorithm p384", () => {
  it("makes a request that openssl finds right, and whose certificate is imported", () => {
    mustRun("openssl", ["req", "-in", bench.path("retired.pem"), "-verify", "-noout"]);
    const ca = [
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-keyout",
      bench.path("ca.key"),
      "-out",
      bench.path("ca.pem"),
    ];
    mustRun("openssl", ["req", "-x509", ...ca, "-subj", "/CN=Some CA"]);
    const issue = ["-in", bench.path("retired.pem"), "-CA", bench.path("ca.pem"), "-CAkey", bench.path("ca.key"), "-subj", "/CN=Anne"];
    mustRun("openssl", ["x509", "-req", ...issue, "-out", bench.path("retired-certificate.pem")]);
    succeed(own("import", "82", "retired-certificate.pem"));
    expect(own("import", "9c", "retired-certificate.pem")).toMatchObject({ status: 2, stderr: expect.stringContaining("another key") });
    expect(succeed(own("export", "82")).stdout).toBe(readFileSync(bench.path("retired-certificate.pem"), "utf8"));
  });

  it("knows no other kinds of keys, and no other slots", () => {
    expect(own("generate", "9a", "--algorithm", "rsa2048", "--out", "x.pem")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("p256, p384"),
    });
    for (const slot of ["9b", "f9", "81", "96", "8g", ""]) {
      expect(own("generate", slot, "--out", "x.pem"), slot).toMatchObject({ status: 2, stderr: expect.stringContaining("82 to 95") });
    }
  });
});

describe("sceau token journal", () => {
  it("shows every use of a key, and is not one itself", () => {
    const before = counter();
    expect(succeed(own("journal")).stdout).toMatch(/1 {2}9C {4}signature {2}[0-9a-f]{16}…\n +2 {2}82 {4}signature/);
    expect(json(own("journal", "--json"))).toMatchObject({
      first: 1,
      entries: [
        { slot: "9C", kind: 1 },
        { slot: "82", kind: 1 },
      ],
    });
    expect(counter()).toBe(before);
  });

  it("tells the digests that were signed", () => {
    const request = readFileSync(bench.path("request.pem"), "utf8");
    const der = Buffer.from(request.replaceAll(/-----[A-Z ]+-----|\s/g, ""), "base64");
    // CertificationRequest: SEQUENCE (3 bytes of head), then what is signed: SEQUENCE with one byte of length behind 0x81 or none.
    const start = der[1] === 0x81 ? 3 : 2;
    const signed = der.subarray(start, start + 2 + (der[start + 1] ?? 0));
    const digest = createHash("sha256").update(signed).digest("hex");
    expect(json(own("journal", "--json")).entries[0].digest).toBe(digest);
  });

  it("asks for the PIN where the office's key is not kept, saying what for", () => {
    expect(succeed(own("journal", "--pin-file", "pin.txt")).stdout).toContain("Signature journal");
    const secrets = bench.state.secrets(json(own("info", "--json")).serial);
    mustRun("mv", [secrets, `${secrets}.away`]);
    expect(own("journal")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("to read its signature journal: There is no terminal"),
    });
    mustRun("mv", [`${secrets}.away`, secrets]);
  });

  it("--verify proves it, with a head that was signed for this very question", () => {
    const outcome = succeed(own("journal", "--verify"));
    expect(outcome.stdout).toMatch(/✔ Token \d+ signed this journal: entries 1 to \d+ .* signed just now/);
    expect(outcome.stdout).toContain("simulated token");
    expect(succeed(own("journal", "--verify", "--lang", "fr")).stdout).toMatch(/✔ Le jeton \d+ a signé ce journal/);
  });

  it("--verify believes no root that is not given", () => {
    const other = bench.path("ca.pem");
    expect(own("journal", "--verify", "--root", other)).toMatchObject({ status: 1, stdout: expect.stringContaining("NOT PROVED") });
    expect(json(own("journal", "--verify", "--json", "--root", other)).problems).toEqual(["untrusted"]);
  });

  it("is written into a file that somebody without a token proves, with the root alone", () => {
    succeed(own("journal", "--out", "journal.json"));
    const file = bench.path("journal.json");
    const outcome = succeed(away("journal", "--verify", "--file", file, "--root", root()));
    expect(outcome.stdout).toMatch(/✔ .* cannot tell when/);
    expect(away("journal", "--verify", "--file", file)).toMatchObject({ status: 1, stdout: expect.stringContaining("--root FILE") });
    expect(succeed(away("journal", "--file", file)).stdout).not.toContain("✔");
  });

  it("of a file is chained as firmware/README.md shows it, up to the hash that the token signed", () => {
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

  it("overwrites nothing, and asks the token for nothing then", () => {
    const before = counter();
    expect(own("journal", "--out", "journal.json")).toMatchObject({ status: 2, stderr: expect.stringContaining("exists already") });
    expect(counter()).toBe(before);
    expect(own("journal", "--file", "journal.json", "--out", "copy.json").status).toBe(2);
    expect(own("journal", "--file", "journal.json", "--token", "token").status).toBe(2);
  });

  it.each([
    ["an entry is changed", ["chain"], ({ entries: [first, ...rest] }) => ({ entries: [{ ...first, digest: "00".repeat(32) }, ...rest] })],
    ["an entry is removed", ["gap"], ({ entries: [first, , ...rest] }) => ({ entries: [first, ...rest] })],
    ["the newest entries are removed", ["incomplete"], ({ entries }) => ({ entries: entries.slice(0, -2) })],
    ["two entries are swapped", ["gap"], ({ entries: [first, second, ...rest] }) => ({ entries: [second, first, ...rest] })],
    ["it names another token", ["other-token"], () => ({ serial: "1" })],
    ["its head's signature is another", ["forged"], ({ head }) => ({ head: { ...head, signature: readReceipt("earlier").signature } })],
    ["its head is a receipt", ["other-kind"], () => ({ head: readReceipt("earlier") })],
    [
      "the certificate is another",
      ["forged", "no-attestation-key"],
      () => ({ certificates: [readFileSync(bench.path("ca.pem"), "utf8")] }),
    ],
  ] as [string, string[], (file: JournalJson) => Partial<JournalJson>][])("of a file is not proved when %s", (_, problems, change) => {
    if (!existsSync(bench.path("earlier.json"))) {
      succeed(own("generate", "95", "--out", "earlier.pem", "--pin-file", "pin.txt"));
      succeed(own("retire", "95", "--yes", "--out", "earlier.json"));
    }
    const file = JSON.parse(readFileSync(bench.path("journal.json"), "utf8")) as JournalJson;
    const path = bench.write("tampered.json", JSON.stringify({ ...file, ...change(file) }));
    const outcome = away("journal", "--verify", "--file", path, "--root", root(), "--json");
    expect([outcome.status, json(outcome).valid, json(outcome).problems]).toEqual([1, false, problems]);
  });

  it("of a file that is none is refused", () => {
    expect(own("journal", "--verify", "--file", "request.pem")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("no journal or receipt"),
    });
    expect(own("journal", "--verify", "--file", "nowhere.json").status).toBe(2);
  });
});

function readReceipt(name: string): { statement: string; signature: string } {
  const { statement, signature } = JSON.parse(readFileSync(bench.path(`${name}.json`), "utf8"));
  return { statement, signature };
}

describe("sceau token retire", () => {
  const hasKey = async (slot: number): Promise<boolean> => {
    const client = await bench.client();
    const key = await client.keyMetadata(slot);
    client.close();
    return key !== null;
  };

  it("erases nothing without a confirmation, or without a place for the receipt", async () => {
    expect(own("retire", "82")).toMatchObject({ status: 2, stderr: expect.stringContaining("--yes") });
    expect(own("retire", "82", "--yes", "--out", "journal.json")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("exists already"),
    });
    expect(own("retire", "82", "--yes", "--out", "/proc/receipt.json")).toMatchObject({ status: 2 });
    expect(await hasKey(0x82)).toBe(true);
  });

  it("asks on a terminal for the slot's name, and takes nothing else for a yes", async () => {
    succeed(own("generate", "9e", "--out", "card.pem", "--pin-file", "pin.txt"));
    const onTerminal = (typed: string): Outcome => {
      const line = `${process.execPath} ${join(ROOT, "cli", "sceau.mjs")} token retire 9e --out card.json --state ${bench.folder}`;
      return run("script", ["-qec", line, "/dev/null"], { cwd: bench.folder, input: `${typed}\r` });
    };
    expect(onTerminal("yes").stdout).toContain("Not confirmed");
    expect(await hasKey(SLOT_CARD_AUTHENTICATION)).toBe(true);
    expect(onTerminal("9e").stdout).toContain("is erased");
    expect(await hasKey(SLOT_CARD_AUTHENTICATION)).toBe(false);
    expect(json(own("verify-receipt", "card.json", "--json"))).toMatchObject({ valid: true, slot: "9E" });
  });

  it("erases the key and its certificate, and leaves a receipt under a name of its own", async () => {
    const { serial } = json(own("info", "--json"));
    const outcome = succeed(own("retire", "82", "--yes"));
    expect(outcome.stdout).toContain(`sceau-receipt-${serial}-82.json`);
    expect(outcome.stdout).toContain("certificate was taken off");
    expect(await hasKey(0x82)).toBe(false);
    expect(own("export", "82").status).toBe(2);
    const der = mustRun("openssl", ["x509", "-in", bench.path("retired-certificate.pem"), "-noout", "-pubkey"]);
    const key = createHash("sha256")
      .update(Buffer.from(der.replaceAll(/-----[A-Z ]+-----|\s/g, ""), "base64"))
      .digest("hex");
    const checked = away("verify-receipt", bench.path(`sceau-receipt-${serial}-82.json`), "--root", root(), "--json");
    expect(json(checked)).toMatchObject({ valid: true, serial, slot: "82", algorithm: "P-384", key, profile: "strict", isSimulated: true });
    expect(checked.status).toBe(0);
  });

  it("gives the receipt again when a run was interrupted after the key was gone", async () => {
    succeed(own("generate", "9d", "--out", "agreement.pem", "--pin-file", "pin.txt"));
    const { managementKey } = JSON.parse(readFileSync(bench.state.secrets(json(own("info", "--json")).serial), "utf8"));
    const client = await bench.client();
    await client.authenticateManagement(Buffer.from(managementKey, "hex"));
    await client.vendor.eraseKey(SLOT_KEY_MANAGEMENT);
    client.close();
    expect(succeed(own("retire", "9d", "--out", "again.json")).stdout).toContain("erased already");
    expect(json(own("verify-receipt", "again.json", "--json"))).toMatchObject({ valid: true, slot: "9D" });
  });

  it("says when there never was a key", () => {
    expect(own("retire", "94", "--yes")).toMatchObject({ status: 2, stderr: expect.stringContaining("no receipt of one") });
  });
});

describe("sceau token verify-receipt", () => {
  it("needs no token, only the root", () => {
    const receipt = bench.path("earlier.json");
    const outcome = succeed(away("verify-receipt", receipt, "--root", root()));
    expect(outcome.stdout).toMatch(/✔ This receipt is valid/);
    expect(outcome.stdout).toContain("simulated token");
    expect(away("verify-receipt", receipt)).toMatchObject({ status: 1, stdout: expect.stringContaining("✘") });
  });

  it("finds the receipt of another key, of another token, and a journal's head in its place", () => {
    const receipt = JSON.parse(readFileSync(bench.path("earlier.json"), "utf8"));
    const head = JSON.parse(readFileSync(bench.path("journal.json"), "utf8")).head;
    const problems = (file: unknown): unknown => {
      const outcome = away("verify-receipt", bench.write("forged.json", JSON.stringify(file)), "--root", root(), "--json");
      return [outcome.status, json(outcome).problems];
    };
    expect(problems({ ...receipt, statement: readReceipt("card").statement })).toEqual([1, ["forged"]]);
    expect(problems({ ...receipt, statement: Buffer.from("nothing").toString("base64") })).toEqual([1, ["unreadable", "forged"]]);
    expect(problems({ ...receipt, ...head })).toEqual([1, ["other-kind"]]);
  });

  it("is what openssl says of the same file, as firmware/README.md shows it", () => {
    const { statement, signature, certificates } = JSON.parse(readFileSync(bench.path("earlier.json"), "utf8"));
    const signed = bench.write("signed", Buffer.concat([Buffer.from("Sceau statement 1\n"), Buffer.from(statement, "base64")]));
    const der = bench.write("signature.der", Buffer.from(signature, "base64"));
    const key = bench.write("f9.pem", String(new X509Certificate(certificates[0]).publicKey.export({ format: "pem", type: "spki" })));
    expect(mustRun("openssl", ["dgst", "-sha256", "-verify", key, "-signature", der, signed])).toContain("Verified OK");
    const certificate = bench.write("f9-certificate.pem", certificates[0]);
    expect(mustRun("openssl", ["verify", "-CAfile", root(), certificate])).toContain("OK");
  });
});

it("what another program signs stands in the journal, too", async () => {
  const client = await bench.client();
  await client.verifyPin(bytes(PIN));
  await client.sign(SLOT_SIGNATURE, new Uint8Array(32));
  client.close();
  expect(json(own("journal", "--json")).entries.at(-1)).toMatchObject({ slot: "9C", digest: "00".repeat(32) });
});
