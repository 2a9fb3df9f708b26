// Attestation roots: made whole or not at all, their owner's alone, and what they certify.

import { X509Certificate } from "node:crypto";
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { mustRun } from "../../test/support/run.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { SIMULATOR_ROOT, verifyAttestationKey } from "../token/attestation-key.ts";
import type { TokenClient } from "../token/token-client.ts";
import {
  certifyAttestationKey,
  createRoot,
  openOrCreateRoot,
  openRoot,
  rootCertificates,
  rootFile,
  rootNames,
} from "./attestation-root.ts";
import { provisionToken } from "./provision.ts";

const NOW = new Date("2026-03-01T10:20:30Z");
const DEVICE = { serial: "40718225", model: "Sceau unit test" };
/** Of a key that openssl made: the point of P-256 at the end of its SubjectPublicKeyInfo. */
const POINT = new Uint8Array(
  Buffer.from(
    mustRun("sh", ["-c", "openssl ecparam -genkey -name prime256v1 -noout | openssl pkey -pubout -outform DER | base64 -w0"]),
    "base64",
  ).subarray(-65),
);

const base = temporaryFolder();
let count = 0;
const place = (): string => join(base, String(count++), "factory");

describe("a root", () => {
  test("is a folder of its owner's alone, with a key and a certificate that belong together", async () => {
    const folder = place();
    await createRoot(folder, "paris-2026", NOW);
    const mode = (...path: string[]): number => statSync(join(folder, ...path)).mode & 0o777;
    expect([mode(), mode("paris-2026"), mode("paris-2026", "root.key")]).toEqual([0o700, 0o700, 0o600]);
    expect(readdirSync(folder)).toEqual(["paris-2026"]);
    expect(readdirSync(join(folder, "paris-2026")).sort()).toEqual(["root.key", "root.pem"]);
    const ofKey = mustRun("openssl", ["pkey", "-in", join(folder, "paris-2026", "root.key"), "-pubout"]);
    expect(mustRun("openssl", ["x509", "-in", rootFile(folder, "paris-2026"), "-noout", "-pubkey"])).toBe(ofKey);
  });

  test("is found again by its name, and its certificate among those to believe", async () => {
    const folder = place();
    const made = await createRoot(folder, "one", NOW);
    await createRoot(folder, "two", NOW);
    writeFileSync(join(folder, "notes.txt"), "not a root");
    const opened = await openRoot(folder, "one");
    const certificate = await certifyAttestationKey(opened, POINT, DEVICE, NOW);
    expect(rootNames(folder)).toEqual(["one", "two"]);
    const { root, serial, point } = verifyAttestationKey(certificate, { roots: rootCertificates(folder), at: NOW });
    expect([root, serial, point]).toEqual([new Uint8Array(made.certificate.rawData), DEVICE.serial, POINT]);
  });

  test("has a name of its own in its certificate, even when another was made with the same", async () => {
    const subjects = await Promise.all(
      [place(), place()].map(async (folder) => (await createRoot(folder, "same", NOW)).certificate.subject),
    );
    expect(new Set(subjects).size).toBe(2);
  });

  test("is made once when two make it at the same time", async () => {
    const folder = place();
    const both = await Promise.all([openOrCreateRoot(folder, "simulator", NOW), openOrCreateRoot(folder, "simulator", NOW)]);
    expect(new Set(both.map(({ certificate }) => certificate.serialNumber)).size).toBe(1);
    expect(readdirSync(folder)).toEqual(["simulator"]);
  });
});

describe("refused is", () => {
  test("a second root of one name; the first stays as it is", async () => {
    const folder = place();
    await createRoot(folder, "one", NOW);
    const before = readFileSync(rootFile(folder, "one"), "utf8");
    await expect(createRoot(folder, "one", NOW)).rejects.toMatchObject({ problem: "root-exists", detail: "one" });
    expect(readFileSync(rootFile(folder, "one"), "utf8")).toBe(before);
  });

  test.each(["", ".", "..", "../one", "a/b", ".hidden", "-x", "é", "a".repeat(33)])("the name «%s»", async (name) => {
    const folder = place();
    await expect(createRoot(folder, name, NOW)).rejects.toMatchObject({ problem: "root-name" });
    await expect(openRoot(folder, name)).rejects.toMatchObject({ problem: "root-name" });
    expect(existsSync(folder)).toBe(false);
  });

  test("a root that is not there, and one whose files are damaged", async () => {
    const folder = place();
    await expect(openRoot(folder, "one")).rejects.toMatchObject({ problem: "no-root" });
    await createRoot(folder, "one", NOW);
    writeFileSync(join(folder, "one", "root.key"), "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    await expect(openRoot(folder, "one")).rejects.toMatchObject({ problem: "bad-root" });
    writeFileSync(rootFile(folder, "one"), "nothing");
    expect(() => rootCertificates(folder)).toThrow(expect.objectContaining({ problem: "bad-root" }));
  });

  test("to certify with a key that is not the certificate's: the token would keep for ever what nobody believes", async () => {
    const folder = place();
    await createRoot(folder, "one", NOW);
    await createRoot(folder, "two", NOW);
    copyFileSync(join(folder, "two", "root.key"), join(folder, "one", "root.key"));
    const mixed = await openRoot(folder, "one");
    await expect(certifyAttestationKey(mixed, POINT, DEVICE, NOW)).rejects.toMatchObject({ problem: "bad-root" });
  });

  test("to provision a token that is no simulator with the simulators' root, before it is asked for anything", async () => {
    const root = await createRoot(place(), SIMULATOR_ROOT, NOW);
    const board = { deviceInfo: async () => ({ ...DEVICE, isSealed: false, isSimulated: false }) } as unknown as TokenClient;
    await expect(provisionToken(board, root, NOW)).rejects.toMatchObject({ problem: "simulator-root" });
  });

  test("to certify with a root that has expired, or a model that no certificate can say", async () => {
    const root = await createRoot(place(), "one", NOW);
    const late = new Date("2051-03-01T10:20:30Z");
    await expect(certifyAttestationKey(root, POINT, DEVICE, late)).rejects.toMatchObject({ problem: "expired-root" });
    for (const model of ["", "a\u0000b", "x".repeat(41), "é"]) {
      await expect(certifyAttestationKey(root, POINT, { ...DEVICE, model }, NOW)).rejects.toMatchObject({ problem: "model" });
    }
  });
});

test("a certificate of an attestation key takes the model as it is given, and ends with its root", async () => {
  const root = await createRoot(place(), "one", NOW);
  const der = await certifyAttestationKey(root, POINT, { serial: "7", model: 'O=#"Sceau", CN=x' }, new Date("2030-01-01T00:00:00.999Z"));
  const certificate = new X509Certificate(der);
  expect(certificate.subject.split("\n")).toHaveLength(3);
  expect(der.length).toBeLessThanOrEqual(1024);
  expect(new Date(certificate.validFrom)).toEqual(new Date("2030-01-01T00:00:00Z"));
  expect(certificate.validTo).toBe(new X509Certificate(new Uint8Array(root.certificate.rawData)).validTo);
});
