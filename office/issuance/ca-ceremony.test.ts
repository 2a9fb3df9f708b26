// Key ceremonies, judged by openssl and strongSwan's pki.

import { X509Certificate } from "node:crypto";
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { mustRun, run } from "../../test/support/run.ts";
import { softHsm } from "../../test/support/softhsm.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { AuthorityFolder, type FolderIssuer } from "./authority-folder.ts";
import { CaCeremony, type CeremonyOptions, type CeremonyOutcome } from "./ca-ceremony.ts";
import { AuthorityExistsError, AuthoritySettingsError, NoAuthorityError } from "./certificate-authority.ts";
import { createPkcs11Key, openPkcs11Key } from "./pkcs11-key.ts";

const NAMES = { publicUrl: "https://office.example.org", organisation: "Cabinet Faron", country: "FR" };
const PASSPHRASE = "douze lettres au moins";
const WITNESSES = ["Irène Faron", "Paul d'Orée"];
const FIRST = new Date("2026-03-01T10:20:30.456Z");
const SECOND = new Date("2027-02-01T08:00:00Z");
const THIRD = new Date("2027-03-01T08:00:00Z");

const folder = temporaryFolder();
const caFolder = join(folder, "ca");
const rootKeyFile = join(folder, "root-key.pem");
const options: CeremonyOptions = { rootKey: { file: rootKeyFile, passphrase: PASSPHRASE }, witnesses: WITNESSES };
let established: CeremonyOutcome;

const ceremony = (now: Date, place = caFolder): CaCeremony => new CaCeremony(place, { now: () => now });

/** A copy of the authority as its first ceremony left it. */
function copied(name: string): string {
  const place = join(folder, name);
  cpSync(caFolder, place, { recursive: true });
  return place;
}

/** For openssl's -attime. */
const afterwards = (date: Date): string => String(Math.floor(date.getTime() / 1000) + 1);

function save(name: string, der: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, der);
  return path;
}

function savePem(name: string, der: Uint8Array): string {
  return save(name, Buffer.from(new X509Certificate(der).toString()));
}

/** All that is in a folder, by name and content. */
function contents(place: string): string[] {
  const names = readdirSync(place, { recursive: true, encoding: "utf8" });
  return names.map((name) => (statSync(join(place, name)).isFile() ? name + readFileSync(join(place, name), "hex") : name)).sort();
}

const crlText = (der: Uint8Array): string =>
  mustRun("openssl", ["crl", "-inform", "DER", "-in", save("judged.crl", der), "-noout", "-text"]);
const record = (place: string, number: number, language: string): string =>
  readFileSync(join(place, "ceremonies", String(number), `record-${language}.txt`), "utf8");

beforeAll(async () => {
  established = await ceremony(FIRST).establish(NAMES, options);
});

