// 256-bit numbers in C: what is not worth assembler.

#include "number.h"

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

uint32_t number_is_zero(const number a) {
  uint32_t any = 0;
  for (int i = 0; i < WORDS; i++) any |= a[i];
  return mask_if_zero(any);
}

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
  for (int i = 0; i < WORDS; i++) {
    const uint8_t *at = bytes + NUMBER_BYTES - 4 - 4 * i;
    out[i] = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
  }
}

void number_write(uint8_t bytes[NUMBER_BYTES], const number a) {
  for (int i = 0; i < WORDS; i++) {
    uint8_t *at = bytes + NUMBER_BYTES - 4 - 4 * i;
    at[0] = (uint8_t)(a[i] >> 24);
    at[1] = (uint8_t)(a[i] >> 16);
    at[2] = (uint8_t)(a[i] >> 8);
    at[3] = (uint8_t)a[i];
  }
}

void number_reduce(number out, const number a, const struct modulus *m) {
  number less;
  uint32_t borrow = number_subtract(less, a, m->value);
  number_copy(out, a);
  number_select(out, less, borrow - 1);
}

void modular_add(number out, const number a, const number b, const struct modulus *m) {
  number sum, less;
  uint32_t carry = number_add(sum, a, b);
  uint32_t borrow = number_subtract(less, sum, m->value);
  number_copy(out, sum);
  number_select(out, less, -(carry | (borrow ^ 1)));
}

void modular_negate(number out, const number a, const struct modulus *m) { number_subtract(out, m->value, a); }

void to_montgomery(number out, const number a, const struct modulus *m) { montgomery_multiply(out, a, m->r_squared, m); }

void from_montgomery(number out, const number a, const struct modulus *m) {
  const number one = {1};
  montgomery_multiply(out, a, one, m);
}

void modular_invert(number out, const number a, const struct modulus *m) {
  // Four bits of the exponent at a time. The highest four are ones for both moduli.
  number powers[16], power;
  number_copy(powers[1], a);
  for (int i = 2; i < 16; i++) montgomery_multiply(powers[i], powers[i - 1], a, m);
  number exponent;
  const number two = {2};
  number_subtract(exponent, m->value, two);
  number_copy(power, powers[15]);
  for (int digit = 62; digit >= 0; digit--) {
    for (int i = 0; i < 4; i++) montgomery_multiply(power, power, power, m);
    uint32_t value = exponent[digit / 8] >> (4 * (digit % 8)) & 15;
    if (value != 0) montgomery_multiply(power, power, powers[value], m);
  }
  number_copy(out, power);
}
