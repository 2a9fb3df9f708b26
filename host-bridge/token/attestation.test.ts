// Attestations, made by the firmware under a root made here: judged by openssl, and refused when anything about them is not as it should be.

import { X509Certificate } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { ATTESTATION_PURPOSE } from "../../protocol/attestation.ts";
import { encodeTlv } from "../../protocol/ber-tlv.ts";
import { bytesToHex } from "../../protocol/bytes.ts";
import {
  ALG_P256,
  ALG_P384,
  BUTTON_POLICY_CACHED,
  BUTTON_POLICY_NEVER,
  OBJECT_ATTESTATION_CERTIFICATE,
  ORIGIN_GENERATED,
  PIN_POLICY_ALWAYS,
  PIN_POLICY_ONCE,
  SLOT_AUTHENTICATION,
  SLOT_FIRST_RETIRED,
  SLOT_SIGNATURE,
} from "../../protocol/piv.ts";
import { FIELD_PUBLIC_KEY, withExtensions, withField } from "../../test/support/changed-certificate.ts";
import { mustRun, run } from "../../test/support/run.ts";
import { ascii, PIN, SECRETS, SERIAL, SimulatedToken } from "../../test/support/simulated-token.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { type AttestationRoot, certifyAttestationKey, createRoot } from "../factory/attestation-root.ts";
import { provisionToken } from "../factory/provision.ts";
import { parseAttestation, verifyAttestation } from "./attestation.ts";
import { AttestationError, type AttestationProblem, verifyAttestationKey } from "./attestation-key.ts";
import { initialiseToken } from "./initialise.ts";

const NOW = new Date("2026-03-01T10:20:30.456Z");
const folder = temporaryFolder();

interface Bench {
  readonly token: SimulatedToken;
  readonly root: AttestationRoot;
  /** All DER. */
  readonly rootDer: Uint8Array;
  readonly certificate: Uint8Array;
}

let bench: Bench;
/** Of a P-256 key in 9C and a P-384 key in the first retired slot. */
let p256: Uint8Array;
let p384: Uint8Array;
let points: { readonly p256: Uint8Array; readonly p384: Uint8Array };

async function provisioned(rootName: string): Promise<Bench> {
  const token = new SimulatedToken();
  const root = await createRoot(join(folder, "factory"), rootName, NOW);
  const client = token.client();
  const certificate = await provisionToken(client, root, NOW);
  await initialiseToken(client, ascii(PIN), () => SECRETS);
  client.close();
  return { token, root, rootDer: new Uint8Array(root.certificate.rawData), certificate };
}

async function attest(of: Bench, slot: number): Promise<Uint8Array> {
  const client = of.token.client();
  await client.verifyPin(ascii(PIN));
  const attestation = await client.attest(slot);
  client.close();
  return attestation;
}

beforeAll(async () => {
  bench = await provisioned("test");
  const officer = await bench.token.officer();
  points = {
    p256: await officer.generateKey(SLOT_SIGNATURE, { pin: PIN_POLICY_ALWAYS, button: BUTTON_POLICY_CACHED }),
    p384: await officer.generateKey(SLOT_FIRST_RETIRED, { pin: PIN_POLICY_ONCE, button: BUTTON_POLICY_NEVER }, { algorithm: ALG_P384 }),
  };
  officer.close();
  p256 = await attest(bench, SLOT_SIGNATURE);
  p384 = await attest(bench, SLOT_FIRST_RETIRED);
});

const pem = (name: string, der: Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, new X509Certificate(der).toString());
  return path;
};

/** What is wrong with it; null: nothing. */
function problemOf(attestation: Uint8Array, of: Partial<Bench> = {}, at = NOW): AttestationProblem | null {
  try {
    verifyAttestation(attestation, of.certificate ?? bench.certificate, { roots: [of.rootDer ?? bench.rootDer], at });
    return null;
  } catch (error) {
    if (error instanceof AttestationError) return error.problem;
    throw error;
  }
}

