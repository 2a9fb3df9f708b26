// Points of P-256: multiples of the base point and of any other, in constant time.
//
// A multiple k P is a sum of odd digits with signs, none of them 0: every k takes the same steps. k has to be odd for it; for an even k the sum is that of
// n - k, and the result is negated. The formulas for a sum fail where both points are the same or opposite. With odd digits that happens nowhere but in
// the last sum, and there only when they are the same (../README.md): so the last sum is taken both ways, as a sum and as the double of the digit's point.

#include "point.h"

#include "base-table.h"

static const number ONE = {0x00000001, 0x00000000, 0x00000000, 0xffffffff, 0xffffffff, 0xffffffff, 0xfffffffe, 0x00000000};
static const number B = {0x29c4bddf, 0xd89cdf62, 0x78843090, 0xacf005cd, 0xf7212ed6, 0xe5a220ab, 0x04874834, 0xdc30061d};

static void square_times(number out, const number a, int times) {
  p256_multiply(out, a, a);
  for (int i = 1; i < times; i++) p256_multiply(out, out, out);
}

/** out = 1/a = a^(p-2): 255 squares and 12 products. 0 for 0. */
static void field_invert(number out, const number a) {
  // x_i = a^(2^i - 1); p - 2 = 2^256 - 2^224 + 2^192 + 2^96 - 3.
  number x2, x3, x6, x15, x30, x32, power;
  square_times(x2, a, 1);
  p256_multiply(x2, x2, a);
  square_times(x3, x2, 1);
  p256_multiply(x3, x3, a);
  square_times(x6, x3, 3);
  p256_multiply(x6, x6, x3);
  square_times(x15, x6, 6);
  p256_multiply(x15, x15, x6);
  square_times(x15, x15, 3);
  p256_multiply(x15, x15, x3);
  square_times(x30, x15, 15);
  p256_multiply(x30, x30, x15);
  square_times(x32, x30, 2);
  p256_multiply(x32, x32, x2);
  square_times(power, x32, 32);
  p256_multiply(power, power, a);
  square_times(power, power, 128);
  p256_multiply(power, power, x32);
  square_times(power, power, 32);
  p256_multiply(power, power, x32);
  square_times(power, power, 30);
  p256_multiply(power, power, x30);
  square_times(power, power, 2);
  p256_multiply(out, power, a);
}

/** out = 2a (dbl-2001-b); infinity stays. out may be a. */
static void double_point(struct jacobian *out, const struct jacobian *a) {
  number delta, gamma, beta, alpha, t, u;
  p256_multiply(delta, a->z, a->z);
  p256_multiply(gamma, a->y, a->y);
  p256_multiply(beta, a->x, gamma);
  p256_subtract(t, a->x, delta);
  p256_add(u, a->x, delta);
  p256_multiply(t, t, u);
  p256_add(alpha, t, t);
  p256_add(alpha, alpha, t);
  p256_add(t, a->y, a->z);
  p256_multiply(t, t, t);
  p256_subtract(t, t, gamma);
  p256_subtract(out->z, t, delta);
  p256_add(beta, beta, beta);
  p256_add(beta, beta, beta);
  p256_multiply(t, alpha, alpha);
  p256_subtract(t, t, beta);
  p256_subtract(out->x, t, beta);
  p256_subtract(t, beta, out->x);
  p256_multiply(t, t, alpha);
  p256_multiply(gamma, gamma, gamma);
  p256_add(gamma, gamma, gamma);
  p256_add(gamma, gamma, gamma);
  p256_add(gamma, gamma, gamma);
  p256_subtract(out->y, t, gamma);
}

/** out = a + b, a and b neither the same nor opposite nor infinity. out may be a. @return all ones when x is the same: the sum is wrong then */
static uint32_t add_affine(struct jacobian *out, const struct jacobian *a, const struct affine *b) {
  number z2, h, r, h2, h3, v;
  p256_multiply(z2, a->z, a->z);
  p256_multiply(h, b->x, z2);
  p256_multiply(z2, z2, a->z);
  p256_multiply(r, b->y, z2);
  p256_subtract(h, h, a->x);
  p256_subtract(r, r, a->y);
  p256_multiply(h2, h, h);
  p256_multiply(h3, h, h2);
  p256_multiply(v, a->x, h2);
  p256_multiply(out->z, a->z, h);
  p256_multiply(h2, r, r);
  p256_subtract(h2, h2, h3);
  p256_subtract(h2, h2, v);
  p256_multiply(h3, h3, a->y);
  p256_subtract(out->x, h2, v);
  p256_subtract(v, v, out->x);
  p256_multiply(v, v, r);
  p256_subtract(out->y, v, h3);
  return number_is_zero(h);
}

