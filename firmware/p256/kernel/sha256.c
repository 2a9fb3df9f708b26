// SHA-256 (FIPS 180-4) and HMAC with it (FIPS 198-1). Lengths are public.

#include "sha256.h"

#include "bytes.h"

#include <stddef.h>

void *memset(void *to, int value, size_t length);
void *memcpy(void *restrict to, const void *restrict from, size_t length);

#define ROUNDS 64
/** ipad and opad. */
#define INNER 0x36363636
#define OUTER 0x5c5c5c5c

static const uint32_t START[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

static const uint32_t K[ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

void sha256_start(struct sha256 *hash) {
  memcpy(hash->state, START, sizeof START);
  hash->length = 0;
}

void sha256_add(struct sha256 *hash, const uint8_t *bytes, uint32_t length) {
  uint32_t at = hash->length % SHA256_BLOCK_BYTES;
  hash->length += length;
  while (at + length >= SHA256_BLOCK_BYTES) {
    uint32_t part = SHA256_BLOCK_BYTES - at;
    memcpy(hash->block + at, bytes, part);
    sha256_block(hash->state, hash->block, K);
    bytes += part;
    length -= part;
    at = 0;
  }
  memcpy(hash->block + at, bytes, length);
}

void sha256_end(struct sha256 *hash, uint8_t digest[DIGEST_BYTES]) {
  static const uint8_t padding[SHA256_BLOCK_BYTES] = {0x80};
  uint32_t length = hash->length;
  sha256_add(hash, padding, (SHA256_BLOCK_BYTES - 9 - length) % SHA256_BLOCK_BYTES + 1);
  write_word(hash->block + SHA256_BLOCK_BYTES - 8, length >> 29);
  write_word(hash->block + SHA256_BLOCK_BYTES - 4, length << 3);
  sha256_block(hash->state, hash->block, K);
  for (int i = 0; i < 8; i++) write_word(digest + 4 * i, hash->state[i]);
}

/** The state after a block of the key that is in the hash's block, each word of it changed. */
static void pad(uint32_t state[8], struct sha256 *hash, uint32_t change) {
  uint32_t *block = hash->words;
  for (int i = 0; i < SHA256_BLOCK_BYTES / 4; i++) block[i] ^= change;
  memcpy(state, START, sizeof START);
  sha256_block(state, hash->block, K);
}

void hmac_start(struct hmac *mac, const uint8_t *key, uint32_t length) {
  struct sha256 *hash = &mac->hash;
  uint8_t digest[DIGEST_BYTES];
  if (length > SHA256_BLOCK_BYTES) {
    sha256_start(hash);
    sha256_add(hash, key, length);
    sha256_end(hash, digest);
    key = digest;
    length = DIGEST_BYTES;
  }
  memset(hash->block, 0, SHA256_BLOCK_BYTES);
  memcpy(hash->block, key, length);
  pad(mac->outer, hash, OUTER);
  pad(mac->inner, hash, OUTER ^ INNER);
  hmac_again(mac);
}

static void go_on(struct sha256 *hash, const uint32_t state[8]) {
  memcpy(hash->state, state, sizeof hash->state);
  hash->length = SHA256_BLOCK_BYTES;
}

void hmac_again(struct hmac *mac) { go_on(&mac->hash, mac->inner); }

void hmac_add(struct hmac *mac, const uint8_t *bytes, uint32_t length) { sha256_add(&mac->hash, bytes, length); }

void hmac_end(struct hmac *mac, uint8_t tag[DIGEST_BYTES]) {
  sha256_end(&mac->hash, tag);
  go_on(&mac->hash, mac->outer);
  sha256_add(&mac->hash, tag, DIGEST_BYTES);
  sha256_end(&mac->hash, tag);
}