describe("an attestation tells", () => {
  test("the key, its policies, its slot and its token", () => {
    const token = { serial: String(SERIAL), firmware: [0, 1, 0], origin: ORIGIN_GENERATED, profile: "strict", isSimulated: true };
    const trust = { roots: [bench.rootDer], at: NOW };
    expect(verifyAttestation(p256, bench.certificate, trust)).toEqual({
      ...token,
      slot: SLOT_SIGNATURE,
      pinPolicy: PIN_POLICY_ALWAYS,
      buttonPolicy: BUTTON_POLICY_CACHED,
      algorithm: ALG_P256,
      publicKey: points.p256,
    });
    expect(verifyAttestation(p384, bench.certificate, trust)).toEqual({
      ...token,
      slot: SLOT_FIRST_RETIRED,
      pinPolicy: PIN_POLICY_ONCE,
      buttonPolicy: BUTTON_POLICY_NEVER,
      algorithm: ALG_P384,
      publicKey: points.p384,
    });
  });

  test("the same under one of several roots, and which of them it was", async () => {
    const other = await createRoot(join(folder, "factory"), "other", NOW);
    const roots = [new Uint8Array(other.certificate.rawData), new Uint8Array([1, 2, 3]), bench.rootDer];
    expect(verifyAttestation(p256, bench.certificate, { roots, at: NOW }).slot).toBe(SLOT_SIGNATURE);
    expect(verifyAttestationKey(bench.certificate, { roots, at: NOW }).root).toEqual(bench.rootDer);
  });
});

describe("openssl", () => {
  test("verifies the chain of a P-256 and of a P-384 key, strictly", () => {
    const chain = ["-CAfile", pem("root.pem", bench.rootDer), "-untrusted", pem("f9.pem", bench.certificate)];
    for (const [name, attestation] of [["p256.pem", p256] as const, ["p384.pem", p384] as const]) {
      const path = pem(name, attestation);
      // The attestation root has just been made, at a moment that this test gave.
      const at = ["-attime", String(Math.floor(NOW.getTime() / 1000))];
      expect(mustRun("openssl", ["verify", "-x509_strict", "-check_ss_sig", ...at, ...chain, path])).toBe(`${path}: OK\n`);
    }
  });

  test("does not verify it under another root of the same name", async () => {
    const stranger = await createRoot(join(folder, "elsewhere"), "test", NOW);
    const chain = [
      "-CAfile",
      pem("stranger.pem", new Uint8Array(stranger.certificate.rawData)),
      "-untrusted",
      pem("f9.pem", bench.certificate),
    ];
    expect(run("openssl", ["verify", ...chain, pem("p256.pem", p256)]).status).not.toBe(0);
  });

  test("shows what it says: no CA, one purpose, slot, policies, serial number, profile", () => {
    const path = pem("p256.pem", p256);
    const text = mustRun("openssl", ["x509", "-in", path, "-noout", "-text"]);
    expect(text).toMatch(/Subject: CN = Sceau attestation 9C\n/);
    expect(text).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
    expect(text).toContain(`Extended Key Usage: critical\n                ${ATTESTATION_PURPOSE}\n`);
    expect(text).not.toContain("X509v3 Key Usage");
    const parsed = mustRun("openssl", ["asn1parse", "-in", path, "-strparse", offsetOfExtension(path)]);
    const values = [...parsed.matchAll(/prim: (\w+) .*?:(.*)$/gm)].map(([, type, value]) => `${type} ${value?.replace("[HEX DUMP]:", "")}`);
    expect(values).toEqual([
      "INTEGER 01",
      `INTEGER ${SERIAL.toString(16).toUpperCase().padStart(8, "0")}`,
      "OCTET 000100",
      "INTEGER 9C",
      "INTEGER 03",
      "INTEGER 03",
      "INTEGER 01",
      "UTF8STRING strict",
      "BOOLEAN 255",
    ]);
  });

  test("finds the root and the attestation key's certificate sound: 25 years, path lengths, key usage", () => {
    const show = (name: string, der: Uint8Array): string =>
      mustRun("openssl", ["x509", "-in", pem(name, der), "-noout", "-text", "-nameopt", "oneline"]);
    const [root, f9] = [show("root.pem", bench.rootDer), show("f9.pem", bench.certificate)];
    expect(root).toMatch(/Subject: O = Sceau, CN = test attestation root, serialNumber = [0-9a-f]{16}\n/);
    expect(root).toMatch(/critical\s+CA:TRUE, pathlen:1\s[\s\S]*critical\s+Certificate Sign\n/);
    expect(f9).toContain(`Subject: O = Sceau, CN = Attestation key of Sceau unit test, serialNumber = ${SERIAL}\n`);
    expect(f9).toMatch(/critical\s+CA:TRUE, pathlen:0\s[\s\S]*critical\s+Digital Signature, Certificate Sign\n/);
    for (const text of [root, f9]) expect(text).toMatch(/Not Before: Mar {2}1 10:20:30 2026 GMT\s+Not After : Mar {2}1 10:20:30 2051 GMT/);
    expect(bench.certificate.length).toBeLessThanOrEqual(1024);
  });
});

/** Where the attestation's extension begins, for `openssl asn1parse -strparse`. */
function offsetOfExtension(path: string): string {
  const lines = mustRun("openssl", ["asn1parse", "-in", path]).split("\n");
  const line =
    lines[lines.findIndex((each) => each.includes("1.2.840.113556.1.8000.2554.24124.3450.37300.20262.43219.814962.14791829")) + 1] ?? "";
  return /^ *(\d+):.*OCTET STRING/.exec(line)?.[1] ?? "none";
}

