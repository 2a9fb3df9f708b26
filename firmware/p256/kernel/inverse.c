// 1/a modulo p or n in constant time: Bernstein and Yang, «Fast constant-time gcd computation and modular inversion» (2019), with the half steps of
// libsecp256k1's description (doc/safegcd_implementation.md): for 256 bits 590 steps are enough. Thirty at a time act on the lowest bits alone; the
// matrix of what they did is then applied to whole numbers.

#include "number.h"

#define LIMBS 9
#define LIMB_BITS 30
#define LIMB_MASK 0x3fffffff
#define ROUNDS 20

/** Sum of limb[i + 1] * 2^(30 i), the highest with a sign; in front of it a place for what a division by 2^30 moves out, which is 0. */
typedef int32_t limbs[LIMBS + 1];

struct pair {
  limbs a, b, modulus;
};

/** 2^30 times what thirty steps do: (f, g) becomes (u f + v g, q f + r g) / 2^30. And what multiples of the modulus make it divisible modulo that. */
struct matrix {
  int32_t u, v, q, r, of_a, of_b;
};

/** (a, b) = (u a + v b + of_a modulus, q a + r b + of_b modulus) / 2^30, which are whole (apply-matrix.S). */
void apply_matrix(struct pair *pair, const struct matrix *matrix) __attribute__((visibility("hidden")));

static void to_limbs(limbs out, const number a) {
  for (int i = 0; i < LIMBS; i++) {
    uint32_t high = i < WORDS ? a[i] << (2 * i) : 0, low = i > 0 ? a[i - 1] >> (32 - 2 * i) : 0;
    out[i + 1] = (int32_t)((high | low) & LIMB_MASK);
  }
}

static void from_limbs(number out, const limbs a) {
  for (int i = 0; i < WORDS; i++) out[i] = (uint32_t)a[i + 1] >> (2 * i) | (uint32_t)a[i + 2] << (LIMB_BITS - 2 * i);
}

/** zeta is -(delta + 1/2). @return the next one */
static int32_t steps(int32_t zeta, uint32_t f, uint32_t g, struct matrix *out) {
  uint32_t u = 1, v = 0, q = 0, r = 1;
  for (int i = 0; i < LIMB_BITS; i++) {
    int32_t swap = zeta >> 31, is_odd = -(int32_t)(g & 1);
    uint32_t sign = (uint32_t)((swap | 1) & is_odd);
    g += f * sign;
    q += u * sign;
    r += v * sign;
    swap &= is_odd;
    zeta = (zeta ^ swap) - 1;
    f -= g * (uint32_t)swap;
    u -= q * (uint32_t)swap;
    v -= r * (uint32_t)swap;
    g >>= 1;
    u <<= 1;
    v <<= 1;
  }
  out->u = (int32_t)u;
  out->v = (int32_t)v;
  out->q = (int32_t)q;
  out->r = (int32_t)r;
  return zeta;
}

/** The multiple of the modulus that makes x a + y b divisible by 2^30, and keeps it between -2m and m. @param inverse 1/m modulo 2^30 */
static int32_t multiple(const struct pair *pair, int32_t x, int32_t y, uint32_t inverse) {
  int32_t of = (x & pair->a[LIMBS] >> 31) + (y & pair->b[LIMBS] >> 31);
  uint32_t sum = (uint32_t)x * (uint32_t)pair->a[1] + (uint32_t)y * (uint32_t)pair->b[1];
  return of - (int32_t)((inverse * sum + (uint32_t)of) & LIMB_MASK);
}

/** a += m when it is negative; then a = -a where the mask is all ones. */
static void settle(limbs a, const limbs m, int32_t negative) {
  int32_t is_below = a[LIMBS] >> 31, carry = 0;
  for (int i = 1; i <= LIMBS; i++) {
    carry += ((a[i] + (m[i] & is_below)) ^ negative) - negative;
    a[i] = i < LIMBS ? carry & LIMB_MASK : carry;
    carry >>= LIMB_BITS;
  }
}

void modular_invert(number out, const number a, const struct modulus *m) {
  struct pair fg = {{0}, {0}, {0}}, de = {{0}, {0, 1}, {0}};
  struct matrix matrix;
  int32_t zeta = -1;
  uint32_t inverse = -m->negative_inverse;
  to_limbs(de.modulus, m->value);
  to_limbs(fg.a, m->value);
  to_limbs(fg.b, a);
  for (int i = 0; i < ROUNDS; i++) {
    zeta = steps(zeta, (uint32_t)fg.a[1], (uint32_t)fg.b[1], &matrix);
    matrix.of_a = multiple(&de, matrix.u, matrix.v, inverse);
    matrix.of_b = multiple(&de, matrix.q, matrix.r, inverse);
    apply_matrix(&de, &matrix);
    apply_matrix(&fg, &matrix);
  }
  settle(de.a, de.modulus, fg.a[LIMBS] >> 31);
  settle(de.a, de.modulus, 0);
  from_limbs(out, de.a);
}
