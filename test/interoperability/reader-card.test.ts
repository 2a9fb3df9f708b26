// A PIV card that is no token of ours, in a PC/SC reader, through `sceau bridge --reader` and `sceau token`: SP 800-73-5 is enough to sign, and what one
// program proves is no other's.

import { createHash, createPublicKey, webcrypto, type X509Certificate } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pkcs11js from "pkcs11js";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  ALG_P384,
  OBJECT_KEY_MANAGEMENT_CERTIFICATE,
  RETIRED_SLOTS,
  retiredKeySlot,
  SLOT_AUTHENTICATION,
  SLOT_CARD_AUTHENTICATION,
  SLOT_SIGNATURE,
} from "../../protocol/piv.ts";
import type { BridgeProcess } from "../support/bridge-process.ts";
import { opensslOnDigest } from "../support/openssl-judge.ts";
import { holdCard, PcscClient, resetCard } from "../support/pcsc-client.ts";
import { PCSCD_LIMIT_MS } from "../support/pcscd.ts";
import type { PlainCard } from "../support/plain-card.ts";
import { certify, PlainCardBench } from "../support/plain-card-bench.ts";
import { mustRun, run } from "../support/run.ts";
import { MANAGEMENT_KEY, PIN, PUK, SimulatedToken } from "../support/simulated-token.ts";
import { issue } from "../support/test-certificates.ts";
import type { Workbench } from "../support/workbench.ts";

const { CKR_DEVICE_REMOVED, CKR_PIN_INCORRECT, CKR_USER_NOT_LOGGED_IN } = pkcs11js;
const [AUTHENTICATION, SIGNATURE, CARD] = [1, 2, 4];
const digest = createHash("sha256").update("to be signed").digest();
const digest384 = createHash("sha384").update("to be signed").digest();

let bench: PlainCardBench;
let bridge: BridgeProcess;
let token: SimulatedToken;
let card: PlainCard;
let serial: string;
let authentication: X509Certificate;
let signature: X509Certificate;
let door: X509Certificate;

const judge = (certificate: X509Certificate, raw: Uint8Array, of: Uint8Array = digest): string =>
  opensslOnDigest(bench as unknown as Workbench, { publicKey: certificate.publicKey, digest: of, raw });
const GOOD = "Signature Verified Successfully";

