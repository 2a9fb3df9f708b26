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
void point_from_affine(struct jacobian *out, const struct affine *a);
/** out = k G + a P + b Q, all of it public: takes whatever time. k, a, b < n, P and Q not at infinity. */
void point_sum_public(struct jacobian *out, const number k, const number a, const struct affine *p, const number b, const struct affine *q);
/** All ones when a is the point b. */
uint32_t point_is(const struct jacobian *a, const struct affine *b);
/** All ones when a is not at infinity and has this x, which is below p and not in Montgomery's form. */
uint32_t point_has_x(const struct jacobian *a, const number x);
uint32_t point_is_on_curve(const struct affine *a);
/** Its x, not in Montgomery's form. */
void point_x(number x, const struct affine *a);

#endif
