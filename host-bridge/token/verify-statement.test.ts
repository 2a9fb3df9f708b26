// Signed statements: those of the firmware are believed, and openssl says so too; whatever differs in one byte, or comes from elsewhere, is not.

import { generateKeyPairSync, sign, X509Certificate } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { CborMap, type CborValue, decodeCbor, encodeCbor } from "../../protocol/cbor.ts";
import { SLOT_SIGNATURE } from "../../protocol/piv.ts";
import {
  STATEMENT_FORMAT,
  STATEMENT_KIND,
  STATEMENT_PREFIX,
  STATEMENT_PROFILE,
  STATEMENT_SIMULATED,
  STATEMENT_SLOT,
} from "../../protocol/vendor.ts";
import { mustRun, run } from "../../test/support/run.ts";
import { NOW, type SealedToken, sealedToken } from "../../test/support/sealed-token.ts";
import { SERIAL } from "../../test/support/simulated-token.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { certifyAttestationKey, createRoot } from "../factory/attestation-root.ts";
import { parseStatement, type SignedStatement } from "./statement.ts";
import { verifyStatement } from "./verify-statement.ts";

const NONCE = Uint8Array.of(7, 1, 1);
const folder = temporaryFolder();

let own: SealedToken;
let head: SignedStatement;
let receipt: SignedStatement;
let erasedKey: Uint8Array;

async function headOf({ token }: SealedToken): Promise<SignedStatement> {
  const officer = await token.officer();
  return officer.vendor.journalHead(NONCE);
}

beforeAll(async () => {
  own = await sealedToken();
  head = await headOf(own);
  const officer = await own.token.officer();
  erasedKey = await officer.generateKey(SLOT_SIGNATURE);
  receipt = await officer.vendor.eraseKey(SLOT_SIGNATURE);
});

/** A statement with another value under a key; undefined takes it out. */
function changed(statement: Uint8Array, key: number, value: CborValue | undefined): Uint8Array {
  const map = decodeCbor(statement) as CborMap;
  const fresh = new CborMap();
  for (const each of [...new Set([...map.keys, key])].sort((a, b) => a - b)) {
    const kept = each === key ? value : map.get(each);
    if (kept !== undefined) fresh.put(each, kept);
  }
  return encodeCbor(fresh);
}

function opensslVerdict(signed: SignedStatement, certificate: Uint8Array): string {
  const [keyPath, signaturePath, dataPath] = ["key.pem", "signature.der", "data"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(keyPath, new X509Certificate(certificate).publicKey.export({ format: "pem", type: "spki" }));
  writeFileSync(signaturePath, signed.signature);
  writeFileSync(dataPath, Buffer.concat([Buffer.from(STATEMENT_PREFIX), signed.statement]));
  const { stdout, stderr } = run("openssl", ["dgst", "-sha256", "-verify", keyPath, "-signature", signaturePath, dataPath]);
  return stdout + stderr;
}

describe("a statement of the token", () => {
  test("about its journal is believed, and says what it should", () => {
    const { statement, problems } = verifyStatement(head, own.certificate, own.trust);
    expect(problems).toEqual([]);
    expect(statement).toMatchObject({ kind: "journal-head", serial: String(SERIAL), profile: "strict", isSimulated: true, nonce: NONCE });
  });

  test("about an erased key is believed, and says which", () => {
    const { statement, problems } = verifyStatement(receipt, own.certificate, own.trust);
    expect(problems).toEqual([]);
    expect(statement).toMatchObject({ kind: "destruction", slot: SLOT_SIGNATURE, algorithm: 0x11, publicKey: erasedKey });
  });

  test("is signed as openssl understands signing; one of another token is not", async () => {
    expect(opensslVerdict(head, own.certificate)).toContain("Verified OK");
    expect(opensslVerdict(receipt, own.certificate)).toContain("Verified OK");
    expect(opensslVerdict(head, (await sealedToken()).certificate)).toMatch(/failure/i);
    expect(mustRun("openssl", ["version"])).toContain("OpenSSL");
  });
});

describe("is not believed:", () => {
  test("a statement or a signature with any byte changed", () => {
    const flip = (bytes: Uint8Array, at: number, mask: number): Uint8Array =>
      bytes.map((byte, index) => (index === at ? byte ^ mask : byte));
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), fc.boolean(), fc.boolean(), (position, mask, inSignature, ofReceipt) => {
        const signed = ofReceipt ? receipt : head;
        const at = position % (inSignature ? signed.signature : signed.statement).length;
        const forged = inSignature
          ? { ...signed, signature: flip(signed.signature, at, mask) }
          : { ...signed, statement: flip(signed.statement, at, mask) };
        expect(verifyStatement(forged, own.certificate, own.trust).problems).toContain("forged");
      }),
      { numRuns: 300 },
    );
  });

  test("a statement of another token with that one's own certificate, under another root", async () => {
    const other = await sealedToken(SERIAL + 1);
    expect(verifyStatement(await headOf(other), other.certificate, own.trust).problems).toEqual(["untrusted"]);
    expect(verifyStatement(await headOf(other), own.certificate, own.trust).problems).toEqual(["forged", "other-serial"]);
    expect(verifyStatement(await headOf(other), other.certificate, { roots: [], at: NOW }).problems).toEqual(["untrusted"]);
  });

  test("the certificate of another token's attestation key, though the same root has issued it", async () => {
    const other = await sealedToken(SERIAL + 1);
    const both = { roots: [...own.trust.roots, ...other.trust.roots], at: NOW };
    expect(verifyStatement(head, other.certificate, both).problems).toEqual(["forged", "other-serial"]);
  });

  test("anything before the certificate's time or after it", () => {
    const at = (date: string) => verifyStatement(head, own.certificate, { ...own.trust, at: new Date(date) }).problems;
    expect([at("2026-02-28T00:00:00Z"), at("2060-01-01T00:00:00Z")]).toEqual([["not-yet-valid"], ["expired"]]);
  });

  test("a certificate that is none of an attestation key", () => {
    const [root = new Uint8Array(0)] = own.trust.roots;
    expect(verifyStatement(head, root, own.trust).problems).toEqual(["forged", "no-attestation-key"]);
    expect(verifyStatement(head, Uint8Array.of(0x30, 0), own.trust).problems).toEqual(["no-attestation-key"]);
  });

  test("a statement that another key signed in the right way", () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    const signature = new Uint8Array(sign("sha256", Buffer.concat([Buffer.from(STATEMENT_PREFIX), head.statement]), privateKey));
    expect(verifyStatement({ ...head, signature }, own.certificate, own.trust).problems).toEqual(["forged"]);
  });
});