/** PIV has no number for 1,280 bits; and what is in 95 is no certificate. */
async function oddCertificates(): Promise<void> {
  const algorithm = { name: "RSASSA-PKCS1-v1_5", modulusLength: 1280, publicExponent: Uint8Array.of(1, 0, 1), hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const issuer = await issue({ name: "CN=Root" });
  const { der } = await issue({ name: "CN=An odd key", issuer, keys: { publicKey: keys.publicKey, privateKey: issuer.keys.privateKey } });
  await token.writeCertificate(OBJECT_KEY_MANAGEMENT_CERTIFICATE, der);
  await token.writeCertificate(retiredKeySlot(RETIRED_SLOTS - 1).certificate, Uint8Array.of(1, 2, 3));
}

beforeAll(async () => {
  bench = await PlainCardBench.open();
  token = await SimulatedToken.initialised();
  authentication = await certify(token, SLOT_AUTHENTICATION);
  signature = await certify(token, SLOT_SIGNATURE, ALG_P384);
  door = await certify(token, SLOT_CARD_AUTHENTICATION);
  await oddCertificates();
  card = await bench.insert(token);
}, PCSCD_LIMIT_MS);

afterEach(() => bench.endApplications());

afterAll(async () => {
  await bench?.close();
});

describe("a plain PIV card in a reader", () => {
  it("comes in where the reader was named", async () => {
    bridge = await bench.startBridge([bench.pcscd.reader]);
    const told = await bridge.told("token-in");
    serial = String(told["serial"]);
    expect(told["name"]).toBe(bench.pcscd.reader);
    expect(serial).toMatch(/^[0-9a-f]{16}$/);
  });

  it("is shown with its certificates, and of its keys those that could sign here", async () => {
    const all = await bench.tool("--list-objects", "--login", "--pin", PIN);
    expect(all.stdout.match(/Certificate Object/g)).toHaveLength(4);
    expect(all.stdout.match(/Private Key Object; EC/g)).toHaveLength(3);
    const [of9A, of9C, of9E] = all.stdout.split("Private Key Object; EC").slice(1);
    expect([of9A, of9C, of9E].map((text) => text?.includes("always authenticate,"))).toEqual([false, true, false]);
    const open = await bench.tool("--list-objects");
    expect(open.stdout.match(/Private Key Object; EC/g)).toHaveLength(1); // 9E, whose use wants no PIN
    const slots = (await bench.tool("--list-slots")).stdout;
    expect(slots).toContain(`PIV card ${serial}`);
    expect(slots).not.toMatch(/rng/);
  });

  it("signs with pkcs11-tool, and openssl verifies", async () => {
    const input = bench.write("digest", digest);
    const files = ["--input-file", input, "--output-file", bench.path("signature")];
    const sign = ["--sign", "--mechanism", "ECDSA", "--signature-format", "openssl", "--id", "01", ...files, "--login", "--pin", PIN];
    expect(await bench.tool(...sign)).toMatchObject({ status: 0 });
    const key = bench.write("key.pem", authentication.publicKey.export({ format: "pem", type: "spki" }));
    const check = ["pkeyutl", "-verify", "-pubin", "-inkey", key, "-in", input, "-sigfile", bench.path("signature")];
    expect(run("openssl", check).stdout).toContain(GOOD);
  });

  it("signs with 9A by the login, with 9C by a PIN each time, and 9A still signs after that", async () => {
    const app = await bench.application(serial);
    expect(await app.login()).toBe(0);
    expect(judge(authentication, await app.sign(AUTHENTICATION, digest))).toBe(GOOD);
    expect(judge(signature, await app.sign(SIGNATURE, digest384, PIN), digest384)).toBe(GOOD);
    expect(judge(authentication, await app.sign(AUTHENTICATION, digest))).toBe(GOOD);
    await expect(app.sign(SIGNATURE, digest384)).rejects.toMatchObject({ code: CKR_USER_NOT_LOGGED_IN });
  });

  it("signs with 9E for whoever asks", async () => {
    const app = await bench.application(serial);
    expect(judge(door, await app.sign(CARD, digest))).toBe(GOOD);
  });
});

describe("what one program proves", () => {
  it("is no other program's, and the last who logs in has the card", async () => {
    const [first, second] = [await bench.application(serial), await bench.application(serial)];
    expect(await first.login()).toBe(0);
    expect(await second.key(AUTHENTICATION)).toBeUndefined();
    expect(await second.login("11112222")).toBe(CKR_PIN_INCORRECT);
    expect(await second.login()).toBe(0);
    expect(judge(authentication, await second.sign(AUTHENTICATION, digest))).toBe(GOOD);
    await expect(first.sign(AUTHENTICATION, digest)).rejects.toMatchObject({ code: CKR_USER_NOT_LOGGED_IN });
    expect(judge(authentication, await second.sign(AUTHENTICATION, digest))).toBe(GOOD); // nobody took it away by asking
    expect(await first.login()).toBe(0);
    expect(judge(authentication, await first.sign(AUTHENTICATION, digest))).toBe(GOOD);
  });

  it("waits while another PC/SC program has a transaction, and that program alone is served by the card", async () => {
    const app = await bench.application(serial);
    expect(await app.login()).toBe(0);
    const transaction = await holdCard(bench.pcscd.reader);
    card.seen.length = 0;
    const signed = app.sign(AUTHENTICATION, digest);
    await sleep(300);
    const seen = [...card.seen];
    await transaction.end();
    expect(seen).toEqual([]);
    expect(judge(authentication, await signed)).toBe(GOOD);
  });

  it("ends when another PC/SC program resets the card, and no PIN is sent again by itself", async () => {
    const app = await bench.application(serial);
    expect(await app.login()).toBe(0);
    const other = new PcscClient();
    await resetCard(await other.connect(bench.pcscd.reader));
    card.seen.length = 0;
    await expect(app.sign(AUTHENTICATION, digest)).rejects.toMatchObject({ code: CKR_USER_NOT_LOGGED_IN });
    expect(card.seen.filter((command) => command === "20 80+")).toEqual([]);
    expect(await app.login()).toBe(0);
    expect(judge(authentication, await app.sign(AUTHENTICATION, digest))).toBe(GOOD);
    other.close();
  });

  it("does not outlive the login", async () => {
    const app = await bench.application(serial);
    expect(await app.login()).toBe(0);
    card.seen.length = 0;
    await app.program.call("C_Logout", app.session);
    await expect.poll(() => card.seen).toEqual(["reset", "a4 0+"]);
  });
});

describe("a bridge that is killed", () => {
  it("leaves a card that was reset: pcscd sees to it", async () => {
    const app = await bench.application(serial);
    expect(await app.login()).toBe(0);
    card.seen.length = 0;
    await bridge.stop("SIGKILL");
    await expect.poll(() => card.seen).toEqual(["reset"]);
    bridge = await bench.startBridge([bench.pcscd.reader]);
    await bridge.told("token-in");
  });
});

describe("keys and certificates", () => {
  it("are made and written with the management key, and shown at once", async () => {
    const so = ["--login", "--login-type", "so", "--so-pin", MANAGEMENT_KEY];
    const made = await bench.tool(...so, "--keypairgen", "--key-type", "EC:prime256v1", "--id", "05");
    expect(made).toMatchObject({ status: 0 });
    expect((await bench.tool("--list-objects", "--type", "pubkey")).stdout).toMatch(/ID: +05/);
  });

  it("are read by sceau token, which says what is not on this card", async () => {
    const where = ["--token", `pcsc:${bench.pcscd.reader}`];
    const info = await bench.sceau("token", "info", ...where);
    expect(info.stdout).toContain(serial);
    expect(info.stdout).toContain("P-384 key, certificate of Key 9c");
    expect(info.stdout).toContain("certificate of An odd key; its key is of a kind that is not served");
    expect(info.stdout).toMatch(/Slot 95 +no key, but something else in the certificate's place/);
    const before = card.seen.length;
    mkdirSync(dirname(bench.state.secrets(serial)), { recursive: true });
    bench.write("pin.txt", `${PIN}\n`);
    bench.write("list.txt", `${digest.toString("hex")}  one\n`);
    const pinFile = ["--pin-file", bench.path("pin.txt")];
    const refused = [
      ["journal", ...pinFile],
      ["batch", "9a", bench.path("list.txt"), "--out", bench.path("out"), ...pinFile],
      ["retire", "9a", "--yes", "--out", bench.path("receipt.json")],
      ["attest", "9a", ...pinFile],
      ["init", ...pinFile],
      ["reset", "--yes"],
    ];
    const outcomes = await Promise.all(refused.map((command) => bench.sceau("token", ...command, ...where)));
    for (const outcome of outcomes) {
      expect(outcome.stderr).toContain("Not on this card");
      expect(outcome.status).toBe(4);
    }
    const changing = card.seen.slice(before).filter((command) => /^(20|24|2c|47|87|db)/.test(command) && command.endsWith("+"));
    expect(changing).toEqual([]); // none was begun
  });

  it("are made and certified by sceau token, too, which says that the card does not tell its keys", async () => {
    const where = ["--token", `pcsc:${bench.pcscd.reader}`];
    writeFileSync(bench.state.secrets(serial), JSON.stringify({ puk: PUK, managementKey: MANAGEMENT_KEY }));
    const request = bench.path("request.pem");
    const made = await bench.sceau("token", "generate", "9a", "--out", request, "--pin-file", bench.path("pin.txt"), ...where);
    expect(made).toMatchObject({ status: 0, stderr: "" });
    const spki = createPublicKey(mustRun("openssl", ["req", "-in", request, "-verify", "-pubkey", "-noout"])).export({
      format: "der",
      type: "spki",
    });
    const algorithm = { name: "ECDSA", namedCurve: "P-256" };
    const publicKey = await webcrypto.subtle.importKey("spki", new Uint8Array(spki), algorithm, true, ["verify"]);
    const issuer = await issue({ name: "CN=Root" });
    const issued = await issue({ name: "CN=Renewed", issuer, keys: { publicKey, privateKey: issuer.keys.privateKey } });
    const imported = await bench.sceau("token", "import", "9a", bench.write("renewed.der", issued.der), ...where);
    expect(imported.stdout).toContain("This card does not tell its keys");
    authentication = issued.certificate;
    const shown = await bench.tool("--read-object", "--type", "cert", "--id", "01", "--output-file", bench.path("shown.der"));
    expect(shown).toMatchObject({ status: 0 });
    expect(readFileSync(bench.path("shown.der"))).toEqual(Buffer.from(issued.der)); // the bridge has noticed that the card was changed
    const app = await bench.application(serial);
    expect(await app.login()).toBe(0);
    expect(judge(authentication, await app.sign(AUTHENTICATION, digest))).toBe(GOOD);
  });

  it("change its PIN: sceau token change-pin", async () => {
    bench.write("new.txt", "84019273\n");
    const where = ["--token", `pcsc:${bench.pcscd.reader.slice(0, 9).toLowerCase()}`]; // part of the name will do
    const files = (old: string, next: string): string[] => ["--pin-file", bench.path(old), "--new-pin-file", bench.path(next)];
    expect(await bench.sceau("token", "change-pin", ...files("pin.txt", "new.txt"), ...where)).toMatchObject({ status: 0 });
    const app = await bench.application(serial);
    expect(await app.login()).toBe(CKR_PIN_INCORRECT);
    expect(await app.login("84019273")).toBe(0);
    expect(await bench.sceau("token", "change-pin", ...files("new.txt", "pin.txt"), ...where)).toMatchObject({ status: 0 });
  });
});

/** vpcd may power a card that has just come off and on again, or lose it for a moment. */
async function signsAgain(): Promise<string> {
  const attempt = async (): Promise<string> => {
    const app = await bench.application(serial);
    await app.login();
    return judge(authentication, await app.sign(AUTHENTICATION, digest));
  };
  for (let tries = 0; tries < 10; tries++) {
    const outcome = await attempt().catch(() => null);
    if (outcome !== null) return outcome;
    await sleep(500);
  }
  return attempt();
}

describe("coming and going", () => {
  it("a second card is a second token", async () => {
    const other = await SimulatedToken.initialised();
    const certificate = await certify(other, SLOT_AUTHENTICATION);
    const both = await bench.startBridge(["any"]);
    bridge = both;
    const second = await bench.insert(other, { reader: 1 });
    await both.told("token-in", 2);
    const serials = both.of("token-in").map((event) => String(event["serial"]));
    const otherSerial = serials.find((each) => each !== serial) ?? "";
    const [one, two] = [await bench.application(serial), await bench.application(otherSerial)];
    expect([await one.login(), await two.login()]).toEqual([0, 0]);
    const [ofOne, ofTwo] = await Promise.all([one.sign(AUTHENTICATION, digest), two.sign(AUTHENTICATION, digest)]);
    expect([judge(authentication, ofOne), judge(certificate, ofTwo)]).toEqual([GOOD, GOOD]);
    await second.pull();
    await both.told("token-out");
  });

  it("a card that is pulled in the middle of a signature is a token that is removed, and comes back", async () => {
    const app = await bench.application(serial);
    expect(await app.login()).toBe(0);
    const before = bridge.of("token-in").length;
    card.beforeSigning = () => card.pull();
    await expect(app.sign(AUTHENTICATION, digest)).rejects.toMatchObject({ code: CKR_DEVICE_REMOVED });
    card = await bench.insert(token);
    await bridge.told("token-in", before + 1);
    expect(await signsAgain()).toBe(GOOD);
  });

  it("pcscd that stops takes its cards along, and brings them back when it starts", async () => {
    const before = { in: bridge.of("token-in").length, out: bridge.of("token-out").length };
    await bench.restartPcscd();
    await bridge.told("token-out", before.out + 1);
    expect((await bridge.told("trouble"))["about"]).toBe("pcsc");
    await card.pull();
    card = await bench.insert(token);
    await bridge.told("token-in", before.in + 1);
    expect(await signsAgain()).toBe(GOOD);
    expect(await bridge.stop()).toBe(0);
  });
});
