// Signing over a token client: which certificate it takes, and one PIN and one press for several documents. openssl and pdfsig judge what comes out.

import "reflect-metadata"; // before @peculiar/x509, which needs it
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { KeyUsageFlags, KeyUsagesExtension } from "@peculiar/x509";
import { beforeAll, describe, expect, test } from "vitest";
import { ALG_P384, BUTTON_POLICY_ALWAYS, BUTTON_POLICY_NEVER, PIN_POLICY_ALWAYS, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { type CertifiedToken, certifiedToken } from "../../test/support/certified-token.ts";
import { extractSignatures, nssDatabase, opensslCms, pdfsig } from "../../test/support/pdf-judges.ts";
import { certified, pages } from "../../test/support/sample-pdfs.ts";
import { ascii, PIN, SimulatedToken, WRONG_PIN } from "../../test/support/simulated-token.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { pem } from "../../test/support/test-certificates.ts";
import { TokenError } from "../token/token-error.ts";
import { signPdf } from "./sign-pdf.ts";
import { DocumentOfBatchError, type PdfOrder, signPdfs } from "./sign-pdfs.ts";
import { findSigningKey, TokenSigner } from "./token-signer.ts";

const NOW = new Date("2026-03-01T10:20:30Z");
const folder = temporaryFolder();

/** openssl over the CMS cut out of the file, and pdfsig over the file. */
function expectJudgedValid(signed: Uint8Array, holder: CertifiedToken, name: string): void {
  const path = join(folder, `${name}.pdf`);
  const root = join(folder, `${name}-root.pem`);
  writeFileSync(path, signed);
  writeFileSync(root, pem(holder.root.der));
  const signatures = extractSignatures(path, folder);
  expect(signatures).toHaveLength(1);
  for (const each of signatures) expect(opensslCms(each, root).stderr).toContain("CAdES Verification successful");
  const judged = pdfsig(nssDatabase(join(folder, name), root), path);
  expect(judged).toContain("Signature is Valid.");
  expect(judged).toContain("Total document signed");
}

type Batch = Parameters<typeof signPdfs<Uint8Array>>[1];
const batch = (orders: readonly PdfOrder[], given: Omit<Batch, "sign" | "signal"> & Partial<Batch>) =>
  signPdfs<Uint8Array>(orders, { sign: signPdf, signal: new AbortController().signal, ...given });

describe.each([
  ["P-256", undefined],
  ["P-384", ALG_P384],
] as const)("a key on %s", (name, algorithm) => {
  let holder: CertifiedToken;
  beforeAll(async () => {
    holder = await certifiedToken({ ...(algorithm !== undefined && { algorithm }) });
  });

  test("signs one document: the PIN is given right before, the press is asked for", async () => {
    const client = holder.token.client();
    const key = await findSigningKey(client, [holder.issuer.der, holder.root.der], NOW);
    expect(key.issuers).toEqual([holder.issuer.der]);
    expect(key.signer).toBe("Irène Faron");
    let presses = 0;
    const signer = new TokenSigner(client, key, { pin: ascii(PIN), onButton: () => presses++ });
    expectJudgedValid(await signPdf(await pages(1), signer, { date: NOW }), holder, `one-${name}`);
    expect(presses).toBe(1);
  });

  test("signs several with one press, each its own", async () => {
    const before = holder.token.button.waits;
    const client = holder.token.client();
    const key = await findSigningKey(client, [holder.issuer.der], NOW);
    const originals = [await pages(1), await pages(2), await pages(3)];
    const counts: number[] = [];
    const orders = originals.map((original) => ({ original, options: { date: NOW } }));
    const { signed, interruption } = await batch(orders, {
      client,
      key,
      consent: { pin: ascii(PIN) },
      onSigned: (count) => counts.push(count),
    });
    expect(interruption).toBeNull();
    expect(counts).toEqual([1, 2, 3]);
    expect(holder.token.button.waits - before).toBe(1);
    for (const [index, file] of signed.entries()) {
      const original = originals[index] ?? new Uint8Array(0);
      expect(Buffer.from(file.subarray(0, original.length)).equals(original)).toBe(true);
      expectJudgedValid(file, holder, `several-${name}-${index}`);
    }
  });
});

describe("several documents", () => {
  let holder: CertifiedToken;
  beforeAll(async () => {
    holder = await certifiedToken();
  });
  const orders = async (count: number) =>
    Promise.all(Array.from({ length: count }, async () => ({ original: await pages(1), options: { date: NOW } })));

  test("of which one can't be signed: named, and no PIN is tried", async () => {
    const client = holder.token.client();
    const key = await findSigningKey(client, [], NOW);
    const all = [...(await orders(1)), { original: await certified(1), options: { date: NOW } }, ...(await orders(1))];
    const before = holder.token.button.waits;
    const failure = await batch(all, { client, key, consent: { pin: ascii(WRONG_PIN) } }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DocumentOfBatchError);
    expect(failure).toMatchObject({ index: 1, cause: { reason: "certified" } });
    expect(holder.token.button.waits).toBe(before);
    expect(await client.pinTriesLeft()).toBe(3);
  });

  test("with a wrong PIN: none is signed, and the tries are told", async () => {
    const client = holder.token.client();
    const key = await findSigningKey(client, [], NOW);
    const failure = await batch(await orders(2), { client, key, consent: { pin: ascii(WRONG_PIN) } }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TokenError);
    expect(failure).toMatchObject({ triesLeft: 2 });
    await client.verifyPin(ascii(PIN));
  });

  test("without a press: none is signed", async () => {
    const client = holder.token.client();
    const key = await findSigningKey(client, [], NOW);
    holder.token.button.script = { kind: "never" };
    const run = batch(await orders(2), {
      client,
      key,
      consent: { pin: ascii(PIN), onButton: () => setTimeout(() => client.cancel(), 10) },
    });
    await expect(run).rejects.toMatchObject({ sw: 0x6985 });
    holder.token.button.script = { kind: "automatic", afterMs: 0 };
  });

  test("interrupted in the middle: what is signed is told and whole, the rest has no signature", async () => {
    const client = holder.token.client();
    const key = await findSigningKey(client, [], NOW);
    const all = await orders(4);
    const result = await batch(all, {
      client,
      key,
      consent: { pin: ascii(PIN) },
      onSigned: (count) => {
        if (count === 2) client.vendor.endBatch();
      },
    });
    expect(result.signed).toHaveLength(2);
    expect(result.interruption).toBeInstanceOf(TokenError);
    for (const [index, file] of result.signed.entries()) {
      const path = join(folder, `interrupted-${index}.pdf`);
      writeFileSync(path, file);
      expect(extractSignatures(path, folder)).toHaveLength(1);
    }
  });
});

describe("several documents, given up", () => {
  let holder: CertifiedToken;
  beforeAll(async () => {
    holder = await certifiedToken();
  });
  const orders = async (count: number) =>
    Promise.all(Array.from({ length: count }, async () => ({ original: await pages(1), options: { date: NOW } })));
  const givenUp = new Error("the holder has given up");

  test("while they are prepared: at once, no PIN is tried, no press is asked for, and none waits any longer", async () => {
    const client = holder.token.client();
    const key = await findSigningKey(client, [], NOW);
    const before = holder.token.button.waits;
    const giveUp = new AbortController();
    const outcomes: Promise<string>[] = [];
    let count = 0;
    const sign: typeof signPdf = (...document) => {
      count += 1;
      if (count === 3) giveUp.abort(givenUp);
      const signed = signPdf(...document);
      outcomes.push(
        signed.then(
          () => "signed",
          (error: Error) => error.name,
        ),
      );
      return signed;
    };
    const run = batch(await orders(5), { client, key, consent: { pin: ascii(WRONG_PIN) }, signal: giveUp.signal, sign });
    await expect(run).rejects.toBe(givenUp);
    expect(await Promise.all(outcomes)).toEqual(["GivenUpError", "GivenUpError", "GivenUpError"]);
    expect([holder.token.button.waits - before, await client.pinTriesLeft()]).toEqual([0, 3]);
  });

  test("between two signatures: those that are made are whole, the token makes no more", async () => {
    const client = holder.token.client();
    const key = await findSigningKey(client, [], NOW);
    const giveUp = new AbortController();
    const onSigned = (count: number): void => {
      if (count === 2) giveUp.abort(givenUp);
    };
    const result = await batch(await orders(4), { client, key, consent: { pin: ascii(PIN) }, signal: giveUp.signal, onSigned });
    expect([result.signed.length, result.interruption]).toEqual([2, givenUp]);
  });
});

describe("no key to sign with", () => {
  test("on a token without a certificate", async () => {
    const token = await SimulatedToken.initialised();
    await token.makeKey(SLOT_SIGNATURE);
    await expect(findSigningKey(token.client(), [], NOW)).rejects.toMatchObject({ failure: "no-certificate" });
  });

  test("when the certificate is for logging in", async () => {
    const { token } = await certifiedToken({ usage: new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true) });
    await expect(findSigningKey(token.client(), [], NOW)).rejects.toMatchObject({ failure: "no-certificate" });
  });

  test("when the key was made anew after the certificate", async () => {
    const { token } = await certifiedToken();
    await token.makeKey(SLOT_SIGNATURE, { pin: PIN_POLICY_ALWAYS, button: BUTTON_POLICY_ALWAYS });
    await expect(findSigningKey(token.client(), [], NOW)).rejects.toMatchObject({ failure: "other-key" });
  });

  test.each([
    ["expired", "2036-01-01T00:00:00Z"],
    ["not-yet-valid", "2024-01-01T00:00:00Z"],
  ])("when it is %s", async (failure, at) => {
    const { token } = await certifiedToken({ policies: { pin: PIN_POLICY_ALWAYS, button: BUTTON_POLICY_NEVER } });
    await expect(findSigningKey(token.client(), [], new Date(at))).rejects.toMatchObject({ failure });
  });
});
