// The authority's keys: in an encrypted file, and in SoftHSM2, judged by openssl.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { mustRun, run } from "../../test/support/run.ts";
import { type SoftHsm, softHsm } from "../../test/support/softhsm.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { type CaKey, CaKeyError, type CaKeyProblem, spkiOf } from "./ca-key.ts";
import { decryptPrivateKey, encryptPrivateKey, RANDOM_PASSPHRASE, TYPED_PASSPHRASE } from "./encrypted-key.ts";
import { generatePrivateKey, keyInMemory, openKeyFile } from "./key-file.ts";
import { createPkcs11Key, openPkcs11Key } from "./pkcs11-key.ts";
import { parsePkcs11Uri } from "./pkcs11-uri.ts";

const PASSPHRASE = "cheval, pile, agrafe — 7";
const folder = temporaryFolder();

const problem = (expected: CaKeyProblem): object => ({ name: "CaKeyError", problem: expected });

/** openssl verifies a signature of the key over a text. */
async function expectSigns(key: CaKey, hash: string): Promise<void> {
  const [data, signature, publicKey] = ["data", "signature", "public.der"].map((name) => join(folder, name)) as [string, string, string];
  writeFileSync(data, "to be signed");
  writeFileSync(signature, await key.sign(readFileSync(data)));
  writeFileSync(publicKey, spkiOf(key.publicKey));
  mustRun("openssl", ["dgst", `-${hash}`, "-verify", publicKey, "-keyform", "DER", "-signature", signature, data]);
}

describe("a key in an encrypted file", () => {
  test.each([
    ["P-256", "sha256", TYPED_PASSPHRASE],
    ["P-384", "sha384", RANDOM_PASSPHRASE],
  ] as const)("of %s signs with %s", async (curve, hash, p) => {
    const path = join(folder, `${curve}.key`);
    writeFileSync(path, encryptPrivateKey(generatePrivateKey(curve), PASSPHRASE, p));
    await expectSigns(openKeyFile(path, PASSPHRASE), hash);
  });

  test("is one that openssl opens, and says to be under scrypt and AES-256", () => {
    const path = join(folder, "judged.key");
    const key = generatePrivateKey("P-256");
    writeFileSync(path, encryptPrivateKey(key, PASSPHRASE, TYPED_PASSPHRASE));
    writeFileSync(join(folder, "passphrase"), `${PASSPHRASE}\n`);
    const der = mustRun("openssl", ["pkey", "-in", path, "-passin", `file:${join(folder, "passphrase")}`, "-pubout"]);
    expect(der.trim()).toBe(keyInMemory(key).publicKey.export({ type: "spki", format: "pem" }).toString().trim());
    const asn1 = mustRun("openssl", ["asn1parse", "-in", path]);
    expect(asn1).toMatch(/:PBES2[\s\S]*:scrypt[\s\S]*:4000[\s\S]*:08[\s\S]*:08[\s\S]*:aes-256-cbc/);
    expect(run("openssl", ["pkey", "-in", path, "-passin", "pass:another", "-noout"]).status).not.toBe(0);
  });

  test("is refused with another passphrase, and never says what was tried", () => {
    const pem = encryptPrivateKey(generatePrivateKey("P-256"), PASSPHRASE, RANDOM_PASSPHRASE);
    for (const wrong of ["", "cheval", `${PASSPHRASE} `]) {
      try {
        decryptPrivateKey(pem, wrong, "name");
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(CaKeyError);
        expect(["passphrase", "unreadable"]).toContain((error as CaKeyError).problem);
        if (wrong !== "") expect(String(error)).not.toContain(wrong);
      }
    }
  });

  test("opens with any passphrase that somebody types, and with no other", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }), (passphrase) => {
        const key = generatePrivateKey("P-256");
        const pem = encryptPrivateKey(key, passphrase, RANDOM_PASSPHRASE);
        expect(keyInMemory(decryptPrivateKey(pem, passphrase, "name")).publicKey.equals(keyInMemory(key).publicKey)).toBe(true);
        expect(() => decryptPrivateKey(pem, `${passphrase}x`, "name")).toThrow(CaKeyError);
      }),
      { numRuns: 20 },
    );
  });

  test("that is not encrypted, cut short or no key at all is refused", () => {
    const key = generatePrivateKey("P-256");
    const pem = encryptPrivateKey(key, PASSPHRASE, RANDOM_PASSPHRASE);
    const bad = [key.export({ type: "pkcs8", format: "pem" }).toString(), pem.slice(0, 100), "", "text"];
    for (const each of bad) expect(() => decryptPrivateKey(each, PASSPHRASE, "name")).toThrow(CaKeyError);
    expect(() => openKeyFile(join(folder, "nothing"), PASSPHRASE)).toThrow(expect.objectContaining(problem("unreadable")));
  });
});