/** The same certificate with these bytes (hexadecimal) in place of others, of which there must be one occurrence. */
function replaced(certificate: Uint8Array, before: string, after: string): Uint8Array {
  const hex = bytesToHex(certificate);
  expect(hex.split(before).length).toBe(2);
  return Buffer.from(hex.replace(before, after), "hex");
}

describe("refused is", () => {
  test("an attestation under another root, or with no root at all", async () => {
    const other = await provisioned("stranger");
    expect(problemOf(p256, { rootDer: other.rootDer })).toBe("untrusted");
    expect(() => verifyAttestation(p256, bench.certificate, { roots: [], at: NOW })).toThrow(AttestationError);
  });

  test("a root that may not issue attestation keys: the attestation key's own certificate, the attestation", () => {
    expect(problemOf(p256, { rootDer: bench.certificate })).toBe("untrusted");
    expect(problemOf(p256, { rootDer: p256 })).toBe("untrusted");
  });

  test("an attestation signed by another token's key", async () => {
    const other = await provisioned("another");
    expect(problemOf(p256, { certificate: other.certificate, rootDer: other.rootDer })).toBe("forged");
    expect(problemOf(p256, { certificate: other.certificate })).toBe("forged"); // «untrusted» would say that nothing else is wrong
  });

  test("a token that tells another serial number than its attestation key's certificate", async () => {
    const token = new SimulatedToken();
    const client = token.client();
    const certificate = await certifyAttestationKey(
      bench.root,
      await client.vendor.factoryKey(),
      { serial: "1", model: "Sceau unit test" },
      NOW,
    );
    await client.vendor.factorySeal(certificate);
    await initialiseToken(client, ascii(PIN), () => SECRETS);
    client.close();
    await token.makeKey(SLOT_SIGNATURE);
    expect(problemOf(await attest({ ...bench, token }, SLOT_SIGNATURE), { certificate })).toBe("other-serial");
  });

  test("what is not DER, though the same once it is read: a length with a byte to spare", () => {
    const whole = p256.slice(4); // 30 82 xx xx
    const spare = Buffer.concat([Buffer.from([0x30, 0x83, 0, whole.length >> 8, whole.length & 0xff]), whole]);
    expect(problemOf(spare)).toBe("unreadable");
    expect(problemOf(replaced(p256, "a003020102", "a08103020102"))).toBe("unreadable");
  });

  test("a serial number that is negative, empty, or longer than it must be; a time before 2050 with four digits for its year", () => {
    const withSerial = (hex: string) => problemOf(withField(p256, 1, encodeTlv(0x02, [Buffer.from(hex, "hex")])));
    for (const hex of ["", "80", "0001", `01${"00".repeat(20)}`]) expect([hex, withSerial(hex)]).toEqual([hex, "unreadable"]);
    for (const hex of ["00", "0080", "7f"]) expect([hex, withSerial(hex)]).toEqual([hex, "forged"]);
    const until = (tag: number, text: string) =>
      problemOf(withField(p256, 4, encodeTlv(0x30, [encodeTlv(0x17, [ascii("260301102030Z")]), encodeTlv(tag, [ascii(text)])])));
    expect([until(0x17, "491231235959Z"), until(0x18, "20491231235959Z")]).toEqual(["forged", "unreadable"]);
    expect([until(0x18, "20500101000000Z"), until(0x17, "20500101000000Z")]).toEqual(["forged", "unreadable"]);
  });

  test("another key in place of the one that was attested", () => {
    const keyInfo = (certificate: Uint8Array): Uint8Array =>
      new Uint8Array(new X509Certificate(certificate).publicKey.export({ type: "spki", format: "der" }));
    const swapped = withField(p256, FIELD_PUBLIC_KEY, keyInfo(bench.certificate));
    expect(new X509Certificate(swapped).publicKey.equals(new X509Certificate(bench.certificate).publicKey)).toBe(true);
    expect(problemOf(swapped)).toBe("forged");
    const chain = ["-CAfile", pem("root.pem", bench.rootDer), "-untrusted", pem("f9.pem", bench.certificate)];
    expect(run("openssl", ["verify", ...chain, pem("swapped.pem", swapped)]).stderr).toContain("certificate signature failure");
  });

  test("another policy, another slot, another profile than the token told", () => {
    // slot 9C, PIN always, button cached → PIN never
    const policies = replaced(p256, "0202009c020103020103", "0202009c020101020103");
    expect(parseAttestation(policies).pinPolicy).toBe(1);
    expect(problemOf(policies)).toBe("forged");
    expect(problemOf(replaced(p256, "0202009c020103020103", "0202009a020103020103"))).toBe("unreadable"); // its subject names 9C
    expect(problemOf(replaced(p256, Buffer.from("strict").toString("hex"), Buffer.from("compat").toString("hex")))).toBe("forged");
    expect(problemOf(replaced(p256, Buffer.from("strict").toString("hex"), Buffer.from("secure").toString("hex")))).toBe("unreadable");
  });

  test("an extension twice, one more than there should be, one that is missing, a form of a later version", () => {
    expect(problemOf(withExtensions(p256, (list) => list))).toBeNull();
    const unknown = encodeTlv(0x30, [encodeTlv(0x06, [Buffer.from("551d36", "hex")]), encodeTlv(0x04, [new Uint8Array([0x05, 0])])]);
    const changes: ((list: Uint8Array[]) => Uint8Array[])[] = [
      (list) => [...list, list[3] as Uint8Array],
      (list) => [...list, unknown],
      (list) => list.slice(1),
      (list) => list.slice(0, 3),
    ];
    for (const change of changes) expect(problemOf(withExtensions(p256, change))).toBe("unreadable");
    expect(problemOf(replaced(p256, "020101020", "020102020"))).toBe("unknown-version");
  });

  test("a time outside the certificates' validity", () => {
    expect(problemOf(p256, {}, new Date("2026-03-01T10:20:29Z"))).toBe("not-yet-valid");
    expect(problemOf(p256, {}, new Date("2051-03-01T10:20:31Z"))).toBe("expired");
    expect(problemOf(p256, {}, new Date("2051-03-01T10:20:30Z"))).toBeNull();
  });

  test("what is no certificate of an attestation key, and what is no attestation", () => {
    expect(problemOf(p256, { certificate: p256 })).toBe("no-attestation-key");
    expect(problemOf(p256, { certificate: bench.rootDer })).toBe("no-attestation-key");
    expect(problemOf(bench.certificate)).toBe("unreadable");
    expect(problemOf(new Uint8Array(0))).toBe("unreadable");
  });
});

