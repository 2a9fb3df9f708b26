// A bridge with one simulated token, in the test's own process: the token behind its unix socket, the bridge's PKCS#11 socket in front, and
// applications that speak p11-kit's RPC protocol.

import { join } from "node:path";
import type { Services } from "../../host-bridge/pkcs11/application/services.ts";
import { servePkcs11 } from "../../host-bridge/pkcs11/server.ts";
import { Slot } from "../../host-bridge/pkcs11/slots/slot.ts";
import { SlotTable } from "../../host-bridge/pkcs11/slots/slot-table.ts";
import { openSocketTransport } from "../../host-bridge/transport/socket.ts";
import type { Transport } from "../../host-bridge/transport/transport.ts";
import { ay, fu, fy, mechanism, type RpcAnswer, RpcClient, rooms, type TemplateRow, template, u, y } from "./rpc-client.ts";
import { ascii, SimulatedToken } from "./simulated-token.ts";

export const SLOT_ID = 7;
export const CKM_ECDSA = 0x1041;
export const CKU_USER = 1;
export const CKU_CONTEXT_SPECIFIC = 2;
const CKF_SERIAL_SESSION = 4;
const CKF_RW_SESSION = 2;
/** p11-kit's client begins C_Initialize with this (rpc-message.h, P11_RPC_HANDSHAKE). */
const HANDSHAKE = ascii("PRIVATE-GNOME-KEYRING-PKCS11-PROTOCOL-V-1");

let benches = 0;

/** PKCS#11 calls of one application. Each answers its CKR, or its result when it succeeded. */
export class RpcApplication {
  readonly rpc: RpcClient;
  private readonly offered: number;

  constructor(rpc: RpcClient, offered: number) {
    this.rpc = rpc;
    this.offered = offered;
  }

  async initialize(): Promise<number> {
    return (await this.rpc.call("C_Initialize", ay(HANDSHAKE), y(0), ay(ascii("\0")))).rv;
  }

  async openSession(slot = SLOT_ID, readWrite = false): Promise<number> {
    const answer = await this.rpc.call("C_OpenSession", u(slot), u(CKF_SERIAL_SESSION | (readWrite ? CKF_RW_SESSION : 0)));
    if (answer.rv !== 0) throw new Error(`C_OpenSession answered 0x${answer.rv.toString(16)}`);
    return answer.ulong();
  }

  async closeSession(session: number): Promise<number> {
    return (await this.rpc.call("C_CloseSession", u(session))).rv;
  }

  /** CKS_* of a session. */
  async stateOf(session: number): Promise<number> {
    const answer = await this.rpc.call("C_GetSessionInfo", u(session));
    if (answer.rv !== 0) throw new Error(`C_GetSessionInfo answered 0x${answer.rv.toString(16)}`);
    answer.ulong();
    return answer.ulong();
  }

  async login(session: number, pin: string | null, userType = CKU_USER): Promise<number> {
    return (await this.rpc.call("C_Login", u(session), u(userType), ay(pin === null ? null : ascii(pin)))).rv;
  }

  async logout(session: number): Promise<number> {
    return (await this.rpc.call("C_Logout", u(session))).rv;
  }

  async find(session: number, rows: readonly TemplateRow[]): Promise<number[]> {
    const begun = await this.rpc.call("C_FindObjectsInit", u(session), template(rows));
    if (begun.rv !== 0) throw new Error(`C_FindObjectsInit answered 0x${begun.rv.toString(16)}`);
    const found = (await this.rpc.call("C_FindObjects", u(session), fu(20))).ulongArray();
    await this.rpc.call("C_FindObjectsFinal", u(session));
    return typeof found === "number" ? [] : found;
  }

  /** The private key with this CKA_ID. */
  async privateKey(session: number, id: number): Promise<number> {
    const [key] = await this.find(session, [
      [0x00, 3],
      [0x102, Uint8Array.of(id)],
    ]);
    if (key === undefined) throw new Error(`no private key ${id}`);
    return key;
  }

