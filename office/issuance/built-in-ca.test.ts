// The built-in certification authority and its profiles, judged by openssl.

import { X509Certificate } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type RequestOptions, requestBytes } from "../../test/support/certification-requests.ts";
import { mustRun } from "../../test/support/run.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { BuiltInCa } from "./built-in-ca.ts";
import { AuthorityExistsError, NoAuthorityError, type Person } from "./certificate-authority.ts";
import { POLICY_SIGN_LCP } from "./profiles.ts";

const NOW = new Date("2026-03-01T10:20:30.456Z");
const SETTINGS = { publicUrl: "https://office.example.org/sceau/", organisation: "Cabinet Faron", country: "FR" };
const PERSON: Person = {
  givenName: "Irène",
  surname: "Faron",
  email: "irene.faron@example.org",
  organisation: "Cabinet Faron",
  country: "FR",
  number: "2077",
};

const folder = temporaryFolder();
const caFolder = join(folder, "ca");
let ca: BuiltInCa;
let root: X509Certificate;
let issuing: X509Certificate;
let leaf: X509Certificate;

const at = (date: Date): { now(): Date } => ({ now: () => date });
const yearsLater = (years: number): Date => new Date(`${2026 + years}-03-01T10:20:30Z`);

async function issued(person: Partial<Person> = {}, authority = ca, options: RequestOptions = {}): Promise<X509Certificate> {
  const request = await requestBytes(options);
  return new X509Certificate(await authority.issueSigning({ person: { ...PERSON, ...person }, request }));
}

/** What openssl says of a certificate. */
function text(certificate: X509Certificate): string {
  const path = join(folder, "judged.pem");
  writeFileSync(path, certificate.toString());
  const readable = ["-nameopt", "oneline,utf8,-esc_msb"];
  return mustRun("openssl", ["x509", "-in", path, "-noout", "-text", ...readable]);
}

/** The value that openssl prints under an extension's name. */
function extension(certificate: X509Certificate, name: string): string {
  const lines = text(certificate).split("\n");
  const start = lines.findIndex((line) => line.trim().startsWith(`X509v3 ${name}:`) || line.trim().startsWith(`${name}:`));
  if (start < 0) return "absent";
  const value = [];
  for (const line of lines.slice(start + 1)) {
    if (/^ {12}\S/.test(line) || /^ {0,8}\S/.test(line)) break;
    value.push(line.trim());
  }
  const critical = lines[start]?.includes("critical") ? "critical: " : "";
  return critical + value.filter((line) => line !== "").join(" ");
}

beforeAll(async () => {
  ca = await BuiltInCa.create(caFolder, SETTINGS, at(NOW));
  [root, issuing, leaf] = [new X509Certificate(ca.root), new X509Certificate(ca.issuer), await issued()];
});

describe("validity", () => {
  test("of the root is 20 years, of the issuing CA 10, of a person's certificate 3, from the whole second on", () => {
    const years = [root, issuing, leaf].map(({ validFrom, validTo }) => [new Date(validFrom), new Date(validTo)]);
    expect(years).toEqual([20, 10, 3].map((count) => [yearsLater(0), yearsLater(count)]));
  });

  test("of a person's certificate never goes beyond its issuer's", async () => {
    const late = await BuiltInCa.open(caFolder, at(yearsLater(8)));
    const certificate = await issued({}, late);
    expect([new Date(certificate.validFrom), certificate.validTo]).toEqual([yearsLater(8), issuing.validTo]);
  });

  test("is over when the issuing CA's is: nothing is issued any more", async () => {
    const tooLate = await BuiltInCa.open(caFolder, at(yearsLater(11)));
    await expect(issued({}, tooLate)).rejects.toThrow();
  });
});

