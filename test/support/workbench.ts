// A simulated token behind a bridge, in a folder of its own, as processes of their own: what a person has who plugged a token in.

import { X509Certificate } from "node:crypto";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toPem } from "../../cli/certificates.ts";
import { StateFolder } from "../../cli/state-folder.ts";
import { type Child, type ChildOptions, startChild } from "../../cli/tour/children.ts";
import { findP11KitClient, p11KitAddress } from "../../host-bridge/signing/pkcs11-module.ts";
import { createCertificationRequest } from "../../host-bridge/token/certification-request.ts";
import { initialiseToken } from "../../host-bridge/token/initialise.ts";
import type { KeyPolicies } from "../../host-bridge/token/key-metadata.ts";
import { TokenClient } from "../../host-bridge/token/token-client.ts";
import { openSocketTransport } from "../../host-bridge/transport/socket.ts";
import type { Transport } from "../../host-bridge/transport/transport.ts";
import { BuiltInCa } from "../../office/issuance/built-in-ca.ts";
import type { Person } from "../../office/issuance/certificate-authority.ts";
import { KEY_SLOTS } from "../../protocol/piv.ts";
import { SCEAU } from "./run.ts";

export const PIN = "73910462";
export const PUK = "28460917";
export const MANAGEMENT_KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f00112233445566778";
export const HOLDER = {
  givenName: "Irène",
  surname: "Faron",
  email: "irene.faron@example.org",
  organisation: "Cabinet Faron",
  country: "FR",
  number: "2077",
};

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

export interface WorkbenchOptions {
  /** Further arguments of `sceau sim`. */
  readonly sim?: readonly string[];
  readonly withBridge?: boolean;
  /** What to put before `sceau`: a program that becomes it. */
  readonly launcher?: readonly string[];
  /** Another workbench whose certification authority this one uses, too. */
  readonly authorityOf?: Workbench;
}

export class Workbench {
  readonly folder: string;
  readonly state: StateFolder;
  readonly tokenName = "token";
  private readonly children = new Map<string, Child>();
  private readonly how: ChildOptions;
  private transport: Transport | null = null;

  private constructor(launcher: readonly string[] = []) {
    this.how = { launcher, program: SCEAU };
    this.folder = mkdtempSync(join(tmpdir(), "sceau-"));
    this.state = new StateFolder(this.folder, process.env);
  }

  static async open(options: WorkbenchOptions = {}): Promise<Workbench> {
    const bench = new Workbench(options.launcher);
    if (options.authorityOf !== undefined) cpSync(options.authorityOf.state.authority, bench.state.authority, { recursive: true });
    await bench.plugIn(options.sim);
    if (options.withBridge !== false) await bench.startBridge();
    return bench;
  }

  /** @param events what to wait for; the answer holds what was told of each */
  async plugIn(args: readonly string[] = [], events: readonly string[] = ["plugged-in"]): Promise<ReadonlyMap<string, unknown>> {
    const sim = await startChild(this.state, ["sim", this.tokenName, ...args], events, this.how);
    this.children.set("sim", sim);
    return sim.told;
  }

  /** @param args further arguments of `sceau bridge` */
  async startBridge(args: readonly string[] = []): Promise<void> {
    const command = ["bridge", "--no-hid", "--no-serial", ...args];
    this.children.set("bridge", await startChild(this.state, command, ["ready"], this.how));
  }

  async stop(child: "sim" | "bridge"): Promise<void> {
    if (child === "sim") {
      this.transport?.close();
      this.transport = null;
    }
    await this.children.get(child)?.stop();
    this.children.delete(child);
  }

  async close(): Promise<void> {
    await this.stop("bridge");
    await this.stop("sim");
    rmSync(this.folder, { recursive: true, force: true });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, content: Uint8Array | string): string {
    writeFileSync(this.path(name), content);
    return this.path(name);
  }

  /** A channel of the test's own to the token. */
  async client(): Promise<TokenClient> {
    this.transport ??= await openSocketTransport(this.state.tokenSocket(this.tokenName), this.tokenName);
    return new TokenClient(await this.transport.openChannel());
  }

  /** The token with PIN, PUK and management key of its own, and the PIN in a file. */
  async initialise(): Promise<void> {
    this.write("pin.txt", `${PIN}\n`);
    const client = await this.client();
    await initialiseToken(client, bytes(PIN), () => ({ puk: PUK, managementKey: MANAGEMENT_KEY, keptIn: "" }));
    client.close();
  }

  async authority(now = new Date()): Promise<BuiltInCa> {
    const clock = { now: () => now };
    if (BuiltInCa.exists(this.state.authority)) return BuiltInCa.open(this.state.authority, clock);
    return BuiltInCa.create(this.state.authority, { publicUrl: "http://127.0.0.1:8440", organisation: "Sceau Test", country: "FR" }, clock);
  }

  /** A key in `slot` with a certificate of the built-in CA, as it would have been issued at `issuedAt`. */
  async certify(slot: number, issuedAt = new Date(), person: Person = HOLDER, policies?: KeyPolicies): Promise<X509Certificate> {
    const client = await this.client();
    await client.authenticateManagement(Buffer.from(MANAGEMENT_KEY, "hex"));
    const point = await client.generateKey(slot, policies);
    const request = await createCertificationRequest(point, async (digest) => {
      await client.verifyPin(bytes(PIN));
      return client.sign(slot, digest);
    });
    const authority = await this.authority(issuedAt);
    const certificate = await authority.issueSigning({ person, request });
    const container = KEY_SLOTS.find((each) => each.slot === slot)?.certificate ?? 0;
    await client.writeCertificate(container, certificate);
    client.close();
    return new X509Certificate(certificate);
  }

  get rootPem(): string {
    return join(this.state.authority, "root.pem");
  }

  get issuingPem(): string {
    return join(this.state.authority, "ceremonies", "1", "issuing.pem");
  }

  /** What PKCS#11 software needs in its environment. */
  get environment(): NodeJS.ProcessEnv {
    return { ...process.env, P11_KIT_SERVER_ADDRESS: p11KitAddress(this.state.pkcs11Socket) };
  }

  get module(): string {
    const found = findP11KitClient();
    if (found === null) throw new Error("p11-kit-client.so is missing: npm test installs p11-kit-modules");
    return found;
  }

  savePem(name: string, der: Uint8Array): string {
    return this.write(name, toPem(der));
  }
}
