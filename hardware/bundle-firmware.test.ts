// The bundle: one file, the same each time, refused when it does not fit a board, and running where only a board's globals exist.

import { spawnSync } from "node:child_process";
import { createHash, createPublicKey, randomBytes, verify } from "node:crypto";
import { runInContext } from "node:vm";
import { beforeAll, describe, expect, test } from "vitest";
import type { Curve, Hal } from "../firmware/hal.ts";
import { initialiseToken } from "../host-bridge/token/initialise.ts";
import { TokenClient } from "../host-bridge/token/token-client.ts";
import { PacketLink } from "../host-bridge/transport/packet-link.ts";
import { P256_POINT_BYTES, P256_SIGNATURE_DER_BYTES, SLOT_SIGNATURE } from "../protocol/piv.ts";
import { blankImage, ModelledFlash, NRF52_GEOMETRY } from "../simulator/modelled-flash.ts";
import { createNodeHal } from "../simulator/node-hal.ts";
import { PRESSED_AT_ONCE, ScriptedButton } from "../simulator/scripted-button.ts";
import { createEspruinoRealm, withoutHoisting } from "../test/board/espruino-language.ts";
import { BUDGET_BYTES, type Bundle, BundleError, bundleFirmware, LIBRARY_ENTRY } from "./bundle-firmware.ts";
import { findForbidden } from "./espruino-subset.ts";
import type { ShortNames } from "./tighten.ts";

/** A built interpreter, where there is one; no package holds it. */
const interpreter = process.env["ESPRUINO"];