describe("a serial number", () => {
  test("is positive, has at least 64 random bits, and never comes twice", async () => {
    const all = [root, issuing, leaf, ...(await Promise.all(Array.from({ length: 30 }, () => issued())))];
    const numbers = all.map(({ serialNumber }) => BigInt(`0x${serialNumber}`));
    expect(new Set(numbers).size).toBe(all.length);
    for (const number of numbers) expect(number > 2n ** 64n && number < 2n ** 159n).toBe(true);
    const varying = numbers.reduce((bits, number) => bits | (number ^ (numbers[0] ?? 0n)), 0n);
    expect(varying.toString(2).replaceAll("0", "").length).toBeGreaterThanOrEqual(64);
    const bytes = certificateSerial(all.map((each) => new Uint8Array(each.raw)));
    expect(bytes.every((first) => (first & 0x80) === 0)).toBe(true);
  });
});

/** The first content byte of the serialNumber INTEGER: SEQUENCE, SEQUENCE, [0] version (5 bytes), INTEGER. */
function certificateSerial(ders: readonly Uint8Array[]): number[] {
  return ders.map((der) => {
    const start = Buffer.from(der).indexOf(Buffer.from("a00302010202", "hex"));
    return der[start + 7] ?? 0x80;
  });
}

describe("the profiles", () => {
  test("root: a CA that signs certificates and CRLs, nothing else", () => {
    expect(extension(root, "Basic Constraints")).toBe("critical: CA:TRUE");
    expect(extension(root, "Key Usage")).toBe("critical: Certificate Sign, CRL Sign");
    expect(extension(root, "Extended Key Usage")).toBe("absent");
    expect(extension(root, "Subject Key Identifier")).not.toBe("absent");
  });

  test("issuing CA: below it no further CA; its status is the root's to tell", () => {
    expect(extension(issuing, "Basic Constraints")).toBe("critical: CA:TRUE, pathlen:0");
    expect(extension(issuing, "Key Usage")).toBe("critical: Certificate Sign, CRL Sign");
    expect(extension(issuing, "CRL Distribution Points")).toContain("URI:https://office.example.org/sceau/crl/root.crl");
    expect(extension(issuing, "Authority Information Access")).toBe("CA Issuers - URI:https://office.example.org/sceau/ca/root.cer");
    expect(extension(issuing, "Authority Key Identifier")).toBe(extension(root, "Subject Key Identifier"));
  });

  test("person: nonRepudiation alone, for e-mail protection, with its policy and where its status is told", () => {
    expect(extension(leaf, "Basic Constraints")).toBe("critical: CA:FALSE");
    expect(extension(leaf, "Key Usage")).toBe("critical: Non Repudiation");
    expect(extension(leaf, "Extended Key Usage")).toBe("E-mail Protection");
    expect(extension(leaf, "Subject Alternative Name")).toBe("email:irene.faron@example.org");
    expect(extension(leaf, "Certificate Policies")).toBe(`Policy: ${POLICY_SIGN_LCP}`);
    expect(extension(leaf, "CRL Distribution Points")).toContain("URI:https://office.example.org/sceau/crl/issuing.crl");
    expect(extension(leaf, "Authority Information Access")).toBe(
      "OCSP - URI:https://office.example.org/sceau/ocsp/issuing CA Issuers - URI:https://office.example.org/sceau/ca/issuing.cer",
    );
    expect(extension(leaf, "Authority Key Identifier")).toBe(extension(issuing, "Subject Key Identifier"));
  });

  test("no certificate claims to be a qualified one", () => {
    for (const certificate of [root, issuing, leaf]) expect(text(certificate)).not.toMatch(/qcStatements|1\.3\.6\.1\.5\.5\.7\.1\.3/);
  });

  test("openssl verifies the path, for e-mail, and for no TLS server", () => {
    for (const [name, certificate] of Object.entries({ root, issuing, leaf }))
      writeFileSync(join(folder, `${name}.pem`), certificate.toString());
    const files = ["-CAfile", join(folder, "root.pem"), "-untrusted", join(folder, "issuing.pem"), join(folder, "leaf.pem")];
    const when = ["-attime", String(yearsLater(1).getTime() / 1000)];
    mustRun("openssl", ["verify", "-x509_strict", "-purpose", "smimesign", ...when, ...files]);
    expect(() => mustRun("openssl", ["verify", "-purpose", "sslserver", ...when, ...files])).toThrow();
  });
});

