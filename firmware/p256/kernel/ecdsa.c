// ECDSA on P-256 (FIPS 186-5 §6.4) with the nonces of RFC 6979, one attempt at a time.

#include "ecdsa.h"

#include "point.h"
#include "sha256.h"

#define N (&P256_N)
#define MAX_DATA_BYTES 32
#define HALF_BITS 128
/** 2^128 in words. */
#define TIMES_WORDS 5

/** HMAC_DRBG as RFC 6979 §3.2 has it: V, and K as the HMAC that it is the key of. */
struct nonces {
  struct hmac k;
  uint8_t v[DIGEST_BYTES];
};

/** V = HMAC(K, V). */
static void next(struct nonces *nonces) {
  hmac_again(&nonces->k);
  hmac_add(&nonces->k, nonces->v, DIGEST_BYTES);
  hmac_end(&nonces->k, nonces->v);
}

/** K = HMAC(K, V ‖ marker ‖ key ‖ digest ‖ data); V = HMAC(K, V). No key: only V and the marker. */
static void mix(struct nonces *nonces, uint8_t marker, const uint8_t *key, const uint8_t *digest, const uint8_t *data, uint32_t length) {
  uint8_t k[DIGEST_BYTES];
  hmac_again(&nonces->k);
  hmac_add(&nonces->k, nonces->v, DIGEST_BYTES);
  hmac_add(&nonces->k, &marker, 1);
  if (key) {
    hmac_add(&nonces->k, key, NUMBER_BYTES);
    hmac_add(&nonces->k, digest, NUMBER_BYTES);
    hmac_add(&nonces->k, data, length);
  }
  hmac_end(&nonces->k, k);
  hmac_start(&nonces->k, k, DIGEST_BYTES);
  next(nonces);
}

/** The digest modulo n. */
static void read_digest(number out, const uint8_t digest[32]) {
  number_read(out, digest);
  number_reduce(out, N);
}

void ecdsa_nonce(number k, const uint8_t key[32], const uint8_t digest[32], uint32_t attempt) {
  number h;
  struct nonces nonces;
  uint8_t reduced[NUMBER_BYTES], data[MAX_DATA_BYTES];
  read_digest(h, digest);
  number_write(reduced, h);
  for (int i = 0; i < MAX_DATA_BYTES; i++) data[i] = i < 4 ? (uint8_t)(attempt >> (8 * i)) : 0;
  uint32_t length = attempt == 0 ? 0 : MAX_DATA_BYTES;
  for (int i = 0; i < DIGEST_BYTES; i++) nonces.v[i] = 1;
  hmac_start(&nonces.k, data, 0);
  mix(&nonces, 0, key, reduced, data, length);
  mix(&nonces, 1, key, reduced, data, length);
  next(&nonces);
  number_read(k, nonces.v);
  // One nonce in 2^32 is thrown away: that it was tells nothing about the one that is kept.
  while (!number_is_in_range(k, N)) {
    mix(&nonces, 0, 0, 0, 0, 0);
    next(&nonces);
    number_read(k, nonces.v);
  }
}

void ecdsa_r(number r, struct affine *nonce_point, const number k) {
  point_base_multiply(nonce_point, k);
  point_x(r, nonce_point);
  number_reduce(r, N);
}

void ecdsa_s(number s, const number r, const uint8_t key[32], const uint8_t digest[32], const number k) {
  number h, d, inverse;
  read_digest(h, digest);
  number_read(d, key);
  to_montgomery(d, d, N);
  montgomery_multiply(s, r, d, N);
  modular_add(s, s, h, N);
  modular_invert(inverse, k, N);
  to_montgomery(inverse, inverse, N);
  montgomery_multiply(s, s, inverse, N);
}

/** What a signature says: of the point R with x = r modulo n, R = u1 G + u2 Q. */
struct claim {
  number r, u1, u2;
  struct affine q;
};

/** @return all ones when the numbers are in range and Q is a point */
static uint32_t read_claim(struct claim *out, const uint8_t signature[SIGNATURE_BYTES], const uint8_t point[64], const uint8_t digest[32]) {
  number s, h;
  number_read(out->r, signature);
  number_read(s, signature + NUMBER_BYTES);
  read_digest(h, digest);
  uint32_t is_in_range = number_is_in_range(out->r, N) & number_is_in_range(s, N) & point_read(&out->q, point);
  if (!is_in_range) return 0;
  modular_invert(s, s, N);
  to_montgomery(s, s, N);
  montgomery_multiply(out->u1, h, s, N);
  montgomery_multiply(out->u2, out->r, s, N);
  return is_in_range;
}

