// A plain PIV card in a reader of pcscd, and a bridge that was told that reader's name; PKCS#11 programs that sign with the card.

import { webcrypto, type X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pkcs11js, { type Handle } from "pkcs11js";
import { StateFolder } from "../../cli/state-folder.ts";
import { findP11KitClient, p11KitAddress } from "../../host-bridge/signing/pkcs11-module.ts";
import { KEY_SLOTS } from "../../protocol/piv.ts";
import { BridgeProcess } from "./bridge-process.ts";
import { publicKeyOf } from "./ec-keys.ts";
import { type RunningPcscd, startPcscd } from "./pcscd.ts";
import { Pkcs11Program } from "./pkcs11-program.ts";
import { PlainCard, type PlainCardOptions } from "./plain-card.ts";
import type { Outcome } from "./run.ts";
import { NODE_FLAGS, SCEAU } from "./run.ts";
import { runMeanwhile } from "./run-meanwhile.ts";
import { PIN, type SimulatedToken } from "./simulated-token.ts";
import { issue } from "./test-certificates.ts";

const ECDSA = { mechanism: pkcs11js.CKM_ECDSA, parameter: null };

/** A key that the token makes, with a certificate for it. */
export async function certify(token: SimulatedToken, slot: number, algorithm?: number): Promise<X509Certificate> {
  const officer = await token.officer();
  const point = await officer.generateKey(slot, undefined, algorithm === undefined ? {} : { algorithm });
  const issuer = await issue({ name: "CN=Root" });
  const namedCurve = point.length === 65 ? "P-256" : "P-384";
  const spki = publicKeyOf(point).export({ format: "der", type: "spki" });
  const publicKey = await webcrypto.subtle.importKey("spki", new Uint8Array(spki), { name: "ECDSA", namedCurve }, true, ["verify"]);
  const issued = await issue({
    name: `CN=Key ${slot.toString(16)}`,
    issuer,
    keys: { publicKey, privateKey: issuer.keys.privateKey },
  });
  await officer.writeCertificate(KEY_SLOTS.find((each) => each.slot === slot)?.certificate ?? 0, issued.der);
  officer.close();
  return issued.certificate;
}

/** An application, logged in or not. */
export class CardApplication {
  readonly program: Pkcs11Program;
  slot: Handle = Buffer.alloc(0);
  session: Handle = Buffer.alloc(0);

  constructor(program: Pkcs11Program) {
    this.program = program;
  }

  login(pin = PIN): Promise<number> {
    return this.program.ckr("C_Login", this.session, pkcs11js.CKU_USER, pin);
  }

  async key(id: number, objectClass = pkcs11js.CKO_PRIVATE_KEY): Promise<Handle | undefined> {
    const template = [
      { type: pkcs11js.CKA_CLASS, value: objectClass },
      { type: pkcs11js.CKA_ID, value: Buffer.of(id) },
    ];
    await this.program.call("C_FindObjectsInit", this.session, template);
    const [found] = await this.program.call<Handle[]>("C_FindObjects", this.session, 1);
    await this.program.call("C_FindObjectsFinal", this.session);
    return found;
  }

  /** r ‖ s. @param pin of a key that wants it each time @throws CallError */
  async sign(id: number, digest: Uint8Array, pin?: string): Promise<Buffer> {
    await this.program.call("C_SignInit", this.session, ECDSA, await this.key(id));
    if (pin !== undefined) await this.program.call("C_Login", this.session, pkcs11js.CKU_CONTEXT_SPECIFIC, pin);
    return this.program.call("C_Sign", this.session, digest, Buffer.alloc(2 * digest.length));
  }
}

export class PlainCardBench {
  readonly folder = mkdtempSync(join(tmpdir(), "sceau-reader-"));
  readonly state = new StateFolder(join(this.folder, "state"), {});
  readonly pcscdOf: { now: RunningPcscd };
  readonly cards: PlainCard[] = [];
  private readonly programs: Pkcs11Program[] = [];
  private bridge: BridgeProcess | null = null;

  private constructor(pcscd: RunningPcscd) {
    this.pcscdOf = { now: pcscd };
  }

  static async open(): Promise<PlainCardBench> {
    return new PlainCardBench(await startPcscd());
  }

  get pcscd(): RunningPcscd {
    return this.pcscdOf.now;
  }

  async restartPcscd(): Promise<void> {
    await this.pcscd.stop();
    this.pcscdOf.now = await startPcscd();
  }

  async insert(token: SimulatedToken, options?: PlainCardOptions): Promise<PlainCard> {
    const card = await PlainCard.insert(this.pcscd, token, options);
    this.cards.push(card);
    return card;
  }

  /** `sceau bridge` for cards in the readers of these names, and nothing else; in place of the one before. */
  async startBridge(readers: readonly string[]): Promise<BridgeProcess> {
    await this.bridge?.stop();
    const args = ["--no-hid", "--no-serial", "--state", this.state.root, ...readers.flatMap((name) => ["--reader", name])];
    this.bridge = await BridgeProcess.start({ args });
    return this.bridge;
  }

  get environment(): NodeJS.ProcessEnv {
    return { ...process.env, P11_KIT_SERVER_ADDRESS: p11KitAddress(this.state.pkcs11Socket) };
  }

  get module(): string {
    const found = findP11KitClient();
    if (found === null) throw new Error("p11-kit-client.so is missing: npm test installs p11-kit-modules");
    return found;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, content: Uint8Array | string): string {
    writeFileSync(this.path(name), content);
    return this.path(name);
  }

  tool(...args: string[]): Promise<Outcome> {
    return runMeanwhile("pkcs11-tool", ["--module", this.module, ...args], this.environment);
  }

  sceau(...args: string[]): Promise<Outcome> {
    const command = [...NODE_FLAGS, SCEAU, ...args, "--state", this.state.root];
    return runMeanwhile(process.execPath, command, { ...process.env, LC_ALL: "C.UTF-8" });
  }

  /** With a session at the token of this serial number. */
  async application(serial: string): Promise<CardApplication> {
    const program = new Pkcs11Program(this, "pkcs11js-program");
    this.programs.push(program);
    const application = new CardApplication(program);
    await program.call("C_Initialize", { flags: pkcs11js.CKF_OS_LOCKING_OK });
    for (const slot of await program.call<Handle[]>("C_GetSlotList", true)) {
      const { serialNumber } = await program.call<{ serialNumber: string }>("C_GetTokenInfo", slot);
      if (serialNumber.trim() === serial) application.slot = slot;
    }
    const flags = pkcs11js.CKF_SERIAL_SESSION | pkcs11js.CKF_RW_SESSION;
    application.session = await program.call<Handle>("C_OpenSession", application.slot, flags);
    return application;
  }

  async endApplications(): Promise<void> {
    for (const program of this.programs.splice(0)) await program.end();
  }

  async close(): Promise<void> {
    await this.endApplications();
    await this.bridge?.stop();
    for (const card of this.cards) await card.pull();
    await this.pcscd.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
