// The numbers of records in addresses. What can be none leads to nothing.

import { z } from "zod";
import { NothingThereError } from "./visit.ts";

const ID = z.object({ id: z.uuid() });
const SERIAL = z.object({
  serial: z
    .string()
    .min(1)
    .max(100)
    .regex(/^[\x21-\x7e]+$/),
});

/** @throws NothingThereError */
export function idOf(params: unknown): string {
  const result = ID.safeParse(params);
  if (!result.success) throw new NothingThereError();
  return result.data.id;
}

/** @throws NothingThereError */
export function serialOf(params: unknown): string {
  const result = SERIAL.safeParse(params);
  if (!result.success) throw new NothingThereError();
  return result.data.serial;
}