/** All ones when x of the point is r modulo n. By r, not by x: a fault that made a wrong r out of an x would make the same one again. */
static uint32_t has_r(const struct jacobian *point, const number r) {
  number other;
  if (point_has_x(point, r)) return -1u;
  uint32_t carry = number_add(other, r, N->value);
  return !carry && number_is_in_range(other, &P256_P) ? point_has_x(point, other) : 0;
}

uint32_t ecdsa_verify(const uint8_t signature[SIGNATURE_BYTES], const uint8_t point[64], const uint8_t digest[32]) {
  const number none = {0};
  struct claim claim;
  struct jacobian sum;
  if (!read_claim(&claim, signature, point, digest)) return 0;
  point_sum_public(&sum, claim.u1, claim.u2, &claim.q, none, &claim.q);
  return has_r(&sum, claim.r) & 1;
}

/** A remainder of Euclid's algorithm with n and u: rest = ± times * u modulo n. */
struct remainder {
  number rest, times;
};

/** How many bits it has, and the highest 32 of them; of a number that is not 0. */
static int length(uint32_t *top, const number a) {
  int at = WORDS - 1;
  while (at > 0 && a[at] == 0) at--;
  int zeros = __builtin_clz(a[at]);
  *top = a[at] << zeros | (at > 0 ? a[at - 1] >> 1 >> (31 - zeros) : 0);
  return 32 * (at + 1) - zeros;
}

/** a += b * 2^by in `words` words, or a -= b * 2^by with a mask of ones. @return the carry; of the difference, 0 when it is negative */
static uint32_t add_shifted(number a, const number b, int by, int words, uint32_t mask) {
  uint32_t factor = 1u << by % 32, above = 0, carry = mask & 1;
  for (int to = by / 32; to < words; to++) {
    uint64_t product = (uint64_t)*b++ * factor + above;
    above = (uint32_t)(product >> 32);
    uint64_t sum = (uint64_t)a[to] + ((uint32_t)product ^ mask) + carry;
    a[to] = (uint32_t)sum;
    carry = (uint32_t)(sum >> 32);
  }
  return carry;
}

/** rest and times less than 2^128, such that rest = times * u modulo n, or -times * u. @return all ones for the latter */
static uint32_t split(struct remainder *out, const number u) {
  struct remainder all[2] = {{{0}, {0}}, {{0}, {1}}};
  uint32_t last = 1, top_a, top_b;
  number_copy(all[0].rest, N->value);
  number_copy(all[1].rest, u);
  while (length(&top_b, all[last].rest) > HALF_BITS) {
    struct remainder *a = &all[last ^ 1];
    const struct remainder *b = &all[last];
    for (;;) {
      int bits = length(&top_a, a->rest), by = bits - length(&top_b, b->rest), words = (bits + 31) / 32;
      if (top_a < top_b) by--;
      if (by < 0) break;
      if (!add_shifted(a->rest, b->rest, by, words, -1u)) {
        // As much again: the highest 32 bits were the same. With by = 0 it is smaller than b.
        add_shifted(a->rest, b->rest, by, words, 0);
        if (by-- == 0) break;
        add_shifted(a->rest, b->rest, by, words, -1u);
      }
      add_shifted(a->times, b->times, by, TIMES_WORDS, 0);
    }
    last ^= 1;
  }
  *out = all[last];
  return last - 1;
}

uint32_t ecdsa_check(const uint8_t signature[SIGNATURE_BYTES], struct affine *nonce_point, const uint8_t point[64], const uint8_t digest[32]) {
  const number one = {1};
  struct claim claim;
  struct remainder half;
  struct jacobian sum;
  number times;
  point_from_affine(&sum, nonce_point);
  if (!read_claim(&claim, signature, point, digest) || !has_r(&sum, claim.r) || !point_is_on_curve(nonce_point)) return 0;
  // times R = times u1 G ± rest Q, for times u2 = ± rest: of numbers of half the length. What is asked for is one ±Q more than the difference of both sides,
  // which is no point: what has not been computed is none either, and does not pass.
  uint32_t is_negative = split(&half, claim.u2);
  if (number_is_zero(half.times)) return 0;
  to_montgomery(times, half.times, N);
  montgomery_multiply(claim.u1, claim.u1, times, N);
  p256_negate_if(claim.q.y, is_negative);
  p256_negate_if(nonce_point->y, -1u);
  number_add(half.rest, half.rest, one);
  point_sum_public(&sum, claim.u1, half.rest, &claim.q, half.times, nonce_point);
  return point_is(&sum, &claim.q) & 1;
}