describe("a name", () => {
  test("has country, organisation, surname, given name, number and common name, in UTF-8", () => {
    expect(text(leaf)).toContain("Subject: C = FR, O = Cabinet Faron, SN = Faron, GN = Irène, serialNumber = 2077, CN = Irène Faron");
    expect(text(leaf)).toContain("Issuer: C = FR, O = Cabinet Faron, CN = Cabinet Faron Issuing CA");
  });

  test.each([
    ["quotation marks", 'Cabinet "Faron" et Fils'],
    ["a comma and a plus", "Faron, Dupont + Fils"],
    ["an equals sign", "CN=Director"],
    ["a backslash", "Faron\\Fils"],
    ["a hash in front", "#1 Notaires"],
    ["a hash in front of hexadecimal digits", "#0c03414243"],
    ["a semicolon and angle brackets", "<Faron>; Fils"],
    ["spaces around it", " Faron "],
  ])("with %s is written as it was given", async (_, organisation) => {
    const certificate = await issued({ organisation });
    expect(organisationsOf(certificate)).toEqual([organisation]);
  });
});

/** The strings of all organizationName attributes of the subject, as they stand in it. */
function organisationsOf(certificate: X509Certificate): string[] {
  writeFileSync(join(folder, "name.der"), certificate.raw);
  const lines = mustRun("openssl", ["asn1parse", "-inform", "DER", "-in", join(folder, "name.der")]).split("\n");
  const validity = lines.findIndex((line) => /UTCTIME/.test(line));
  const found: string[] = [];
  for (const [index, line] of lines.entries()) {
    const [, offset, header, length] = /^\s*(\d+):d=\d+\s+hl=(\d+) l=\s*(\d+) prim: (?:UTF8STRING|PRINTABLESTRING)/.exec(line) ?? [];
    if (index < validity || !lines[index - 1]?.includes(":organizationName") || offset === undefined) continue;
    const start = Number(offset) + Number(header);
    found.push(certificate.raw.subarray(start, start + Number(length)).toString("utf8"));
  }
  return found;
}

describe("the folder", () => {
  test("is its owner's alone, and so are the keys; the root's is not in it", () => {
    const mode = (name: string): number => statSync(join(caFolder, name)).mode & 0o777;
    const keys = ["ceremonies/1/issuing.key", "passphrase", "ocsp.key"];
    expect([mode("."), ...keys.map(mode)]).toEqual([0o700, 0o600, 0o600, 0o600]);
    expect(readdirSync(caFolder, { recursive: true }).filter((name) => /root.*key/.test(String(name)))).toEqual([]);
    const beside = readdirSync(folder).filter((name) => name.startsWith("ca"));
    expect(beside.map((name) => name.replace(/[0-9a-f]{8}/, "ID")).sort()).toEqual(["ca", "ca-root-ID.key", "ca-root-ID.key.passphrase"]);
    expect(beside.slice(1).map((name) => statSync(join(folder, name)).mode & 0o777)).toEqual([0o600, 0o600]);
  });

  test("is made once: a second create is refused and changes nothing", async () => {
    const files = (): string[] =>
      readdirSync(caFolder, { recursive: true, encoding: "utf8" }).filter((name) => statSync(join(caFolder, name)).isFile());
    const contents = (): string[] => [...readdirSync(folder), ...files().map((name) => name + readFileSync(join(caFolder, name), "hex"))];
    const before = contents();
    await expect(BuiltInCa.create(caFolder, { ...SETTINGS, organisation: "Another" }, at(NOW))).rejects.toThrow(AuthorityExistsError);
    expect(contents()).toEqual(before);
  });

  test("that holds no authority is told", async () => {
    expect(BuiltInCa.exists(join(folder, "nothing"))).toBe(false);
    await expect(BuiltInCa.open(join(folder, "nothing"), at(NOW))).rejects.toThrow(NoAuthorityError);
  });

  test("opened again issues under the same CA", async () => {
    const again = await BuiltInCa.open(caFolder, at(NOW));
    expect([again.root, again.issuer]).toEqual([ca.root, ca.issuer]);
    expect((await issued({}, again)).verify(issuing.publicKey)).toBe(true);
  });
});
