// The parts of a certificate, judged by node:crypto.

import { createPublicKey, X509Certificate } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import { Certificate } from "@peculiar/asn1-x509";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { MalformedError } from "../../../protocol/malformed.ts";
import { type Issued, issue, type KeyKind, newKeys, rootCa } from "../../../test/support/test-certificates.ts";
import { certificateParts } from "./certificate-parts.ts";

let ca: Issued;
let leaf: Issued;

beforeAll(async () => {
  ca = await rootCa("CN=Autorité de test, O=Émetteur, C=FR");
  leaf = await issue({ name: "CN=Anne Faron, O=Cabinet Faron, C=FR", issuer: ca, serial: "00c0ffee" });
});

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe("of a certificate", () => {
  test("subject and issuer are the very bytes that stand in it", () => {
    const { subject, issuer } = certificateParts(leaf.der);
    const { tbsCertificate } = AsnConvert.parse(leaf.der, Certificate);
    expect(hex(subject)).toBe(hex(new Uint8Array(AsnConvert.serialize(tbsCertificate.subject))));
    expect(hex(issuer)).toBe(hex(certificateParts(ca.der).subject));
    expect(leaf.certificate.raw.includes(Buffer.from(subject)) && leaf.certificate.raw.includes(Buffer.from(issuer))).toBe(true);
  });

  test("the serial number is an INTEGER, with the zero before a high bit", () => {
    expect(hex(certificateParts(leaf.der).serialNumber)).toBe("020400c0ffee");
  });

  test.each<KeyKind>(["p256", "p384", "rsa", "rsa-pss"])("the key is its SubjectPublicKeyInfo (%s)", async (kind) => {
    const { der } = await issue({ name: "CN=Key", issuer: ca, keys: await newKeys(kind) });
    const { publicKeyInfo } = certificateParts(der);
    const expected = new X509Certificate(der).publicKey.export({ format: "der", type: "spki" });
    expect(
      createPublicKey({ key: Buffer.from(publicKeyInfo), format: "der", type: "spki" }).export({ format: "der", type: "spki" }),
    ).toEqual(expected);
  });
});

describe("of what is no certificate", () => {
  test.each([
    ["nothing", ""],
    ["an empty SEQUENCE", "3000"],
    ["a SEQUENCE of three empty ones", "3006300030003000"],
    ["a gzip stream, as a compressed certificate object holds", "1f8b0800000000000003"],
  ])("there are none: %s", (_, content) => {
    expect(() => certificateParts(Buffer.from(content, "hex"))).toThrow(MalformedError);
  });

  test("a certificate that is cut short is refused at every length", () => {
    for (let length = 0; length < leaf.der.length; length++) {
      expect(() => certificateParts(leaf.der.subarray(0, length)), `${length} bytes`).toThrow(MalformedError);
    }
  });

  test("random bytes give parts or a MalformedError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          certificateParts(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedError);
        }
      }),
    );
  });
});
