// The signing-certificate-v2 attribute: RFC 5035 §3.

import { createHash } from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { encodeTlv } from "../../protocol/ber-tlv.ts";
import { hexToBytes } from "../../protocol/bytes.ts";
import { MalformedError } from "../../protocol/malformed.ts";
import { type Issued, issue } from "../../test/support/test-certificates.ts";
import { digestName, digestNameOf } from "./digests.ts";
import { encodeSigningCertificate, namesCertificate } from "./signing-certificate.ts";

const SEQUENCE = 0x30;
const OCTET_STRING = 0x04;

let mine: Issued;
let other: Issued;

beforeAll(async () => {
  mine = await issue({ name: "CN=Mine" });
  other = await issue({ name: "CN=Other" });
});

const sequence = (...parts: Uint8Array[]): Uint8Array => encodeTlv(SEQUENCE, parts);

/** The value for any digest algorithm, with further fields behind it. */
function attribute(oid: string, digest: string, certificate: Uint8Array, ...more: Uint8Array[]): Uint8Array {
  const hash = encodeTlv(OCTET_STRING, [createHash(digest).update(certificate).digest()]);
  return sequence(sequence(sequence(sequence(encodeTlv(0x06, [hexToBytes(oid)])), hash, ...more)));
}

describe("the attribute's value", () => {
  test("is the SHA-256 of the certificate in three SEQUENCEs, its algorithm left out as the default", () => {
    const hash = createHash("sha256").update(mine.der).digest("hex");
    expect(Buffer.from(encodeSigningCertificate(mine.der)).toString("hex")).toBe(`302630243022${"0420"}${hash}`);
  });

  test("names the certificate that it was made for, and no other", () => {
    const value = encodeSigningCertificate(mine.der);
    expect([namesCertificate(value, mine.der), namesCertificate(value, other.der)]).toEqual([true, false]);
  });

  test.each([
    ["608648016503040201", "sha256"],
    ["608648016503040202", "sha384"],
    ["608648016503040203", "sha512"],
  ])("may name its algorithm (%s)", (oid, digest) => {
    expect(namesCertificate(attribute(oid, digest, mine.der), mine.der)).toBe(true);
    expect(namesCertificate(attribute(oid, digest, other.der), mine.der)).toBe(false);
  });

  test("may carry issuer and serial number behind the hash", () => {
    expect(namesCertificate(attribute("608648016503040201", "sha256", mine.der, sequence()), mine.der)).toBe(true);
  });

  test("with an algorithm that is not accepted (SHA-1) names nothing", () => {
    expect(namesCertificate(attribute("2b0e03021a", "sha1", mine.der), mine.der)).toBe(false);
  });

  test("with a hash of another length, an empty one, or none names nothing", () => {
    for (const hash of [[encodeTlv(OCTET_STRING, [new Uint8Array(31)])], [encodeTlv(OCTET_STRING, [])], []]) {
      expect(namesCertificate(sequence(sequence(sequence(...hash))), mine.der)).toBe(false);
    }
    expect(namesCertificate(sequence(), mine.der)).toBe(false);
  });

  test("of whose certificates the first counts", () => {
    const [first, second] = [other, mine].map(({ der }) => sequence(encodeTlv(OCTET_STRING, [createHash("sha256").update(der).digest()])));
    const value = sequence(sequence(first ?? sequence(), second ?? sequence()));
    expect([namesCertificate(value, other.der), namesCertificate(value, mine.der)]).toEqual([true, false]);
  });

  test("of random bytes names nothing, or is refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        try {
          expect(namesCertificate(bytes, mine.der)).toBe(false);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedError);
        }
      }),
    );
  });
});

describe("digest algorithms", () => {
  test("are SHA-256, SHA-384 and SHA-512, by text and by bytes", () => {
    const names = [1, 2, 3].map((last) => digestNameOf(`2.16.840.1.101.3.4.2.${last}`));
    expect(names).toEqual(["sha256", "sha384", "sha512"]);
    expect([1, 2, 3].map((last) => digestName(hexToBytes(`60864801650304020${last}`)))).toEqual(names);
  });

  test.each(["", "6086480165030402", "608648016503040204", "60864801650304020100", "2b0e03021a"])("do not include %s", (oid) => {
    expect(digestName(hexToBytes(oid))).toBeNull();
  });

  test("do not include SHA-1 and MD5", () => {
    expect([digestNameOf("1.3.14.3.2.26"), digestNameOf("1.2.840.113549.2.5"), digestName(undefined)]).toEqual([null, null, null]);
  });
});