describe("the first ceremony", () => {
  test("makes a root of P-384 for 20 years, an issuing CA for 10, a responder for two weeks", () => {
    const { root, current } = established.authority;
    const [ca, issuing, ocsp] = [root, current.certificate, current.responder].map((der) => new X509Certificate(der)) as [
      X509Certificate,
      X509Certificate,
      X509Certificate,
    ];
    expect([ca, issuing, ocsp].map(({ publicKey }) => publicKey.asymmetricKeyDetails?.namedCurve)).toEqual([
      "secp384r1",
      "prime256v1",
      "prime256v1",
    ]);
    expect(new Date(ca.validTo)).toEqual(new Date("2046-03-01T10:20:30Z"));
    expect(new Date(issuing.validTo)).toEqual(new Date("2036-03-01T10:20:30Z"));
    expect(new Date(ocsp.validTo)).toEqual(new Date("2026-03-15T10:20:30Z"));
    expect(ca.verify(ca.publicKey)).toBe(true);
  });

  test("leaves certificates that openssl and strongSwan verify, the responder's for OCSP alone", () => {
    const { root, current } = established.authority;
    const [ca, issuing, ocsp] = [
      savePem("root.pem", root),
      savePem("issuing.pem", current.certificate),
      savePem("ocsp.pem", current.responder),
    ];
    const when = ["-attime", afterwards(FIRST)];
    mustRun("openssl", ["verify", "-x509_strict", "-purpose", "ocsphelper", ...when, "-CAfile", ca, "-untrusted", issuing, ocsp]);
    const text = mustRun("openssl", ["x509", "-in", ocsp, "-noout", "-text"]);
    expect(text).toMatch(/Extended Key Usage: critical\s+OCSP Signing/);
    expect(text).toMatch(/Key Usage: critical\s+Digital Signature\n/);
    expect(text).toMatch(/OCSP No Check/);
    expect(text).not.toMatch(/CRL Distribution|Authority Information/);
    expect(mustRun("pki", ["--print", "--in", save("root.der", root)])).toMatch(/flags:\s+CA CRLSign self-signed/);
  });

  test("leaves certificates that strongSwan trusts", async () => {
    const recently = new Date(Date.now() - 60_000); // pki knows only the machine's own time
    const rootKey = { file: join(folder, "now.pem"), passphrase: PASSPHRASE, isRandom: true };
    const { authority } = await ceremony(recently, join(folder, "now")).establish(NAMES, { rootKey, witnesses: [] });
    const files = [save("now-ca.der", authority.current.certificate), save("now-root.der", authority.root)] as const;
    expect(mustRun("pki", ["--verify", "--in", files[0], "--cacert", files[1]])).toContain("certificate trusted");
    expect(run("pki", ["--verify", "--in", files[0], "--cacert", save("other.der", established.authority.root)]).status).not.toBe(0);
  });

  test("signs the root's CRL, number 1, for a year", () => {
    const [crl] = established.authority.rootCrls;
    expect(crl).toMatchObject({ number: 1, thisUpdate: new Date("2026-03-01T10:20:30Z"), nextUpdate: new Date("2027-03-01T10:20:30Z") });
    const text = crlText(crl?.der ?? new Uint8Array(0));
    expect(text).toMatch(/Signature Algorithm: ecdsa-with-SHA384/);
    expect(text).toMatch(/CRL Number: \s+1\n/);
    expect(text).toContain("No Revoked Certificates.");
    const path = save("root.crl", crl?.der ?? new Uint8Array(0));
    mustRun("openssl", ["crl", "-inform", "DER", "-in", path, "-noout", "-CAfile", savePem("root.pem", established.authority.root)]);
  });

  test("exports the root's key, encrypted, and keeps no copy of it", () => {
    expect(statSync(rootKeyFile).mode & 0o777).toBe(0o600);
    const publicKey = mustRun("openssl", ["pkey", "-in", rootKeyFile, "-passin", `pass:${PASSPHRASE}`, "-pubout"]);
    expect(publicKey.trim()).toBe(
      new X509Certificate(established.authority.root).publicKey.export({ type: "spki", format: "pem" }).toString().trim(),
    );
    const secret = mustRun("openssl", ["pkey", "-in", rootKeyFile, "-passin", `pass:${PASSPHRASE}`, "-outform", "DER"], {
      encoding: "latin1",
    });
    expect(secret.length).toBeGreaterThan(100);
    const unlocked = mustRun("openssl", ["pkey", "-in", rootKeyFile, "-passin", `pass:${PASSPHRASE}`, "-text", "-noout"]);
    const scalar = /priv:\n([\s0-9a-f:]+?)\npub:/.exec(unlocked)?.[1]?.replace(/[\s:]/g, "").slice(-96) ?? "none";
    expect(scalar).toMatch(/^[0-9a-f]{90,96}$/);
    const exported = readFileSync(rootKeyFile);
    for (const name of readdirSync(caFolder, { recursive: true, encoding: "utf8" })) {
      if (!statSync(join(caFolder, name)).isFile()) continue;
      const bytes = readFileSync(join(caFolder, name));
      expect(bytes.includes(Buffer.from(scalar, "hex")), name).toBe(false);
      expect(bytes.equals(exported), name).toBe(false);
    }
  });

  test("is on record in both languages, with fingerprints, serial numbers, dates and who was there", () => {
    const { root, current } = established.authority;
    for (const language of ["fr", "en"]) {
      const text = record(caFolder, 1, language);
      for (const der of [root, current.certificate, current.responder]) {
        const path = savePem("judged.pem", der);
        const told = mustRun("openssl", ["x509", "-in", path, "-noout", "-fingerprint", "-sha256", "-serial"]);
        const [, fingerprint = "none"] = /Fingerprint=(\S+)/.exec(told) ?? [];
        const [, serial = "none"] = /serial=(\S+)/.exec(told) ?? [];
        const pairs = fingerprint.split(":");
        expect(text).toContain(pairs.slice(0, 16).join(" "));
        expect(text).toContain(pairs.slice(16).join(" "));
        expect(text).toContain(serial.toLowerCase());
      }
      for (const witness of WITNESSES) expect(text).toContain(witness);
      for (const date of ["2026-03-01 10:20:30 UTC", "2046-03-01 10:20:30 UTC", "2036-03-01 10:20:30 UTC"]) expect(text).toContain(date);
      expect(text).toContain(rootKeyFile);
      expect(text).not.toContain(PASSPHRASE);
    }
    expect(record(caFolder, 1, "fr")).toContain("PROCÈS-VERBAL");
    expect(record(caFolder, 1, "en")).toContain("RECORD OF A KEY CEREMONY");
  });
});

