import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { encodeTlv } from "../../protocol/ber-tlv.ts";
import { hexToBytes } from "../../protocol/bytes.ts";
import { MalformedError } from "../../protocol/malformed.ts";
import { mustRun } from "../../test/support/run.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { type Issued, pem, rootCa } from "../../test/support/test-certificates.ts";
import { ID_OCSP_NONCE, ID_SHA1, ID_SHA256 } from "./ocsp-names.ts";
import { MAX_CERT_IDS, MAX_REQUEST_BYTES, parseOcspRequest } from "./ocsp-request.ts";

const folder = temporaryFolder();
let issuer: Issued;
let issuerFile: string;

beforeAll(async () => {
  issuer = await rootCa();
  issuerFile = join(folder, "issuer.pem");
  writeFileSync(issuerFile, pem(issuer.der));
});

function byOpenssl(args: readonly string[]): Uint8Array {
  const out = join(folder, "request.der");
  mustRun("openssl", ["ocsp", "-issuer", issuerFile, ...args, "-reqout", out]);
  return new Uint8Array(readFileSync(out));
}

const seq = (...parts: Uint8Array[]): Uint8Array => encodeTlv(0x30, parts);
const octets = (value: Uint8Array): Uint8Array => encodeTlv(0x04, [value]);
const SHA1 = seq(encodeTlv(0x06, [hexToBytes(ID_SHA1)]), hexToBytes("0500"));
const certId = (serial = hexToBytes("020101")): Uint8Array => seq(SHA1, octets(new Uint8Array(20)), octets(new Uint8Array(20)), serial);
const TRUE = hexToBytes("0101ff");
const extension = (id: string, value: Uint8Array, critical: readonly Uint8Array[] = []): Uint8Array =>
  seq(encodeTlv(0x06, [hexToBytes(id)]), ...critical, octets(value));
const extensions = (tag: number, ...all: Uint8Array[]): Uint8Array => encodeTlv(tag, [seq(...all)]);
const OTHER_EXTENSION = "2b0601050507300107";
const nonce = (length: number): Uint8Array => extension(ID_OCSP_NONCE, octets(new Uint8Array(length).fill(7)));
/** OCSPRequest with one CertID and what else the TBSRequest has. */
const requestWith = (...more: Uint8Array[]): Uint8Array => seq(seq(seq(seq(certId())), ...more));

describe("requests of openssl ocsp", () => {
  test.each([
    ["sha1", ID_SHA1],
    ["sha256", ID_SHA256],
  ])("with %s", (hash, id) => {
    const bytes = byOpenssl([`-${hash}`, "-serial", "0x8f00", "-serial", "5", "-no_nonce"]);
    const { certIds, nonce: none } = parseOcspRequest(bytes);
    expect(none).toBeNull();
    expect(certIds.map(({ serialNumber }) => serialNumber)).toEqual(["8f00", "05"]);
    const spki = new Uint8Array(issuer.certificate.publicKey.export({ type: "spki", format: "der" }));
    for (const each of certIds) {
      expect(each.hashAlgorithm).toBe(id);
      expect(each.issuerKeyHash).toBe(createHash(hash).update(spki.slice(-65)).digest("hex"));
      expect(Buffer.from(bytes).includes(Buffer.from(each.der))).toBe(true);
    }
  });

  test("with a nonce", () => {
    const { nonce: found } = parseOcspRequest(byOpenssl(["-serial", "5"]));
    expect(found).toHaveLength(16);
  });

  test("signed", () => {
    const key = join(folder, "key.pem");
    writeFileSync(key, issuer.privateKey.export({ format: "pem", type: "pkcs8" }));
    const { certIds } = parseOcspRequest(byOpenssl(["-serial", "5", "-signer", issuerFile, "-signkey", key]));
    expect(certIds).toHaveLength(1);
  });
});