/** The same for any b (12 products and 4 squares). */
static uint32_t add_jacobian(struct jacobian *out, const struct jacobian *a, const struct jacobian *b) {
  number z2, h, r, u, w, v;
  p256_multiply(z2, a->z, a->z);
  p256_multiply(h, b->x, z2);
  p256_multiply(z2, z2, a->z);
  p256_multiply(r, b->y, z2);
  p256_multiply(z2, b->z, b->z);
  p256_multiply(u, a->x, z2);
  p256_multiply(z2, z2, b->z);
  p256_multiply(w, a->y, z2);
  p256_subtract(h, h, u);
  p256_subtract(r, r, w);
  p256_multiply(out->z, a->z, b->z);
  p256_multiply(out->z, out->z, h);
  p256_multiply(z2, h, h);
  p256_multiply(v, u, z2);
  p256_multiply(z2, z2, h);
  p256_multiply(w, w, z2);
  p256_multiply(u, r, r);
  p256_subtract(u, u, z2);
  p256_subtract(u, u, v);
  p256_subtract(out->x, u, v);
  p256_subtract(v, v, out->x);
  p256_multiply(v, v, r);
  p256_subtract(out->y, v, w);
  return number_is_zero(h);
}

static void select_jacobian(struct jacobian *out, const struct jacobian *a, uint32_t mask) {
  number_select(out->x, a->x, mask);
  number_select(out->y, a->y, mask);
  number_select(out->z, a->z, mask);
}

static void from_affine(struct jacobian *out, const struct affine *a) {
  number_copy(out->x, a->x);
  number_copy(out->y, a->y);
  number_copy(out->z, ONE);
}

static void to_affine(struct affine *out, const struct jacobian *a) {
  number inverse, square;
  field_invert(inverse, a->z);
  p256_multiply(square, inverse, inverse);
  p256_multiply(out->x, a->x, square);
  p256_multiply(square, square, inverse);
  p256_multiply(out->y, a->y, square);
}

/** y = -y where the mask is all ones. y is never 0: no point has order 2. */
static void negate_if(number y, uint32_t mask) {
  number negative;
  number_subtract(negative, P256_P.value, y);
  number_select(y, negative, mask);
}

/** sum += last, also when they are the same. */
static void add_last(struct jacobian *sum, const struct jacobian *last) {
  struct jacobian twice;
  double_point(&twice, last);
  uint32_t is_same = add_jacobian(sum, sum, last);
  select_jacobian(sum, &twice, is_same);
}

/** Makes k odd: out = k or n - k. @return all ones when it was negated */
static uint32_t make_odd(number out, const number k) {
  uint32_t is_even = (k[0] & 1) - 1;
  modular_negate(out, k, &P256_N);
  number_select(out, k, ~is_even);
  return is_even;
}

#define TEETH 5
#define TEETH_APART 52
#define COLUMNS 26

static uint32_t bit(const uint32_t *words, int at) { return words[at >> 5] >> (at & 31) & 1; }

/** The point of the five digits at `column`, 52 apart: an entry of the table, or its negative. */
static void comb_point(struct affine *out, const uint32_t digits[WORDS + 1], int column, const struct affine table[BASE_ENTRIES]) {
  uint32_t positive = bit(digits, column + (TEETH - 1) * TEETH_APART);
  uint32_t index = 0;
  for (int tooth = TEETH - 2; tooth >= 0; tooth--) index = index << 1 | (bit(digits, column + tooth * TEETH_APART) ^ positive ^ 1);
  for (int i = 0; i < WORDS; i++) out->x[i] = out->y[i] = 0;
  for (uint32_t entry = 0; entry < BASE_ENTRIES; entry++) {
    uint32_t mask = mask_if_zero(entry ^ index);
    or_masked(out, &table[entry], mask);
  }
  negate_if(out->y, positive - 1);
}

