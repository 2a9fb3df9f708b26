// The certification request, judged by openssl.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ALG_P384, SLOT_AUTHENTICATION } from "../../protocol/piv.ts";
import { mustRun, run } from "../../test/support/run.ts";
import { ascii, PIN, SimulatedToken } from "../../test/support/simulated-token.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { createCertificationRequest } from "./certification-request.ts";

const folder = temporaryFolder();

async function requestBy(signingSlot: number): Promise<{ path: string; point: Uint8Array; der: Uint8Array }> {
  const simulated = await SimulatedToken.initialised();
  const point = await simulated.makeKey(SLOT_AUTHENTICATION);
  if (signingSlot !== SLOT_AUTHENTICATION) await simulated.makeKey(signingSlot);
  const client = simulated.client();
  await client.verifyPin(ascii(PIN));
  const der = await createCertificationRequest(point, (digest) => client.sign(signingSlot, digest));
  const path = join(folder, `${signingSlot}.csr`);
  writeFileSync(path, der);
  return { path, point, der };
}

test("openssl takes it, finds its signature right, its key the token's, its subject empty", async () => {
  const { path, point } = await requestBy(SLOT_AUTHENTICATION);
  const { status, stdout, stderr } = run("openssl", ["req", "-inform", "DER", "-in", path, "-verify", "-noout", "-text", "-subject"]);
  expect(status).toBe(0);
  expect(stdout + stderr).toMatch(/verify OK/i);
  expect(stdout).toContain("Signature Algorithm: ecdsa-with-SHA256");
  expect(stdout).toMatch(/^subject=\s*$/m);
  const key = mustRun("openssl", ["req", "-inform", "DER", "-in", path, "-noout", "-pubkey"]);
  const der = Buffer.from(key.replaceAll(/-----[A-Z ]+-----|\s/g, ""), "base64");
  expect(der.subarray(-65)).toEqual(Buffer.from(point));
});

test("carries the office's challenge as the attribute challengePassword, under its signature", async () => {
  const simulated = await SimulatedToken.initialised();
  const point = await simulated.makeKey(SLOT_AUTHENTICATION);
  const client = simulated.client();
  await client.verifyPin(ascii(PIN));
  const challenge = "x7nN_-0123456789abcdefABCDEFGHIJKLMNOPQRSTU";
  const der = await createCertificationRequest(point, (digest) => client.sign(SLOT_AUTHENTICATION, digest), challenge);
  const path = join(folder, "challenge.csr");
  writeFileSync(path, der);
  const { stdout, stderr } = run("openssl", ["req", "-inform", "DER", "-in", path, "-verify", "-noout", "-text"]);
  expect(stdout + stderr).toMatch(/verify OK/i);
  expect(stdout).toMatch(new RegExp(`challengePassword\\s*:${challenge}\n`));
  writeFileSync(path, Buffer.from(Buffer.from(der).toString("latin1").replace(challenge, challenge.replace("x7", "y7")), "latin1"));
  const changed = run("openssl", ["req", "-inform", "DER", "-in", path, "-verify", "-noout"]);
  expect(`${changed.stdout}${changed.stderr}`).toMatch(/verif\w+ fail/i);
});

test("openssl finds out one that another key signed", async () => {
  const { path } = await requestBy(0x9d);
  const { status, stdout, stderr } = run("openssl", ["req", "-inform", "DER", "-in", path, "-verify", "-noout"]);
  expect(`${stdout}${stderr}`).toMatch(/verif\w+ fail/i);
  expect(`${status}${stdout}`).not.toContain("verify OK");
});

test("of a P-384 key is signed over SHA-384, and openssl finds it right", async () => {
  const simulated = await SimulatedToken.initialised();
  const officer = await simulated.officer();
  const point = await officer.generateKey(SLOT_AUTHENTICATION, { pin: 0, button: 0 }, { algorithm: ALG_P384 });
  await officer.verifyPin(ascii(PIN));
  const der = await createCertificationRequest(point, (digest) => officer.sign(SLOT_AUTHENTICATION, digest, { algorithm: ALG_P384 }));
  const path = join(folder, "p384.csr");
  writeFileSync(path, der);
  const { status, stdout, stderr } = run("openssl", ["req", "-inform", "DER", "-in", path, "-verify", "-noout", "-text"]);
  expect(status).toBe(0);
  expect(stdout + stderr).toMatch(/verify OK/i);
  expect(stdout).toContain("Signature Algorithm: ecdsa-with-SHA384");
  expect(stdout).toContain("Public-Key: (384 bit)");
});