describe("a ceremony that cannot take place leaves nothing:", () => {
  const place = join(folder, "none");
  const another = (name: string): CeremonyOptions => ({ ...options, rootKey: { file: join(folder, name), passphrase: PASSPHRASE } });

  test.each<[string, Partial<CeremonyOptions> & { rootKey?: CeremonyOptions["rootKey"] }, object]>([
    ["a root's key that would overwrite a file", { rootKey: { file: rootKeyFile, passphrase: PASSPHRASE } }, { problem: "root-key-file" }],
    ["a root's key in no folder", { rootKey: { file: join(folder, "no/where"), passphrase: PASSPHRASE } }, { problem: "root-key-file" }],
    ["a passphrase that is too short", { rootKey: { file: join(folder, "short"), passphrase: "onze lettre" } }, { problem: "passphrase" }],
    ["a witness of two lines", { witnesses: ["A\nB"] }, { setting: "witness" }],
    ["a PKCS#11 key that cannot be made", { issuingKeyUri: "pkcs11:object=a?module-path=/nowhere.so" }, { problem: "module" }],
    ["a passphrase that is not there", { passphraseFile: join(folder, "nowhere") }, { problem: "unreadable" }],
  ])("%s", async (_, part, error) => {
    const before = contents(folder);
    await expect(ceremony(FIRST, place).establish(NAMES, { ...another("other-root.pem"), ...part })).rejects.toMatchObject(error);
    expect(contents(folder)).toEqual(before);
  });

  test("in a folder that has an authority", async () => {
    const before = contents(folder);
    await expect(ceremony(FIRST).establish(NAMES, another("other-root.pem"))).rejects.toThrow(AuthorityExistsError);
    expect(contents(folder)).toEqual(before);
  });

  test("one of two at the same time", async () => {
    const both = ["one.pem", "two.pem"].map((name) => ceremony(FIRST, join(folder, "raced")).establish(NAMES, another(name)));
    const outcomes = await Promise.allSettled(both);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const left = ["one.pem", "two.pem"].filter((name) => existsSync(join(folder, name)));
    expect(left).toHaveLength(1);
    expect(readdirSync(folder).filter((name) => name.startsWith("raced"))).toEqual(["raced"]);
  });

  test("with a key that is not the root's, a wrong passphrase, or no authority", async () => {
    const other = await ceremony(FIRST, join(folder, "other")).establish(NAMES, another("other.pem"));
    expect(other.record.kind).toBe("establish");
    const before = contents(caFolder);
    const bring = (file: string, passphrase = PASSPHRASE): Promise<unknown> =>
      ceremony(SECOND).rollOver({ ...options, rootKey: { file, passphrase } });
    await expect(bring(join(folder, "other.pem"))).rejects.toMatchObject({ problem: "not-the-root" });
    await expect(bring(rootKeyFile, "another passphrase")).rejects.toMatchObject({ name: "CaKeyError" });
    await expect(bring(join(folder, "nowhere"))).rejects.toMatchObject({ problem: "unreadable" });
    await expect(ceremony(SECOND, join(folder, "nowhere")).rollOver(options)).rejects.toThrow(NoAuthorityError);
    expect(contents(caFolder)).toEqual(before);
  });

  test("when the root's certificate is over", async () => {
    await expect(ceremony(new Date("2046-03-01T10:20:30Z")).rollOver(options)).rejects.toMatchObject({ problem: "expired-root" });
  });
});

