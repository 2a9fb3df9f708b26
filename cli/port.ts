// A port, as it was typed.

import { UsageError } from "./usage-error.ts";

const MAX_PORT = 65_535;

/** 0: any. @throws UsageError bad-number */
export function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > MAX_PORT) throw new UsageError("bad-number", text);
  return port;
}