describe("limits", () => {
  test.each([1, 16, 32])("a nonce of %i bytes (RFC 8954 §2.1)", (length) => {
    expect(parseOcspRequest(requestWith(extensions(0xa2, nonce(length)))).nonce).toHaveLength(length);
  });

  test("as many certificates as there may be", () => {
    const many = Array.from({ length: MAX_CERT_IDS }, () => seq(certId()));
    expect(parseOcspRequest(seq(seq(seq(...many)))).certIds).toHaveLength(MAX_CERT_IDS);
  });

  test("a negative number is nobody's", () => {
    const { certIds } = parseOcspRequest(seq(seq(seq(seq(certId(hexToBytes("02018f")))))));
    expect(certIds[0]?.serialNumber).toBe("-8f");
  });

  test("an extension that is not known and not critical", () => {
    expect(parseOcspRequest(requestWith(extensions(0xa2, extension(OTHER_EXTENSION, octets(new Uint8Array()))))).nonce).toBeNull();
  });
});

const MALFORMED: readonly (readonly [string, () => Uint8Array])[] = [
  ["nothing", () => new Uint8Array()],
  ["a nonce of no bytes", () => requestWith(extensions(0xa2, nonce(0)))],
  ["a nonce of 33 bytes", () => requestWith(extensions(0xa2, nonce(33)))],
  ["a nonce that is no OCTET STRING", () => requestWith(extensions(0xa2, extension(ID_OCSP_NONCE, new Uint8Array(16))))],
  ["two nonces", () => requestWith(extensions(0xa2, nonce(16), nonce(16)))],
  ["a critical extension", () => requestWith(extensions(0xa2, extension(OTHER_EXTENSION, new Uint8Array(), [TRUE])))],
  [
    "a critical extension of one certificate",
    () => seq(seq(seq(seq(certId(), extensions(0xa0, extension(OTHER_EXTENSION, new Uint8Array(), [TRUE])))))),
  ],
  ["no extensions in their place", () => requestWith(extensions(0xa2))],
  ["no certificate", () => seq(seq(seq()))],
  ["too many certificates", () => seq(seq(seq(...Array.from({ length: MAX_CERT_IDS + 1 }, () => seq(certId())))))],
  ["another version", () => seq(seq(hexToBytes("a003020101"), seq(seq(certId()))))],
  ["something behind it", () => Buffer.concat([requestWith(), Uint8Array.of(5, 0)])],
  ["something beside what is signed", () => seq(seq(seq(seq(certId()))), hexToBytes("0500"))],
  ["a signature of another form", () => seq(seq(seq(seq(certId()))), hexToBytes("a0020500"))],
  ["something in it", () => requestWith(hexToBytes("0500"))],
  ["a number of no bytes", () => seq(seq(seq(seq(certId(hexToBytes("0200"))))))],
  ["a number with a zero too many", () => seq(seq(seq(seq(certId(hexToBytes("02020001"))))))],
  ["a length of more bytes than it needs", () => Buffer.concat([Uint8Array.of(0x30, 0x81), requestWith().slice(1)])],
  ["too long", () => requestWith(extensions(0xa2, extension(OTHER_EXTENSION, new Uint8Array(MAX_REQUEST_BYTES))))],
];

test.each(MALFORMED)("%s is malformed", (_, make) => {
  expect(() => parseOcspRequest(make())).toThrow(MalformedError as never);
});

test("a sound request becomes malformed by every cut", () => {
  const whole = requestWith(extensions(0xa2, nonce(16)));
  for (let length = 0; length < whole.length; length++) expect(() => parseOcspRequest(whole.slice(0, length))).toThrow();
});

describe("whatever the bytes are, they are a request or malformed", () => {
  const parses = (bytes: Uint8Array): void => {
    try {
      expect(parseOcspRequest(bytes).certIds.length).toBeGreaterThan(0);
    } catch (error) {
      expect(error).toBeInstanceOf(MalformedError);
    }
  };

  test("any bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), parses), { numRuns: 1000 });
  });

  test("a request with bytes changed", () => {
    const whole = requestWith(extensions(0xa2, nonce(16)));
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    const changes = fc.array(change, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(changes, (all) => {
        const bytes = whole.slice();
        for (const [at, value] of all) bytes[at] = value;
        parses(bytes);
      }),
      { numRuns: 2000 },
    );
  });
});
