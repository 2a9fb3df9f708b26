// Points of P-256: multiples of the base point and of any other, in constant time.
//
// A multiple k P is a sum of odd digits with signs, none of them 0: every k takes the same steps. k has to be odd for it; for an even k the sum is that of
// n - k, and the result is negated. The formulas for a sum fail where both points are the same or opposite. With odd digits that happens nowhere but in
// the last sum, and there only when they are the same (../README.md): so the last sum is taken both ways, as a sum and as the double of the digit's point.

#include "point.h"

#include "base-table.h"

static const number ONE = {0x00000001, 0x00000000, 0x00000000, 0xffffffff, 0xffffffff, 0xffffffff, 0xfffffffe, 0x00000000};
static const number B = {0x29c4bddf, 0xd89cdf62, 0x78843090, 0xacf005cd, 0xf7212ed6, 0xe5a220ab, 0x04874834, 0xdc30061d};

/** out = 2a (Guide to ECC, algorithm 3.21); infinity stays. out may be a. */
static void double_point(struct jacobian *out, const struct jacobian *a) {
  number slope, t, y;
  p256_multiply(t, a->z, a->z);
  p256_subtract(slope, a->x, t);
  p256_add(t, a->x, t);
  p256_multiply(t, slope, t);
  p256_add(slope, t, t);
  p256_add(slope, slope, t);
  p256_add(y, a->y, a->y);
  p256_multiply(out->z, y, a->z);
  p256_multiply(y, y, y);
  p256_multiply(t, y, a->x);
  p256_multiply(y, y, y);
  p256_half(y, y);
  p256_multiply(out->x, slope, slope);
  p256_subtract(out->x, out->x, t);
  p256_subtract(out->x, out->x, t);
  p256_subtract(t, t, out->x);
  p256_multiply(t, t, slope);
  p256_subtract(out->y, t, y);
}

