// CMS signatures by openssl, by ourselves and by forgers.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { replaceCertificates, softwareSigner, withExplicitDefault } from "../../test/support/cms.ts";
import { mustRun } from "../../test/support/run.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { type Issued, intermediateCa, issue, type KeyKind, keyPem, newKeys, pem, rootCa } from "../../test/support/test-certificates.ts";
import { signCades } from "./cades.ts";
import { verifyCms } from "./verify-cms.ts";

const CONTENT = [Buffer.from("The first part of a document, "), Buffer.from("and its second.")];
const folder = temporaryFolder();
const contentFile = join(folder, "content");

let root: Issued;
let leaf: Issued;
let own: Uint8Array;

beforeAll(async () => {
  writeFileSync(contentFile, Buffer.concat(CONTENT));
  root = await rootCa();
  leaf = await issue({ name: "CN=Signer", issuer: root });
  own = await signCades(CONTENT, softwareSigner(leaf));
});

/** A detached signature by `openssl cms`. */
function openssl(signer: Issued, ...options: string[]): Uint8Array {
  const [certificate, key, cms] = ["certificate", "key", "cms"].map((name) => join(folder, name)) as [string, string, string];
  writeFileSync(certificate, pem(signer.der));
  writeFileSync(key, keyPem(signer));
  const files = ["-signer", certificate, "-inkey", key, "-in", contentFile, "-out", cms];
  mustRun("openssl", ["cms", "-sign", "-binary", "-outform", "DER", "-md", "sha256", ...files, ...options]);
  return new Uint8Array(readFileSync(cms));
}

const accepted = (signer: Issued): unknown =>
  expect.objectContaining({ problem: null, signer: expect.objectContaining({ fingerprint256: signer.certificate.fingerprint256 }) });

describe("accepted is a signature over the content", () => {
  test.each<[string, KeyKind, string[]]>([
    ["RSA", "rsa", []],
    ["RSA with SHA-512", "rsa", ["-md", "sha512"]],
    ["RSA-PSS", "rsa", ["-keyopt", "rsa_padding_mode:pss"]],
    ["RSA-PSS with a short salt", "rsa", ["-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:20"]],
    ["P-256", "p256", []],
    ["P-384 with SHA-384", "p384", ["-md", "sha384"]],
    ["P-256, with signing-certificate (CAdES)", "p256", ["-cades"]],
    ["P-384, with a signing-certificate of SHA-384", "p384", ["-cades", "-md", "sha384"]],
  ])("by openssl with %s", async (_, kind, options) => {
    const signer = await issue({ name: "CN=OpenSSL", issuer: root, keys: await newKeys(kind) });
    expect(verifyCms(openssl(signer, ...options), CONTENT)).toEqual(accepted(signer));
  });

  test("by ourselves; openssl accepts it as CAdES, too", () => {
    expect(verifyCms(own, CONTENT)).toEqual(accepted(leaf));
    writeFileSync(join(folder, "own"), own);
    writeFileSync(join(folder, "root.pem"), pem(root.der));
    const files = ["-in", join(folder, "own"), "-content", contentFile, "-CAfile", join(folder, "root.pem"), "-out", "/dev/null"];
    mustRun("openssl", ["cms", "-verify", "-binary", "-cades", "-inform", "DER", "-purpose", "any", ...files]);
  });

  test("with the zeros behind it that /Contents has", () => {
    const padded = new Uint8Array(own.length + 5000);
    padded.set(own);
    expect(verifyCms(padded, CONTENT)).toEqual(accepted(leaf));
  });

  test("with the issuers' certificates beside the signer's", async () => {
    const issuing = await intermediateCa(root, 0);
    const signer = await issue({ name: "CN=Below", issuer: issuing });
    const { certificates, problem } = verifyCms(await signCades(CONTENT, softwareSigner(signer, [issuing.der])), CONTENT);
    expect([problem, certificates.map(({ subject }) => subject)]).toEqual([null, ["CN=Below", "CN=Test issuing CA"]]);
  });

  test("by a certificate that is not quite DER (a default written out, as old CAs did), taken as the bytes that it is", async () => {
    const signer = await withExplicitDefault(leaf, root);
    const result = verifyCms(openssl(signer, "-cades"), CONTENT);
    expect(result).toEqual(accepted(signer));
    expect(result.signer?.verify(root.certificate.publicKey)).toBe(true);
  });

  test("by the certificate of the named issuer, when another has the same serial number", async () => {
    const [issuer, signer] = [await rootCa("CN=One"), await rootCa("CN=Two")];
    const [theirs, mine] = [
      await issue({ name: "CN=Theirs", issuer, serial: "01" }),
      await issue({ name: "CN=Mine", issuer: signer, serial: "01" }),
    ];
    const cms = await signCades(CONTENT, softwareSigner(mine));
    expect(verifyCms(replaceCertificates(cms, [theirs.der, mine.der]), CONTENT)).toEqual(accepted(mine));
  });
});

