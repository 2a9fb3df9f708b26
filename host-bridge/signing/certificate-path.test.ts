// From a signer's certificate to a trusted root: RFC 5280 §6, with certificates that break one rule each.

import "reflect-metadata"; // before @peculiar/x509, which needs it
import type { X509Certificate } from "node:crypto";
import { BasicConstraintsExtension, ExtendedKeyUsageExtension, Extension, KeyUsageFlags, KeyUsagesExtension } from "@peculiar/x509";
import { beforeAll, describe, expect, test } from "vitest";
import { caExtensions, type Issued, intermediateCa, issue, newKeys, rootCa } from "../../test/support/test-certificates.ts";
import { buildPath, type PathProblem } from "./certificate-path.ts";

const AT = new Date("2030-06-01T12:00:00Z");
const year = (number: number): Date => new Date(Date.UTC(number, 0, 1));

let root: Issued;
let issuing: Issued;
let leaf: Issued;

beforeAll(async () => {
  root = await rootCa();
  issuing = await intermediateCa(root, 0);
  leaf = await issue({ name: "CN=Signer", issuer: issuing });
});

interface Judged {
  readonly problem: PathProblem | null;
  readonly names: readonly string[];
}

function judge(signer: Issued, others: readonly Issued[], roots: readonly Issued[] = [root], at = AT): Judged {
  const list = (all: readonly Issued[]): X509Certificate[] => all.map(({ certificate }) => certificate);
  const { problem, certificates } = buildPath(signer.certificate, list(others), list(roots), at);
  return { problem, names: certificates.map(({ subject }) => subject) };
}

describe("a path", () => {
  test("leads from the signer over the issuing CA to the root", () => {
    expect(judge(leaf, [issuing])).toEqual({ problem: null, names: ["CN=Signer", "CN=Test issuing CA", "CN=Test root"] });
  });

  test("is found among certificates that have nothing to do with it, in any order, the root and the signer among them", async () => {
    const stranger = await intermediateCa(await rootCa("CN=Other root"), 0, "CN=Other CA");
    for (const others of [
      [stranger, root, issuing, leaf],
      [leaf, issuing, root, stranger],
    ]) {
      expect(judge(leaf, others).problem).toBeNull();
    }
  });

  test("may be as short as a signer that the root itself issued, or that is trusted itself", async () => {
    const direct = await issue({ name: "CN=Direct", issuer: root });
    expect(judge(direct, []).names).toEqual(["CN=Direct", "CN=Test root"]);
    expect(judge(leaf, [], [leaf])).toEqual({ problem: null, names: ["CN=Signer"] });
  });

  test("does not go round for ever when two CAs certify each other", async () => {
    const [keysA, keysB] = [await newKeys(), await newKeys()];
    const options = { extensions: caExtensions() };
    const [rootA, rootB] = [await issue({ name: "CN=A", keys: keysA, ...options }), await issue({ name: "CN=B", keys: keysB, ...options })];
    const crossA = await issue({ name: "CN=A", keys: keysA, issuer: rootB, ...options });
    const crossB = await issue({ name: "CN=B", keys: keysB, issuer: rootA, ...options });
    const signer = await issue({ name: "CN=Signer", issuer: rootA });
    expect(judge(signer, [crossA, crossB]).problem).toBe("untrusted");
    expect(judge(signer, [crossA, crossB], [rootB]).problem).toBeNull();
  });

  test("of two certificates of the same CA takes the one that is valid", async () => {
    const options = { name: "CN=Renewed CA", issuer: root, keys: await newKeys(), extensions: caExtensions(0) };
    const old = await issue({ ...options, notAfter: year(2029) });
    const renewed = await issue({ ...options, notBefore: year(2029) });
    const signer = await issue({ name: "CN=Signer", issuer: renewed });
    expect([judge(signer, [renewed, old]).problem, judge(signer, [old, renewed]).problem]).toEqual([null, null]);
  });
});

describe("untrusted", () => {
  test("is a signer without its issuing CA", () => {
    expect(judge(leaf, [])).toEqual({ problem: "untrusted", names: ["CN=Signer"] });
  });

  test("is a path to a root that one does not trust, even when the file brings it along", async () => {
    expect(judge(leaf, [issuing, root], []).problem).toBe("untrusted");
    expect(judge(leaf, [issuing, root], [await rootCa()]).problem).toBe("untrusted");
  });

  test("is a self-signed signer", async () => {
    expect(judge(await issue({ name: "CN=Myself" }), []).problem).toBe("untrusted");
  });

  test("is a root of the same name with another key", async () => {
    const forged = await rootCa();
    const signer = await issue({ name: "CN=Signer", issuer: await intermediateCa(forged, 0) });
    expect(judge(signer, [await intermediateCa(forged, 0)]).problem).toBe("untrusted");
    expect(judge(signer, [issuing]).problem).toBe("untrusted");
  });

  test("is a path of more certificates than anybody needs", async () => {
    let last = root;
    const chain: Issued[] = [];
    for (let index = 0; index < 10; index++) {
      last = await intermediateCa(last, undefined, `CN=CA ${index}`);
      chain.push(last);
    }
    expect(judge(await issue({ name: "CN=Signer", issuer: last }), chain).problem).toBe("untrusted");
  });
});