describe("a key behind PKCS#11", () => {
  let hsm: SoftHsm;

  beforeAll(() => {
    hsm = softHsm(folder);
  });

  test.each([
    ["P-256", "sha256"],
    ["P-384", "sha384"],
  ] as const)("of %s is made there, and signs with %s, also when it is opened again", async (curve, hash) => {
    const uri = hsm.uri(`key-${curve}`);
    const { key } = await createPkcs11Key(uri, curve);
    await expectSigns(key, hash);
    const again = await openPkcs11Key(uri);
    expect(again.publicKey.equals(key.publicKey)).toBe(true);
    await expectSigns(again, hash);
  });

  test("is sensitive, and cannot be extracted", async () => {
    await createPkcs11Key(hsm.uri("kept"), "P-256");
    const login = ["--module", hsm.module, "--login", "--pin", readFileSync(hsm.pinFile, "utf8").trim()];
    const listed = mustRun("pkcs11-tool", [...login, "--list-objects", "--type", "privkey"]);
    expect(listed).toMatch(/label:\s+kept\n[\s\S]*?Access:\s+sensitive, always sensitive, never extractable, local/);
  });

  test("signs many things that are asked for at once", async () => {
    const { key } = await createPkcs11Key(hsm.uri("busy"), "P-256");
    const all = await Promise.all(Array.from({ length: 40 }, (_, index) => key.sign(Uint8Array.of(index))));
    expect(new Set(all.map((each) => Buffer.from(each).toString("hex"))).size).toBe(40);
    await expectSigns(key, "sha256");
  });

  test("is never made over one of the same name, and one that is destroyed leaves nothing", async () => {
    const uri = hsm.uri("once");
    const { destroy } = await createPkcs11Key(uri, "P-256");
    await expect(createPkcs11Key(uri, "P-256")).rejects.toMatchObject(problem("key-exists"));
    destroy();
    await expect(openPkcs11Key(uri)).rejects.toMatchObject(problem("no-key"));
    await createPkcs11Key(uri, "P-256");
  });

  test("is told to be missing, with what is missing", async () => {
    const uri = hsm.uri("nobody");
    await expect(openPkcs11Key(uri)).rejects.toMatchObject(problem("no-key"));
    await expect(openPkcs11Key(uri.replace("token=sceau-ca", "token=another"))).rejects.toMatchObject(problem("no-token"));
    await expect(openPkcs11Key(uri.replace(hsm.module, "/nowhere.so"))).rejects.toMatchObject(problem("module"));
    await expect(openPkcs11Key(uri.replace(hsm.pinFile, "/nowhere"))).rejects.toMatchObject(problem("unreadable"));
  });
});

describe("a PKCS#11 URI", () => {
  const MODULE = "module-path=/lib/p11.so";

  test("says module, token, object, id and the PIN's file", () => {
    const uri = `pkcs11:token=My%20token;serial=0a;object=issuing%2Fca;id=%01%FF;type=private?${MODULE}&pin-source=file:/run/pin`;
    expect(parsePkcs11Uri(uri)).toEqual({
      modulePath: "/lib/p11.so",
      token: { label: "My token", serialNumber: "0a" },
      label: "issuing/ca",
      id: Uint8Array.of(1, 0xff),
      pinFile: "/run/pin",
    });
  });

  test("keeps any label that somebody gives a key", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (label) => {
        expect(parsePkcs11Uri(`pkcs11:object=${encodeURIComponent(label)}?${MODULE}`).label).toBe(label);
      }),
    );
  });

  test.each([
    ["of another scheme", `http:object=a?${MODULE}`],
    ["without a module", "pkcs11:object=a"],
    ["with a module that is looked up", "pkcs11:object=a?module-name=p11"],
    ["with half a module's path", "pkcs11:object=a?module-path=p11.so"],
    ["of no object", `pkcs11:token=a?${MODULE}`],
    ["of a certificate", `pkcs11:object=a;type=cert?${MODULE}`],
    ["with the PIN in it", `pkcs11:object=a?${MODULE}&pin-value=4711`],
    ["with a PIN from a program", `pkcs11:object=a?${MODULE}&pin-source=|/bin/pin`],
    ["with an attribute twice", `pkcs11:object=a;object=b?${MODULE}`],
    ["with one that is not known", `pkcs11:object=a;slot-id=1?${MODULE}`],
    ["with a letter that is not ASCII", `pkcs11:object=é?${MODULE}`],
    ["with half an escape", `pkcs11:object=%4?${MODULE}`],
  ])("%s is refused, and the message has no PIN", (_, uri) => {
    try {
      parsePkcs11Uri(uri);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject(problem("uri"));
      expect(String(error)).not.toContain("4711");
    }
  });

  test("that somebody mistyped is a URI or a CaKeyError", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary-ascii" }), (text) => {
        try {
          parsePkcs11Uri(`pkcs11:${text}`);
        } catch (error) {
          expect(error).toBeInstanceOf(CaKeyError);
        }
      }),
    );
  });
});