describe("a roll-over", () => {
  let place: string;
  let outcome: CeremonyOutcome;

  beforeAll(async () => {
    place = copied("rolled");
    outcome = await ceremony(SECOND, place).rollOver(options);
  });

  test("makes a further issuing CA with a name and key of its own; the one before stays as it was", async () => {
    const { issuers, current } = outcome.authority;
    expect(issuers.map(({ name }) => name)).toEqual(["issuing", "issuing-2"]);
    expect(current.name).toBe("issuing-2");
    expect(issuers[0]?.certificate).toEqual(established.authority.current.certificate);
    const [first, second] = issuers.map(({ certificate }) => new X509Certificate(certificate)) as [X509Certificate, X509Certificate];
    expect(second.subject).toContain("Cabinet Faron Issuing CA 2");
    expect(second.publicKey.equals(first.publicKey)).toBe(false);
    mustRun("openssl", [
      "verify",
      "-x509_strict",
      "-attime",
      afterwards(SECOND),
      "-CAfile",
      savePem("r.pem", outcome.authority.root),
      savePem("i2.pem", current.certificate),
    ]);
    for (const name of ["issuing", "issuing-2"]) expect((await outcome.authority.key(name)).publicKey).toBeDefined();
    expect(outcome.record.responder?.notAfter).toEqual(new Date("2027-02-15T08:00:00Z"));
  });

  test("is on record, and the root's key is where it was", () => {
    expect(record(place, 2, "fr")).toMatch(/Nouvelle autorité émettrice[\s\S]*apportée dans le fichier\n.*root-key\.pem[\s\S]*issuing-2/);
    expect(outcome.authority.rootCrls.map(({ number }) => number)).toEqual([1, 2]);
    expect(existsSync(rootKeyFile)).toBe(true);
    expect(readdirSync(join(place, "ceremonies")).sort()).toEqual(["1", "2"]);
  });

  test("an authority that was open sees it", () => {
    const open = AuthorityFolder.open(copied("open"));
    expect(open.current.name).toBe("issuing");
    cpSync(join(place, "ceremonies", "2"), join(open.folder, "ceremonies", "2"), { recursive: true });
    expect(open.current.name).toBe("issuing-2");
  });

  test("of two at once one takes place", async () => {
    const raced = copied("raced-roll-over");
    const outcomes = await Promise.allSettled([1, 2].map(() => ceremony(SECOND, raced).rollOver(options)));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(outcomes.find(({ status }) => status === "rejected")).toMatchObject({ reason: { problem: "in-progress" } });
    expect(readdirSync(join(raced, "ceremonies")).sort()).toEqual(["1", "2"]);
  });

  test("then the root takes back the old issuing CA, and openssl sees that", async () => {
    await expect(ceremony(THIRD, place).renewRootCrl(options, { issuer: "issuing-2", reasonCode: 4 })).rejects.toMatchObject({
      problem: "current-issuer",
    });
    await expect(ceremony(THIRD, place).renewRootCrl(options, { issuer: "issuing-9", reasonCode: 4 })).rejects.toMatchObject({
      problem: "no-such-issuer",
    });
    const { authority, record: told } = await ceremony(THIRD, place).renewRootCrl(options, { issuer: "issuing", reasonCode: 2 });
    expect(told.issuer).toBeNull();
    expect(authority.rootCrls.map(({ number }) => number)).toEqual([1, 2, 3]);
    const crl = authority.rootCrls.at(-1)?.der ?? new Uint8Array(0);
    expect(crlText(crl)).toMatch(/CA Compromise/);
    const chain = (certificate: Uint8Array): string[] => {
      const files = ["-CAfile", savePem("r.pem", authority.root), "-CRLfile", save("root.crl", crl), savePem("ca.pem", certificate)];
      return ["verify", "-crl_check", "-attime", afterwards(THIRD), ...files];
    };
    const [first, second] = [...authority.issuers] as [FolderIssuer, FolderIssuer];
    expect(run("openssl", chain(first.certificate)).stderr).toContain("certificate revoked");
    mustRun("openssl", chain(second.certificate));
    const again = await ceremony(THIRD, place).renewRootCrl(options);
    expect(again.record.rootCrl.revoked).toHaveLength(1);
  });
});

