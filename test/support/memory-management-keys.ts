// Management keys in a test's memory, with what was asked of them.

import type { ManagementKeys } from "../../host-bridge/token/management-keys.ts";
import { MANAGEMENT_KEY } from "./simulated-token.ts";

export class MemoryManagementKeys implements ManagementKeys {
  /** Hexadecimal; null: none is known. */
  hex: string | null;
  readonly asked: string[] = [];
  /** All that were handed out: whoever took one overwrites it. */
  readonly lent: Uint8Array[] = [];
  private made = 0;

  constructor(hex: string | null = MANAGEMENT_KEY) {
    this.hex = hex;
  }

  find(): Uint8Array | null {
    return this.hex === null ? null : this.lend(this.hex);
  }

  keep(serial: string): Uint8Array {
    this.asked.push(`keep ${serial}`);
    this.hex ??= `${"a5".repeat(23)}${(++this.made).toString(16).padStart(2, "0")}`;
    return this.lend(this.hex);
  }

  forget(serial: string): void {
    this.asked.push(`forget ${serial}`);
    this.hex = null;
  }

  private lend(hex: string): Uint8Array {
    const key = new Uint8Array(Buffer.from(hex, "hex"));
    this.lent.push(key);
    return key;
  }
}
