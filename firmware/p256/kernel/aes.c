// One block of AES (FIPS 197) without tables: the S-box is computed, as 1/x in GF(2^8) and an affine map, for sixteen bytes at once, each bit of theirs in
// a word of its own. Slow (a block takes as long as a sixth of a signature) and enough for a management key.

#include "aes.h"

#define BITS 8
#define MAX_KEY_SCHEDULE_BYTES 240
#define AFFINE_CONSTANT 0x63

/** Bit i of sixteen bytes: a polynomial for each of them. */
typedef uint32_t bits[BITS];

/** Brings degrees 14 to 8 down by x^8 = x^4 + x^3 + x + 1. */
static void reduce(bits out, uint32_t product[2 * BITS - 1]) {
  for (int i = 2 * BITS - 2; i >= BITS; i--) {
    product[i - 4] ^= product[i];
    product[i - 5] ^= product[i];
    product[i - 7] ^= product[i];
    product[i - 8] ^= product[i];
  }
  for (int i = 0; i < BITS; i++) out[i] = product[i];
}

static void multiply(bits out, const bits a, const bits b) {
  uint32_t product[2 * BITS - 1] = {0};
  for (int i = 0; i < BITS; i++)
    for (int j = 0; j < BITS; j++) product[i + j] ^= a[i] & b[j];
  reduce(out, product);
}

static void square_times(bits out, const bits a, int times) {
  for (int i = 0; i < BITS; i++) out[i] = a[i];
  while (times-- > 0) {
    uint32_t product[2 * BITS - 1] = {0};
    for (int i = 0; i < BITS; i++) product[2 * i] = out[i];
    reduce(out, product);
  }
}

/** SubBytes (FIPS 197 §5.1.1) of up to 16 bytes: x^254, then the affine map. */
static void substitute(uint8_t *bytes, int count) {
  bits x, x2, x3, x12, power;
  for (int i = 0; i < BITS; i++) {
    x[i] = 0;
    for (int at = 0; at < count; at++) x[i] |= (uint32_t)(bytes[at] >> i & 1) << at;
  }
  square_times(x2, x, 1);
  multiply(x3, x2, x);
  square_times(x12, x3, 2);
  multiply(power, x12, x3);
  square_times(power, power, 4);
  multiply(power, power, x12);
  multiply(power, power, x2);
  for (int at = 0; at < count; at++) bytes[at] = AFFINE_CONSTANT;
  for (int i = 0; i < BITS; i++) {
    uint32_t mapped = power[i] ^ power[(i + 4) % BITS] ^ power[(i + 5) % BITS] ^ power[(i + 6) % BITS] ^ power[(i + 7) % BITS];
    for (int at = 0; at < count; at++) bytes[at] ^= (uint8_t)((mapped >> at & 1) << i);
  }
}

static uint8_t times_x(uint8_t byte) { return (uint8_t)(byte << 1 ^ (0x1b & -(byte >> 7))); }

static void shift_rows(uint8_t state[AES_BLOCK_BYTES]) {
  uint8_t before[AES_BLOCK_BYTES];
  for (int i = 0; i < AES_BLOCK_BYTES; i++) before[i] = state[i];
  for (int i = 0; i < AES_BLOCK_BYTES; i++) state[i] = before[(i + 4 * (i % 4)) % AES_BLOCK_BYTES];
}

static void mix_columns(uint8_t state[AES_BLOCK_BYTES]) {
  for (uint8_t *c = state; c < state + AES_BLOCK_BYTES; c += 4) {
    uint8_t all = c[0] ^ c[1] ^ c[2] ^ c[3], first = c[0];
    for (int i = 0; i < 4; i++) c[i] ^= all ^ times_x(c[i] ^ (i < 3 ? c[i + 1] : first));
  }
}

static void add_key(uint8_t state[AES_BLOCK_BYTES], const uint8_t *key) {
  for (int i = 0; i < AES_BLOCK_BYTES; i++) state[i] ^= key[i];
}

/** KeyExpansion (§5.2). */
static void expand(uint8_t *schedule, const uint8_t *key, uint32_t key_bytes, uint32_t schedule_bytes) {
  uint8_t word[4], constant = 1;
  for (uint32_t i = 0; i < key_bytes; i++) schedule[i] = key[i];
  for (uint32_t at = key_bytes; at < schedule_bytes; at += 4) {
    for (int i = 0; i < 4; i++) word[i] = schedule[at - 4 + i];
    if (at % key_bytes == 0) {
      uint8_t first = word[0];
      for (int i = 0; i < 3; i++) word[i] = word[i + 1];
      word[3] = first;
      substitute(word, 4);
      word[0] ^= constant;
      constant = times_x(constant);
    } else if (key_bytes == 32 && at % key_bytes == 16) {
      substitute(word, 4);
    }
    for (int i = 0; i < 4; i++) schedule[at + i] = schedule[at + i - key_bytes] ^ word[i];
  }
}

void aes_encrypt(uint8_t out[AES_BLOCK_BYTES], const uint8_t *key, uint32_t key_bytes, const uint8_t in[AES_BLOCK_BYTES]) {
  uint8_t schedule[MAX_KEY_SCHEDULE_BYTES], state[AES_BLOCK_BYTES];
  uint32_t rounds = key_bytes / 4 + 6;
  expand(schedule, key, key_bytes, AES_BLOCK_BYTES * (rounds + 1));
  for (int i = 0; i < AES_BLOCK_BYTES; i++) state[i] = in[i];
  add_key(state, schedule);
  for (uint32_t round = 1; round <= rounds; round++) {
    substitute(state, AES_BLOCK_BYTES);
    shift_rows(state);
    if (round < rounds) mix_columns(state);
    add_key(state, schedule + AES_BLOCK_BYTES * round);
  }
  for (int i = 0; i < AES_BLOCK_BYTES; i++) out[i] = state[i];
}
