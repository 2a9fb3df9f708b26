// What a computer's drivers do with the simulated USB token, inside the test: enumeration as Linux does it, libccid's messages, hidraw's reports.

import { PacketPort } from "../../firmware/packet-port.ts";
import { PacketLink } from "../../host-bridge/transport/packet-link.ts";
import { plugIntoUsbip, type UsbChange, type UsbPlug, type UsbPlugOptions } from "../../simulator/usbip/usbip-server.ts";
import { SERIAL, type SimulatedToken } from "./simulated-token.ts";
import { UsbipClient } from "./usbip-client.ts";

const BULK_OUT = 1;
const BULK_IN = 1;
const HID_OUT = 3;
const HID_IN = 3;
const ROOM = 65_536;
/** bmCommandStatus. */
const TIME_EXTENSION = 2;

export interface CcidMessage {
  readonly type: number;
  readonly slot: number;
  readonly seq: number;
  /** bmICCStatus: 0 powered, 1 not. */
  readonly card: number;
  /** bmCommandStatus: 0 done, 1 failed, 2 time extension. */
  readonly status: number;
  readonly error: number;
  readonly last: number;
  readonly data: string;
}

export interface CcidFields {
  readonly slot?: number;
  readonly seq?: number;
  readonly parameters?: readonly number[];
  /** Hexadecimal. */
  readonly data?: string;
  /** dwLength, when it lies. */
  readonly length?: number;
}

export function ccidMessage(type: number, { slot = 0, seq = 0, parameters = [0, 0, 0], data = "", length }: CcidFields = {}): Buffer {
  const body = Buffer.from(data, "hex");
  const header = Buffer.alloc(10);
  header[0] = type;
  header.writeUInt32LE(length ?? body.length, 1);
  header.set([slot, seq, ...parameters], 5);
  return Buffer.concat([header, body]);
}

/** A computer that has attached the device and configured it. */
export class UsbHost {
  readonly client: UsbipClient;
  private seq = 0;

  private constructor(client: UsbipClient) {
    this.client = client;
  }

  static async attach(port: number): Promise<UsbHost> {
    const client = await UsbipClient.connect(port);
    const { status } = await client.import();
    if (status !== 0) throw new Error(`import refused: ${status}`);
    const configured = await client.controlOut([0x00, 9, 1, 0]);
    if (configured.status !== 0) throw new Error("not configured");
    return new UsbHost(client);
  }

  /** @returns bSeq */
  async send(type: number, fields: CcidFields = {}): Promise<number> {
    this.seq = (this.seq + 1) & 0xff;
    const { seq = this.seq } = fields;
    await this.client.out(BULK_OUT, ccidMessage(type, { ...fields, seq }));
    return seq;
  }

  async receive(): Promise<CcidMessage> {
    const { status, data } = await this.client.in(BULK_IN, ROOM);
    if (status !== 0 || data.length < 10 || data.readUInt32LE(1) !== data.length - 10)
      throw new Error(`no message: ${status} ${data.toString("hex")}`);
    const [type = 0, , , , , slot = 0, seq = 0, bStatus = 0, error = 0, last = 0] = data;
    return { type, slot, seq, card: bStatus & 3, status: bStatus >> 6, error, last, data: data.toString("hex", 10) };
  }

  /** A message and the answer to it; waits as long as it is told to. */
  async ask(type: number, fields: CcidFields = {}): Promise<CcidMessage> {
    const seq = await this.send(type, fields);
    let answer = await this.receive();
    while (answer.status === TIME_EXTENSION) answer = await this.receive();
    if (answer.seq !== seq) throw new Error(`answer to ${answer.seq} instead of ${seq}`);
    return answer;
  }

  powerOn(): Promise<CcidMessage> {
    return this.ask(0x62);
  }

  /** An APDU in one XfrBlock. */
  async transmit(apdu: string): Promise<string> {
    const answer = await this.ask(0x6f, { data: apdu });
    if (answer.status !== 0) throw new Error(`failed: ${answer.error}`);
    return answer.data;
  }

  /** The HID interface, as the bridge uses hidraw. */
  hidLink(): PacketLink {
    const { client } = this;
    return new PacketLink({
      send: (packet) => void client.out(HID_OUT, packet),
      onPacket: (take) => {
        const read = async (): Promise<void> => {
          for (;;) {
            const { status, data } = await client.in(HID_IN, 64);
            if (status !== 0) return;
            take(new Uint8Array(data));
          }
        };
        void read();
      },
      gone: client.closed.then(() => {}),
    });
  }

  close(): void {
    this.client.close();
  }
}

export type UsbLimits = Pick<UsbPlugOptions, "timeExtensionMs" | "requestLimitMs">;

/** A simulated token with its USB plug, on a free port. */
export class UsbBench {
  readonly simulated: SimulatedToken;
  readonly plug: UsbPlug;
  /** What became of the device. */
  readonly changes: UsbChange[];
  private readonly hosts: UsbHost[] = [];

  private constructor(simulated: SimulatedToken, plug: UsbPlug, changes: UsbChange[]) {
    this.simulated = simulated;
    this.plug = plug;
    this.changes = changes;
  }

  static async open(simulated: SimulatedToken, limits: UsbLimits = {}): Promise<UsbBench> {
    const changes: UsbChange[] = [];
    const plug = await plugIntoUsbip({
      host: "127.0.0.1",
      port: 0,
      token: simulated.token,
      packets: new PacketPort(simulated.token),
      serial: String(SERIAL),
      tell: (change) => changes.push(change),
      ...limits,
    });
    return new UsbBench(simulated, plug, changes);
  }

  async attach(): Promise<UsbHost> {
    const host = await UsbHost.attach(this.plug.port);
    this.hosts.push(host);
    return host;
  }

  async close(): Promise<void> {
    for (const host of this.hosts) host.close();
    await this.plug.close();
  }
}
