// Two tokens in PC/SC readers (pcscd + vpcd), put there by `sceau bridge --pcsc`: OpenSC and ykcs11 take them for the PIV cards that they are, and openssl
// verifies what they sign.

import { createHash, diffieHellman, generateKeyPairSync, webcrypto } from "node:crypto";
import { copyFileSync, cpSync, readFileSync } from "node:fs";
import "reflect-metadata"; // before @peculiar/x509, which needs it
import { KeyUsageFlags, KeyUsagesExtension } from "@peculiar/x509";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startChild } from "../../cli/tour/children.ts";
import { updateKeyHistory } from "../../host-bridge/token/key-history.ts";
import { KEY_SLOTS, retiredKeySlot, SLOT_AUTHENTICATION } from "../../protocol/piv.ts";
import { p256Point } from "../support/ec-keys.ts";
import { CardEvents, PcscClient, resetCard, transmit } from "../support/pcsc-client.ts";
import { awaitCard, PCSCD_LIMIT_MS, type RunningPcscd, startPcscd } from "../support/pcscd.ts";
import { mustRun, type Outcome, run, SCEAU } from "../support/run.ts";
import { runMeanwhile } from "../support/run-meanwhile.ts";
import { issue, rootCa } from "../support/test-certificates.ts";
import { MANAGEMENT_KEY, PIN, Workbench } from "../support/workbench.ts";

/** ykcs11 looks at no reader with another name. */
const READER_NAME = "Yubico YubiKey CCID";
const VERIFY = `0020008008${Buffer.from(PIN).toString("hex")}`;
const SIGN_WITH_9C = `0087119c26${"7c2482008120"}${"01".repeat(32)}00`;

let pcscd: RunningPcscd;
let bench: Workbench;
let other: Workbench;
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
  pcscd = await startPcscd({ name: READER_NAME });
  bench = await Workbench.open({ withBridge: false, launcher: pcscd.launcher });
  await bench.initialise();
  for (const { slot } of KEY_SLOTS) await bench.certify(slot);
  retiredPoint = await retireKey();
  other = await Workbench.open({ withBridge: false, authorityOf: bench });
  await other.initialise();
  await other.certify(SLOT_AUTHENTICATION);
  await other.stop("sim");
  await bench.startBridge(["--pcsc"]);
  await awaitCard();
}, PCSCD_LIMIT_MS);

afterAll(async () => {
  await other?.close();
  await bench?.close();
  await pcscd?.stop();
});

const tool = (...args: string[]) => run("pkcs11-tool", ["--module", "opensc-pkcs11.so", ...args]);

/** The file `signature` is that of `digest` by the key with this CKA_ID. @param slot of OpenSC: the readers in their order */
function expectSigned(id: string, digest: string, slot = "0"): void {
  tool("--slot-index", slot, "--read-object", "--type", "cert", "--id", id, "--output-file", bench.path("certificate.der"));
  bench.write("public.pem", mustRun("openssl", ["x509", "-inform", "DER", "-in", bench.path("certificate.der"), "-noout", "-pubkey"]));
  const check = ["pkeyutl", "-verify", "-pubin", "-inkey", bench.path("public.pem"), "-in", digest, "-sigfile", bench.path("signature")];
  expect(mustRun("openssl", check)).toContain("Signature Verified Successfully");
}

describe("a token in a PC/SC reader", () => {
  it("is a PIV card for opensc-tool", () => {
    expect(mustRun("opensc-tool", ["--name"])).toContain("Personal Identity Verification Card");
    expect(mustRun("opensc-tool", ["--atr"])).toContain("53:43:45:41:55"); // «SCEAU»
  });

  it.each([
    ["9A", "01"],
    ["9C", "02"],
    ["9D", "03"],
    ["9E", "04"],
  ])("signs through OpenSC with %s, and openssl verifies", (_slot, id) => {
    const digest = bench.write("digest", createHash("sha256").update(`over PC/SC with ${id}`).digest());
    const files = ["--input-file", digest, "--output-file", bench.path("signature")];
    const sign = ["--sign", "--mechanism", "ECDSA", "--signature-format", "openssl", "--id", id];
    expect(tool(...sign, ...files, "--login", "--pin", PIN)).toMatchObject({ status: 0 });
    expectSigned(id, digest);
  });

  it("wants the PIN anew for each signature with 9C, and forgets it when another program resets the card", async () => {
    const client = new PcscClient();
    const card = await client.connect(pcscd.reader);
    expect(await transmit(card, VERIFY)).toBe("9000");
    expect(await transmit(card, SIGN_WITH_9C)).toMatch(/^7c.*9000$/);
    expect(await transmit(card, SIGN_WITH_9C)).toBe("6982");
    expect(await transmit(card, "00200080")).toBe("9000");
    await resetCard(card);
    expect(await transmit(card, "00200080")).toBe("63c3");
    client.close();
  });

  it("answers an APDU within 10 ms, on the route that sceau install makes", async () => {
    const client = new PcscClient();
    const card = await client.connect(pcscd.reader);
    const times: number[] = [];
    for (let i = 0; i < 60; i++) {
      const start = performance.now();
      await transmit(card, "00fd000000");
      times.push(performance.now() - start);
    }
    client.close();
    expect(times.sort((a, b) => a - b)[30]).toBeLessThan(10);
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

  it("is listed by ykcs11, and signs through it", () => {
    const ykcs11 = (...args: string[]) => run("pkcs11-tool", ["--module", "libykcs11.so", ...args]);
    expect(ykcs11("--list-objects", "--type", "cert").stdout).toMatch(/X.509 Certificate for Digital Signature/);
    const digest = bench.write("digest", createHash("sha256").update("through ykcs11").digest());
    const files = ["--input-file", digest, "--output-file", bench.path("signature")];
    for (const id of ["01", "02"]) {
      expect(
        ykcs11("--sign", "--mechanism", "ECDSA", "--id", id, "--signature-format", "openssl", ...files, "--login", "--pin", PIN),
      ).toMatchObject({ status: 0 });
      expectSigned(id, digest);
    }
  });
});

it("two tokens sign at once, each in its reader; programs that wait learn who comes and goes", async () => {
  const events = new CardEvents();
  await events.next(`reader-attached ${pcscd.secondReader}`);
  cpSync(other.state.token(other.tokenName), bench.state.token("second"), { recursive: true });
  const second = await startChild(bench.state, ["sim", "second"], ["plugged-in"], { program: SCEAU });
  await events.next(`card-inserted ${pcscd.secondReader}`);

  const digest = bench.write("digest", createHash("sha256").update("both at once").digest());
  const sign = async (slot: string): Promise<Outcome> => {
    const how = ["--slot-index", slot, "--id", "01", "--login", "--pin", PIN, "--mechanism", "ECDSA", "--signature-format", "openssl"];
    const files = ["--input-file", digest, "--output-file", bench.path(`signature-${slot}`)];
    return runMeanwhile("pkcs11-tool", ["--module", "opensc-pkcs11.so", "--sign", ...how, ...files], process.env);
  };
  expect(await Promise.all(["0", "1"].map(sign))).toMatchObject([{ status: 0 }, { status: 0 }]);
  for (const slot of ["0", "1"]) {
    copyFileSync(bench.path(`signature-${slot}`), bench.path("signature"));
    expectSigned("01", digest, slot);
  }

  await second.stop();
  await events.next(`card-removed ${pcscd.secondReader}`);
  expect(mustRun("opensc-tool", ["--reader", "0", "--name"])).toContain("Personal Identity Verification Card");
  await bench.stop("bridge");
  await events.next(`card-removed ${pcscd.reader}`);
  events.stop();
});