describe("the firmware's bundle", () => {
  let bundle: Bundle;
  beforeAll(async () => {
    bundle = await bundleFirmware(LIBRARY_ENTRY);
  });

  test("is within the budget, in ASCII", () => {
    expect(bundle.lengthBytes).toBe(Buffer.byteLength(bundle.code));
    expect(bundle.lengthBytes).toBeLessThanOrEqual(BUDGET_BYTES);
    expect(bundle.code).toMatch(/^[\n\x20-\x7e]+$/);
  });

  test("is the same each time it is made", async () => {
    const again = await bundleFirmware(LIBRARY_ENTRY);
    expect(again.sha256).toBe(bundle.sha256);
    expect(again.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test("signs where only a board's globals exist", async () => {
    await expectSignature(bundle.code);
  });

  test("signs with short names for its properties, as a board's script has them", async () => {
    const { code, properties } = await bundleFirmware(LIBRARY_ENTRY, "short");
    expect(code.length).toBeLessThan(0.9 * bundle.code.length);
    await expectSignature(withoutHoisting(code), properties);
  });

  test("signs where no function is there before its definition has run", async () => {
    await expectSignature(withoutHoisting(bundle.code));
  });

  test.skipIf(interpreter === undefined)("loads in Espruino (skipped unless ESPRUINO names its Linux binary)", () => {
    const script = `${bundle.code}\nprint("a " + typeof Sceau.createToken)`;
    // How it ends is not asked: a build for ARM falls over while it clears up.
    expect(spawnSync(interpreter ?? "", ["-e", script], { encoding: "utf8", timeout: 60_000 }).stdout).toContain("a function");
  });
});

test("the board's realm has lost what a board does not have", () => {
  const expressions =
    "Buffer Map Set WeakMap Symbol Proxy Reflect BigInt TextEncoder SharedArrayBuffer Atomics Intl process require console " +
    "Uint8Array.from Uint8Array.of new(Uint8Array)().slice new(ArrayBuffer)(1).slice [].at [].flat ''.at Array.from Math.imul " +
    "Object.freeze Number.isInteger";
  const board = createEspruinoRealm();
  const present = expressions.split(" ").filter((each) => runInContext(`typeof ${each}`, board) !== "undefined");
  expect(present).toEqual([]);
});

test("a script that lives on hoisting fails without it, also where the gate sees nothing", () => {
  const script = "function f() { return g(); } f(); function g() {}";
  expect(findForbidden(script)).toEqual([]);
  expect(() => runInContext(withoutHoisting(script), createEspruinoRealm())).toThrow("before initialization");
});

describe("an entry that does not fit a board is refused", () => {
  const REFUSED: readonly (readonly [rule: string, entry: string])[] = [
    ["destructuring", "const { a } = globalThis as never; globalThis.x = a;"],
    ["BigInt", "globalThis.x = 10n;"],
    ["generator", "globalThis.f = function* () { yield 1; };"],
    ["async", "globalThis.f = async () => 1;"],
    ["missing global", "globalThis.m = new Map();"],
    ["missing member", "globalThis.b = Uint8Array.from([1]);"],
    ["spread", "globalThis.f = (xs: number[]) => Math.max(...xs);"],
    ["optional chaining", "globalThis.f = (o?: { a: number }) => o?.a;"],
    ["exponentiation", "globalThis.f = (x: number) => x ** 2;"],
    ["shift count", "globalThis.f = (x: number) => x << 32;"],
    ["use before definition", "globalThis.x = f(); function f() { return 1; }"],
    ["closure over a loop variable", "globalThis.f = []; for (let i = 0; i < 3; i++) globalThis.f.push(() => i);"],
    ["bare return before more", "globalThis.f = () => { return\n5; };"],
    ["extends a built-in", "class E extends Error {} globalThis.E = E;"],
  ];

  test.each(REFUSED)("%s: %s", async (rule, entry) => {
    const refusal = bundleFirmware(entry);
    await expect(refusal).rejects.toThrow(BundleError);
    await expect(refusal).rejects.toThrow(new RegExp(`^line \\d+: ${rule}: `, "m"));
  });

  test("over the budget", async () => {
    const refusal = bundleFirmware(`globalThis.x = "${"a".repeat(BUDGET_BYTES)}";`);
    await expect(refusal).rejects.toThrow(BundleError);
    await expect(refusal).rejects.toThrow(`over the budget of ${BUDGET_BYTES}`);
  });

  test("with a part of the simulator, whatever it is made of; its compat profile is one", async () => {
    const importing = (name: string, file: string): string => `import { ${name} } from "./simulator/${file}"; globalThis.x = ${name};`;
    await expect(bundleFirmware(importing("blankImage", "modelled-flash.ts"))).rejects.toThrow(
      "not of a board: simulator/modelled-flash.ts",
    );
    await expect(bundleFirmware(importing("COMPAT_PROFILE", "compat-profile.ts"))).rejects.toThrow(BundleError);
  });

  test("an import that is not there, with its place", async () => {
    const refusal = bundleFirmware('import { x } from "./firmware/nowhere.ts"; globalThis.x = x;');
    await expect(refusal).rejects.toThrow(BundleError);
    await expect(refusal).rejects.toThrow(/entry\.ts:1: .*nowhere/);
  });

  test("TypeScript that is none", async () => {
    await expect(bundleFirmware("const = 1;")).rejects.toThrow(BundleError);
  });

  test("a class's fields are assigned in its constructor, so that they pass", async () => {
    const { code } = await bundleFirmware("class A { readonly x: number[] = []; } globalThis.A = A;");
    expect(code).toMatch(/constructor\(\)\{.*this\.x=\[\]/s);
  });
});

type Bytes = (bytes: Uint8Array) => Uint8Array;
const toHost: Bytes = (bytes) => new Uint8Array(bytes);

function curveAcross(curve: Curve, toBoard: Bytes): Curve {
  return {
    generateKey: () => toBoard(curve.generateKey()),
    publicKey: (key) => toBoard(curve.publicKey(toHost(key))),
    sign: (key, point, digest) => {
      const signature = curve.sign(toHost(key), toHost(point), toHost(digest));
      return signature && toBoard(signature);
    },
    isPoint: (bytes) => curve.isPoint(toHost(bytes)),
    sharedSecret: (key, point) => toBoard(curve.sharedSecret(toHost(key), toHost(point))),
  };
}

/** The simulator's world for a token in another realm: each side sees byte strings of its own only. */
function halAcross(hal: Hal, toBoard: Bytes): Hal {
  const { flash, crypto, rng } = hal;
  return {
    ...hal,
    rng: {
      fill: (out) => {
        const bytes = toHost(out);
        rng.fill(bytes);
        out.set(bytes);
      },
      stir: (bytes) => rng.stir(toHost(bytes)),
    },
    flash: {
      pages: flash.pages,
      wordBytes: flash.wordBytes,
      writesPerWord: flash.writesPerWord,
      read: (address, lengthBytes) => toBoard(flash.read(address, lengthBytes)),
      program: (address, bytes) => flash.program(address, toHost(bytes)),
      erase: (page) => flash.erase(page),
    },
    crypto: {
      sha256: (data) => toBoard(crypto.sha256(toHost(data))),
      crc32: (data) => toBoard(crypto.crc32(toHost(data))),
      aesEncryptBlock: (key, block) => toBoard(crypto.aesEncryptBlock(toHost(key), toHost(block))),
      p256: curveAcross(crypto.p256, toBoard),
      p384: null,
    },
  };
}

/** An object with the names that the script knows its properties by. */
function renamed<T>(value: T, properties: ShortNames): T {
  if (Array.isArray(value)) return value.map((each) => renamed(each, properties)) as T;
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [properties.get(name) ?? name, renamed(each, properties)])) as T;
}

/**
 * A blank token that runs `script` in a board's realm, and a channel to it by packets.
 * @param properties what the script calls its properties
 */
async function plugIn(script: string, properties: ShortNames): Promise<TokenClient> {
  const board = createEspruinoRealm();
  runInContext(script, board);
  const called = (name: string): string => properties.get(name) ?? name;
  const library = runInContext(`globalThis.${called("Sceau")}`, board);
  const BoardBytes = runInContext("Uint8Array", board) as Uint8ArrayConstructor;
  const toBoard: Bytes = (bytes) => new BoardBytes(bytes);
  const flash = new ModelledFlash(NRF52_GEOMETRY, blankImage(NRF52_GEOMETRY), () => {});
  const device = { model: "Sceau bundle", serial: 12345678, simulated: true };
  const button = new ScriptedButton(PRESSED_AT_ONCE);
  const hal: Hal = { ...createNodeHal({ device, flash, button }), button: { wait: (timeoutMs, done) => button.wait(timeoutMs, done) } };
  const token = library[called("createToken")](renamed(halAcross(hal, toBoard), properties));
  const port = new library[called("PacketPort")](token);
  let answer: (packet: Uint8Array) => void = () => {};
  const send = (packet: Uint8Array): void => answer(toHost(packet));
  const link = new PacketLink({
    send: (packet) => port[called("receive")](toBoard(packet), send),
    onPacket: (take) => {
      answer = take;
    },
    gone: new Promise(() => {}),
  });
  return new TokenClient(await link.openChannel());
}

/** From the factory to a signature by the key in 9C, which Node checks. */
async function expectSignature(script: string, properties: ShortNames = new Map()): Promise<void> {
  const client = await plugIn(script, properties);
  const pin = Buffer.from("271828");
  await initialiseToken(client, pin, () => ({ puk: "31415926", managementKey: randomBytes(24).toString("hex"), keptIn: "nowhere" }));
  const point = Buffer.from(await client.generateKey(SLOT_SIGNATURE));
  expect(point).toHaveLength(P256_POINT_BYTES);
  await client.verifyPin(pin);
  const message = Buffer.from("what was signed");
  const signature = await client.sign(SLOT_SIGNATURE, createHash("sha256").update(message).digest());
  expect(signature).toHaveLength(P256_SIGNATURE_DER_BYTES);
  const [x, y] = [point.subarray(1, 33).toString("base64url"), point.subarray(33).toString("base64url")];
  const key = createPublicKey({ key: { kty: "EC", crv: "P-256", x, y }, format: "jwk" });
  expect(verify("sha256", message, key, signature)).toBe(true);
}