test("with its key in SoftHSM2 an authority issues, and keeps none in its folder", async () => {
  const hsm = softHsm(folder);
  const other = softHsm(folder, "other"); // before the module is loaded, which looks for its tokens then
  const place = join(folder, "hsm");
  const rootKey = { file: join(folder, "hsm-root.pem"), passphrase: PASSPHRASE };
  const uri = hsm.uri("issuing");
  const { authority } = await ceremony(FIRST, place).establish(NAMES, { rootKey, witnesses: [], issuingKeyUri: uri });
  expect(readdirSync(join(place, "ceremonies", "1")).filter((name) => name.endsWith(".key"))).toEqual([]);
  expect((await authority.key("issuing")).publicKey.equals((await openPkcs11Key(uri)).publicKey)).toBe(true);
  expect(record(place, 1, "en")).toContain("object=issuing");

  // A wrong PIN is tried once: a few tries would block a token.
  const copy = join(folder, "hsm-copy");
  cpSync(place, copy, { recursive: true });
  const wrongPin = save("wrong-pin", Buffer.from("000000\n"));
  writeFileSync(join(copy, "ceremonies", "1", "issuing.uri"), other.uri("issuing").replace(other.pinFile, wrongPin));
  const mistaken = AuthorityFolder.open(copy);
  await expect(mistaken.key("issuing")).rejects.toMatchObject({ problem: "pin" });
  writeFileSync(wrongPin, readFileSync(other.pinFile));
  await expect(mistaken.key("issuing")).rejects.toMatchObject({ problem: "pin" });
  await expect(AuthorityFolder.open(copy).key("issuing")).rejects.toMatchObject({ problem: "no-key" });

  const tooLong = { file: join(folder, "x".repeat(300)), passphrase: PASSPHRASE };
  const undone = { rootKey: tooLong, witnesses: [], issuingKeyUri: hsm.uri("undone") };
  await expect(ceremony(FIRST, join(folder, "undone")).establish(NAMES, undone)).rejects.toMatchObject({ problem: "root-key-file" });
  await createPkcs11Key(hsm.uri("undone"), "P-256"); // the name is free: the key of the failed ceremony was destroyed
});

describe("names that somebody types", () => {
  test("make an authority that says them as they are, or are refused", async () => {
    let index = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: "grapheme", maxLength: 60 }),
        fc.string({ unit: "grapheme", maxLength: 70 }),
        async (organisation, witness) => {
          const place = join(folder, `typed-${++index}`);
          const rootKey = { file: `${place}.pem`, passphrase: PASSPHRASE, isRandom: true };
          try {
            const { authority } = await ceremony(FIRST, place).establish({ ...NAMES, organisation }, { rootKey, witnesses: [witness] });
            const { raw } = new X509Certificate(authority.root);
            expect(raw.includes(Buffer.from(`${organisation} Root CA`))).toBe(true);
            expect(record(place, 1, "en")).toContain(`  ${witness}`.trimEnd());
          } catch (error) {
            if (!(error instanceof AuthoritySettingsError)) throw error;
            expect([existsSync(place), existsSync(rootKey.file)]).toEqual([false, false]);
          }
        },
      ),
      { numRuns: 30 },
    );
  });
});
