// ECDSA on P-256 (FIPS 186-5 §6.4) with the nonces of RFC 6979, one attempt at a time.

#include "ecdsa.h"

#include "point.h"
#include "sha256.h"

#define N (&P256_N)
#define MAX_DATA_BYTES 32

/** HMAC_DRBG as RFC 6979 §3.2 has it. */
struct nonces {
  uint8_t k[DIGEST_BYTES], v[DIGEST_BYTES];
};

/** K = HMAC(K, V ‖ marker ‖ key ‖ digest ‖ data); V = HMAC(K, V). No key: only V and the marker. */
static void mix(struct nonces *nonces, uint8_t marker, const uint8_t *key, const uint8_t *digest, const uint8_t *data, uint32_t length) {
  struct hmac mac;
  hmac_start(&mac, nonces->k, DIGEST_BYTES);
  hmac_add(&mac, nonces->v, DIGEST_BYTES);
  hmac_add(&mac, &marker, 1);
  if (key) {
    hmac_add(&mac, key, NUMBER_BYTES);
    hmac_add(&mac, digest, NUMBER_BYTES);
    hmac_add(&mac, data, length);
  }
  hmac_end(&mac, nonces->k);
  hmac_start(&mac, nonces->k, DIGEST_BYTES);
  hmac_add(&mac, nonces->v, DIGEST_BYTES);
  hmac_end(&mac, nonces->v);
}

static void next_nonce(struct nonces *nonces, number out) {
  struct hmac mac;
  hmac_start(&mac, nonces->k, DIGEST_BYTES);
  hmac_add(&mac, nonces->v, DIGEST_BYTES);
  hmac_end(&mac, nonces->v);
  number_read(out, nonces->v);
}

/** The digest modulo n. */
static void read_digest(number out, const uint8_t digest[32]) {
  number_read(out, digest);
  number_reduce(out, out, N);
}

void ecdsa_nonce(number k, const uint8_t key[32], const uint8_t digest[32], uint32_t attempt) {
  number h;
  struct nonces nonces;
  uint8_t reduced[NUMBER_BYTES], data[MAX_DATA_BYTES];
  read_digest(h, digest);
  number_write(reduced, h);
  for (int i = 0; i < MAX_DATA_BYTES; i++) data[i] = i < 4 ? (uint8_t)(attempt >> (8 * i)) : 0;
  uint32_t length = attempt == 0 ? 0 : MAX_DATA_BYTES;
  for (int i = 0; i < DIGEST_BYTES; i++) {
    nonces.v[i] = 1;
    nonces.k[i] = 0;
  }
  mix(&nonces, 0, key, reduced, data, length);
  mix(&nonces, 1, key, reduced, data, length);
  next_nonce(&nonces, k);
  // One nonce in 2^32 is thrown away: that it was tells nothing about the one that is kept.
  while (!number_is_in_range(k, N)) {
    mix(&nonces, 0, 0, 0, 0, 0);
    next_nonce(&nonces, k);
  }
}

void ecdsa_r(number r, const number k) {
  struct affine point;
  point_base_multiply(&point, k);
  from_montgomery(r, point.x, &P256_P);
  number_reduce(r, r, N);
}

void ecdsa_s(number s, const number r, const uint8_t key[32], const uint8_t digest[32], const number k) {
  number h, d, inverse;
  read_digest(h, digest);
  number_read(d, key);
  to_montgomery(d, d, N);
  montgomery_multiply(s, r, d, N);
  modular_add(s, s, h, N);
  to_montgomery(inverse, k, N);
  modular_invert(inverse, inverse, N);
  montgomery_multiply(s, s, inverse, N);
}

uint32_t ecdsa_verify(const uint8_t signature[SIGNATURE_BYTES], const uint8_t point[64], const uint8_t digest[32]) {
  number r, s, h, u1, u2;
  struct affine q, sum, part;
  number_read(r, signature);
  number_read(s, signature + NUMBER_BYTES);
  if (!number_is_in_range(r, N) || !number_is_in_range(s, N) || !point_read(&q, point)) return 0;
  read_digest(h, digest);
  to_montgomery(s, s, N);
  modular_invert(s, s, N);
  montgomery_multiply(u1, h, s, N);
  montgomery_multiply(u2, r, s, N);
  point_multiply(&sum, u2, &q);
  if (!number_is_zero(u1)) {
    point_base_multiply(&part, u1);
    if (!point_add_public(&sum, &sum, &part)) return 0;
  }
  from_montgomery(u1, sum.x, &P256_P);
  number_reduce(u1, u1, N);
  return number_equals(u1, r) & 1;
}
