// The ways to a token, side by side: what an APDU and a C_Sign take over p11-kit's RPC, through PC/SC with vpcd (with Sceau's route and without it), and
// over USB in the guest. All of them are the same simulated token on this machine; slot 9A, PIN once, CKM_ECDSA after one login.

import { Collected } from "./collected.ts";
import type { Plan } from "./plan.ts";
import type { Measured, Programs } from "./programs.ts";
import type { Summary } from "./statistics.ts";
import { mustVerify } from "./verify.ts";

export const OPENSC = "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so";

/** What a way is called that is measured in the guest. */
export const IN_GUEST = "guest: ";
/** The names of what is the same program here and in the guest, whose processor is emulated. */
export const YARDSTICKS = { softhsm2: "SoftHSM2 in process", "p11-kit server": "SoftHSM2 behind p11-kit server", sceau: null } as const;

export interface Way {
  readonly name: string;
  /** GET DATA of the discovery object; null: there are no APDUs on this way. */
  readonly apduNs: Summary | null;
  readonly signNs: Summary;
}

export interface Ways {
  readonly ways: readonly Way[];
  /** What was not measured, and why. */
  readonly skipped: readonly string[];
}

/** One way's turn. */
export interface Turn {
  readonly name: string;
  readonly apdus: (() => Promise<Measured>) | null;
  readonly signatures: () => Promise<Measured>;
  /** Before it. */
  readonly prepare?: () => void;
}

/** Each way in each round, so that whatever else the machine does hits all alike. @throws when openssl refuses a signature */
export async function takeTurns(turns: readonly Turn[], rounds: number): Promise<Way[]> {
  const collected = new Collected();
  for (let i = 0; i < rounds; i++) {
    for (const { name, apdus, signatures, prepare } of turns) {
      prepare?.();
      if (apdus !== null) collected.add(`${name} apdu`, (await apdus()).times.get("apdu"));
      const signed = await signatures();
      for (const signature of signed.signatures) mustVerify(signature);
      collected.add(`${name} sign`, signed.times.get("sign"));
    }
  }
  return turns.map(({ name, apdus }) => ({
    name,
    apduNs: apdus === null ? null : collected.summary(`${name} apdu`),
    signNs: collected.summary(`${name} sign`),
  }));
}

export type WaysPlan = Plan["ways"];
export type LoadPrograms = Pick<Programs, "load" | "pcsc" | "folder">;
