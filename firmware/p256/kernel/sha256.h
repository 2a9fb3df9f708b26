// SHA-256 (FIPS 180-4) and HMAC with it (FIPS 198-1).

#ifndef SCEAU_SHA256_H
#define SCEAU_SHA256_H

#include <stdint.h>

#define DIGEST_BYTES 32
#define SHA256_BLOCK_BYTES 64

struct sha256 {
  uint32_t state[8];
  uint8_t block[SHA256_BLOCK_BYTES];
  uint32_t length;
};

void sha256_start(struct sha256 *hash);
void sha256_add(struct sha256 *hash, const uint8_t *bytes, uint32_t length);
void sha256_end(struct sha256 *hash, uint8_t digest[DIGEST_BYTES]);

struct hmac {
  struct sha256 inner;
  uint8_t outer_key[SHA256_BLOCK_BYTES];
};

/** Of a key longer than a block the digest is taken (FIPS 198-1 §4). */
void hmac_start(struct hmac *mac, const uint8_t *key, uint32_t length);
void hmac_add(struct hmac *mac, const uint8_t *bytes, uint32_t length);
void hmac_end(struct hmac *mac, uint8_t tag[DIGEST_BYTES]);

#endif
