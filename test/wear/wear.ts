// How fast a token wears its flash: a token with PIN, keys and two certificates does one thing over and over again, and the erasures of each page are
// counted. Only ECDSA is replaced, by a signature that is always the same and costs nothing: what goes to the flash does not depend on it.

import type { Hal } from "../../firmware/hal.ts";
import { OBJECT_AUTH_CERTIFICATE, OBJECT_SIGNATURE_CERTIFICATE, SLOT_AUTHENTICATION, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import type { FlashGeometry } from "../../simulator/modelled-flash.ts";
import { putData, signCommand, verifyPin } from "../firmware/card-commands.ts";
import { seal } from "../firmware/sealed-token.ts";
import { PIN, TestToken } from "../firmware/test-token.ts";
import { HeldButton, repeatable } from "../support/repeatable-world.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { CountingFlash } from "./counting-flash.ts";

/** The nRF52840's page, product specification v1.1 §6.1.3: 10,000 erasures at least. */
export const ERASES_A_PAGE = 10000;
const CERTIFICATE_BYTES = 900;
const PAGE_BYTES = 4096;

export interface Habit {
  readonly name: string;
  /** What is counted: signatures or PIN checks. */
  readonly unit: string;
  readonly once: (token: TestToken) => void;
}

export const HABITS: readonly Habit[] = [
  { name: "signatures, PIN once", unit: "signatures", once: (token) => token.data(signCommand(SLOT_AUTHENTICATION)) },
  {
    name: "signatures, PIN before each",
    unit: "signatures",
    once: (token) => {
      token.data(verifyPin(PIN));
      token.data(signCommand(SLOT_SIGNATURE));
    },
  },
  { name: "PIN checks", unit: "PIN checks", once: (token) => token.data(verifyPin(PIN)) },
];

export interface Wear {
  readonly habit: string;
  readonly unit: string;
  readonly pages: number;
  /** How often it was done. */
  readonly times: number;
  /** Erasures of all pages together, for 1,000 times. */
  readonly erasesPerThousand: number;
  /** And of the page that wears fastest: it decides. */
  readonly worstPagePerThousand: number;
  /** Times until that page has borne ERASES_A_PAGE; null: none was erased. */
  readonly life: number | null;
}

/** 0x40… fills its integer and is low, as every signature of a HAL. */
function withoutEcdsa(hal: Hal): Hal {
  const signature = new Uint8Array(64).fill(0x40);
  return { ...hal, crypto: { ...hal.crypto, p256: { ...hal.crypto.p256, sign: () => signature } } };
}

function tokenInUse(flash: CountingFlash, geometry: FlashGeometry): TestToken {
  const token = new TestToken({
    geometry,
    image: flash.image,
    changeHal: (hal) => withoutEcdsa({ ...repeatable(hal, 1, new HeldButton()), flash }),
  });
  seal(token);
  token.initialise();
  token.makeKey(SLOT_AUTHENTICATION);
  token.makeKey(SLOT_SIGNATURE);
  token.authenticate();
  const random = new SeededRandom(1);
  for (const tag of [OBJECT_AUTH_CERTIFICATE, OBJECT_SIGNATURE_CERTIFICATE]) token.data(putData(tag, random.bytes(CERTIFICATE_BYTES)));
  token.data(verifyPin(PIN));
  return token;
}

/**
 * Does `habit` so many times on a flash of so many 4 KB pages, after as many as make every page go round, and counts.
 * @param times enough for each page to be erased many times: thousands
 */
export function measureWear(habit: Habit, pageCount: number, times: number): Wear {
  const geometry: FlashGeometry = { pageCount, pageBytes: PAGE_BYTES, wordBytes: 4, writesPerWord: 2 };
  const flash = new CountingFlash(geometry);
  const token = tokenInUse(flash, geometry);
  const warmUp = pageCount * (PAGE_BYTES / 16);
  for (let i = 0; i < warmUp; i++) habit.once(token);
  const before = [...flash.erases];
  for (let i = 0; i < times; i++) habit.once(token);
  const erases = flash.erases.map((count, page) => count - (before[page] ?? 0));
  const worst = Math.max(...erases);
  return {
    habit: habit.name,
    unit: habit.unit,
    pages: pageCount,
    times,
    erasesPerThousand: (1000 * erases.reduce((sum, count) => sum + count, 0)) / times,
    worstPagePerThousand: (1000 * worst) / times,
    life: worst === 0 ? null : Math.floor((ERASES_A_PAGE * times) / worst),
  };
}
