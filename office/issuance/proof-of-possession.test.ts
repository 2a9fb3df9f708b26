// Which certification requests the built-in authority refuses, and why.

import { webcrypto } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import "reflect-metadata"; // before @peculiar/x509, which needs it
import { ChallengePasswordAttribute, Pkcs10CertificateRequestGenerator } from "@peculiar/x509";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { P256_KEY, requestBytes } from "../../test/support/certification-requests.ts";
import { mustRun } from "../../test/support/run.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { BuiltInCa } from "./built-in-ca.ts";
import { IssuanceError } from "./issuance-error.ts";
import { readRequest } from "./proof-of-possession.ts";

const PERSON = { givenName: "A", surname: "B", email: "a@b.example", organisation: "O", country: "FR", number: "1" };
const SETTINGS = { publicUrl: "http://127.0.0.1", organisation: "Test", country: "FR" };

const folder = temporaryFolder();
let ca: BuiltInCa;
let sound: Uint8Array;

beforeAll(async () => {
  ca = await BuiltInCa.create(join(folder, "ca"), SETTINGS, { now: () => new Date("2026-01-01T00:00:00Z") });
  sound = await requestBytes();
});

/** The reason of the refusal; «issued» when there was none. */
async function refusal(request: Uint8Array): Promise<string> {
  try {
    await ca.issueSigning({ person: PERSON, request });
  } catch (error) {
    return error instanceof IssuanceError ? error.refusal : `no IssuanceError: ${error}`;
  }
  return "issued";
}

test("a request that its own P-256 key has signed is accepted, or its own P-384 key", async () => {
  expect(await refusal(sound)).toBe("issued");
  expect(await refusal(await requestBytes({ newKey: ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-sha384"] }))).toBe("issued");
});

describe("the challenge", () => {
  /** A request by openssl with these attributes (`openssl req`, prompt = no). */
  async function withAttributes(lines: readonly string[]): Promise<Uint8Array> {
    const config = join(folder, "req.cnf");
    writeFileSync(
      config,
      [
        "[req]",
        "prompt = no",
        "distinguished_name = dn",
        "attributes = attrs",
        "string_mask = utf8only",
        "[dn]",
        "CN = Anyone",
        "[attrs]",
        ...lines,
        "",
      ].join("\n"),
    );
    const files = ["-config", config, "-keyout", join(folder, "key"), "-out", join(folder, "csr"), "-outform", "DER"];
    mustRun("openssl", ["req", "-new", "-nodes", ...P256_KEY, ...files]);
    return new Uint8Array(readFileSync(join(folder, "csr")));
  }

  test("is the attribute challengePassword, as openssl writes it", async () => {
    const challenge = "x7nN_-0123456789abcdefABCDEF";
    expect(readRequest(await withAttributes([`challengePassword = ${challenge}`])).challenge).toBe(challenge);
  });

  test("is none without that attribute", async () => {
    expect(readRequest(sound).challenge).toBeNull();
    expect(readRequest(await withAttributes(["unstructuredName = x7nN"])).challenge).toBeNull();
  });

  test("is none when there are two", async () => {
    const keys = await webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
    const attributes = ["one", "two"].map((text) => new ChallengePasswordAttribute(text));
    const signingAlgorithm = { name: "ECDSA", hash: "SHA-256" };
    const two = await Pkcs10CertificateRequestGenerator.create({ name: "CN=Anyone", keys, signingAlgorithm, attributes }, webcrypto);
    expect(readRequest(new Uint8Array(two.rawData)).challenge).toBeNull();
  });
});

describe("refused is", () => {
  test("a signature that is not right, as no proof of possession", async () => {
    const broken = new Uint8Array(sound);
    broken.fill((sound.at(-1) ?? 0) ^ 1, sound.length - 1);
    expect(await refusal(broken)).toBe("no-possession");
  });

  test("a request whose subject was changed after it was signed, as no proof of possession", async () => {
    const changed = new Uint8Array(sound);
    const name = Buffer.from(changed).indexOf("Anyone");
    changed.set(Buffer.from("Nobody"), name);
    expect(await refusal(changed)).toBe("no-possession");
  });

  test.each([
    ["RSA", ["-newkey", "rsa:2048"]],
    ["P-521", ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521"]],
    ["secp256k1", ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp256k1"]],
    ["Ed25519", ["-newkey", "ed25519"]],
    [
      "P-256 with its parameters written out",
      ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt", "ec_param_enc:explicit"],
    ],
  ])("a key of another kind: %s", async (_, newKey) => {
    expect(await refusal(await requestBytes({ newKey }))).toBe("key-type");
  });

  test("a point that is not on the curve, with an IssuanceError", async () => {
    const point = Buffer.from(sound).indexOf(Buffer.from("03420004", "hex"));
    const changed = new Uint8Array(sound);
    changed.fill((sound[point + 40] ?? 0) ^ 1, point + 40, point + 41);
    expect(["key-type", "no-possession", "unreadable"]).toContain(await refusal(changed));
  });

  test.each([
    ["nothing", new Uint8Array(0)],
    ["text", Buffer.from("please")],
    ["an empty SEQUENCE", Uint8Array.of(0x30, 0)],
    ["zeros", new Uint8Array(100)],
  ])("what is no PKCS#10, as unreadable: %s", async (_, bytes) => {
    expect(await refusal(bytes)).toBe("unreadable");
  });

  test("a request that is cut short, at every length", async () => {
    for (let length = 0; length < sound.length; length += 3) {
      expect(await refusal(sound.slice(0, length)), `${length} bytes`).toBe("unreadable");
    }
  });

  test("a request with any byte changed, always with an IssuanceError", async () => {
    const answers = new Set<string>();
    for (let at = 0; at < sound.length; at++) {
      const changed = new Uint8Array(sound);
      changed.fill((sound[at] ?? 0) ^ 0x10, at, at + 1);
      const answer = await refusal(changed);
      answers.add(["unreadable", "no-possession", "key-type"].includes(answer) ? "refused" : answer);
    }
    expect([...answers]).toEqual(["refused"]);
  });

  test("random bytes, always with an IssuanceError", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        expect(["unreadable", "no-possession", "key-type"]).toContain(await refusal(bytes));
      }),
    );
  });
});
