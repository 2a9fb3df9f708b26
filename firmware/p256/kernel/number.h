// 256-bit numbers: eight words of 32 bits, the least first. Nothing here branches on a number or uses one as an address.

#ifndef SCEAU_NUMBER_H
#define SCEAU_NUMBER_H

#include <stdint.h>

#define WORDS 8
#define NUMBER_BYTES 32

typedef uint32_t number[WORDS];

/** An odd modulus, for Montgomery's multiplication with R = 2^256. */
struct modulus {
  number value;
  /** -1/m modulo 2^32. */
  uint32_t negative_inverse;
  /** R^2 modulo m: multiplying by it brings a number into Montgomery's form. */
  number r_squared;
};

extern const struct modulus P256_P __attribute__((visibility("hidden")));
extern const struct modulus P256_N __attribute__((visibility("hidden")));

/** All ones when the word is 0, else 0. */
static inline uint32_t mask_if_zero(uint32_t word) { return (uint32_t)(((uint64_t)word - 1) >> 32); }

/** All ones when the numbers are the same. */
uint32_t number_equals(const number a, const number b);
/** out = a + b. @return the carry, 0 or 1 */
uint32_t number_add(number out, const number a, const number b);
/** out = a - b. @return the borrow, 0 or 1 */
uint32_t number_subtract(number out, const number a, const number b);
/** out = a where the mask is all ones, unchanged where it is 0. */
void number_select(number out, const number a, uint32_t mask);
void number_copy(number out, const number a);
/** All ones when 0 < a < m. */
uint32_t number_is_in_range(const number a, const struct modulus *m);
/** From and to 32 bytes, the most significant first. */
void number_read(number out, const uint8_t bytes[NUMBER_BYTES]);
void number_write(uint8_t bytes[NUMBER_BYTES], const number a);

/** a = a modulo m, for a < 2^256 and m > 2^255. */
void number_reduce(number a, const struct modulus *m);
/** out = a + b modulo m; a, b < m. */
void modular_add(number out, const number a, const number b, const struct modulus *m);
/** out = -a modulo m; 0 < a < m. */
void modular_negate(number out, const number a, const struct modulus *m);
/** out = a * b / 2^256 modulo m; a, b < m. */
void montgomery_multiply(number out, const number a, const number b, const struct modulus *m);
/** out = a * 2^256 modulo m; a < m. */
void to_montgomery(number out, const number a, const struct modulus *m);

// inverse.c
/** out = 1/a modulo the odd number m, a < m < 2^256, not in Montgomery's form; 0 for 0. In constant time. */
void modular_invert(number out, const number a, const struct modulus *m);

// montgomery.S and field.S
/** out + 2^256 * carry = a * b / 2^256 modulo m, less than 2m. @return the carry */
uint32_t montgomery_product(number out, const number a, const number b, const struct modulus *m) __attribute__((visibility("hidden")));
void p256_multiply(number out, const number a, const number b) __attribute__((visibility("hidden")));
void p256_add(number out, const number a, const number b) __attribute__((visibility("hidden")));
void p256_subtract(number out, const number a, const number b) __attribute__((visibility("hidden")));
/** out = a / 2. */
void p256_half(number out, const number a) __attribute__((visibility("hidden")));
/** a = -a where the mask is all ones, unchanged where it is 0; a is not 0. */
void p256_negate_if(number a, uint32_t mask) __attribute__((visibility("hidden")));
/** All ones when the number is 0. */
uint32_t number_is_zero(const number a) __attribute__((visibility("hidden")));
/** out = table[index]; count is even and less than 32; every entry of the table is read. */
void number_choose(number out, const number table[], uint32_t index, uint32_t count) __attribute__((visibility("hidden")));

#endif
