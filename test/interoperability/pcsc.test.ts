// The simulated token in a PC/SC reader (pcscd + vpcd): OpenSC takes it for the PIV card that it is, and openssl verifies what it signs.

import { createHash, diffieHellman, generateKeyPairSync, webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import "reflect-metadata"; // before @peculiar/x509, which needs it
import { KeyUsageFlags, KeyUsagesExtension } from "@peculiar/x509";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { updateKeyHistory } from "../../host-bridge/token/key-history.ts";
import { retiredKeySlot, SLOT_AUTHENTICATION, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { p256Point } from "../support/ec-keys.ts";
import { awaitCard, PCSCD_LIMIT_MS, type RunningPcscd, startPcscd } from "../support/pcscd.ts";
import { mustRun, run } from "../support/run.ts";
import { issue, rootCa } from "../support/test-certificates.ts";
import { MANAGEMENT_KEY, PIN, Workbench } from "../support/workbench.ts";

const CARD_LIMIT_MS = 10_000;

let pcscd: RunningPcscd;
let bench: Workbench;
let retiredPoint: Uint8Array;

/** A key in the first retired slot, with a certificate for key agreement, as after a renewal. */
async function retireKey(): Promise<Uint8Array> {
  const { slot, certificate } = retiredKeySlot(0);
  const client = await bench.client();
  await client.authenticateManagement(Buffer.from(MANAGEMENT_KEY, "hex"));
  const point = await client.generateKey(slot);
  const issuer = await rootCa();
  const spki = p256Point(point).export({ format: "der", type: "spki" });
  const publicKey = await webcrypto.subtle.importKey("spki", spki, { name: "ECDSA", namedCurve: "P-256" }, true, ["verify"]);
  const keys: webcrypto.CryptoKeyPair = { publicKey, privateKey: issuer.keys.privateKey };
  const extensions = [new KeyUsagesExtension(KeyUsageFlags.keyAgreement, true)];
  await client.writeCertificate(certificate, (await issue({ name: "CN=Retired", issuer, keys, extensions })).der);
  await updateKeyHistory(client);
  client.close();
  return point;
}

beforeAll(async () => {
  pcscd = await startPcscd();
  bench = await Workbench.open({ withBridge: false, sim: ["--vpcd", pcscd.address] });
  await bench.initialise();
  await bench.certify(SLOT_AUTHENTICATION);
  await bench.certify(SLOT_SIGNATURE);
  retiredPoint = await retireKey();
  await awaitCard();
}, PCSCD_LIMIT_MS);

afterAll(async () => {
  await bench?.close();
  await pcscd?.stop();
});

const tool = (...args: string[]) => run("pkcs11-tool", ["--module", "opensc-pkcs11.so", ...args]);

describe("the simulated token over PC/SC", () => {
  it("is a PIV card for opensc-tool", () => {
    expect(mustRun("opensc-tool", ["--name"])).toContain("Personal Identity Verification Card");
    expect(mustRun("opensc-tool", ["--atr"])).toContain("53:43:45:41:55"); // «SCEAU»
  });

  it.each([
    ["9A", "01"],
    ["9C", "02"],
  ])("signs through OpenSC with %s, and openssl verifies", (_slot, id) => {
    tool("--read-object", "--type", "cert", "--id", id, "--output-file", bench.path("certificate.der"));
    bench.write("public.pem", mustRun("openssl", ["x509", "-inform", "DER", "-in", bench.path("certificate.der"), "-noout", "-pubkey"]));
    const digest = bench.write("digest", createHash("sha256").update(`over PC/SC with ${id}`).digest());
    const files = ["--input-file", digest, "--output-file", bench.path("signature")];
    const sign = ["--sign", "--mechanism", "ECDSA", "--signature-format", "openssl", "--id", id];
    expect(tool(...sign, ...files, "--login", "--pin", PIN)).toMatchObject({ status: 0 });
    const check = ["pkeyutl", "-verify", "-pubin", "-inkey", bench.path("public.pem"), "-in", digest, "-sigfile", bench.path("signature")];
    expect(mustRun("openssl", check)).toContain("Signature Verified Successfully");
  });

  it("shows a retired key by its Key History, and OpenSC agrees on a key with it", () => {
    expect(tool("--list-objects", "--type", "cert").stdout).toMatch(/ID: +05/);
    const peer = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const peerFile = bench.write("peer.der", peer.publicKey.export({ format: "der", type: "spki" }));
    const files = ["--input-file", peerFile, "--output-file", bench.path("secret")];
    const derive = ["--derive", "--mechanism", "ECDH1-COFACTOR-DERIVE", "--id", "05", ...files];
    expect(tool(...derive, "--login", "--pin", PIN)).toMatchObject({ status: 0 });
    const expected = diffieHellman({ privateKey: peer.privateKey, publicKey: p256Point(retiredPoint) });
    expect(readFileSync(bench.path("secret"))).toEqual(expected);
  });

  it("hands out a certificate that is longer than a short answer (61xx, which opensc-tool follows)", () => {
    const output = mustRun("opensc-tool", ["-s", "00A4040005A000000308", "-s", "00CB3FFF055C035FC10A00"]);
    const [, read = ""] = output.split("Sending: 00 CB");
    expect(read).toContain("Received (SW1=0x90, SW2=0x00)");
    expect(read.match(/^([0-9A-F]{2} )+/gm)?.length).toBeGreaterThan(40);
  });

  it("is gone from the reader when the simulator ends", async () => {
    await bench.stop("sim");
    const deadline = Date.now() + CARD_LIMIT_MS;
    while (run("opensc-tool", ["--name"]).status === 0 && Date.now() < deadline) await sleep(200);
    expect(run("opensc-tool", ["--name"]).stderr).toMatch(/no card|not present|Failed to connect/i);
  });
});
