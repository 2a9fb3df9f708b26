// 256-bit numbers in C: what is not worth assembler.

#include "number.h"

#include "bytes.h"

const struct modulus P256_P = {
    {0xffffffff, 0xffffffff, 0xffffffff, 0x00000000, 0x00000000, 0x00000000, 0x00000001, 0xffffffff},
    0x00000001,
    {0x00000003, 0x00000000, 0xffffffff, 0xfffffffb, 0xfffffffe, 0xffffffff, 0xfffffffd, 0x00000004},
};

const struct modulus P256_N = {
    {0xfc632551, 0xf3b9cac2, 0xa7179e84, 0xbce6faad, 0xffffffff, 0xffffffff, 0x00000000, 0xffffffff},
    0xee00bc4f,
    {0xbe79eea2, 0x83244c95, 0x49bd6fa6, 0x4699799c, 0x2b6bec59, 0x2845b239, 0xf3d95620, 0x66e12d94},
};

uint32_t number_equals(const number a, const number b) {
  uint32_t difference = 0;
  for (int i = 0; i < WORDS; i++) difference |= a[i] ^ b[i];
  return mask_if_zero(difference);
}

uint32_t number_add(number out, const number a, const number b) {
  uint32_t carry = 0;
  for (int i = 0; i < WORDS; i++) {
    uint64_t sum = (uint64_t)a[i] + b[i] + carry;
    out[i] = (uint32_t)sum;
    carry = (uint32_t)(sum >> 32);
  }
  return carry;
}

uint32_t number_subtract(number out, const number a, const number b) {
  uint32_t borrow = 0;
  for (int i = 0; i < WORDS; i++) {
    uint64_t difference = (uint64_t)a[i] - b[i] - borrow;
    out[i] = (uint32_t)difference;
    borrow = (uint32_t)(difference >> 32) & 1;
  }
  return borrow;
}

void number_select(number out, const number a, uint32_t mask) {
  for (int i = 0; i < WORDS; i++) out[i] ^= (out[i] ^ a[i]) & mask;
}

void number_copy(number out, const number a) {
  for (int i = 0; i < WORDS; i++) out[i] = a[i];
}

uint32_t number_is_in_range(const number a, const struct modulus *m) {
  number difference;
  uint32_t is_below = -number_subtract(difference, a, m->value);
  return is_below & ~number_is_zero(a);
}

void number_read(number out, const uint8_t bytes[NUMBER_BYTES]) {
  for (int i = 0; i < WORDS; i++) out[i] = read_word(bytes + NUMBER_BYTES - 4 - 4 * i);
}

void number_write(uint8_t bytes[NUMBER_BYTES], const number a) {
  for (int i = 0; i < WORDS; i++) write_word(bytes + NUMBER_BYTES - 4 - 4 * i, a[i]);
}

/** a -= m where that leaves no less than 0; a < 2m, its highest bit is the carry. */
static void take_away(number a, uint32_t carry, const struct modulus *m) {
  number less;
  uint32_t borrow = number_subtract(less, a, m->value);
  number_select(a, less, -(carry | (borrow ^ 1)));
}

void number_reduce(number a, const struct modulus *m) { take_away(a, 0, m); }

void modular_add(number out, const number a, const number b, const struct modulus *m) {
  uint32_t carry = number_add(out, a, b);
  take_away(out, carry, m);
}

void modular_negate(number out, const number a, const struct modulus *m) { number_subtract(out, m->value, a); }

void montgomery_multiply(number out, const number a, const number b, const struct modulus *m) {
  uint32_t carry = montgomery_product(out, a, b, m);
  take_away(out, carry, m);
}

void to_montgomery(number out, const number a, const struct modulus *m) { montgomery_multiply(out, a, m->r_squared, m); }