void point_base_multiply(struct affine *out, const number k) {
  number odd;
  uint32_t was_negated = make_odd(odd, k);
  // Digits of 260 places, +1 for a bit that is set and -1 for one that is not: odd = sum of (2 b_i - 1) 2^i has the bits of (odd + 2^260 - 1) / 2.
  uint32_t digits[WORDS + 1];
  for (int i = 0; i < WORDS - 1; i++) digits[i] = odd[i] >> 1 | odd[i + 1] << 31;
  digits[WORDS - 1] = odd[WORDS - 1] >> 1;
  digits[WORDS] = 1u << (TEETH * TEETH_APART - 1 - 32 * WORDS);

  struct jacobian sum;
  struct affine point;
  comb_point(&point, digits, 2 * COLUMNS - 1, BASE_TABLE[1]);
  from_affine(&sum, &point);
  comb_point(&point, digits, COLUMNS - 1, BASE_TABLE[0]);
  add_affine(&sum, &sum, &point);
  for (int column = COLUMNS - 2; column >= 0; column--) {
    double_point(&sum, &sum);
    comb_point(&point, digits, column + COLUMNS, BASE_TABLE[1]);
    add_affine(&sum, &sum, &point);
    comb_point(&point, digits, column, BASE_TABLE[0]);
    if (column > 0) add_affine(&sum, &sum, &point);
  }
  struct jacobian last;
  from_affine(&last, &point);
  add_last(&sum, &last);
  to_affine(out, &sum);
  negate_if(out->y, was_negated);
}

#define WINDOW_BITS 4
#define WINDOWS 64
#define WINDOW_ENTRIES 8

/** out = d P for the odd digit d = 2 * value - 15, value of four bits. */
static void window_point(struct jacobian *out, uint32_t value, const struct jacobian table[WINDOW_ENTRIES]) {
  uint32_t negative = (value >> 3) - 1;
  uint32_t index = (value ^ negative) & (WINDOW_ENTRIES - 1);
  for (uint32_t entry = 0; entry < WINDOW_ENTRIES; entry++) select_jacobian(out, &table[entry], mask_if_zero(entry ^ index));
  negate_if(out->y, negative);
}

void point_multiply(struct affine *out, const number k, const struct affine *p) {
  number odd, digits;
  uint32_t was_negated = make_odd(odd, k);
  struct jacobian table[WINDOW_ENTRIES], point, sum;
  from_affine(&table[0], p);
  double_point(&sum, &table[0]);
  for (int i = 1; i < WINDOW_ENTRIES; i++) add_jacobian(&table[i], &table[i - 1], &sum);
  // Digits -15, -13 … 15 in 64 places: odd = sum of (2 w_i - 15) 16^i has as hexadecimal digits those of (odd + 2^256 - 1) / 2.
  for (int i = 0; i < WORDS - 1; i++) digits[i] = odd[i] >> 1 | odd[i + 1] << 31;
  digits[WORDS - 1] = odd[WORDS - 1] >> 1 | 1u << 31;

  window_point(&sum, digits[WORDS - 1] >> 28, table);
  for (int place = WINDOWS - 2; place >= 0; place--) {
    for (int i = 0; i < WINDOW_BITS; i++) double_point(&sum, &sum);
    window_point(&point, digits[place / 8] >> (WINDOW_BITS * (place % 8)) & 15, table);
    if (place > 0) add_jacobian(&sum, &sum, &point);
  }
  add_last(&sum, &point);
  to_affine(out, &sum);
  negate_if(out->y, was_negated);
}

uint32_t point_add_public(struct affine *out, const struct affine *a, const struct affine *b) {
  struct jacobian sum;
  from_affine(&sum, a);
  if (number_equals(a->x, b->x)) {
    if (!number_equals(a->y, b->y)) return 0;
    double_point(&sum, &sum);
  } else {
    add_affine(&sum, &sum, b);
  }
  to_affine(out, &sum);
  return 1;
}

uint32_t point_read(struct affine *out, const uint8_t bytes[2 * NUMBER_BYTES]) {
  number x, y, unused, left, right;
  number_read(x, bytes);
  number_read(y, bytes + NUMBER_BYTES);
  uint32_t is_below = -(number_subtract(unused, x, P256_P.value) & number_subtract(unused, y, P256_P.value));
  number_reduce(x, x, &P256_P);
  number_reduce(y, y, &P256_P);
  to_montgomery(out->x, x, &P256_P);
  to_montgomery(out->y, y, &P256_P);
  // y^2 = x^3 - 3x + b
  p256_multiply(left, out->y, out->y);
  p256_multiply(right, out->x, out->x);
  p256_multiply(right, right, out->x);
  for (int i = 0; i < 3; i++) p256_subtract(right, right, out->x);
  p256_add(right, right, B);
  return is_below & number_equals(left, right);
}

void point_write(uint8_t bytes[2 * NUMBER_BYTES], const struct affine *a) {
  number plain;
  from_montgomery(plain, a->x, &P256_P);
  number_write(bytes, plain);
  from_montgomery(plain, a->y, &P256_P);
  number_write(bytes + NUMBER_BYTES, plain);
}
