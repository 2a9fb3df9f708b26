// Choices among secret bytes without a branch on them: masks of 32 bits, all ones for true. JavaScript promises no times: its compiler may put a branch
// where none is written, and its garbage collector asks nobody. What is promised is that no statement here does more or less for one value than another.

/** All ones when the two numbers (of up to 31 bits) are equal. */
export function maskOfEqual(one: number, other: number): number {
  const difference = one ^ other;
  return ~((difference | -difference) >> 31);
}

/** All ones when `one` is below `other`, both of up to 30 bits and not negative. */
export const maskOfBelow = (one: number, other: number): number => (one - other) >> 31;

/** `one` where the mask is all ones, `other` where it is zero. */
export const chosen = (mask: number, one: number, other: number): number => (one & mask) | (other & ~mask);
