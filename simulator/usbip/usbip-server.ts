// The simulated token's USB plug: a USB/IP server on loopback. One host at a time has the device; each time it is attached it is under new power.

import type { AddressInfo } from "node:net";
import { BlockList, createServer, isIP, type Server } from "node:net";
import type { ClientPort } from "../packet-socket.ts";
import type { CardToken } from "./card-exchange.ts";
import { CcidFunction } from "./ccid-function.ts";
import { HidFunction } from "./hid-function.ts";
import { UsbDevice } from "./usb-device.ts";
import { type Hub, UsbipConnection } from "./usbip-connection.ts";
import { BUS_ID, ST_DEV_BUSY, ST_NODEV } from "./usbip-messages.ts";

/** IANA's number for USB/IP, which `usbip` takes when it is told none. */
export const USBIP_PORT = 3240;
const MAX_CONNECTIONS = 16;
/** libccid waits 3 s at first. */
const TIME_EXTENSION_MS = 1000;
const REQUEST_LIMIT_MS = 10_000;

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/** Whether this is an address that nobody reaches from another machine. Names are none: they lead where somebody else says. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  return family !== 0 && LOOPBACK.check(host, family === 4 ? "ipv4" : "ipv6");
}

/** `attached`, `detached`: a host has taken the device, or it has gone; `unplugged`, `replugged`: by command. */
export type UsbChange = "attached" | "detached" | "unplugged" | "replugged";

export interface UsbAddress {
  /** A loopback address: whoever reaches the port has the token in hand. */
  readonly host: string;
  /** 0: one that is free. */
  readonly port: number;
  /** Is told what becomes of the device. */
  readonly tell?: (change: UsbChange) => void;
}

export interface UsbPlugOptions extends UsbAddress {
  readonly token: CardToken;
  readonly packets: ClientPort;
  /** The token's serial number, as the device tells it. */
  readonly serial: string;
  /** Between two time extensions; a second when absent. */
  readonly timeExtensionMs?: number;
  /** How long a connection may take to say what it wants; 10 s when absent. */
  readonly requestLimitMs?: number;
}

export interface UsbPlug {
  readonly port: number;
  /** Pulls it out: the host finds the device gone, and there is none to attach. */
  unplug(): void;
  /** Puts it in again; a host has to attach it. */
  replug(): void;
  close(): Promise<void>;
}

class UsbipServer implements Hub {
  private readonly options: UsbPlugOptions;
  private readonly connections = new Set<UsbipConnection>();
  private importer: UsbipConnection | null = null;
  private isPlugged = true;

  constructor(options: UsbPlugOptions) {
    this.options = options;
  }

  get isFree(): boolean {
    return this.isPlugged && this.importer === null;
  }

  attach(connection: UsbipConnection, busId: string): UsbDevice | number {
    if (!this.isPlugged || busId !== BUS_ID) return ST_NODEV;
    if (this.importer !== null) return ST_DEV_BUSY;
    this.importer = connection;
    this.options.tell?.("attached");
    const { token, packets, serial, timeExtensionMs = TIME_EXTENSION_MS } = this.options;
    return new UsbDevice(serial, [new CcidFunction(token, timeExtensionMs), new HidFunction(packets)]);
  }

  add(connection: UsbipConnection): void {
    this.connections.add(connection);
  }

  ended(connection: UsbipConnection): void {
    this.connections.delete(connection);
    if (this.importer !== connection) return;
    this.importer = null;
    this.options.tell?.("detached");
  }

  setPlugged(isPlugged: boolean): void {
    if (this.isPlugged === isPlugged) return;
    this.isPlugged = isPlugged;
    this.options.tell?.(isPlugged ? "replugged" : "unplugged");
    if (!isPlugged) this.importer?.close();
  }

  close(): void {
    this.isPlugged = false;
    for (const connection of [...this.connections]) connection.close();
  }
}

/** @throws RangeError when `host` is no loopback address; what listening throws: EADDRINUSE, EACCES */
export async function plugIntoUsbip(options: UsbPlugOptions): Promise<UsbPlug> {
  if (!isLoopback(options.host)) throw new RangeError(`${options.host} is no loopback address`);
  const hub = new UsbipServer(options);
  const server: Server = createServer((socket) => hub.add(new UsbipConnection(socket, hub, options.requestLimitMs ?? REQUEST_LIMIT_MS)));
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    unplug: () => hub.setPlugged(false),
    replug: () => hub.setPlugged(true),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        hub.close();
      }),
  };
}
