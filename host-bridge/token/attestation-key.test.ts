// Certificates of attestation keys: which a root must have issued, and which form they must have. What the key signs: attestation.test.ts.

import { generateKeyPairSync, webcrypto } from "node:crypto";
import "reflect-metadata"; // before @peculiar/x509, which needs it
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  type Name,
  PublicKey,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { beforeAll, describe, expect, test } from "vitest";
import { bytesToHex } from "../../protocol/bytes.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { type AttestationRoot, certifyAttestationKey, createRoot } from "../factory/attestation-root.ts";
import { AttestationError, type AttestationProblem, keyIdentifier, SIMULATOR_ROOT, verifyAttestationKey } from "./attestation-key.ts";

const NOW = new Date("2026-03-01T10:20:30Z");
const LATER = new Date("2030-01-01T00:00:00Z");
const DEVICE = { serial: "40718225", model: "Sceau unit test" };
const ECDSA = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const { keyCertSign, cRLSign, digitalSignature } = KeyUsageFlags;

const folder = temporaryFolder();
const keyInfo = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).publicKey.export({ type: "spki", format: "der" });
const point = new Uint8Array(keyInfo.subarray(-65));

let root: AttestationRoot;
let rootDer: Uint8Array;
let certificate: Uint8Array;

beforeAll(async () => {
  root = await createRoot(folder, "test", NOW);
  rootDer = new Uint8Array(root.certificate.rawData);
  certificate = await certifyAttestationKey(root, point, DEVICE, NOW);
});

/** What is wrong with it; null: nothing. */
function problemOf(key: Uint8Array, roots: readonly Uint8Array[], at = NOW): AttestationProblem | null {
  try {
    verifyAttestationKey(key, { roots, at });
    return null;
  } catch (error) {
    if (error instanceof AttestationError) return error.problem;
    throw error;
  }
}

