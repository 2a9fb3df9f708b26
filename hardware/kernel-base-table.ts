// The kernel's table of multiples of P-256's base point, as a C header: what firmware/p256/kernel/base-table.h has to be. Made with @noble/curves, so that
// the kernel's own arithmetic has no part in it.

import { p256 } from "@noble/curves/nist.js";

const WORDS = 8;
const WORD_BITS = 32n;
const TABLES = 2;
const TEETH = 5;
const TEETH_APART = 52n;
const COLUMNS = 26n;
const ENTRIES = 1 << (TEETH - 1);
/** Montgomery's R. */
const R = 2n ** 256n;

const field = p256.Point.Fp.ORDER;
const order = p256.Point.Fn.ORDER;

function words(coordinate: bigint): string {
  const inMontgomeryForm = (coordinate * R) % field;
  const texts = Array.from({ length: WORDS }, (_, i) => (inMontgomeryForm >> (WORD_BITS * BigInt(i))) & 0xffff_ffffn);
  return `{${texts.map((word) => `0x${word.toString(16).padStart(8, "0")}`).join(", ")}}`;
}

/** Entry e of table t: 2^(26 t) · (2^208 ± 2^156 ± 2^104 ± 2^52 ± 1) G, + where the bit of e is set. */
function multiple(table: number, entry: number): bigint {
  let sum = 2n ** (TEETH_APART * BigInt(TEETH - 1));
  for (let tooth = 0; tooth < TEETH - 1; tooth++) {
    const place = 2n ** (TEETH_APART * BigInt(tooth));
    sum += (entry >> tooth) & 1 ? place : -place;
  }
  return (sum * 2n ** (COLUMNS * BigInt(table))) % order;
}

export function baseTableHeader(): string {
  const tables = Array.from({ length: TABLES }, (_, table) => {
    const points = Array.from({ length: ENTRIES }, (_, entry) => p256.Point.BASE.multiply(multiple(table, entry)).toAffine());
    const lines = (["x", "y"] as const).map((which) => `     {${points.map((point) => words(point[which])).join(",\n      ")}},\n`);
    return `    {\n${lines.join("")}    },\n`;
  });
  return `// Made by hardware/kernel-base-table.ts, which says what it is.

#ifndef SCEAU_BASE_TABLE_H
#define SCEAU_BASE_TABLE_H

#include "number.h"

#define BASE_ENTRIES ${ENTRIES}

static const struct base_table {
  number x[BASE_ENTRIES], y[BASE_ENTRIES];
} BASE_TABLES[${TABLES}] = {
${tables.join("")}};

#endif
`;
}
