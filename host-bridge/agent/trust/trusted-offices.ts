// The offices that the holder trusts: each confirmed once.

import { join } from "node:path";
import { z } from "zod";
import { readOwnFile, writeOwnFile } from "./own-file.ts";
import { TrustFileError } from "./trust-file-error.ts";

const FILE = z.strictObject({
  format: z.literal(1),
  offices: z.array(z.strictObject({ address: z.string(), since: z.iso.datetime() })),
});

export interface TrustedOffice {
  /** Of officeAddress. */
  readonly address: string;
  readonly since: Date;
}

export class TrustedOffices {
  readonly #path: string;
  constructor(folder: string) {
    this.#path = join(folder, "trusted-offices.json");
  }

  /** @throws TrustFileError */
  all(): TrustedOffice[] {
    const text = readOwnFile(this.#path);
    if (text === null) return [];
    let value: unknown = null;
    try {
      value = JSON.parse(text);
    } catch {} // it is none of ours, either
    const file = FILE.safeParse(value);
    if (!file.success) throw new TrustFileError(this.#path);
    return file.data.offices.map(({ address, since }) => ({ address, since: new Date(since) }));
  }

  isTrusted(address: string): boolean {
    return this.all().some((office) => office.address === address);
  }

  add(address: string, now: Date): void {
    const known = this.all();
    if (!known.some((office) => office.address === address)) this.#write([...known, { address, since: now }]);
  }

  remove(address: string): void {
    this.#write(this.all().filter((office) => office.address !== address));
  }

  #write(offices: readonly TrustedOffice[]): void {
    writeOwnFile(this.#path, `${JSON.stringify({ format: 1, offices }, null, 2)}\n`);
  }
}
