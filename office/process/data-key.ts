// The key under which the store keeps what only the office may read (sealing/): made at the first start. Servers that share a store share it.

import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { writeOnce } from "../issuance/durable-files.ts";
import { SealError, type Sealing, sealingOf } from "../sealing/sealing.ts";
import type { OfficeFolder } from "./office-folder.ts";

const KEY_BYTES = 32;
const KEY = /^[0-9a-f]{64}\n$/;

/** @throws SealError the file holds no key */
export function openSealing({ dataKey }: OfficeFolder): Sealing {
  if (!existsSync(dataKey)) writeOnce(dataKey, `${randomBytes(KEY_BYTES).toString("hex")}\n`);
  const text = readFileSync(dataKey, "utf8");
  if (!KEY.test(text)) throw new SealError(`${dataKey} holds no key`);
  return sealingOf(new Uint8Array(Buffer.from(text.trim(), "hex")));
}