/** out = a + b, a and b neither the same nor opposite nor infinity. out may be a. @return all ones when x is the same: the sum is wrong then */
static uint32_t add_affine(struct jacobian *out, const struct jacobian *a, const number x, const number y) {
  number z2, h, r, h2, h3, v;
  p256_multiply(z2, a->z, a->z);
  p256_multiply(h, x, z2);
  p256_multiply(z2, z2, a->z);
  p256_multiply(r, y, z2);
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

void point_from_affine(struct jacobian *out, const struct affine *a) {
  number_copy(out->x, a->x);
  number_copy(out->y, a->y);
  number_copy(out->z, ONE);
}

static void to_affine(struct affine *out, const struct jacobian *a) {
  number inverse, square;
  modular_invert(inverse, a->z, &P256_P);
  // 1/(z R), twice times R^2 / R: R/z.
  p256_multiply(inverse, inverse, P256_P.r_squared);
  p256_multiply(inverse, inverse, P256_P.r_squared);
  p256_multiply(square, inverse, inverse);
  p256_multiply(out->x, a->x, square);
  p256_multiply(square, square, inverse);
  p256_multiply(out->y, a->y, square);
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

/** Digits of 260 places, +1 for a bit that is set and -1 for one that is not: k = sum of (2 b_i - 1) 2^i has the bits of (k + 2^260 - 1) / 2. */
struct comb {
  uint32_t bits[WORDS + 1];
  /** All ones: of n - k, which is the odd one. */
  uint32_t was_negated;
};

static void comb_start(struct comb *comb, const number k) {
  number odd;
  comb->was_negated = make_odd(odd, k);
  for (int i = 0; i < WORDS - 1; i++) comb->bits[i] = odd[i] >> 1 | odd[i + 1] << 31;
  comb->bits[WORDS - 1] = odd[WORDS - 1] >> 1;
  comb->bits[WORDS] = 1u << (TEETH * TEETH_APART - 1 - 32 * WORDS);
}

/** The five digits at `column`, 52 apart, as an entry of the table. @return all ones when it is the opposite */
static uint32_t comb_entry(uint32_t *entry, const struct comb *comb, int column) {
  uint32_t positive = bit(comb->bits, column + (TEETH - 1) * TEETH_APART);
  *entry = 0;
  for (int tooth = TEETH - 2; tooth >= 0; tooth--) *entry = *entry << 1 | (bit(comb->bits, column + tooth * TEETH_APART) ^ positive ^ 1);
  return positive - 1;
}

static void comb_point(struct affine *out, const struct comb *comb, int column) {
  const struct base_table *table = &BASE_TABLES[column / COLUMNS];
  uint32_t entry, negative = comb_entry(&entry, comb, column);
  number_choose(out->x, table->x, entry, BASE_ENTRIES);
  number_choose(out->y, table->y, entry, BASE_ENTRIES);
  p256_negate_if(out->y, negative);
}

void point_base_multiply(struct affine *out, const number k) {
  struct comb comb;
  struct jacobian sum, last;
  struct affine point;
  comb_start(&comb, k);
  comb_point(&point, &comb, 2 * COLUMNS - 1);
  point_from_affine(&sum, &point);
  comb_point(&point, &comb, COLUMNS - 1);
  add_affine(&sum, &sum, point.x, point.y);
  for (int column = COLUMNS - 2; column >= 0; column--) {
    double_point(&sum, &sum);
    comb_point(&point, &comb, column + COLUMNS);
    add_affine(&sum, &sum, point.x, point.y);
    comb_point(&point, &comb, column);
    if (column > 0) add_affine(&sum, &sum, point.x, point.y);
  }
  point_from_affine(&last, &point);
  add_last(&sum, &last);
  to_affine(out, &sum);
  p256_negate_if(out->y, comb.was_negated);
}

#define WINDOW_BITS 4
#define WINDOWS 64
#define WINDOW_ENTRIES 8

/** P, 3P … 15P. */
struct window_table {
  number x[WINDOW_ENTRIES], y[WINDOW_ENTRIES], z[WINDOW_ENTRIES];
};

/** out = d P for the odd digit d = 2 * value - 15, value of four bits. */
static void window_point(struct jacobian *out, uint32_t value, const struct window_table *table) {
  uint32_t negative = (value >> 3) - 1;
  uint32_t index = (value ^ negative) & (WINDOW_ENTRIES - 1);
  number_choose(out->x, table->x, index, WINDOW_ENTRIES);
  number_choose(out->y, table->y, index, WINDOW_ENTRIES);
  number_choose(out->z, table->z, index, WINDOW_ENTRIES);
  p256_negate_if(out->y, negative);
}

static void set_window(struct window_table *table, int entry, const struct jacobian *point) {
  number_copy(table->x[entry], point->x);
  number_copy(table->y[entry], point->y);
  number_copy(table->z[entry], point->z);
}

void point_multiply(struct affine *out, const number k, const struct affine *p) {
  number odd, digits;
  uint32_t was_negated = make_odd(odd, k);
  struct window_table table;
  struct jacobian point, sum;
  point_from_affine(&point, p);
  double_point(&sum, &point);
  set_window(&table, 0, &point);
  for (int i = 1; i < WINDOW_ENTRIES; i++) {
    add_jacobian(&point, &point, &sum);
    set_window(&table, i, &point);
  }
  // Digits -15, -13 … 15 in 64 places: odd = sum of (2 w_i - 15) 16^i has as hexadecimal digits those of (odd + 2^256 - 1) / 2.
  for (int i = 0; i < WORDS - 1; i++) digits[i] = odd[i] >> 1 | odd[i + 1] << 31;
  digits[WORDS - 1] = odd[WORDS - 1] >> 1 | 1u << 31;

  window_point(&sum, digits[WORDS - 1] >> 28, &table);
  for (int place = WINDOWS - 2; place >= 0; place--) {
    for (int i = 0; i < WINDOW_BITS; i++) double_point(&sum, &sum);
    window_point(&point, digits[place / 8] >> (WINDOW_BITS * (place % 8)) & 15, &table);
    if (place > 0) add_jacobian(&sum, &sum, &point);
  }
  add_last(&sum, &point);
  to_affine(out, &sum);
  p256_negate_if(out->y, was_negated);
}

#define NAF_BITS 4
#define NAF_ENTRIES 3
#define NAF_PLACES 257

/** A public multiple k P: 3P, 5P, 7P, and k as a sum of digits -7, -5 … 7 with three zeros and more between two. */
struct term {
  const struct affine *p;
  struct jacobian odd[NAF_ENTRIES];
};

/** sum += b, of points that are public. */
static void add_public(struct jacobian *sum, const struct jacobian *b) {
  if (number_is_zero(sum->z)) *sum = *b;
  // Both x are the same: Z is 0 then, which is right of opposite points. X is the square of the difference of the y.
  else if (add_jacobian(sum, sum, b) && number_is_zero(sum->x)) double_point(sum, b);
}

/** The same of (x, y), or of (x, -y) with a mask of ones. */
static void add_public_affine(struct jacobian *sum, const number x, const number y, uint32_t negative) {
  struct affine b;
  number_copy(b.y, y);
  p256_negate_if(b.y, negative);
  uint32_t is_infinity = number_is_zero(sum->z);
  if (!is_infinity && !(add_affine(sum, sum, x, b.y) && number_is_zero(sum->x))) return;
  number_copy(b.x, x);
  point_from_affine(sum, &b);
  if (!is_infinity) double_point(sum, sum);
}

/** @param digits of four bits with a sign each: the term's are at `shift` */
static void term_start(struct term *term, const number k, const struct affine *p, uint8_t digits[NAF_PLACES + NAF_BITS], int shift) {
  struct jacobian twice, *odd = term->odd;
  term->p = p;
  point_from_affine(&twice, p);
  double_point(&twice, &twice);
  add_affine(&odd[0], &twice, p->x, p->y);
  for (int i = 1; i < NAF_ENTRIES; i++) add_jacobian(&odd[i], &twice, &odd[i - 1]);
  uint32_t carry = 0;
  for (int place = 0; place < NAF_PLACES; place++) {
    if ((place < 32 * WORDS ? bit(k, place) : 0) == carry) continue;
    uint32_t value = 0;
    for (int i = NAF_BITS - 1; i >= 0; i--) value = value << 1 | (place + i < 32 * WORDS ? bit(k, place + i) : 0);
    value += carry;
    digits[place] |= (uint8_t)(value << shift);
    carry = value >> (NAF_BITS - 1);
    place += NAF_BITS - 1;
  }
}

static void term_add(struct jacobian *sum, struct term *term, uint32_t digit) {
  if (digit == 0) return;
  uint32_t negative = -(digit >> (NAF_BITS - 1));
  uint32_t entry = ((digit ^ negative) & 7) >> 1;
  if (entry == 0) {
    add_public_affine(sum, term->p->x, term->p->y, negative);
    return;
  }
  struct jacobian *point = &term->odd[entry - 1];
  p256_negate_if(point->y, negative);
  add_public(sum, point);
  p256_negate_if(point->y, negative);
}

void point_sum_public(struct jacobian *out, const number k, const number a, const struct affine *p, const number b, const struct affine *q) {
  struct term terms[2];
  struct comb comb;
  uint8_t digits[NAF_PLACES + NAF_BITS] = {0};
  term_start(&terms[0], a, p, digits, 0);
  term_start(&terms[1], b, q, digits, NAF_BITS);
  comb_start(&comb, k);
  for (int i = 0; i < WORDS; i++) out->z[i] = 0;
  int place = NAF_PLACES - 1;
  while (place >= COLUMNS && digits[place] == 0) place--;
  for (; place >= 0; place--) {
    double_point(out, out);
    for (int i = 0; i < 2; i++) term_add(out, &terms[i], digits[place] >> (NAF_BITS * i) & 15);
    if (place >= COLUMNS || number_is_zero(k)) continue;
    for (int i = 0; i < 2; i++) {
      uint32_t entry, negative = comb_entry(&entry, &comb, place + COLUMNS * i);
      add_public_affine(out, BASE_TABLES[i].x[entry], BASE_TABLES[i].y[entry], negative ^ comb.was_negated);
    }
  }
}

uint32_t point_is(const struct jacobian *a, const struct affine *b) {
  number z2, t;
  p256_multiply(z2, a->z, a->z);
  p256_multiply(t, b->x, z2);
  uint32_t is_same = number_equals(t, a->x);
  p256_multiply(z2, z2, a->z);
  p256_multiply(t, b->y, z2);
  return is_same & number_equals(t, a->y) & ~number_is_zero(a->z);
}

uint32_t point_has_x(const struct jacobian *a, const number x) {
  number z2, t;
  p256_multiply(z2, a->z, a->z);
  p256_multiply(t, x, P256_P.r_squared);
  p256_multiply(t, t, z2);
  return number_equals(t, a->x) & ~number_is_zero(a->z);
}

uint32_t point_is_on_curve(const struct affine *a) {
  number left, right;
  // y^2 = x^3 - 3x + b
  p256_multiply(left, a->y, a->y);
  p256_multiply(right, a->x, a->x);
  p256_multiply(right, right, a->x);
  for (int i = 0; i < 3; i++) p256_subtract(right, right, a->x);
  p256_add(right, right, B);
  return number_equals(left, right);
}

uint32_t point_read(struct affine *out, const uint8_t bytes[2 * NUMBER_BYTES]) {
  number x, y, unused;
  number_read(x, bytes);
  number_read(y, bytes + NUMBER_BYTES);
  uint32_t is_below = -(number_subtract(unused, x, P256_P.value) & number_subtract(unused, y, P256_P.value));
  number_reduce(x, &P256_P);
  number_reduce(y, &P256_P);
  p256_multiply(out->x, x, P256_P.r_squared);
  p256_multiply(out->y, y, P256_P.r_squared);
  return is_below & point_is_on_curve(out);
}

void point_x(number x, const struct affine *a) {
  const number one = {1};
  p256_multiply(x, a->x, one);
}

void point_write(uint8_t bytes[2 * NUMBER_BYTES], const struct affine *a) {
  const number one = {1};
  number plain;
  point_x(plain, a);
  number_write(bytes, plain);
  p256_multiply(plain, a->y, one);
  number_write(bytes + NUMBER_BYTES, plain);
}