interface Fields {
  readonly subject: Name | string;
  readonly publicKey: PublicKey;
  readonly extensions: Extension[];
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** A certificate by the root's key, under the name that the root has. */
async function issued(fields: Fields): Promise<Uint8Array> {
  const params = {
    ...fields,
    issuer: root.certificate.subjectName,
    serialNumber: "01",
    signingAlgorithm: ECDSA,
    signingKey: root.privateKey,
  };
  return new Uint8Array((await X509CertificateGenerator.create(params, webcrypto)).rawData);
}

/** The root's certificate again, by its own key, with something changed. */
function rootAgain(changes: Partial<Fields>): Promise<Uint8Array> {
  const { subjectName: subject, publicKey, notBefore, notAfter } = root.certificate;
  return issued({ subject, publicKey, notBefore, notAfter, extensions: [], ...changes });
}

/** The attestation key's certificate again, by the root, with something changed. */
function certificateAgain(changes: Partial<Fields>): Promise<Uint8Array> {
  const { subjectName: subject, notBefore, notAfter } = new X509Certificate(certificate);
  return issued({ subject, publicKey: new PublicKey(keyInfo), notBefore, notAfter, extensions: soundExtensions(), ...changes });
}

const limits = new BasicConstraintsExtension(true, 0, true);
const usage = new KeyUsagesExtension(keyCertSign | digitalSignature, true);
const ownName = new SubjectKeyIdentifierExtension(bytesToHex(keyIdentifier(point)));
const issuerName = new AuthorityKeyIdentifierExtension("00".repeat(20));
const soundExtensions = (): Extension[] => [limits, usage, ownName, issuerName];

test("an attestation key is told with its token, its model, its point and the root that vouches for it", () => {
  const told = verifyAttestationKey(certificate, { roots: [new Uint8Array([1, 2, 3]), rootDer], at: NOW });
  expect(told).toMatchObject({ ...DEVICE, point, root: rootDer });
  expect(told.publicKey.export({ type: "spki", format: "der" })).toEqual(keyInfo);
});

describe("untrusted is a certificate", () => {
  test("by no root that is given", async () => {
    const stranger = await createRoot(folder, "stranger", NOW);
    expect(problemOf(certificate, [])).toBe("untrusted");
    expect(problemOf(certificate, [new Uint8Array(stranger.certificate.rawData)])).toBe("untrusted");
  });

  test("by the right key under another name, or by a root with an extension twice", async () => {
    const extensions = [new BasicConstraintsExtension(true, 1, true), new KeyUsagesExtension(keyCertSign, true)];
    expect(problemOf(certificate, [await rootAgain({ extensions })])).toBeNull();
    expect(problemOf(certificate, [await rootAgain({ extensions, subject: "CN=Another root" })])).toBe("untrusted");
    const twice = [new BasicConstraintsExtension(true, undefined, true), ...extensions];
    expect(problemOf(certificate, [await rootAgain({ extensions: twice })])).toBe("untrusted");
  });
});

test("a root that may have no CA below it vouches for none", async () => {
  const judge = async (constraints: Extension, usages: number): Promise<AttestationProblem | null> =>
    problemOf(certificate, [await rootAgain({ extensions: [constraints, new KeyUsagesExtension(usages, true)] })]);
  const saidFalse = new Extension("2.5.29.19", true, Buffer.from("3003010100", "hex"));
  expect(await judge(new BasicConstraintsExtension(true, undefined, true), keyCertSign | cRLSign)).toBeNull();
  expect(await judge(new BasicConstraintsExtension(true, 0, true), keyCertSign)).toBe("not-a-ca");
  expect(await judge(new BasicConstraintsExtension(false, undefined, true), keyCertSign)).toBe("not-a-ca");
  expect(await judge(saidFalse, keyCertSign)).toBe("not-a-ca");
  expect(await judge(new BasicConstraintsExtension(true, 1, true), cRLSign)).toBe("not-a-ca");
  expect(problemOf(certificate, [await rootAgain({})])).toBe("not-a-ca");
});

test("outside the validity of the root or of the key's own certificate it counts no more, or not yet", async () => {
  const extensions = [new BasicConstraintsExtension(true, 1, true), new KeyUsagesExtension(keyCertSign, true)];
  expect(problemOf(certificate, [await rootAgain({ extensions, notAfter: LATER })], new Date("2030-01-01T00:00:01Z"))).toBe("expired");
  expect(problemOf(certificate, [await rootAgain({ extensions, notBefore: LATER })])).toBe("not-yet-valid");
  expect(problemOf(await certificateAgain({ notAfter: LATER }), [rootDer], new Date("2030-01-01T00:00:01Z"))).toBe("expired");
  expect(problemOf(await certificateAgain({ notBefore: LATER }), [rootDer])).toBe("not-yet-valid");
  expect(problemOf(await certificateAgain({ notBefore: LATER }), [rootDer], LATER)).toBeNull();
});

test("one of several certificates of a root is enough: the expired one before it, or one that is no CA's, is no harm", async () => {
  const extensions = [new BasicConstraintsExtension(true, 1, true), new KeyUsagesExtension(keyCertSign, true)];
  const at = new Date("2030-01-01T00:00:01Z");
  const [expired, noCa] = [await rootAgain({ extensions, notAfter: LATER }), await rootAgain({})];
  expect(problemOf(certificate, [expired, noCa, rootDer], at)).toBeNull();
  expect(problemOf(certificate, [noCa, rootDer, expired], at)).toBeNull();
  expect(problemOf(certificate, [new Uint8Array(0), expired], at)).toBe("expired");
});

test("a root that `sceau sim` made is told as one", async () => {
  const ofSimulator = await createRoot(folder, SIMULATOR_ROOT, NOW);
  const key = await certifyAttestationKey(ofSimulator, point, DEVICE, NOW);
  expect(verifyAttestationKey(key, { roots: [rootDer, new Uint8Array(ofSimulator.certificate.rawData)], at: NOW }).isOfSimulator).toBe(
    true,
  );
  expect(verifyAttestationKey(certificate, { roots: [rootDer], at: NOW }).isOfSimulator).toBe(false);
});

describe("none of an attestation key is a certificate by the root", () => {
  const OTHERS: readonly [string, Extension[]][] = [
    ["other limits", [new BasicConstraintsExtension(true, undefined, true), usage, ownName, issuerName]],
    ["limits that are not critical", [new BasicConstraintsExtension(true, 0, false), usage, ownName, issuerName]],
    ["another usage", [limits, new KeyUsagesExtension(keyCertSign, true), ownName, issuerName]],
    ["another key's name", [limits, usage, new SubjectKeyIdentifierExtension("00".repeat(20)), issuerName]],
    ["one extension less", [limits, usage, ownName]],
    ["one more", [...soundExtensions(), new Extension("2.5.29.54", false, Buffer.from("0500", "hex"))]],
  ];

  test.each(OTHERS)("with %s", async (_, extensions) => {
    expect(problemOf(await certificateAgain({}), [rootDer])).toBeNull();
    expect(problemOf(await certificateAgain({ extensions }), [rootDer])).toBe("no-attestation-key");
  });

  test.each(["CN=no number", "2.5.4.5=007", "2.5.4.5=4294967296", "2.5.4.5=abc", "2.5.4.5=1, 2.5.4.5=2"])(
    "of the subject %s",
    async (subject) => {
      expect(problemOf(await certificateAgain({ subject }), [rootDer])).toBe("no-attestation-key");
    },
  );

  test("with a key of P-384", async () => {
    const other = generateKeyPairSync("ec", { namedCurve: "secp384r1" }).publicKey.export({ type: "spki", format: "der" });
    const name = new SubjectKeyIdentifierExtension(bytesToHex(keyIdentifier(new Uint8Array(other.subarray(-97)))));
    const fields = { publicKey: new PublicKey(other), extensions: [limits, usage, name, issuerName] };
    expect(problemOf(await certificateAgain(fields), [rootDer])).toBe("no-attestation-key");
  });
});
