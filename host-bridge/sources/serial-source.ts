// Tokens on serial ports: those that USB names for likely ones, and those that the person named.

import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { deviceFile } from "../transport/device-file.ts";
import { openSerialTransport } from "../transport/serial.ts";
import { TransportError } from "../transport/transport.ts";
import type { TokenPort, TokenSource } from "./token-source.ts";
import { isLikelyToken, usbNamesOf, usbSerialNames } from "./usb-serial.ts";

/** For ports that the person named. */
const RETRY_MS = 2000;

export interface SerialSourceOptions {
  /** Ports to open whatever they are. */
  readonly paths: readonly string[];
  /** Whether likely USB ports are opened, too. */
  readonly isDiscovering: boolean;
  /** Where the kernel tells of devices; a test has its own. */
  readonly sys?: string;
  readonly dev?: string;
}

export class SerialSource implements TokenSource {
  readonly kind = "serial";
  private readonly options: SerialSourceOptions;
  private readonly sys: string;
  private readonly dev: string;
  private readonly seen = new Set<string>();
  /** Whether a port is a likely token, by the identity of its file: read once a plug-in. */
  private likely = new Map<string, boolean>();

  constructor(options: SerialSourceOptions) {
    this.options = options;
    this.sys = options.sys ?? "/sys";
    this.dev = options.dev ?? "/dev";
  }

  async look(): Promise<readonly TokenPort[]> {
    const named = (await Promise.all(this.options.paths.map((path) => this.named(path)))).filter((port) => port !== null);
    if (!this.options.isDiscovering) return named;
    const taken = new Set(await Promise.all(this.options.paths.map((path) => realpath(path).catch(() => path))));
    return [...named, ...(await this.discovered(taken))];
  }

  /** One that is not there is shown until it comes for the first time, so that a mistyped path is told. */
  private async named(path: string): Promise<TokenPort | null> {
    const file = await deviceFile(path);
    if (file !== null) {
      this.seen.add(path);
      return { id: `serial:${file.identity}`, name: path, mark: file.mark, retryMs: RETRY_MS, open: () => openSerialTransport(path) };
    }
    if (this.seen.has(path)) return null;
    const open = (): Promise<never> => Promise.reject(new TransportError("gone", `there is no ${path} yet`));
    return { id: `serial:${path}:none`, name: path, mark: "", retryMs: null, open };
  }

  private async discovered(taken: ReadonlySet<string>): Promise<TokenPort[]> {
    const ports: TokenPort[] = [];
    const likely = new Map<string, boolean>();
    for (const name of await usbSerialNames(this.sys)) {
      const path = join(this.dev, name);
      const file = await deviceFile(path);
      if (file === null || taken.has(path)) continue; // udev has not made the file yet
      const isLikely = this.likely.get(file.identity) ?? (await this.isLikely(name));
      likely.set(file.identity, isLikely);
      // Asked once a plug-in: whoever gave no answer is no token.
      if (isLikely)
        ports.push({ id: `serial:${file.identity}`, name: path, mark: file.mark, retryMs: null, open: () => openSerialTransport(path) });
    }
    this.likely = likely;
    return ports;
  }

  private async isLikely(name: string): Promise<boolean> {
    const names = await usbNamesOf(this.sys, name);
    return names !== null && isLikelyToken(names);
  }
}