  attributes(session: number, object: number, asked: readonly (readonly [number, number])[]): Promise<RpcAnswer> {
    return this.rpc.call("C_GetAttributeValue", u(session), u(object), rooms(asked));
  }

  async signInit(session: number, key: number, type = CKM_ECDSA): Promise<number> {
    return (await this.rpc.call("C_SignInit", u(session), mechanism(type, this.offered), u(key))).rv;
  }

  sign(session: number, data: Uint8Array, room = 64): Promise<RpcAnswer> {
    return this.rpc.call("C_Sign", u(session), ay(data), fy(room));
  }
}

export class RpcBench {
  readonly simulated: SimulatedToken;
  readonly slot: Slot;
  /** Every call's name and CKR, as the bridge logs them. */
  readonly log: [name: string, rv: number][] = [];
  readonly path: string;
  private readonly transport: Transport;
  private readonly cable: { close(): Promise<void> };
  private server: { close(): Promise<void> } | null = null;
  private readonly clients: RpcClient[] = [];

  private constructor(path: string, simulated: SimulatedToken, slot: Slot, transport: Transport, cable: { close(): Promise<void> }) {
    this.path = path;
    this.simulated = simulated;
    this.slot = slot;
    this.transport = transport;
    this.cable = cable;
  }

  /**
   * @param prepare gives the token its keys
   * @param options.simulated another than a newly initialised one; options.services: what the bridge is given beside its log;
   *   options.transport: another way to the token than its socket
   */
  static async open(
    folder: string,
    prepare: (simulated: SimulatedToken) => Promise<void> = async () => {},
    options: {
      readonly simulated?: SimulatedToken;
      readonly services?: Partial<Services>;
      readonly transport?: () => Promise<Transport>;
    } = {},
  ): Promise<RpcBench> {
    const simulated = options.simulated ?? (await SimulatedToken.initialised());
    await prepare(simulated);
    const number = ++benches;
    const tokenSocket = join(folder, `token-${number}.sock`);
    const cable = await simulated.plugIn(tokenSocket);
    const transport = await (options.transport?.() ?? openSocketTransport(tokenSocket, "unit test"));
    const slot = await Slot.open(() => SLOT_ID, transport).catch(async (error: unknown) => {
      await cable.close();
      throw error;
    });
    const bench = new RpcBench(join(folder, `pkcs11-${number}`), simulated, slot, transport, cable);
    const slots = new SlotTable();
    slots.plugIn(slot);
    const log = (name: string, rv: number): void => void bench.log.push([name, rv]);
    bench.server = await servePkcs11(bench.path, slots, { managementKeys: null, pinPrompt: null, ...options.services, log });
    return bench;
  }

  async rpc(offered = 1): Promise<RpcClient> {
    const client = await RpcClient.connect(this.path, offered);
    this.clients.push(client);
    return client;
  }

  /** An application that has called C_Initialize. */
  async application(offered = 1): Promise<RpcApplication> {
    const application = new RpcApplication(await this.rpc(offered), offered);
    await application.initialize();
    return application;
  }

  /** An application that is logged in, and its session. */
  async loggedIn(pin: string): Promise<{ application: RpcApplication; session: number }> {
    const application = await this.application();
    const session = await application.openSession();
    const rv = await application.login(session, pin);
    if (rv !== 0) throw new Error(`C_Login answered 0x${rv.toString(16)}`);
    return { application, session };
  }

  /** Tries left of the PIN, as the token itself tells. */
  triesLeft(): number {
    return this.simulated.token.card.pin.triesLeft();
  }

  /** Pulls the plug, and waits until the bridge has seen it. */
  async unplug(): Promise<void> {
    await this.cable.close();
    await this.transport.gone;
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.close();
    await this.server?.close();
    this.transport.close();
    await this.cable.close();
  }
}