describe("a simulator's root, whose key lies in a state folder,", () => {
  test.each([
    ["simulator", ["simulator-root"]],
    ["paris-2026", []],
  ])("vouches for no hardware (root %s)", async (name, problems) => {
    const root = await createRoot(folder, name, NOW);
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    const point = new Uint8Array(publicKey.export({ type: "spki", format: "der" }).subarray(-65));
    const certificate = await certifyAttestationKey(root, point, { serial: String(SERIAL), model: "Sceau" }, NOW);
    const verdict = (isSimulated: boolean) => {
      const statement = changed(head.statement, STATEMENT_SIMULATED, isSimulated);
      const signature = new Uint8Array(sign("sha256", Buffer.concat([Buffer.from(STATEMENT_PREFIX), statement]), privateKey));
      return verifyStatement({ statement, signature }, certificate, { roots: [new Uint8Array(root.certificate.rawData)], at: NOW })
        .problems;
    };
    expect([verdict(true), verdict(false)]).toEqual([[], problems]);
  });
});

describe("cannot be read:", () => {
  test.each([
    ["a later format", STATEMENT_FORMAT, 2],
    ["an unknown kind", STATEMENT_KIND, 3],
    ["an unknown profile", STATEMENT_PROFILE, "board"],
    ["a field more", 13, true],
    ["a field of the other kind", STATEMENT_SLOT, SLOT_SIGNATURE],
    ["a nonce that is too long", 7, new Uint8Array(33)],
    ["a hash of another length", 9, new Uint8Array(31)],
    ["a negative counter", 8, -1],
    ["a version of two numbers", 4, [1, 2]],
    ["a serial number in text", 3, "1"],
    ["simulated, maybe", 6, null],
  ])("a journal head with %s", (_, key, value) => {
    expect(() => parseStatement(head.statement)).not.toThrow();
    expect(() => parseStatement(changed(head.statement, key, value as CborValue))).toThrow();
  });

  test.each([
    ["a slot that is none", STATEMENT_SLOT, 0x9b],
    ["the attestation key's slot", STATEMENT_SLOT, 0xf9],
    ["the other algorithm", 11, 0x14],
    ["a point off the curve", 12, new Uint8Array(65).fill(4)],
    ["a nonce", 7, NONCE],
  ])("a receipt with %s", (_, key, value) => {
    expect(() => parseStatement(receipt.statement)).not.toThrow();
    expect(() => parseStatement(changed(receipt.statement, key, value as CborValue))).toThrow();
  });

  test("one with any field missing", () => {
    for (const statement of [head.statement, receipt.statement]) {
      for (const key of (decodeCbor(statement) as CborMap).keys) expect(() => parseStatement(changed(statement, key, undefined))).toThrow();
    }
  });

  test("one with bytes behind it, and one in another encoding", () => {
    expect(() => parseStatement(Uint8Array.of(...head.statement, 0))).toThrow();
    // The first pair, 1 → 1, with its value in two bytes: the same map, not deterministic.
    expect(head.statement.slice(1, 3)).toEqual(Uint8Array.of(1, 1));
    expect(() => parseStatement(Uint8Array.of(head.statement[0] ?? 0, 1, 0x18, 1, ...head.statement.slice(3)))).toThrow();
  });
});
