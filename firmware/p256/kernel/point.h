// Points of P-256, coordinates in Montgomery's form.

#ifndef SCEAU_POINT_H
#define SCEAU_POINT_H

#include "number.h"

/** x, y of a point that is not at infinity. */
struct affine {
  number x, y;
};

/** X/Z^2, Y/Z^3; Z = 0 at infinity. */
struct jacobian {
  number x, y, z;
};

/** All ones when the coordinates are less than p and on the curve. Reads 64 bytes, x before y, the most significant byte first. */
uint32_t point_read(struct affine *out, const uint8_t bytes[2 * NUMBER_BYTES]);
void point_write(uint8_t bytes[2 * NUMBER_BYTES], const struct affine *a);

/** out = k G for 0 < k < n, in constant time. */
void point_base_multiply(struct affine *out, const number k);
/** out = k P for 0 < k < n, in constant time. */
void point_multiply(struct affine *out, const number k, const struct affine *p);
/** out = a + b, a public sum: takes whatever time. @return 0 when it is infinity */
uint32_t point_add_public(struct affine *out, const struct affine *a, const struct affine *b);

/** to |= from & mask (montgomery.S). */
void or_masked(struct affine *to, const struct affine *from, uint32_t mask) __attribute__((visibility("hidden")));

#endif