describe("whatever the bytes", () => {
  test("a flipped bit, in the attestation or in the attestation key's certificate, never verifies", () => {
    const flipped = (bytes: Uint8Array, bit: number): Uint8Array => {
      const copy = new Uint8Array(bytes);
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return copy;
    };
    const anyBit = fc.record({ attestation: fc.nat(p256.length * 8 - 1), certificate: fc.nat(bench.certificate.length * 8 - 1) });
    fc.assert(
      fc.property(anyBit, ({ attestation, certificate }) => {
        expect(problemOf(flipped(p256, attestation))).not.toBeNull();
        expect(problemOf(p256, { certificate: flipped(bench.certificate, certificate) })).not.toBeNull();
      }),
      { numRuns: 800 },
    );
  });

  test("cut short, or with more behind it, it is refused", () => {
    for (let length = 0; length < p256.length; length += 7) expect(problemOf(p256.slice(0, length))).toBe("unreadable");
    expect(problemOf(Buffer.concat([p256, Buffer.from([0])]))).toBe("unreadable");
  });

  test("bytes that are none of it throw nothing but AttestationError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(problemOf(encodeTlv(0x30, [bytes]))).toBe("unreadable");
        expect(problemOf(p256, { certificate: encodeTlv(0x30, [bytes]) })).toBe("no-attestation-key");
        expect(problemOf(p256, { rootDer: bytes })).toBe("untrusted");
      }),
    );
  });
});

describe("the token attests", () => {
  test("only to who has proved the PIN or the management key", async () => {
    const client = bench.token.client();
    await expect(client.attest(SLOT_SIGNATURE)).rejects.toMatchObject({ sw: 0x6982 });
    client.close();
    const officer = await bench.token.officer();
    expect(problemOf(await officer.attest(SLOT_SIGNATURE))).toBeNull();
    await expect(officer.attest(SLOT_AUTHENTICATION)).rejects.toMatchObject({ sw: 0x6a82 });
    officer.close();
  });

  test("with a serial number of its own each time, and shows its certificate to anybody", async () => {
    const numbers = new Set([p256, await attest(bench, SLOT_SIGNATURE)].map((der) => new X509Certificate(der).serialNumber));
    expect([...numbers].map((number) => number.length)).toEqual([32, 32]);
    const client = bench.token.client();
    expect(await client.readCertificate(OBJECT_ATTESTATION_CERTIFICATE)).toEqual(bench.certificate);
    expect(await client.deviceInfo()).toMatchObject({ isSealed: true, profile: "strict" });
    client.close();
  });
});
