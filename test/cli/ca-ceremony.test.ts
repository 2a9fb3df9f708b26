// Key ceremonies by command line: what an officer sees, and that certificates of the new issuing CA verify; judged by openssl.

import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requestBytes } from "../support/certification-requests.ts";
import { mustRun, type Outcome, sceau } from "../support/run.ts";

let folder: string;
let rootKey: string;
let passphraseFile: string;

const ca = (...words: string[]): Outcome => sceau(["office", "ca", ...words, "--state", join(folder, "state")]);
const ceremony = (number: number, name: string): string => join(folder, "state", "ca", "ceremonies", String(number), name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sceau-ceremony-"));
  rootKey = join(folder, "root-key.pem");
  passphraseFile = join(folder, "passphrase.txt");
  writeFileSync(passphraseFile, "douze lettres au moins\n");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("sceau office ca", () => {
  it("init makes the authority, and prints the record with who was there", () => {
    const { status, stdout } = ca(
      "init",
      "--root-key",
      rootKey,
      "--root-passphrase-file",
      passphraseFile,
      "--witness",
      "Irène Faron",
      "Paul d'Orée",
      "--lang",
      "fr",
    );
    expect(status).toBe(0);
    expect(stdout).toContain(readFileSync(ceremony(1, "record-fr.txt"), "utf8"));
    for (const text of ["PROCÈS-VERBAL", "Irène Faron", "Paul d'Orée", rootKey]) expect(stdout).toContain(text);
    const fingerprint = mustRun("openssl", ["x509", "-in", join(folder, "state", "ca", "root.pem"), "-noout", "-fingerprint", "-sha256"]);
    expect(stdout).toContain(fingerprint.trim().split("=")[1]?.split(":").slice(0, 16).join(" "));
    mustRun("openssl", ["pkey", "-in", rootKey, "-passin", `file:${passphraseFile}`, "-noout"]);
    expect(existsSync(`${rootKey}.passphrase`)).toBe(false);
  });

  it("init a second time changes nothing", () => {
    const { status, stderr } = ca("init", "--root-key", join(folder, "another.pem"));
    expect([status, existsSync(join(folder, "another.pem")), existsSync(join(folder, "another.pem.passphrase"))]).toEqual([
      5,
      false,
      false,
    ]);
    expect(stderr).toContain("already");
  });

  it("roll-over needs the root's key and its passphrase", () => {
    const wrong = join(folder, "wrong.txt");
    writeFileSync(wrong, "another passphrase\n");
    const { status, stderr } = ca("roll-over", "--root-key", rootKey, "--root-passphrase-file", wrong);
    expect([status, existsSync(ceremony(2, ""))]).toEqual([5, false]);
    expect(stderr).toContain("passphrase");
    expect(stderr).not.toContain("another passphrase");
    expect(ca("roll-over", "--root-key", rootKey).status).toBe(2);
  });

  it("roll-over makes the issuing CA that certificates come from, and root-crl takes the old one back", async () => {
    const brought = ["--root-key", rootKey, "--root-passphrase-file", passphraseFile];
    expect(JSON.parse(ca("roll-over", ...brought, "--json").stdout)).toMatchObject({ ceremony: 2, issuer: "issuing-2" });
    expect(ca("root-crl", ...brought, "--revoke", "issuing-2").status).toBe(5);
    expect(ca("root-crl", ...brought, "--revoke", "issuing", "--reason", "6").status).toBe(2);
    expect(JSON.parse(ca("root-crl", ...brought, "--revoke", "issuing", "--json").stdout)).toMatchObject({ ceremony: 3, issuer: null });
    const [request, leaf] = [join(folder, "request.der"), join(folder, "leaf.pem")];
    writeFileSync(request, await requestBytes());
    const person = ["--given-name", "A", "--surname", "B", "--email", "a@b.example", "--number", "1", "--organisation", "O"];
    expect(sceau(["office", "certify", request, ...person, "--out", leaf, "--state", join(folder, "state")]).status).toBe(0);
    const trust = ["-CAfile", join(folder, "state", "ca", "root.pem")];
    mustRun("openssl", ["verify", "-x509_strict", ...trust, "-untrusted", ceremony(2, "issuing-2.pem"), leaf]);
    const crl = mustRun("openssl", ["crl", "-inform", "DER", "-in", ceremony(3, "root.crl"), "-noout", "-text"]);
    expect(crl).toMatch(/CRL Number: \s+3\n[\s\S]*Serial Number: [0-9A-F]+\n[\s\S]*Superseded/);
  });

  it("init with nothing said makes a passphrase, and puts it beside the key", () => {
    const state = join(folder, "plain");
    const { status, stdout } = sceau(["office", "ca", "init", "--state", state]);
    expect(status).toBe(0);
    const key = join(state, "root-key.pem");
    expect(stdout).toContain(`${key}.passphrase`);
    expect([key, `${key}.passphrase`].map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o600]);
    expect(stdout).not.toContain(readFileSync(`${key}.passphrase`, "utf8").trim());
    mustRun("openssl", ["pkey", "-in", key, "-passin", `file:${key}.passphrase`, "-noout"]);
  });
});
