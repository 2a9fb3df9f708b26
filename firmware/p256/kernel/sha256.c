// SHA-256 (FIPS 180-4) and HMAC with it (FIPS 198-1). Lengths are public.

#include "sha256.h"

#define ROUNDS 64

static const uint32_t START[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

static const uint32_t K[ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t word, int by) { return word >> by | word << (32 - by); }

static void compress(uint32_t state[8], const uint8_t block[SHA256_BLOCK_BYTES]) {
  uint32_t w[16], s[8];
  for (int i = 0; i < 16; i++)
    w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
  for (int i = 0; i < 8; i++) s[i] = state[i];
  for (int i = 0; i < ROUNDS; i++) {
    if (i >= 16) {
      uint32_t early = w[(i + 1) & 15], late = w[(i + 14) & 15];
      w[i & 15] += (rotate(early, 7) ^ rotate(early, 18) ^ early >> 3) + w[(i + 9) & 15] + (rotate(late, 17) ^ rotate(late, 19) ^ late >> 10);
    }
    uint32_t e = s[4], a = s[0];
    uint32_t t1 = s[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & s[5]) ^ (~e & s[6])) + K[i] + w[i & 15];
    uint32_t t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
    s[7] = s[6];
    s[6] = s[5];
    s[5] = e;
    s[4] = s[3] + t1;
    s[3] = s[2];
    s[2] = s[1];
    s[1] = a;
    s[0] = t1 + t2;
  }
  for (int i = 0; i < 8; i++) state[i] += s[i];
}

void sha256_start(struct sha256 *hash) {
  for (int i = 0; i < 8; i++) hash->state[i] = START[i];
  hash->length = 0;
}

void sha256_add(struct sha256 *hash, const uint8_t *bytes, uint32_t length) {
  for (uint32_t i = 0; i < length; i++) {
    hash->block[hash->length++ % SHA256_BLOCK_BYTES] = bytes[i];
    if (hash->length % SHA256_BLOCK_BYTES == 0) compress(hash->state, hash->block);
  }
}

void sha256_end(struct sha256 *hash, uint8_t digest[DIGEST_BYTES]) {
  const uint8_t one = 0x80, zero = 0;
  uint32_t length = hash->length;
  sha256_add(hash, &one, 1);
  while (hash->length % SHA256_BLOCK_BYTES != SHA256_BLOCK_BYTES - 8) sha256_add(hash, &zero, 1);
  uint64_t bits = (uint64_t)length << 3;
  uint8_t trailer[8];
  for (int i = 0; i < 8; i++) trailer[i] = (uint8_t)(bits >> (56 - 8 * i));
  sha256_add(hash, trailer, sizeof trailer);
  for (int i = 0; i < DIGEST_BYTES; i++) digest[i] = (uint8_t)(hash->state[i / 4] >> (24 - 8 * (i % 4)));
}

void hmac_start(struct hmac *mac, const uint8_t *key, uint32_t length) {
  uint8_t inner_key[SHA256_BLOCK_BYTES], digest[DIGEST_BYTES];
  if (length > SHA256_BLOCK_BYTES) {
    sha256_start(&mac->inner);
    sha256_add(&mac->inner, key, length);
    sha256_end(&mac->inner, digest);
    key = digest;
    length = DIGEST_BYTES;
  }
  for (uint32_t i = 0; i < SHA256_BLOCK_BYTES; i++) {
    uint8_t byte = i < length ? key[i] : 0;
    inner_key[i] = byte ^ 0x36;
    mac->outer_key[i] = byte ^ 0x5c;
  }
  sha256_start(&mac->inner);
  sha256_add(&mac->inner, inner_key, SHA256_BLOCK_BYTES);
}

void hmac_add(struct hmac *mac, const uint8_t *bytes, uint32_t length) { sha256_add(&mac->inner, bytes, length); }

void hmac_end(struct hmac *mac, uint8_t tag[DIGEST_BYTES]) {
  sha256_end(&mac->inner, tag);
  sha256_start(&mac->inner);
  sha256_add(&mac->inner, mac->outer_key, SHA256_BLOCK_BYTES);
  sha256_add(&mac->inner, tag, DIGEST_BYTES);
  sha256_end(&mac->inner, tag);
}
