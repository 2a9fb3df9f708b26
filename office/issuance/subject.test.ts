// Who and what may be certified at all: refused before anything is issued or made.

import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { encodeTlv } from "../../protocol/ber-tlv.ts";
import { requestBytes } from "../../test/support/certification-requests.ts";
import { mustRun } from "../../test/support/run.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { BuiltInCa } from "./built-in-ca.ts";
import { AuthoritySettingsError, type Person } from "./certificate-authority.ts";
import { generatePrivateKey, keyInMemory } from "./key-file.ts";
import { certifyPerson } from "./person-certificate.ts";

const UTF8_STRING = 0x0c;
const PERSON: Person = { givenName: "A", surname: "B", email: "a@b.example", organisation: "O", country: "FR", number: "1" };
const SETTINGS = { publicUrl: "http://127.0.0.1", organisation: "Test", country: "FR" };
const clock = { now: () => new Date("2026-01-01T00:00:00Z") };

const folder = temporaryFolder();
let ca: BuiltInCa;

beforeAll(async () => {
  ca = await BuiltInCa.create(join(folder, "ca"), SETTINGS, clock);
});

describe("a person is refused with", () => {
  test.each<Partial<Person>>([
    { givenName: "" },
    { surname: " " },
    { organisation: "" },
    { organisation: "x".repeat(65) },
    { givenName: "x".repeat(40), surname: "y".repeat(40) },
    { surname: "B\n" },
    { givenName: "\u001b[2J" },
    { givenName: "\u202eA" },
    { givenName: "\ud800" },
    { country: "FRA" },
    { country: "É1" },
    { country: "" },
    { email: "a" },
    { email: "a@b@c" },
    { email: "é@b.example" },
    { email: "@b.example" },
    { email: "a@" },
    { email: "a b@c" },
    { number: "" },
    { number: "n°1" },
    { title: "" },
    { title: "x".repeat(65) },
    { title: "Dr\n" },
    { membership: { association: "", number: "1" } },
    { membership: { association: "Ordre", number: " " } },
    { membership: { association: "x".repeat(40), number: "y".repeat(40) } },
    { membership: { association: "Ordre\u202e", number: "1" } },
  ])("%j", async (part) => {
    const order = { person: { ...PERSON, ...part }, request: await requestBytes() };
    await expect(ca.issueSigning(order)).rejects.toMatchObject({ name: "IssuanceError", refusal: "person" });
  });
});

test("whatever somebody types as a person's names stands in the certificate as it was typed, or is refused", async () => {
  const issuer = { name: "issuing", certificate: ca.issuer, key: keyInMemory(generatePrivateKey("P-256")) };
  const { publicKey } = issuer.key;
  const text = fc.oneof(fc.string({ unit: "grapheme", maxLength: 70 }), fc.string({ unit: "binary", maxLength: 20 }));
  await fc.assert(
    fc.asyncProperty(text, text, text, text, async (givenName, surname, organisation, title) => {
      const person = { ...PERSON, givenName, surname, organisation, title, membership: { association: organisation, number: "1" } };
      try {
        const order = { profile: "SIGN-LCP", person, publicKey, issuer, publicUrl: SETTINGS.publicUrl, now: clock.now() } as const;
        const { der } = await certifyPerson(order);
        for (const name of [givenName, surname, organisation, title, `${organisation}: 1`, `${givenName} ${surname}`]) {
          expect(Buffer.from(der).includes(Buffer.from(encodeTlv(UTF8_STRING, [Buffer.from(name, "utf8")])))).toBe(true);
        }
      } catch (error) {
        expect(error).toMatchObject({ name: "IssuanceError", refusal: "person" });
      }
    }),
  );
});

test("S12: title and membership stand in the certificate's subject, as openssl reads it, and only of those who have them", async () => {
  const subjectOf = async (person: Person): Promise<string> => {
    const file = join(folder, "s12.cer");
    writeFileSync(file, await ca.issueSigning({ person, request: await requestBytes() }));
    return mustRun("openssl", [
      "x509",
      "-inform",
      "DER",
      "-in",
      file,
      "-noout",
      "-subject",
      "-nameopt",
      "RFC2253,utf8,-esc_msb,oid,show_type",
    ]);
  };
  const membership = { association: "Ordre des notaires", number: "75/0042" };
  const subject = await subjectOf({ ...PERSON, title: 'Notaire associée, "hon."', membership });
  expect(subject).toContain('2.5.4.12=UTF8STRING:Notaire associée\\, \\"hon.\\"');
  expect(subject).toContain("2.5.4.11=UTF8STRING:Ordre des notaires: 75/0042");
  expect(subject.match(/2\.5\.4\.\d+/g)).toEqual(["3", "5", "12", "42", "4", "11", "10", "6"].map((arc) => `2.5.4.${arc}`));
  const without = await subjectOf({ ...PERSON, title: null, membership: null });
  expect(without.match(/2\.5\.4\.\d+/g)).toEqual(["3", "5", "42", "4", "10", "6"].map((arc) => `2.5.4.${arc}`));
});

test("64 characters are not too many, whatever they are", async () => {
  const person = { ...PERSON, organisation: "🖋".repeat(64), givenName: "é".repeat(32), surname: "b".repeat(31) };
  expect((await ca.issueSigning({ person, request: await requestBytes() })).length).toBeGreaterThan(0);
});

test("an authority whose certificate has expired refuses with that reason", async () => {
  const late = await BuiltInCa.open(join(folder, "ca"), { now: () => new Date("2036-01-01T00:00:00Z") });
  const order = { person: PERSON, request: await requestBytes() };
  await expect(late.issueSigning(order)).rejects.toMatchObject({ name: "IssuanceError", refusal: "expired-issuer" });
});

describe("an authority is not made with", () => {
  test.each([
    { publicUrl: "office.example.org" },
    { publicUrl: "javascript:alert(1)" },
    { publicUrl: "https://é.example" },
    { organisation: "" },
    { organisation: "x".repeat(60) },
    { country: "F" },
  ])("%j", async (part) => {
    await expect(BuiltInCa.create(join(folder, "none"), { ...SETTINGS, ...part }, clock)).rejects.toThrow(AuthoritySettingsError);
    expect(existsSync(join(folder, "none"))).toBe(false);
  });
});