describe("told is", () => {
  test("an altered content: a byte changed, cut off, or added", () => {
    for (const content of [[Buffer.from("Another document")], CONTENT.slice(0, 1), [...CONTENT, Buffer.from("!")], []]) {
      expect(verifyCms(own, content).problem).toBe("altered");
    }
  });

  test("a signature by another key under the signer's certificate", async () => {
    const stranger = await issue({ name: "CN=Stranger" });
    const cms = await signCades(CONTENT, { ...softwareSigner(stranger), certificate: leaf.der });
    expect(verifyCms(cms, CONTENT).problem).toBe("forged");
  });

  test("another certificate of the same key, issuer and serial number than the one that was signed for", async () => {
    const { keys } = leaf;
    const { serialNumber: serial } = leaf.certificate;
    const promoted = await issue({ name: "CN=Director", issuer: root, serial, keys });
    expect(verifyCms(replaceCertificates(own, [promoted.der]), CONTENT).problem).toBe("other-certificate");
    expect(verifyCms(replaceCertificates(openssl(leaf, "-cades"), [promoted.der]), CONTENT).problem).toBe("other-certificate");
  });

  test("that the signer's certificate is missing", async () => {
    expect(verifyCms(openssl(leaf, "-nocerts"), CONTENT)).toMatchObject({ problem: "no-signer-certificate", signer: null });
    expect(verifyCms(replaceCertificates(own, [root.der]), CONTENT).problem).toBe("no-signer-certificate");
  });

  test("a digest that is not accepted any more (SHA-1)", () => {
    expect(verifyCms(openssl(leaf, "-md", "sha1"), CONTENT).problem).toBe("algorithm");
  });

  test("a signature without signed attributes, over the content alone, as unreadable", () => {
    expect(verifyCms(openssl(leaf, "-noattr"), CONTENT).problem).toBe("unreadable");
  });

  test("another structure, such as encrypted data, as unreadable", () => {
    writeFileSync(join(folder, "recipient"), pem(leaf.der));
    const encrypted = join(folder, "encrypted");
    mustRun("openssl", ["cms", "-encrypt", "-in", contentFile, "-outform", "DER", "-out", encrypted, "-aes256", join(folder, "recipient")]);
    expect(verifyCms(new Uint8Array(readFileSync(encrypted)), CONTENT).problem).toBe("unreadable");
  });

  test("a content type other than data, as unreadable", () => {
    expect(verifyCms(openssl(leaf, "-econtent_type", "1.2.3.4"), CONTENT).problem).toBe("unreadable");
  });
});

describe("nothing is thrown for", () => {
  test.each(["", "30", "3080", "308000", "30ff", "3085", "30850000000000", "3000", "a000", "0500"])("the bytes %s", (bytes) => {
    expect(verifyCms(new Uint8Array(Buffer.from(bytes, "hex")), CONTENT).problem).toBe("unreadable");
  });

  test("BER with indefinite lengths: it may be read or not", () => {
    expect(["unreadable", null]).toContain(verifyCms(openssl(leaf, "-stream"), CONTENT).problem);
  });

  test("random bytes, as a SEQUENCE or not", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, isSequence) => {
        const length = bytes.length;
        const cms = isSequence ? new Uint8Array([0x30, 0x82, length >> 8, length & 0xff, ...bytes]) : bytes;
        expect(verifyCms(cms, CONTENT).problem).toBe("unreadable");
      }),
      { numRuns: 500 },
    );
  });

  test("a signature that is cut short, at every length", () => {
    for (let length = 0; length < own.length; length++) {
      expect(verifyCms(own.slice(0, length), CONTENT).problem, `${length} bytes`).toBe("unreadable");
    }
  });

  test("a signature with a byte changed, wherever it is", () => {
    const failures: string[] = [];
    for (let at = 0; at < own.length; at++) {
      const changed = new Uint8Array(own);
      changed.fill((own[at] ?? 0) ^ 0x04, at, at + 1);
      try {
        verifyCms(changed, CONTENT);
      } catch (error) {
        failures.push(`byte ${at}: ${error}`);
      }
    }
    expect(failures).toEqual([]);
  });

  test("a signature whose signed attributes have a byte changed", () => {
    const hash = Buffer.from(own).indexOf(Buffer.from("06092a864886f70d010904", "hex")); // messageDigest
    for (let at = hash; at < hash + 40; at++) {
      const changed = new Uint8Array(own);
      changed.fill((own[at] ?? 0) ^ 0x01, at, at + 1);
      expect(verifyCms(changed, CONTENT).problem, `byte ${at - hash}`).not.toBeNull();
    }
  });
});