describe("time", () => {
  test("outside the signer's validity is told", async () => {
    const signer = await issue({ name: "CN=Signer", issuer: issuing, notBefore: year(2028), notAfter: year(2029) });
    expect(judge(signer, [issuing], [root], year(2030)).problem).toBe("expired");
    expect(judge(signer, [issuing], [root], year(2027)).problem).toBe("not-yet-valid");
    expect([judge(signer, [issuing], [root], year(2028)).problem, judge(signer, [issuing], [root], year(2029)).problem]).toEqual([
      null,
      null,
    ]);
    expect(judge(signer, [issuing], [root], new Date(year(2029).getTime() + 1000)).problem).toBe("expired");
  });

  test("outside the issuing CA's validity, or the root's, is told as well", async () => {
    const early = await issue({ name: "CN=Early CA", issuer: root, extensions: caExtensions(0), notAfter: year(2029) });
    expect(judge(await issue({ name: "CN=Signer", issuer: early }), [early]).problem).toBe("expired");
    const late = await issue({ name: "CN=Late root", extensions: caExtensions(), notBefore: year(2031) });
    expect(judge(await issue({ name: "CN=Signer", issuer: late }), [], [late]).problem).toBe("not-yet-valid");
  });
});

describe("not a CA", () => {
  test.each<[string, Extension[]]>([
    ["without basic constraints", [new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true)]],
    ["whose basic constraints say no", [new BasicConstraintsExtension(false), new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true)]],
    ["without key usage", [new BasicConstraintsExtension(true, undefined, true)]],
    [
      "whose key usage has no keyCertSign",
      [
        new BasicConstraintsExtension(true, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.cRLSign | KeyUsageFlags.digitalSignature, true),
      ],
    ],
    ["without any extension", []],
  ])("an intermediate %s issues nothing", async (_, extensions) => {
    const bad = await issue({ name: "CN=Bad CA", issuer: root, extensions });
    expect(["not-a-ca", "untrusted"]).toContain(judge(await issue({ name: "CN=Signer", issuer: bad }), [bad]).problem);
  });

  test("a person's certificate that «issues» another's", async () => {
    const extensions = [new BasicConstraintsExtension(false, undefined, true), new KeyUsagesExtension(KeyUsageFlags.nonRepudiation, true)];
    const person = await issue({ name: "CN=Person", issuer: issuing, extensions });
    const forged = await issue({ name: "CN=Director", issuer: person, extensions });
    expect(["not-a-ca", "untrusted"]).toContain(judge(forged, [person, issuing]).problem);
    const bare = await issue({ name: "CN=Bare", issuer: issuing });
    expect(judge(await issue({ name: "CN=Director", issuer: bare }), [bare, issuing]).problem).toBe("not-a-ca");
  });

  test("a path longer than an issuer allows", async () => {
    const below = await intermediateCa(issuing, undefined, "CN=CA below");
    expect(judge(await issue({ name: "CN=Signer", issuer: below }), [issuing, below]).problem).toBe("not-a-ca");
    const wide = await intermediateCa(root, 1, "CN=Wide CA");
    const narrow = await intermediateCa(wide, undefined, "CN=Narrow CA");
    expect(judge(await issue({ name: "CN=Signer", issuer: narrow }), [wide, narrow]).problem).toBeNull();
    const third = await intermediateCa(narrow, undefined, "CN=Third CA");
    expect(judge(await issue({ name: "CN=Signer", issuer: third }), [wide, narrow, third]).problem).toBe("not-a-ca");
  });
});

describe("the signer's key usage", () => {
  const signerWith = (flags: number): Promise<Issued> =>
    issue({ name: "CN=Signer", issuer: issuing, extensions: [new KeyUsagesExtension(flags, true)] });

  test.each([
    ["nonRepudiation", KeyUsageFlags.nonRepudiation],
    ["digitalSignature", KeyUsageFlags.digitalSignature],
    ["both, and more", KeyUsageFlags.nonRepudiation | KeyUsageFlags.digitalSignature | KeyUsageFlags.keyAgreement],
  ])("may be %s", async (_, flags) => {
    expect(judge(await signerWith(flags), [issuing]).problem).toBeNull();
  });

  test.each([
    ["encryption", KeyUsageFlags.keyEncipherment | KeyUsageFlags.dataEncipherment],
    ["key agreement", KeyUsageFlags.keyAgreement],
    ["signing certificates and CRLs", KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign],
  ])("for %s alone is told", async (_, flags) => {
    expect(judge(await signerWith(flags), [issuing]).problem).toBe("key-usage");
  });
});

describe("an extension that is not known", () => {
  const nameConstraints = (critical: boolean): Extension => new Extension("2.5.29.30", critical, Buffer.from("3000", "hex"));
  const strange = (critical: boolean): Extension => new Extension("1.3.6.1.4.1.99999.1", critical, Buffer.from("0500", "hex"));

  test("stops a signer, an issuing CA and a root when it is critical", async () => {
    expect(judge(await issue({ name: "CN=Signer", issuer: issuing, extensions: [strange(true)] }), [issuing]).problem).toBe(
      "unknown-critical-extension",
    );
    const constrained = await issue({ name: "CN=Constrained", issuer: root, extensions: [...caExtensions(0), nameConstraints(true)] });
    expect(judge(await issue({ name: "CN=Signer", issuer: constrained }), [constrained]).problem).toBe("unknown-critical-extension");
    const odd = await issue({ name: "CN=Odd root", extensions: [...caExtensions(), strange(true)] });
    expect(judge(await issue({ name: "CN=Signer", issuer: odd }), [], [odd]).problem).toBe("unknown-critical-extension");
  });

  test("stops nothing when it is not", async () => {
    const signer = await issue({
      name: "CN=Signer",
      issuer: issuing,
      extensions: [strange(false), new ExtendedKeyUsageExtension(["1.3.6.1.5.5.7.3.36"], true)],
    });
    expect(judge(signer, [issuing]).problem).toBeNull();
  });
});
